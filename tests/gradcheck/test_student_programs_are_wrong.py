"""Each program's forward is right, and its backward is wrong in the way it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tests import oracles
from tests.choice import THOROUGH
from tests.gradcheck.student_programs import STUDENT_PROGRAMS, Array, StudentProgram

SEEDS = range(5 if THOROUGH else 1)
STEP = 1e-5
NAMED = {program.name: program for program in STUDENT_PROGRAMS}

# ------------------------------------------------------------------- what the forward is


def geometry(params: dict[str, Any]) -> dict[str, Any]:
    """Spell a convolution's or pooling's parameters as the loops of tests.oracles do."""
    p = params.get("conv_param") or params.get("pool_param") or params
    spelt = {"stride": p.get("stride", 1), "padding": p.get("pad", 0)}
    if "kernel_size" in p:
        spelt["kernel_size"] = p["kernel_size"]
    elif "pool_height" in p:
        spelt["kernel_size"] = (p["pool_height"], p["pool_width"])
    return spelt


def kept(x: Array, params: dict[str, Any]) -> Array:
    """Draw the mask of either dropout again: 0, or what a kept number is multiplied by."""
    if "dropout_param" in params:
        p = params["dropout_param"]["p"]
        drawn = np.random.RandomState(params["dropout_param"]["seed"]).rand(*x.shape)
        return np.where(drawn < p, 1 / p, 0.0)
    drawn = np.random.default_rng(params["seed"]).random(x.shape)
    return np.where(drawn >= params["p"], 1 / (1 - params["p"]), 0.0)


TRUTHS: dict[str, Callable[..., Array]] = {
    "conv2d": lambda x, w, b, **p: oracles.conv2d(x, w, b, **geometry(p)),
    "max_pool2d": lambda x, **p: oracles.max_pool2d(x, **geometry(p)),
    "avg_pool2d": lambda x, **p: oracles.avg_pool2d(x, **geometry(p)),
    "global_avg_pool2d": oracles.global_avg_pool2d,
    "linear": lambda x, w, b, **_: oracles.linear(x, w, b),
    "affine": lambda x, w, b: oracles.linear(x, w.T, b),
    "dense_columns": lambda a, w, b: oracles.linear(a.T, w, b[:, 0]).T,
    "bias_add": lambda x, b: oracles.add(x, b[:, None, None]),
    "multiply": oracles.multiply,
    "channel_scale": lambda x, gamma, beta: oracles.add(
        oracles.multiply(x, gamma[:, None, None]), beta[:, None, None]
    ),
    "relu": oracles.relu,
    "leaky_relu": lambda x, alpha: oracles.leaky_relu(x, alpha),
    "sigmoid": oracles.sigmoid,
    "clip": lambda x, lo, hi: oracles.each(lambda a: min(max(a, lo), hi), x, dtype=x.dtype),
    "dropout": lambda x, **p: oracles.multiply(x, kept(x, p)),
    "softmax_cross_entropy": oracles.cross_entropy,
}

# ------------------------------------------------------------------ what the gradient is


@dataclass
class Case:
    """One draw of a program, with the gradients that it gives and the true ones."""

    program: StudentProgram
    inputs: list[Array]
    params: dict[str, Any]
    out: Array
    grad: Array  # the gradient that comes in
    yours: list[Array | None]
    slopes: list[Array | None]  # for each input, (*out.shape, *input.shape)

    def truth(self, i: int, grad: Array | None = None) -> Array:
        """Pull a gradient back to input number i by central differences."""
        slopes = self.slopes[i]
        assert slopes is not None
        grad = self.grad if grad is None else grad
        return np.tensordot(grad, slopes, axes=grad.ndim)

    def got(self, i: int) -> Array:
        """Give the program's gradient of input number i."""
        yours = self.yours[i]
        assert yours is not None
        return yours

    def axes(self) -> tuple[oracles.Axis, oracles.Axis]:
        """Lay out the windows of a convolution or a pooling."""
        spelt = geometry(self.params)
        kernel = spelt.pop("kernel_size", None) or self.inputs[1].shape[2:]
        return oracles.windows(self.inputs[0].shape[2:], kernel, **spelt)

    def covered(self) -> Array:
        """Count the windows over each pixel, (H, W)."""
        rows, columns = self.axes()
        count = np.zeros((rows.length, columns.length))
        for oh, ow in np.ndindex(rows.outputs, columns.outputs):
            for kh, kw in np.ndindex(rows.kernel, columns.kernel):
                h, w = rows.source(oh, kh), columns.source(ow, kw)
                if oracles.inside(rows, columns, h, w):
                    count[h, w] += 1
        return count

    def label(self, shift: int = 0) -> Array:
        """Put g / N at each sample's label, or beside it."""
        scores, labels = self.inputs
        beside: Array = np.eye(scores.shape[1])[labels + shift] * self.grad / len(labels)
        return beside


