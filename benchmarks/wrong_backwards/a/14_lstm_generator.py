import numpy as np

s = lambda a: 1 / (1 + np.exp(-a))


def steps(x, W, U, b):
    H = U.shape[0]
    h = c = np.zeros((len(x), H))
    for t in range(x.shape[1]):
        i, f, g, o = np.split(x[:, t] @ W + h @ U + b, 4, axis=1)
        i, f, g, o = s(i), s(f), np.tanh(g), s(o)
        c_new = f * c + i * g
        yield x[:, t], h, c, i, f, g, o, np.tanh(c_new)
        h, c = o * np.tanh(c_new), c_new


def forward(x, W, U, b):
    tape = list(steps(x, W, U, b))
    o, tc = tape[-1][-2:]
    return o * tc, (tape, W, U)


def backward(dh, cache):
    tape, W, U = cache
    dW, dU, db, dx = np.zeros_like(W), np.zeros_like(U), 0, []
    dc = np.zeros_like(dh)
    while tape_left := len(tape) - len(dx):
        xt, h, c, i, f, g, o, tc = tape[tape_left - 1]
        dc = dc + dh * o * (1 - tc * tc)
        da = np.concatenate([dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g * g),
                             dh * tc * o * (1 - o)], axis=1)
        dW += xt.T @ da
        dU += h.T @ da
        db = db + da.sum(0)
        dx.append(da @ W.T)
        dh, dc = da @ U.T, dc * f
    return np.stack(dx[::-1], axis=1), dW, dU, db


rng = np.random.default_rng(99)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((2, 4, 3)), rng.standard_normal((3, 16)), rng.standard_normal((4, 16)),
                       rng.standard_normal(16)))
