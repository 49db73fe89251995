// The steps of SGD and Adam, each in one kernel: every number is read and written once.
//
// The order of operations is that of minin.optim, so that both round alike; only where the GPU
// joins a product and a sum in one instruction do the last bits differ.
//
// Cost: one pass over the weights, their gradient and what the optimiser remembers.

extern "C" __global__ void sgd(
    REAL* weight, const REAL* grad, INDEX count, REAL lr, REAL decay)
{
    INDEX i = thread_number();
    if (i >= count) return;
    REAL g = decay != 0 ? grad[i] + decay * weight[i] : grad[i];
    weight[i] -= lr * g;
}

extern "C" __global__ void sgd_momentum(
    REAL* weight, const REAL* grad, REAL* velocity, INDEX count, REAL lr, REAL decay,
    REAL momentum, INDEX nesterov)
{
    INDEX i = thread_number();
    if (i >= count) return;
    REAL g = decay != 0 ? grad[i] + decay * weight[i] : grad[i];
    REAL v = velocity[i] * momentum + g;
    velocity[i] = v;
    weight[i] -= lr * (nesterov ? g + momentum * v : v);
}

// rate is lr / (1 - b1^t), correction is sqrt(1 - b2^t): the host counts the steps t.
extern "C" __global__ void adam(
    REAL* weight, const REAL* grad, REAL* mean, REAL* square, INDEX count, REAL rate, REAL decay,
    REAL keep_mean, REAL take_mean, REAL keep_square, REAL take_square, REAL correction, REAL eps)
{
    INDEX i = thread_number();
    if (i >= count) return;
    REAL g = decay != 0 ? grad[i] + decay * weight[i] : grad[i];
    REAL m = mean[i] * keep_mean + take_mean * g;
    REAL s = square[i] * keep_square + take_square * g * g;
    mean[i] = m;
    square[i] = s;
    weight[i] -= rate * m / (sqrt(s) / correction + eps);
}
