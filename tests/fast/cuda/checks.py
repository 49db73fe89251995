"""CHECKS: for each kernel, how hypothesis draws a call, and what it must compute.

A check draws arguments, runs the kernel from its own text on the processor, under sanitizers,
with its threads in two orders, and compares with the book's rule. A test fails if a kernel has
no check.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from minin import ops
from minin.fast.cuda.launch import INDICES, REALS, THREADS
from minin.fast.cuda.layout import geometry
from minin.ops.conv import col2im_of, im2col_of
from minin.ops.dropout import keep_mask
from minin.shapes import Window
from tests.cases import geometry as windows
from tests.cases import pooling
from tests.fast.cuda.processor import Array, Program

Draw = st.DataObject
seeds = st.integers(0, 2**32 - 1)


class Runner:
    """A compiled program, called as `launch` calls it: ints become INDEX, floats REAL."""

    def __init__(self, program: Program, real: str, index: str) -> None:
        self.program, self.real, self.index = program, np.dtype(real).type, INDICES[index]
        self.accurate = 1e-5 if real == "float32" else 1e-12

    def empty(self, *shape: int) -> Array:
        return np.full(shape, np.nan, self.real)

    def __call__(self, name: str, threads: int, *arguments: Any, blocks: int = 0) -> None:
        """Run a kernel; run it again with its threads in the other order: the same bits."""
        values = [self._typed(a) for a in arguments]
        blocks = blocks or -(-threads // THREADS)
        again = [a.copy() if isinstance(a, np.ndarray) else a for a in values]
        self.program.run(name, blocks, THREADS, tuple(values))
        self.program.run(name, blocks, THREADS, tuple(again), backwards=True)
        for one, two in zip(values, again, strict=True):
            if isinstance(one, np.ndarray):
                np.testing.assert_array_equal(one, two, err_msg="threads meet")

    def _typed(self, value: Any) -> Any:
        if isinstance(value, (bool, int)):
            return self.index(value)
        return self.real(value) if type(value) is float else value

    def close(self, got: Any, wanted: Any) -> None:
        np.testing.assert_allclose(got, wanted, rtol=self.accurate, atol=10 * self.accurate)


def numbers(draw: Draw, run: Runner, *shape: int) -> Array:
    """Numbers of which some are equal, 0, -0, infinite or NaN."""
    rng = np.random.default_rng(draw.draw(seeds))
    odd = rng.choice([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan], shape)
    return np.asarray(np.where(rng.random(shape) < 0.3, odd, rng.normal(size=shape)), run.real)


def plain(draw: Draw, run: Runner, *shape: int) -> Array:
    """Finite numbers."""
    rng = np.random.default_rng(draw.draw(seeds))
    return np.asarray(rng.normal(size=shape), run.real)


def count(draw: Draw, most: int = 600) -> int:
    """A number of elements, more than a block of threads among them."""
    return draw.draw(st.integers(1, most))


def relu(draw: Draw, run: Runner) -> None:
    x = numbers(draw, run, count(draw))
    y = run.empty(x.size)
    run("relu", x.size, x, y, x.size)
    np.testing.assert_array_equal(y, ops.relu.rule(x)[0])


def relu_slope(draw: Draw, run: Runner) -> None:
    x = numbers(draw, run, count(draw))
    grad, out = numbers(draw, run, x.size), run.empty(x.size)
    y, backward = ops.relu.rule(x)
    run("relu_slope", x.size, grad, y, out, x.size)
    np.testing.assert_array_equal(out, backward(grad)[0])


def bias_relu(draw: Draw, run: Runner) -> None:
    rows, o = count(draw, 40), count(draw, 12)
    y, bias, has_relu = numbers(draw, run, rows, o), plain(draw, run, o), draw.draw(st.booleans())
    wanted = y + bias
    run("bias_relu", y.size, y, bias, y.size, o, has_relu)
    np.testing.assert_array_equal(y, ops.relu.rule(wanted)[0] if has_relu else wanted)


def slope_sums(draw: Draw, run: Runner) -> None:
    rows, o, strip = count(draw, 50), count(draw, 12), count(draw, 9)
    has_relu = draw.draw(st.booleans())
    grad, y = plain(draw, run, rows, o), numbers(draw, run, rows, o)
    strips = -(-rows // strip)
    out, partial = run.empty(rows, o), run.empty(strips, o)
    run("slope_sums", partial.size, grad, y, out, partial, partial.size, rows, o, strip, has_relu)
    kept = np.where(y > 0, grad, 0) if has_relu else grad
    if has_relu:
        np.testing.assert_array_equal(out, kept)
    cut = [np.sum(kept[s * strip : (s + 1) * strip], axis=0) for s in range(strips)]
    run.close(partial, np.stack(cut))


def sum_strips(draw: Draw, run: Runner) -> None:
    strips, o = count(draw, 20), count(draw, 300)
    partial, total = plain(draw, run, strips, o), run.empty(o)
    run("sum_strips", o, partial, total, o, strips)
    run.close(total, np.sum(partial, axis=0))


def _seen(draw: Draw) -> tuple[Window, tuple[int, int], int, int]:
    """Draw a window, the size of an image, and numbers of images and channels."""
    g = draw.draw(windows())
    window = Window.of(g.kernel, **g.parameters, size=g.size)
    return window, g.size, draw.draw(st.integers(1, 3)), draw.draw(st.integers(1, 5))


def im2col(draw: Draw, run: Runner) -> None:
    window, size, n, c = _seen(draw)
    x = numbers(draw, run, n, *size, c)
    p, cells = math.prod(window.output_size(size)), math.prod(window.kernel)
    columns = run.empty(n * p, cells * c)
    run("im2col", n * p * c, x, columns, n * p * c, *geometry(window, size, c))
    book = im2col_of(np.transpose(x, (0, 3, 1, 2)), window).reshape(n, c, cells, p)
    np.testing.assert_array_equal(columns, np.transpose(book, (0, 3, 2, 1)).reshape(columns.shape))


def col2im(draw: Draw, run: Runner) -> None:
    window, size, n, c = _seen(draw)
    p, cells = math.prod(window.output_size(size)), math.prod(window.kernel)
    columns, x = plain(draw, run, n * p, cells * c), run.empty(n, *size, c)
    run("col2im", x.size, columns, x, x.size, *geometry(window, size, c))
    book = np.transpose(columns.reshape(n, p, cells, c), (0, 3, 2, 1)).reshape(n, c * cells, p)
    run.close(np.transpose(x, (0, 3, 1, 2)), col2im_of(book, size, window))


def max_pool(draw: Draw, run: Runner) -> None:
    _pooled(draw, run, slope=False)


def max_pool_slope(draw: Draw, run: Runner) -> None:
    _pooled(draw, run, slope=True)


def _pooled(draw: Draw, run: Runner, slope: bool) -> None:
    drawn = draw.draw(pooling(average=False))
    n, c, h, w = drawn.arrays[0].shape
    given = drawn.parameters
    window = Window.of(
        given["kernel_size"],
        given["kernel_size"] if given["stride"] is None else given["stride"],
        given["padding"],
        given["dilation"],
        given["ceil_mode"],
    )
    # Few different numbers: ties everywhere, and windows of -inf or of NaN alone.
    rng = np.random.default_rng(draw.draw(seeds))
    x = rng.choice([-np.inf, -1.0, 0.0, 1.0, np.nan], (n, h, w, c), p=[0.3, 0.2, 0.2, 0.2, 0.1])
    x = x.astype(run.real)
    y = run.empty(n, *window.output_size((h, w)), c)
    winner = np.full(y.shape, 9999, np.uint16)
    sizes = geometry(window, (h, w), c)
    book, backward = ops.max_pool2d.rule(np.transpose(x, (0, 3, 1, 2)), **given)
    run("max_pool", y.size, x, y, winner, y.size, *sizes)
    np.testing.assert_array_equal(np.transpose(y, (0, 3, 1, 2)), book)
    assert np.max(winner) < math.prod(window.kernel)
    if slope:
        grad, out = plain(draw, run, *y.shape), run.empty(*x.shape)
        run("max_pool_slope", out.size, grad, winner, out, out.size, *sizes)
        (wanted,) = backward(np.transpose(grad, (0, 3, 1, 2)))
        run.close(np.transpose(out, (0, 3, 1, 2)), wanted)


def average(draw: Draw, run: Runner) -> None:
    n, h, w, c = (draw.draw(st.integers(1, 7)) for _ in range(4))
    x, y = plain(draw, run, n, h, w, c), run.empty(n, c)
    run("average", y.size, x, y, y.size, h, w, c)
    run.close(y, np.mean(x, axis=(1, 2)))


def average_slope(draw: Draw, run: Runner) -> None:
    n, h, w, c = (draw.draw(st.integers(1, 7)) for _ in range(4))
    grad, out = plain(draw, run, n, c), run.empty(n, h, w, c)
    run("average_slope", out.size, grad, out, out.size, h * w, c)
    wanted = np.broadcast_to((grad / (h * w))[:, None, None, :], out.shape)
    np.testing.assert_array_equal(out, wanted)


def dropout(draw: Draw, run: Runner) -> None:
    n, p, c = (draw.draw(st.integers(1, 9)) for _ in range(3))
    x, share, seed = numbers(draw, run, n, p, c), draw.draw(st.floats(0.01, 1)), draw.draw(seeds)
    scale = 1 / (1 - share) if share < 1 else 0.0
    keys = np.random.default_rng(seed).integers(0, 2**32, size=2, dtype=np.uint64)
    limit = min(round(share * 2**32), 2**32 - 1)
    y = run.empty(n, p, c)
    words = [np.uint32(key) for key in (*keys, limit)]
    run("dropout", x.size, x, y, x.size, p, c, *words, scale)
    mask = np.transpose(keep_mask((n, c, p), share, seed, like=x), (0, 2, 1))
    factor = mask.astype(run.real) * scale
    with np.errstate(invalid="ignore"):  # inf * 0
        np.testing.assert_array_equal(y, x * factor)  # to the bit


def _classified(draw: Draw, run: Runner) -> Any:
    n, k = draw.draw(st.integers(1, 9)), draw.draw(st.integers(1, 6))
    scale, far = draw.draw(st.sampled_from([(1.0, 0.0), (1e4, 0.0), (1.0, 1e4), (1.0, -1e4)]))
    logits = np.asarray(plain(draw, run, n, k) * scale + far, run.real)
    target = np.random.default_rng(draw.draw(seeds)).integers(0, k, n)
    given: dict[str, Any] = {
        "label_smoothing": draw.draw(st.sampled_from([0.0, 0.1, 1.0])),
        "reduction": draw.draw(st.sampled_from(["mean", "sum", "none"])),
    }
    losses, largest, log_sum = (run.empty(n) for _ in range(3))
    total, wrong = run.empty(), np.zeros(3, np.int64)
    share = 1 / n if given["reduction"] == "mean" else 1.0
    rest = (n, k, float(given["label_smoothing"]), share)
    outputs = (losses, largest, log_sum, total, wrong)
    run("cross_entropy", 1, logits, target, *outputs, *rest, blocks=1)
    assert not wrong.any()
    return logits, target, given, outputs, rest


def cross_entropy(draw: Draw, run: Runner) -> None:
    logits, target, given, outputs, _ = _classified(draw, run)
    wanted, _ = ops.cross_entropy.rule(logits, target, **given)
    run.close(outputs[0] if given["reduction"] == "none" else outputs[3], wanted)


def cross_entropy_slope(draw: Draw, run: Runner) -> None:
    logits, target, given, outputs, rest = _classified(draw, run)
    n, k, smoothing, share = rest
    per_row = given["reduction"] == "none"
    _, backward = ops.cross_entropy.rule(logits, target, **given)
    grad, out = plain(draw, run, n if per_row else 1), run.empty(n, k)
    kept = (logits, target, outputs[1], outputs[2], grad)
    run("cross_entropy_slope", out.size, *kept, out, out.size, k, smoothing, share, per_row)
    run.close(out, backward(grad if per_row else grad[0])[0])


def sgd(draw: Draw, run: Runner) -> None:
    weight, decay = plain(draw, run, count(draw)), draw.draw(st.sampled_from([0.0, 0.01]))
    grad = plain(draw, run, weight.size)
    wanted = weight - 0.1 * (grad + decay * weight if decay else grad)
    run("sgd", weight.size, weight, grad, weight.size, 0.1, decay)
    np.testing.assert_array_equal(weight, wanted)


def sgd_momentum(draw: Draw, run: Runner) -> None:
    weight, decay = plain(draw, run, count(draw)), draw.draw(st.sampled_from([0.0, 0.01]))
    grad, velocity = plain(draw, run, weight.size), plain(draw, run, weight.size)
    nesterov = draw.draw(st.booleans())
    slope = grad + decay * weight if decay else grad
    moved = velocity * 0.9 + slope
    wanted = weight - 0.1 * (slope + 0.9 * moved if nesterov else moved)
    sizes = (weight.size, 0.1, decay, 0.9, nesterov)
    run("sgd_momentum", weight.size, weight, grad, velocity, *sizes)
    np.testing.assert_array_equal(weight, wanted)
    np.testing.assert_array_equal(velocity, moved)


def adam(draw: Draw, run: Runner) -> None:
    weight, decay = plain(draw, run, count(draw)), draw.draw(st.sampled_from([0.0, 0.01]))
    grad, mean = plain(draw, run, weight.size), plain(draw, run, weight.size)
    square = np.abs(plain(draw, run, weight.size))
    slope = grad + decay * weight if decay else grad
    moved = mean * 0.9 + (1 - 0.9) * slope, square * 0.99 + (1 - 0.99) * slope * slope
    wanted = weight - 0.2 * moved[0] / (np.sqrt(moved[1]) / 0.3 + 1e-8)
    arrays = (weight, grad, mean, square)
    shares = (0.9, 1 - 0.9, 0.99, 1 - 0.99)
    run("adam", weight.size, *arrays, weight.size, 0.2, decay, *shares, 0.3, 1e-8)
    for got, right in zip((weight, mean, square), (wanted, *moved), strict=True):
        np.testing.assert_array_equal(got, right)


_ALL = (
    relu, relu_slope, bias_relu, slope_sums, sum_strips, im2col, col2im, max_pool, max_pool_slope,
    average, average_slope, dropout, cross_entropy, cross_entropy_slope, sgd, sgd_momentum, adam,
)  # fmt: skip
CHECKS: dict[str, Callable[[Draw, Runner], None]] = {check.__name__: check for check in _ALL}
NAMES = {real: name for name, real in REALS.items()}  # "float" -> "float32"
