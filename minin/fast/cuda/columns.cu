// im2col and its adjoint, channels last.
//
//     x (N, H, W, C)  ->  columns (N*OH*OW, KH*KW*C), a row for each window
//
// A row is ordered [kernel row][kernel column][channel], so neighbouring threads (channels) read
// and write neighbouring numbers. col2im is written as a *gather*: a pixel asks every window that
// sees it, in the order of the kernel's cells, and adds up by itself. No two threads add to one
// number, so there are no atomics, and the same input gives the same bits.
//
// Cost: R*K numbers read and written, R = N*OH*OW, K = KH*KW*C.

// One thread for each window and channel: it walks the KH*KW cells.
extern "C" __global__ void im2col(const REAL* x, REAL* columns, INDEX count, WINDOW)
{
    INDEX i = thread_number();
    if (i >= count) return;
    INDEX channel = i % c;
    INDEX row = i / c;  // of the columns
    INDEX across = row % ow * sw - left;
    INDEX down = row / ow % oh * sh - top;
    const REAL* image = x + row / ow / oh * h * w * c + channel;
    REAL* out = columns + row * kh * kw * c + channel;
    for (INDEX a = 0; a < kh; ++a) {
        INDEX y = down + a * dh;
        for (INDEX b = 0; b < kw; ++b) {
            INDEX z = across + b * dw;
            bool inside = y >= 0 && y < h && z >= 0 && z < w;
            out[(a * kw + b) * c] = inside ? image[(y * w + z) * c] : (REAL)0;
        }
    }
}

// One thread for each pixel and channel.
extern "C" __global__ void col2im(const REAL* columns, REAL* x, INDEX count, WINDOW)
{
    INDEX i = thread_number();
    if (i >= count) return;
    INDEX channel = i % c;
    INDEX across = i / c % w + left;
    INDEX down = i / c / w % h + top;
    const REAL* image = columns + i / c / w / h * oh * ow * kh * kw * c + channel;
    REAL sum = 0;
    for (INDEX a = 0; a < kh; ++a) {
        INDEX y = down - a * dh;  // where the window's first cell lies, if cell a is here
        if (y < 0 || y % sh != 0 || y / sh >= oh) continue;
        for (INDEX b = 0; b < kw; ++b) {
            INDEX z = across - b * dw;
            if (z < 0 || z % sw != 0 || z / sw >= ow) continue;
            sum += image[((y / sh * ow + z / sw) * kh * kw + a * kw + b) * c];
        }
    }
    x[i] = sum;
}
