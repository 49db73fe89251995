// Softmax cross entropy of logits (N, K) and class numbers (N), each way in one kernel.
//
// Forward keeps two numbers a row for backward: the largest logit, and the logarithm of the sum
// of exp(logit - largest). They stay apart: of their sum float32 would lose the digits of the
// second where logits are 1e4.
//
// Shared memory, and why: the mean over the images is a sum over threads. One block adds up a
// batch's losses in a tree of fixed shape, so the bits do not depend on who was first, and
// the loss needs no second launch. A batch has some hundred rows: one block has enough threads.
//
// A class number out of range makes the row's loss and slopes NaN, reads nothing, and is written
// to `wrong`, a number in the host's memory that the host looks at later: see loss.py.
//
// Cost: three walks over N*K numbers forward, one backward.

__device__ REAL loss_of_row(
    const REAL* z, long long target, INDEX k, REAL smoothing, REAL* largest, REAL* log_sum)
{
    REAL top = z[0];
    for (INDEX j = 1; j < k; ++j) top = z[j] > top || z[j] != z[j] ? z[j] : top;
    REAL sum = 0;
    for (INDEX j = 0; j < k; ++j) sum += exp(z[j] - top);
    REAL log_of_sum = log(sum);
    *largest = top;
    *log_sum = log_of_sum;
    REAL loss = 0;
    REAL others = smoothing / (REAL)k;
    for (INDEX j = 0; j < k; ++j) {
        REAL truth = (j == target ? 1 - smoothing : (REAL)0) + others;
        if (truth != 0) loss -= truth * (z[j] - top - log_of_sum);
    }
    return loss;
}

extern "C" __global__ void cross_entropy(
    const REAL* logits, const long long* target, REAL* losses, REAL* largest, REAL* log_sum,
    REAL* total, long long* wrong, INDEX n, INDEX k, REAL smoothing, REAL share)
{
    __shared__ REAL sums[THREADS];
    __shared__ long long found[THREADS];
    INDEX t = (INDEX)threadIdx.x;
    REAL sum = 0;
    found[t] = -1;  // the first row of this thread whose class is out of range
    for (INDEX row = t; row < n; row += THREADS) {
        bool good = target[row] >= 0 && target[row] < k;
        REAL loss = loss_of_row(
            logits + row * k, target[row], k, smoothing, largest + row, log_sum + row);
        if (!good) {
            loss = (REAL)INFINITY * 0;
            if (found[t] < 0) found[t] = row;
        }
        losses[row] = loss;
        sum += loss;
    }
    sums[t] = sum;
    __syncthreads();
    for (INDEX half = THREADS / 2; half > 0; half /= 2) {
        if (t < half) {
            sums[t] += sums[t + half];
            long long other = found[t + half];
            if (found[t] < 0 || (other >= 0 && other < found[t])) found[t] = other;
        }
        __syncthreads();
    }
    if (t == 0) {
        total[0] = sums[0] * share;
        if (found[0] >= 0) {
            wrong[1] = target[found[0]];
            wrong[2] = k;
            wrong[0] = 1;
        }
    }
}

// out (N, K) <- (p - truth) * grad * share; grad (1) or, with per_row, (N).
extern "C" __global__ void cross_entropy_slope(
    const REAL* logits, const long long* target, const REAL* largest, const REAL* log_sum,
    const REAL* grad, REAL* out, INDEX count, INDEX k, REAL smoothing, REAL share, INDEX per_row)
{
    INDEX i = thread_number();
    if (i >= count) return;
    INDEX row = i / k;
    long long t = target[row];
    REAL truth = (t == i % k ? 1 - smoothing : (REAL)0) + smoothing / (REAL)k;
    REAL p = exp(logits[i] - largest[row] - log_sum[row]);
    REAL slope = (p - truth) * (grad[per_row ? row : 0] * share);
    out[i] = t >= 0 && t < k ? slope : (REAL)INFINITY * 0;
}
