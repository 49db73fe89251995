// Max pooling, channels last.
//
// The contract is the book's: the border is -inf and never wins over a pixel, the first of
// equals wins in row-major order, NaN wins over every number. The winner is the number of a
// kernel cell, two bytes. Backward is a gather: a pixel asks every window that sees it whether
// it won there, and adds up what the windows that it won hand back.
//
// Cost: KH*KW comparisons an output; backward KH*KW questions a pixel.

extern "C" __global__ void max_pool(
    const REAL* x, REAL* y, unsigned short* winner, INDEX count, WINDOW)
{
    INDEX i = thread_number();
    if (i >= count) return;
    INDEX channel = i % c;
    INDEX across = i / c % ow * sw - left;
    INDEX down = i / c / ow % oh * sh - top;
    const REAL* image = x + i / c / ow / oh * h * w * c + channel;
    REAL best = (REAL)-INFINITY;
    INDEX won = -1;
    for (INDEX a = 0; a < kh; ++a) {
        INDEX row = down + a * dh;
        if (row < 0 || row >= h) continue;
        for (INDEX b = 0; b < kw; ++b) {
            INDEX column = across + b * dw;
            if (column < 0 || column >= w) continue;
            REAL v = image[(row * w + column) * c];
            // Not on a tie: the first stays. The first pixel wins even if it is -inf.
            if (won < 0 || v > best || (v != v && best == best)) {
                best = v;
                won = a * kw + b;
            }
        }
    }
    y[i] = best;
    winner[i] = (unsigned short)(won < 0 ? 0 : won);  // a window without pixels: nobody asks
}

extern "C" __global__ void max_pool_slope(
    const REAL* grad, const unsigned short* winner, REAL* out, INDEX count, WINDOW)
{
    INDEX i = thread_number();
    if (i >= count) return;
    INDEX channel = i % c;
    INDEX across = i / c % w + left;
    INDEX down = i / c / w % h + top;
    INDEX image = i / c / w / h * oh * ow * c + channel;
    REAL sum = 0;
    for (INDEX a = 0; a < kh; ++a) {
        INDEX y = down - a * dh;
        if (y < 0 || y % sh != 0 || y / sh >= oh) continue;
        for (INDEX b = 0; b < kw; ++b) {
            INDEX z = across - b * dw;
            if (z < 0 || z % sw != 0 || z / sw >= ow) continue;
            INDEX place = image + (y / sh * ow + z / sw) * c;
            if (winner[place] == a * kw + b) sum += grad[place];
        }
    }
    out[i] = sum;
}
