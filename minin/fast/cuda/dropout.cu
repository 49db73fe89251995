// Dropout by the counter hash of minin.ops.dropout: number i is dropped if a hash of i and two
// keys falls below a threshold. i counts in the order N, C, H, W whatever lies in memory: with
// C channels last, or (channels 1, pixels all of them) as it lies.
//
// The hash costs less than a byte of memory would: no mask is kept, backward computes it again,
// with this very kernel.
//
// Cost: one pass, and two dozen integer operations a number.

__device__ unsigned int mixed(unsigned int v)
{
    v = (v ^ (v >> 16)) * 0x7FEB352Du;
    v = (v ^ (v >> 15)) * 0x846CA68Bu;
    return v ^ (v >> 16);
}

extern "C" __global__ void dropout(
    const REAL* x, REAL* y, INDEX count, INDEX pixels, INDEX channels, unsigned int key,
    unsigned int second_key, unsigned int threshold, REAL scale)
{
    INDEX i = thread_number();
    if (i >= count) return;
    INDEX image = i / channels / pixels;
    INDEX pixel = i / channels % pixels;
    unsigned int number = (unsigned int)((image * channels + i % channels) * pixels + pixel);
    bool kept = mixed(mixed(number ^ key) ^ second_key) >= threshold;
    y[i] = x[i] * (kept ? scale : (REAL)0);  // NaN * 0 stays NaN
}
