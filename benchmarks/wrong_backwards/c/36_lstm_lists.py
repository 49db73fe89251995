import numpy as np


def sigmoid(x, derivative=False):
    s = 1 / (1 + np.exp(-x))
    return s * (1 - s) if derivative else s


def tanh(x, derivative=False):
    t = np.tanh(x)
    return 1 - t ** 2 if derivative else t


def forward(xs, h, C, W_f, W_i, W_g, W_o):
    """xs: (T, n_x), weights (n_h, n_h + n_x); gives all hidden states."""
    steps, out = [], []
    for x in xs:
        z = np.concatenate([h, x])
        a_f, a_i, a_g, a_o = W_f @ z, W_i @ z, W_g @ z, W_o @ z
        C_prev = C
        C = sigmoid(a_f) * C_prev + sigmoid(a_i) * tanh(a_g)
        h = sigmoid(a_o) * tanh(C)
        steps.append((z, a_f, a_i, a_g, a_o, C_prev, C))
        out.append(h)
    return np.array(out), (steps, W_f, W_i, W_g, W_o)


def backward(dout, cache):
    steps, W_f, W_i, W_g, W_o = cache
    n_h = W_f.shape[0]
    dW_f, dW_i, dW_g, dW_o = (np.zeros_like(W) for W in (W_f, W_i, W_g, W_o))
    dxs = np.zeros((len(steps), W_f.shape[1] - n_h))
    dh_next, dC_next = np.zeros(n_h), np.zeros(n_h)
    for t in reversed(range(len(steps))):
        z, a_f, a_i, a_g, a_o, C_prev, C = steps[t]
        dh = dout[t] + dh_next
        do = dh * tanh(C) * sigmoid(a_o, derivative=True)
        dC = dC_next + dh * sigmoid(a_o) * tanh(C, derivative=True)
        dg = dC * sigmoid(a_i) * tanh(a_g, derivative=True)
        di = dC * tanh(a_g) * sigmoid(a_i, derivative=True)
        df = dC * C_prev * sigmoid(a_f)
        dW_f += np.outer(df, z)
        dW_i += np.outer(di, z)
        dW_g += np.outer(dg, z)
        dW_o += np.outer(do, z)
        dz = W_f.T @ df + W_i.T @ di + W_g.T @ dg + W_o.T @ do
        dh_next, dxs[t] = dz[:n_h], dz[n_h:]
        dC_next = sigmoid(a_f) * dC
    return dxs, dh_next, dC_next, dW_f, dW_i, dW_g, dW_o


rng = np.random.default_rng(36)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((3, 2)), rng.standard_normal(4), rng.standard_normal(4),
                       *(rng.standard_normal((4, 6)) * 0.5 for _ in range(4))))
