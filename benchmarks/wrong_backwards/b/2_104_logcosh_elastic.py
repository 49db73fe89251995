import numpy as np


def objective(X, w, b, target, l1=0.1, l2=0.05):
    r = X @ w + b - target
    a = np.abs(r)
    data = np.mean(a + np.log1p(np.exp(-2 * a)) - np.log(2.0))
    reg = l1 * np.abs(w).sum() + 0.5 * l2 * w @ w
    memo = {'X': X, 'w': w, 'r': r, 'l1': l1, 'l2': l2}
    return data + reg, memo


def objective_grad(g, memo):
    X, w, r = memo['X'], memo['w'], memo['r']
    dr = np.tanh(r) / r.size * g
    return {
        'X': np.outer(dr, w),
        'w': X.T @ dr + g * (memo['l1'] * np.sign(w) + memo['l2'] * w),
        'b': dr.sum(),
        'target': -dr,
    }


rng = np.random.default_rng(134)
SUBJECT = dict(forward=objective, backward=objective_grad, inputs=(
    rng.normal(size=(4, 3)), rng.normal(size=3), np.array(0.2), rng.normal(size=4)))
