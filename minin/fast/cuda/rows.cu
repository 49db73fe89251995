// Bias and ReLU on tables of rows (R, O), one column for each map; and ReLU alone.
//
// Bias and ReLU run in place on what a product has just written: one launch, one pass. On the
// way back one pass cuts the gradient off where the ReLU was closed and adds up the bias's
// gradient. That sum runs down the rows, so its threads are cut by strips: thread (s, o) adds
// the rows of strip s in order, a second kernel adds the strips in order. Neighbouring threads
// read neighbouring numbers, no two threads meet, and rounding grows with the root of R only.
//
// Cost: one pass over R*O numbers each; R*O / strip for the sum of the strips.

extern "C" __global__ void relu(const REAL* x, REAL* y, INDEX count)
{
    INDEX i = thread_number();
    if (i >= count) return;
    REAL v = x[i];
    y[i] = v > 0 || v != v ? v : (REAL)0;  // NaN stays NaN
}

extern "C" __global__ void relu_slope(const REAL* grad, const REAL* y, REAL* out, INDEX count)
{
    INDEX i = thread_number();
    if (i >= count) return;
    out[i] = y[i] > 0 ? grad[i] : (REAL)0;
}

// y (R, O) <- y + bias, then ReLU if wanted.
extern "C" __global__ void bias_relu(
    REAL* y, const REAL* bias, INDEX count, INDEX o, INDEX has_relu)
{
    INDEX i = thread_number();
    if (i >= count) return;
    REAL v = y[i] + bias[i % o];
    y[i] = !has_relu || v > 0 || v != v ? v : (REAL)0;
}

// partial (S, O) <- sums over the strips of grad (R, O); with a ReLU of output y (R, O), grad
// counts where y > 0 only, and goes to out (R, O), which may be grad itself.
extern "C" __global__ void slope_sums(
    const REAL* grad, const REAL* y, REAL* out, REAL* partial, INDEX count, INDEX rows, INDEX o,
    INDEX strip, INDEX has_relu)
{
    INDEX i = thread_number();
    if (i >= count) return;
    INDEX column = i % o;
    INDEX first = i / o * strip;
    INDEX last = first + strip < rows ? first + strip : rows;
    REAL sum = 0;
    for (INDEX row = first; row < last; ++row) {
        INDEX place = row * o + column;
        REAL v = grad[place];
        if (has_relu) {
            v = y[place] > 0 ? v : (REAL)0;
            out[place] = v;
        }
        sum += v;
    }
    partial[i] = sum;
}

// total (O) <- partial (S, O), added up strip by strip.
extern "C" __global__ void sum_strips(const REAL* partial, REAL* total, INDEX o, INDEX strips)
{
    INDEX i = thread_number();
    if (i >= o) return;
    REAL sum = 0;
    for (INDEX s = 0; s < strips; ++s) sum += partial[s * o + i];
    total[i] = sum;
}
