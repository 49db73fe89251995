import numpy as np


def scan(x, W, U):
    h = np.zeros((x.shape[0], U.shape[0]))
    hs = [h]
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U)
        hs.append(h)
    return np.stack(hs[1:], axis=1), hs


def scan_back(dout, x, W, U, hs):
    dx, dW, dU = np.zeros_like(x), np.zeros_like(W), np.zeros_like(U)
    carry = 0
    for t in range(x.shape[1] - 1, -1, -1):
        da = (dout[:, t] + carry) * (1 - hs[t + 1] ** 2)
        dx[:, t] = da @ W.T
        dW += x[:, t].T @ da
        dU += hs[t].T @ da
        carry = da @ U.T
    return dx, dW, dU


def forward(x, Wf, Uf, Wb, Ub):
    out_f, hf = scan(x, Wf, Uf)
    out_b, hb = scan(x[:, ::-1], Wb, Ub)
    out = np.concatenate([out_f, out_b[:, ::-1]], axis=-1)
    return out, (x, Wf, Uf, Wb, Ub, hf, hb)


def backward(dout, cache):
    x, Wf, Uf, Wb, Ub, hf, hb = cache
    H = Uf.shape[0]
    dxf, dWf, dUf = scan_back(dout[..., :H], x, Wf, Uf, hf)
    dxb, dWb, dUb = scan_back(dout[:, ::-1, H:], x[:, ::-1], Wb, Ub, hb)
    dx = dxf + dxb
    return dx, dWf, dUf, dWb, dUb


rng = np.random.default_rng(70)
SUBJECT = dict(forward=forward, backward=backward, inputs=(
    rng.normal(size=(2, 4, 3)), rng.normal(size=(3, 2)), rng.normal(size=(2, 2)) * .5,
    rng.normal(size=(3, 2)), rng.normal(size=(2, 2)) * .5))