def jacobian(program: StudentProgram, inputs: list[Array], params: dict[str, Any], i: int) -> Array:
    """Differentiate the outputs by input number i, by central differences."""
    columns = []
    for place in np.ndindex(inputs[i].shape):
        sides = []
        for step in (STEP, -STEP):
            moved = [x.copy() for x in inputs]
            moved[i][place] += step
            sides.append(np.asarray(program.forward(*moved, **params)[0]))
        columns.append((sides[0] - sides[1]) / (2 * STEP))
    out_shape = columns[0].shape
    return np.stack(columns, axis=-1).reshape(*out_shape, *inputs[i].shape)


def run(program: StudentProgram, seed: int) -> Case:
    """Run a program forwards and backwards on copies."""
    rng = np.random.default_rng(seed)
    inputs, params = program.inputs(rng)
    slopes = [
        jacobian(program, inputs, params, i) if x.dtype.kind == "f" else None
        for i, x in enumerate(inputs)
    ]
    out, cache = program.forward(*(x.copy() for x in inputs), **params)
    grad = np.asarray(rng.normal(size=np.shape(out)))
    yours = program.backward(grad.copy(), cache)
    yours = list(yours) if isinstance(yours, tuple) else [yours]
    return Case(program, inputs, params, np.asarray(out), grad, yours, slopes)


# ----------------------------------------------------------------------- how it is wrong


def same(a: Array, b: Any) -> bool:
    """Agree as well as differences allow."""
    return bool(np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-6, atol=1e-8))


def scaled(i: int, factor: float) -> Way:
    return {i: lambda c: c.truth(i) * factor}


def wrong_exactly_where(case: Case, wrong: Array) -> bool:
    """Differ there and agree elsewhere."""
    differs = ~np.isclose(case.got(0), case.truth(0), rtol=1e-6, atol=1e-8)
    return bool(np.array_equal(differs, np.broadcast_to(wrong, differs.shape)))


def assigned(case: Case, cells_outside: bool) -> Array:
    """Assign to each pixel in place of adding, so that the last write stays.

    Either the loop over windows is outside and that over their cells inside, or the reverse.
    """
    rows, columns = case.axes()
    if case.program.op == "conv2d":
        parts = np.einsum("nfij,fckl->ncijkl", case.grad, case.inputs[1])
    else:  # an average
        taps = np.ones((rows.kernel, columns.kernel)) / (rows.kernel * columns.kernel)
        parts = np.multiply.outer(case.grad, taps)
    windows, cells = (rows.outputs, columns.outputs), (rows.kernel, columns.kernel)
    dx = np.zeros_like(case.inputs[0])
    for first, second, third, fourth in np.ndindex(
        *(cells + windows if cells_outside else windows + cells)
    ):
        window, cell = (first, second), (third, fourth)
        if cells_outside:
            window, cell = cell, window
        h, w = rows.source(window[0], cell[0]), columns.source(window[1], cell[1])
        if oracles.inside(rows, columns, h, w):
            dx[:, :, h, w] = parts[(..., *window, *cell)]
    assert wrong_exactly_where(case, case.covered() >= 2)
    return dx


def last_win(case: Case) -> Array:
    """Assign to each winner in place of adding."""
    rows, columns = case.axes()
    dx = np.zeros_like(case.inputs[0])
    wins = np.zeros_like(dx)
    for n, c, oh, ow in np.ndindex(case.grad.shape):
        best = oracles.winner(case.inputs[0][n, c], rows, columns, oh, ow)
        assert best is not None
        dx[n, c][best] = case.grad[n, c, oh, ow]
        wins[n, c][best] += 1
    assert wrong_exactly_where(case, wins >= 2)
    return dx


