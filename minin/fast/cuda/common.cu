// What all kernels share. launch.py puts three lines before this text:
//
//     typedef float REAL;      or double: the type of all numbers
//     typedef int INDEX;       or long long, where an array has 2^30 numbers or more
//     #define THREADS 256      in a block
//
// Rules for kernels: one thread computes one number (or one column of a strip) and writes where
// no other does; there are no atomics, so the same input gives the same bits; shared memory
// only where a comment says why; `const` is what is not written; no index is ever computed
// outside [0, 2^31) with INDEX int. Images lie as (N, H, W, C), channels last.

#ifndef INFINITY  // NVRTC has no math.h
#define INFINITY __int_as_float(0x7f800000)
#endif

// Number this thread; there are more threads than work in the last block.
__device__ INDEX thread_number()
{
    return (INDEX)blockIdx.x * (INDEX)blockDim.x + (INDEX)threadIdx.x;
}

// A window on an image, as minin.shapes.Window has it; top and left are its border of padding.
#define WINDOW                                                                              \
    INDEX h, INDEX w, INDEX c, INDEX oh, INDEX ow, INDEX kh, INDEX kw, INDEX sh, INDEX sw,  \
    INDEX dh, INDEX dw, INDEX top, INDEX left
