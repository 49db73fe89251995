// CUDA's words for a processor, and a server that runs kernels one after another.
//
// A kernel is compiled from its own text by g++, with the address and undefined-behaviour
// sanitizers. Each request names a kernel and brings its arguments; every array is put into
// memory of exactly its size, so that a read or a write one byte beyond it ends the server with
// a report. Without shared memory, blocks and threads are two loops, walked forwards or
// backwards: kernels whose threads meet show different bits. Kernels with __syncthreads() get a
// real thread for each of the block's.
//
// A request: int kernel, grid, block, backwards, count; then for each argument its sort (int):
//     0 a number: 8 bytes;  1 an array to read, 2 one to write: long long bytes, the bytes;
//     3 the same array as an earlier argument: int place
// The answer: one byte, then the bytes of each array to write.

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define __global__
#define __device__ static inline
#define __shared__ static

struct Dim3 {
    unsigned x, y, z;
};
static Dim3 gridDim, blockDim;
static thread_local Dim3 blockIdx, threadIdx;
static pthread_barrier_t barrier;

static void __syncthreads()
{
    pthread_barrier_wait(&barrier);
}
