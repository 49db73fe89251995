// Global average pooling, channels last: x (N, H, W, C) -> y (N, C).
//
// One thread for each map. It adds up row by row and then the rows, so that rounding grows with
// H + W and not with H*W. Neighbouring threads read neighbouring channels; the maps at the end
// of a network are small, so no thread has much to do and nothing need be shared.
//
// Cost: one pass over N*H*W*C numbers, forward and backward.

extern "C" __global__ void average(const REAL* x, REAL* y, INDEX count, INDEX h, INDEX w, INDEX c)
{
    INDEX i = thread_number();
    if (i >= count) return;
    const REAL* map = x + i / c * h * w * c + i % c;
    REAL sum = 0;
    for (INDEX row = 0; row < h; ++row) {
        REAL of_row = 0;
        for (INDEX column = 0; column < w; ++column) of_row += map[(row * w + column) * c];
        sum += of_row;
    }
    y[i] = sum / (REAL)(h * w);
}

// Each pixel of a map receives the same share.
extern "C" __global__ void average_slope(
    const REAL* grad, REAL* out, INDEX count, INDEX pixels, INDEX c)
{
    INDEX i = thread_number();
    if (i >= count) return;
    out[i] = grad[i / c / pixels * c + i % c] / (REAL)pixels;
}
