"""What became of single contributions is told in the program's own indices, at any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from minin import gradcheck
from tests.choice import examples

Program = tuple[Callable[..., Any], Callable[..., Any], list[Any]]


def sliding(x: Any, w: Any, step: int) -> Any:
    count = (x.shape[1] - len(w)) // step + 1
    y = np.stack([x[:, t * step : t * step + len(w)] @ w for t in range(count)], axis=1)
    return y, (x, w, step)


def slid_back(grad: Any, cache: Any, step: int | None = None, add: bool = True) -> Any:
    x, w, own = cache
    dx = np.zeros_like(x)
    for t in range(grad.shape[1]):
        at = np.s_[:, t * (step or own) : t * (step or own) + len(w)]
        share = grad[:, t, None] * w
        dx[at] = dx[at] + share if add else share
    return dx


def windows(rng: np.random.Generator, n: int, m: int) -> list[Any]:
    return [rng.normal(size=(n, 2 * m + 5)), rng.normal(size=3), 2]


def assigned(rng: np.random.Generator, n: int, m: int) -> Program:
    def back(g: Any, c: Any) -> Any:
        return slid_back(g, c, add=False), np.zeros(3)

    return sliding, back, windows(rng, n, m)


def without_the_stride(rng: np.random.Generator, n: int, m: int) -> Program:
    return sliding, lambda g, c: (slid_back(g, c, step=1), np.zeros(3)), windows(rng, n, m)


def truncated(rng: np.random.Generator, n: int, m: int) -> Program:
    return lambda x: (np.cumsum(x, 1), None), lambda g, _: g * 1.0, [rng.normal(size=(n, m))]


def forwards(rng: np.random.Generator, n: int, m: int) -> Program:
    x = rng.normal(size=(n, m))
    return lambda x: (np.cumsum(x, 1), None), lambda g, _: np.cumsum(g, 1), [x]


def last_sample(rng: np.random.Generator, n: int, m: int) -> Program:
    x, w = rng.normal(size=(n, m)), rng.normal(size=m)
    return (
        lambda x, w: (x * w**3, (x, w)),
        lambda g, c: (g * c[1] ** 3, (3 * c[1] ** 2 * g * c[0])[-1]),
        [x, w],
    )


def frozen_sample(rng: np.random.Generator, n: int, m: int) -> Program:
    x, w = rng.normal(size=(n, m)), rng.normal(size=(m, 4))
    return (
        lambda x, w: (x @ w, (x, w)),
        lambda g, c: (g @ c[1].T, np.outer(c[0][0], g.sum(0))),
        [x, w],
    )


def other_side(rng: np.random.Generator, n: int, m: int) -> Program:
    def forward(x: Any, a: Any) -> Any:
        return np.where(x > 0, x, a * x), (x, a)

    def backward(g: Any, c: Any) -> Any:
        x, a = c
        return g * np.where(x > 0, 1, a), (g * x * (x > 0)).sum(0)

    x = rng.permutation(np.linspace(-2, 2, 2 * n * m)).reshape(2 * n, m)
    return forward, backward, [x, rng.uniform(0.1, 0.4, m)]


def crosswise(rng: np.random.Generator, n: int, m: int) -> Program:
    a, b = rng.normal(size=(2, n, m))
    return (
        lambda a, b: (a * b**2, (a, b)),
        lambda g, c: (g * 2 * c[0] * c[1], g * c[1] ** 2),
        [a, b],
    )


def without_the_norm(rng: np.random.Generator, n: int, m: int) -> Program:
    def forward(x: Any) -> Any:
        y = np.sqrt((x**2).sum(1))
        return y, (x, y)

    return forward, lambda g, c: g[:, None] * c[0], [rng.normal(size=(n, m)) + 1]


def sigmoid_twice(rng: np.random.Generator, n: int, m: int) -> Program:
    def forward(z: Any) -> Any:
        return np.log1p(np.exp(z)).sum(), 1 / (1 + np.exp(-z))

    return forward, lambda g, p: g * p * p * (1 - p), [rng.normal(size=(n, m))]


def steeper_far_out(rng: np.random.Generator, n: int, m: int) -> Program:
    def forward(pred: Any, target: Any, delta: float = 0.6) -> Any:
        r, d = pred - target, delta
        return np.where(abs(r) < d, r * r / 2, d * (abs(r) - d / 2)).sum(), (r, d)

    def backward(g: Any, c: Any) -> Any:
        d = g * np.where(abs(c[0]) < c[1], c[0], np.sign(c[0]))
        return d, -d

    pred = rng.permutation(np.linspace(-1.5, 1.5, 4 * n * m)).reshape(4 * n, m)
    return forward, backward, [pred, rng.uniform(-0.5, 0.5, pred.shape), 0.6]


def detached_variance(rng: np.random.Generator, n: int, m: int) -> Program:
    def forward(x: Any) -> Any:
        s = x.std(1, keepdims=True)
        return (x - x.mean(1, keepdims=True)) / s, s

    def backward(g: Any, s: Any) -> Any:
        return (g - g.mean(1, keepdims=True)) / s

    return forward, backward, [rng.normal(size=(n, m + 2))]


def wrong_saved_array(rng: np.random.Generator, n: int, m: int) -> Program:
    def forward(x: Any, w: Any) -> Any:
        y = np.tanh(x)
        return y @ w, (x, y, w)

    def backward(g: Any, c: Any) -> Any:
        x, y, w = c
        return (g @ w.T) * (1 - y * y), x.T @ g

    return forward, backward, [rng.normal(size=(n, m)), rng.normal(size=(m, 2))]


def joined_in_the_other_order(rng: np.random.Generator, n: int, m: int) -> Program:
    def forward(x: Any) -> Any:
        return np.repeat(x, 2, axis=1) ** 2, x

    def backward(g: Any, x: Any) -> Any:
        return 2 * x * g.reshape(n, 2, m).sum(1)

    return forward, backward, [np.full((n, m), rng.uniform(1, 2))]


def assigned_in_reverse(rng: np.random.Generator, n: int, m: int) -> Program:
    def back(grad: Any, cache: Any) -> Any:
        x, w, step = cache
        dx = np.zeros_like(x)
        for t in reversed(range(grad.shape[1])):
            dx[:, t * step : t * step + len(w)] = grad[:, t, None] * w
        return dx, np.einsum("nt,ntk->k", grad, windows_of(x, len(w), step))

    return sliding, back, windows(rng, n, m)


def windows_of(x: Any, width: int, step: int) -> Any:
    return np.lib.stride_tricks.sliding_window_view(x, width, 1)[:, ::step]


def cells_by_height(rng: np.random.Generator, n: int, m: int) -> Program:
    def forward(x: Any) -> Any:
        h, w = x.shape[1] // 2, x.shape[2] // 3
        cells = x[:, : 2 * h].reshape(len(x), h, 2, w, 3).transpose(0, 1, 3, 2, 4)
        cells = cells.reshape(len(x), h, w, 6)
        return cells.max(3), (cells.argmax(3), x.shape)

    def backward(g: Any, cache: Any) -> Any:
        k, shape = cache
        dx = np.zeros(shape)
        s, i, j = np.indices(k.shape)
        dx[s, 2 * i + k // 2, 3 * j + k % 2] = g
        return dx

    return (
        forward,
        backward,
        [rng.normal(size=(n, 2 * m + 1, 6))],
    )


def sum_over_the_other_axis(rng: np.random.Generator, n: int, m: int) -> Program:
    def forward(x: Any) -> Any:
        return x - x.mean(0), None

    return forward, lambda g, _: g - g.mean(1, keepdims=True), [rng.normal(size=(m, m)) + n]


def reflected(rng: np.random.Generator, n: int, m: int) -> Program:
    w = rng.normal(size=3)

    def forward(x: Any) -> Any:
        padded = np.pad(x, ((0, 0), (1, 1)), mode="reflect")
        return windows_of(padded, 3, 1) @ w, x.shape[1]

    def backward(g: Any, size: int) -> Any:
        dx = np.zeros((len(g), size + 2))
        for k in range(3):
            dx[:, k : k + size] += w[k] * g
        return dx[:, 1:-1]

    return forward, backward, [rng.normal(size=(n, m + 3))]


def missing_path(rng: np.random.Generator, n: int, m: int) -> Program:
    def forward(x: Any, w: Any, v: Any) -> Any:
        return np.tanh(x @ w) * np.sin(x @ v), (x, w, v)

    def backward(g: Any, c: Any) -> Any:
        x, w, v = c
        a, b = x @ w, x @ v
        da, db = g * (1 - np.tanh(a) ** 2) * np.sin(b), g * np.tanh(a) * np.cos(b)
        return da @ w.T, x.T @ da, x.T @ db

    return forward, backward, [rng.normal(size=s) for s in ((n, m), (m, 3), (m, 3))]


def inner_slope(rng: np.random.Generator, n: int, m: int) -> Program:
    def forward(x: Any, w: Any, v: Any) -> Any:
        return np.sin(x @ w) @ v, (x, w, v)

    def backward(g: Any, c: Any) -> Any:
        x, w, v = c
        d = (g @ v.T) * np.cos(x @ w) ** 2
        return d @ w.T, x.T @ d, np.sin(x @ w).T @ g

    return forward, backward, [rng.normal(size=s) for s in ((n, 3), (3, m), (m, 5))]


def hard_target(rng: np.random.Generator, n: int, m: int) -> Program:
    y = rng.integers(0, m, n)

    def forward(x: Any) -> Any:
        t = np.full(x.shape, 0.1 / m)
        t[np.arange(n), y] += 0.9
        p = np.exp(x - x.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        return -(t * np.log(p)).sum() / n, p

    return forward, lambda g, p: g * (p - np.eye(m)[y]) / n, [rng.normal(size=(n, m))]


def one_softmax_of_two(rng: np.random.Generator, n: int, m: int) -> Program:
    y = rng.integers(0, m, n)

    def softmax(x: Any) -> Any:
        p = np.exp(x - x.max(1, keepdims=True))
        return p / p.sum(1, keepdims=True)

    def forward(x: Any) -> Any:
        q = softmax(softmax(x))
        return -np.log(q[np.arange(n), y]).mean(), q

    return forward, lambda g, q: g * (q - np.eye(m)[y]) / n, [rng.normal(size=(n, m))]


PROGRAMS = {
    assigned: "only the last in the order of o1 is left",
    without_the_stride: "contributions go to another entry: from i1 to i1 - o1",
    truncated: "contributions of output numbers with o1 is not i1 are lost",
    forwards: "an entry moves outputs with o1 >= i1; yours collects from those with o1 <= i1",
    last_sample: "only those of the last index along axis 0 of the output are left",
    frozen_sample: "along axis 0 of the output is taken from index 0 alone",
    other_side: "contributions came where x > 0; they belong where x < 0",
    crosswise: "the gradient of b came for a",
    without_the_norm: "the right ones times y, at its own place",
    sigmoid_twice: "times sigmoid(z)*(1 - sigmoid(z))",
    steeper_far_out: "with |pred - target| > delta are multiplied by 1.6667 = 1/delta",
    detached_variance: "off by a multiple of x - mean",
    wrong_saved_array: "backward multiplies by x[o0, i0]",
    joined_in_the_other_order: "put together as if it were",
    assigned_in_reverse: "only the last in the order of -o1 is left",
    cells_by_height: "the flat number k of a cell is read as (k // KH, k % KH)",
    sum_over_the_other_axis: "joins numbers along axis 0, and yours joins them along axis 1",
    reflected: "the padding copies inner numbers",
    missing_path: "what is wrong is the path through v",
    inner_slope: "times a factor that depends on i1, o0 alone",
    one_softmax_of_two: "the right gradient is yours, sent back through one more softmax",
    hard_target: "at one column and by",
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
@settings(max_examples=examples(16), deadline=None, phases=[Phase.generate])
@given(seed=st.integers(0, 9999), n=st.integers(3, 5), m=st.integers(3, 6))
def test_a_law_is_told_at_any_size(
    program: Callable[..., Program], seed: int, n: int, m: int
) -> None:
    forward, backward, inputs = program(np.random.default_rng(seed), n, m)
    report = gradcheck.check_backward(forward, backward, inputs, repair=False)
    finding = report.findings[0]
    assert PROGRAMS[program] in finding.what
    assert finding.certain == (program is crosswise)  # that is seen, number for number
    assert finding.certain or finding.fix.startswith("probably")