def without_stride(case: Case, i: int) -> Array:
    """Pull the gradient back as if the first windows had been taken at every pixel."""
    x, w, _ = case.inputs
    pad = case.params["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    grads = [np.zeros_like(xp), np.zeros_like(w)]
    for n, f, oh, ow in np.ndindex(case.grad.shape):
        here = (slice(oh, oh + w.shape[2]), slice(ow, ow + w.shape[3]))
        grads[0][n][:, here[0], here[1]] += case.grad[n, f, oh, ow] * w[f]
        grads[1][f] += case.grad[n, f, oh, ow] * xp[n][:, here[0], here[1]]
    grads[0] = grads[0][:, :, pad:-pad, pad:-pad]
    return grads[i]


def channels_last_columns(case: Case) -> Array:
    """Pull back to columns, reorder them from (KH, KW, C) to (C, KH, KW), and fold."""
    x, w, _ = case.inputs
    f, c, kh, kw = w.shape
    n = len(x)
    cols = np.einsum("nfl,fk->nkl", case.grad.reshape(n, f, -1), w.reshape(f, -1))
    cols = cols.reshape(n, kh, kw, c, -1).transpose(0, 3, 1, 2, 4).reshape(n, c * kh * kw, -1)
    spelt = geometry(case.params)
    return oracles.col2im(cols, (x.shape[2], x.shape[3]), (kh, kw), **spelt)


def flipped(case: Case) -> Array:
    """Pull back through the kernels turned by 180 degrees."""
    x, w, b = case.inputs
    turned = [x, w[:, :, ::-1, ::-1].copy(), b]
    return np.tensordot(case.grad, jacobian(case.program, turned, case.params, 0), axes=4)


def without_first_row_and_column(case: Case, i: int) -> Array:
    x, w, b = case.inputs
    if i == 0:
        dx = case.truth(0)
        dx[:, :, 0] = dx[:, :, :, 0] = 0
        return dx
    x = x.copy()
    x[:, :, 0] = x[:, :, :, 0] = 0
    slopes = jacobian(case.program, [x, w, b], case.params, 1)
    return np.tensordot(case.grad, slopes, axes=4)


def regrouped(case: Case) -> Array:
    """Read the gradient's numbers as if they lay channels last."""
    n, f, oh, ow = case.grad.shape
    return case.grad.reshape(n, oh, ow, f).transpose(0, 3, 1, 2)


def only_last_sample(case: Case) -> Array:
    grad = np.zeros_like(case.grad)
    grad[-1] = case.grad[-1]
    return grad


def without_zero_winners(case: Case) -> Array:
    """Drop the windows at the border whose numbers are all negative."""
    border = np.ones(case.out.shape, bool)
    border[:, :, 1:-1, 1:-1] = False
    return np.where(border & (case.out < 0), 0.0, case.grad)


def unravelled_by_columns(case: Case) -> Array:
    """Take the row-major number of the winner in its window for a column-major one."""
    (kh, kw), s = case.params["kernel_size"], case.params["stride"]
    dx = np.zeros_like(case.inputs[0])
    for n, c, oh, ow in np.ndindex(case.grad.shape):
        window = case.inputs[0][n, c, oh * s : oh * s + kh, ow * s : ow * s + kw]
        j, i = divmod(int(window.argmax()), kh)
        dx[n, c, oh * s + i, ow * s + j] += case.grad[n, c, oh, ow]
    return dx


def steps_by_the_kernel(case: Case) -> Array:
    """Put winners of the window at stride * i into the window at kernel * i."""
    k, s = case.params["kernel_size"], case.params["stride"]
    dx = np.zeros_like(case.inputs[0])
    for n, c, oh, ow in np.ndindex(case.grad.shape):
        window = case.inputs[0][n, c, oh * s : oh * s + k, ow * s : ow * s + k]
        i, j = np.argwhere(window == window.max())[0]
        dx[n, c, oh * k + i, ow * k + j] += case.grad[n, c, oh, ow]
    return dx


def all_ties_win(case: Case) -> bool:
    """Give each window's sum t times the gradient, t numbers being equal.

    Central differences cannot judge this pixel by pixel. But if a whole window rises by 1,
    its maximum rises by 1, so the true gradient sums to the window's own.
    """
    x, grad = case.inputs[0], case.grad
    n, c, h, w = x.shape
    tiles = x.reshape(n, c, h // 2, 2, w // 2, 2)
    ties = (tiles == case.out[:, :, :, None, :, None]).sum(axis=(3, 5))
    sums = case.got(0).reshape(tiles.shape).sum(axis=(3, 5))
    rise = [case.program.forward(x + step, **case.params)[0] for step in (STEP, -STEP)]
    assert same((rise[0] - rise[1]) / (2 * STEP), np.ones_like(grad))
    return same(sums, ties * grad) and bool((ties > 1).any())


def gradient_in_unread_rows(case: Case) -> bool:
    """Agree under the windows; beyond them be another number than 0."""
    unread = case.covered() == 0
    return wrong_exactly_where(case, unread) and bool(unread.any())


def another_mask(case: Case) -> bool:
    scale = 1 / (1 - case.params["p"])
    factor = case.got(0) / case.grad
    known = np.isclose(factor, 0) | np.isclose(factor, scale)
    return bool(known.all()) and not same(case.got(0), case.truth(0))


def columns_of_labels(case: Case) -> Array:
    """Take 1 off every number of each column that is some sample's label, once."""
    column = np.zeros_like(case.inputs[0])
    column[:, np.unique(case.inputs[1])] = 1
    return case.truth(0) + case.label() - column * case.grad / len(column)


def columns_sum_to_zero(case: Case) -> bool:
    """Normalise over the batch: the probabilities of a column sum to 1."""
    probabilities = (case.got(0) + case.label()) / case.grad * len(case.inputs[1])
    return same(probabilities.sum(axis=0), np.ones(probabilities.shape[1]))


Rule = Callable[[Case], Any]  # what the wrong gradient equals, or whether it is wrong that way
Way = dict[int, Rule]  # for each wrong gradient; those not named are right

WAYS: dict[str, Way] = {
    "conv-naive-loops-assign-the-window": {0: lambda c: assigned(c, cells_outside=False)},
    "conv-asv-forgets-plus": {0: lambda c: assigned(c, cells_outside=True)},
    "conv-im2col-indices-buffered-add": {0: lambda c: assigned(c, cells_outside=True)},
    "conv-caffe-weight-of-the-last-image": {1: lambda c: c.truth(1, only_last_sample(c))},
    "conv-blog-full-without-flip": {0: flipped},
    "conv-positions-stride-forgotten": {
        0: lambda c: without_stride(c, 0),
        1: lambda c: without_stride(c, 1),
    },
    "conv-transposed-zeros-not-between": {0: lambda c: without_stride(c, 0)},
    "conv-matlab-crop-starts-one-early": {
        0: lambda c: same(c.got(0)[:, :, 1:, 1:], c.truth(0)[:, :, :-1, :-1])
    },
    "conv-crop-with-minus-zero": {0: lambda _: np.zeros((2, 3, 0, 0))},
    "conv-rows-windows-channels-last": {0: channels_last_columns},
    "conv-take-reshape-of-the-gradient": {
        0: lambda c: c.truth(0, regrouped(c)),
        1: lambda c: c.truth(1, regrouped(c)),
    },
    "conv-nhwc-comes-back-as-ncwh": {0: lambda c: c.truth(0).transpose(0, 1, 3, 2)},
    "conv-einsum-kernel-letters-swapped": {1: lambda c: c.truth(1).transpose(0, 1, 3, 2)},
    "conv-keras-bias-over-all-but-last": {2: lambda c: c.grad.sum(axis=(0, 1, 2))},
    "conv-c-bounds-greater-than-zero": {
        0: lambda c: without_first_row_and_column(c, 0),
        1: lambda c: without_first_row_and_column(c, 1),
    },
    "conv-fold-divided-by-overlap": {0: lambda c: c.truth(0) / c.covered()},
    "conv1x1-columns-read-back-by-sample": {
        0: lambda c: c.truth(0).transpose(1, 0, 2, 3).reshape(c.inputs[0].shape)
    },
    "conv1x1-einsum-channels-swapped": {1: lambda c: c.truth(1).transpose(1, 0, 2, 3)},
    "affine-weight-gradient-transposed": {1: lambda c: c.truth(1).T},
    "linear-class-same-transpose-both-ways": {0: lambda c: c.grad @ c.inputs[1].T},
    "linear-one-liner-bias-mean": scaled(2, 1 / 5),
    "dense-columns-one-over-m-again": {**scaled(1, 1 / 6), **scaled(2, 1 / 6)},
    "linear-penalty-in-backward-only": {1: lambda c: c.truth(1) + 0.3 * c.inputs[1]},
    "bias-class-not-summed-at-all": {1: lambda c: c.grad},
    "gate-first-channel-taken": {1: lambda c: (c.grad * c.inputs[0])[:, :1]},
    "scale-dx-is-dout-in-place": {1: lambda c: c.truth(1) * c.inputs[1]},
    "maxpool-naive-overlap-assigned": {0: last_win},
    "maxpool-class-argmax-unravelled-in-fortran-order": {0: unravelled_by_columns},
    "maxpool-reshape-all-ties-get-everything": {0: all_ties_win},
    "maxpool-kron-spreads-over-the-window": {
        0: lambda c: c.grad.repeat(2, axis=2).repeat(2, axis=3)
    },
    "maxpool-class-padding-zero-in-backward": {0: lambda c: c.truth(0, without_zero_winners(c))},
    "maxpool-c-steps-by-the-kernel": {0: steps_by_the_kernel},
    "maxpool-indices-buffered-add": {0: last_win},
    "avgpool-divided-by-the-height": scaled(0, 2),
    "avgpool-keras-overlap-assigned": {0: lambda c: assigned(c, cells_outside=False)},
    "avgpool-leftover-rows-get-the-last-window": {0: gradient_in_unread_rows},
    "gap-not-divided": scaled(0, 5 * 7),
    "gap-class-unpacks-nhwc": scaled(0, 7 / 3),
    "relu-class-mask-of-the-gradient": {0: lambda c: np.maximum(c.grad, 0)},
    "leaky-where-alpha-times-x": {
        0: lambda c: c.truth(0) * np.where(c.inputs[0] > 0, 1, c.inputs[0])
    },
    "sigmoid-class-prime-of-the-output": {
        0: lambda c: c.grad * oracles.sigmoid(c.out) * (1 - oracles.sigmoid(c.out))
    },
    "clip-upper-bound-not-masked": {0: lambda c: c.grad * (c.inputs[0] > -1)},
    "dropout-cs231n-not-scaled-back": scaled(0, 0.6),
    "dropout-class-new-mask": {0: another_mask},
    "xent-keras-mean-forgotten": scaled(0, 5),
    "xent-nll-no-minus-one": {0: lambda c: c.truth(0) + c.label()},
    "xent-cs231n-whole-columns": {0: columns_of_labels},
    "xent-softmax-over-the-batch-in-backward": {0: columns_sum_to_zero},
    "xent-octave-label-one-too-low": {0: lambda c: c.truth(0) + c.label() - c.label(-1)},
    "xent-class-ignores-the-upstream": {0: lambda c: c.truth(0) / c.grad},
}


def clearly_wrong(case: Case, i: int) -> bool:
    """Have another shape, or be off by a percent of the largest number and more."""
    yours, truth = case.got(i), case.truth(i)
    if yours.shape != truth.shape:
        return True
    return bool(np.abs(yours - truth).max() > 0.01 * np.abs(truth).max())


# --------------------------------------------------------------------------------- tests


def test_fifty_student_programs_make_many_different_mistakes() -> None:
    assert len(STUDENT_PROGRAMS) == len(NAMED) == len(WAYS) == 50
    named = {program.bug for program in STUDENT_PROGRAMS if program.bug}
    assert len(named) >= 30
    assert sum(program.bug is None for program in STUDENT_PROGRAMS) >= 3
    for program in STUDENT_PROGRAMS:
        ids = [*program.also, *([program.bug] if program.bug else [])]
        assert all(re.fullmatch(r"[A-H]\d{1,2}", bug) for bug in ids)
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMED)
def test_the_forward_is_right(name: str) -> None:
    program = NAMED[name]
    for seed in SEEDS:
        inputs, params = program.inputs(np.random.default_rng(seed))
        assert all(x.dtype == np.float64 or x.dtype.kind == "i" for x in inputs)
        copies = [x.copy() for x in inputs]
        out, _ = program.forward(*copies, **params)
        assert all(np.array_equal(x, y) for x, y in zip(inputs, copies, strict=True))
        truth = TRUTHS[program.op](*inputs, **params)
        assert np.shape(out) == truth.shape
        assert truth.size <= 300
        np.testing.assert_allclose(out, truth, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NAMED)
def test_the_backward_is_wrong_as_it_says_and_nowhere_else(name: str) -> None:
    for seed in SEEDS:
        case = run(NAMED[name], seed)
        assert len(case.yours) == len(case.inputs)
        for i, x in enumerate(case.inputs):
            if x.dtype.kind != "f":
                assert case.yours[i] is None
            elif i in WAYS[name]:
                found = WAYS[name][i](case)
                assert clearly_wrong(case, i)
                assert found if isinstance(found, bool) else same(case.got(i), found)
            else:
                assert same(case.got(i), case.truth(i))
