import numpy as np

lengths = np.array([4, 2, 3])


def rnn(x, W, U):
    N, T, _ = x.shape
    alive = (np.arange(T) < lengths[:, None]).astype(float)[:, :, None]
    hs, cands = [np.zeros((N, U.shape[0]))], []
    for t in range(T):
        cand = np.tanh(x[:, t] @ W + hs[-1] @ U)
        cands.append(cand)
        hs.append(alive[:, t] * cand + (1 - alive[:, t]) * hs[-1])
    return hs[-1], (x, W, U, alive, hs, cands)


def rnn_backward(dlast, cache):
    x, W, U, alive, hs, cands = cache
    dx, dW, dU = np.zeros_like(x), np.zeros_like(W), np.zeros_like(U)

    def visit(t, dh):
        if t < 0:
            return
        da = alive[:, t] * dh * (1 - cands[t] ** 2)
        np.add(dW, x[:, t].T @ da, out=dW)
        np.add(dU, hs[t].T @ da, out=dU)
        dx[:, t] = da @ W.T
        visit(t - 1, (1 - alive[:, t]) * dh + da @ U.T)

    visit(x.shape[1] - 1, dlast)
    return dx, dW, dU


rng = np.random.default_rng(140)
SUBJECT = dict(forward=rnn, backward=rnn_backward, inputs=(
    rng.normal(size=(3, 4, 2)), rng.normal(size=(2, 3)), rng.normal(size=(3, 3)) * .5))
