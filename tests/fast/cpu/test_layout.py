"""Channels last in memory, and what is done to rows: exact, whatever the layout."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minin
from minin import autograd, ops
from minin.fast.cpu import layout
from minin.fast.cpu.layout import WorkTile
from tests.fast.cpu.helpers import LAYOUTS, Array, dirty_scratch, laid_out, limits, locked

sides = st.integers(1, 4)
dtypes = st.sampled_from(["float32", "float64"])
names = st.sampled_from(list(LAYOUTS))
odd_numbers = st.sampled_from([0.0, -0.0, 1.5, -2.5, math.inf, -math.inf, math.nan, 1e-40])


def drawn(shape: tuple[int, ...], seed: int = 0, dtype: str = "float64") -> Array:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def bits(x: Array) -> bytes:
    return np.ascontiguousarray(x).tobytes()


# ---- there and back -----------------------------------------------------------------------------


@given(shape=st.tuples(sides, sides, sides, sides), name=names, dtype=dtypes)
def test_channels_last_and_first_undo_each_other(
    shape: tuple[int, ...], name: str, dtype: str
) -> None:
    x = locked(drawn(shape, dtype=dtype), name)
    images = layout.channels_last(x)
    assert images.flags.c_contiguous
    n, c, h, w = np.indices(shape)
    np.testing.assert_array_equal(images[n, h, w, c], x)
    back = layout.channels_first(images)
    assert np.shares_memory(back, images)
    np.testing.assert_array_equal(back, x, strict=True)


def test_only_what_lies_otherwise_is_copied() -> None:
    x = drawn((2, 3, 4, 5))
    there = LAYOUTS["channels last"](x)
    assert np.shares_memory(layout.channels_last(there), there)
    for name in ("as it is", "strided", "reversed", "fortran", "part of more channels"):
        other = LAYOUTS[name](x)
        assert not np.may_share_memory(layout.channels_last(other), other), name


@given(
    shape=st.lists(sides, max_size=5).map(tuple),
    mine=names,
    other=names,
    as_other=st.booleans(),
)
def test_as_it_lies_and_like_it_undo_each_other(
    shape: tuple[int, ...], mine: str, other: str, as_other: bool
) -> None:
    """Also in the order of another array, as a gradient has to follow its numbers."""
    x, like = laid_out(drawn(shape), mine), laid_out(drawn(shape, 1), other)
    numbers = layout.as_it_lies(x, like if as_other else None)
    assert numbers.shape == (x.size,)
    np.testing.assert_array_equal(np.sort(numbers), np.sort(x, axis=None))
    np.testing.assert_array_equal(layout.like_it(numbers, like if as_other else x), x)


@given(shape=st.tuples(sides, sides, sides, sides), name=names)
def test_taps_and_weights_undo_each_other(shape: tuple[int, ...], name: str) -> None:
    weight = locked(drawn(shape), name)
    o, c, kh, kw = shape
    taps = layout.taps_of(weight)
    wanted = [[weight[m, ch, a, b] for m in range(o)] for a, b, ch in np.ndindex(kh, kw, c)]
    np.testing.assert_array_equal(taps, wanted)
    np.testing.assert_array_equal(layout.weight_of(taps, (kh, kw)), weight, strict=True)


@given(shape=st.tuples(sides, sides, sides, sides), name=names)
def test_taps_share_no_memory_with_the_weight(shape: tuple[int, ...], name: str) -> None:
    """An optimiser changes the weight in place; backward still needs the old numbers."""
    weight = LAYOUTS[name](drawn(shape))
    taps = layout.taps_of(weight)
    assert not np.may_share_memory(taps, weight)
    assert not np.may_share_memory(layout.with_bias(taps, taps[0]), taps)


@pytest.mark.parametrize("has_bias", [True, False])
def test_the_bias_is_the_weight_of_a_constant_1(has_bias: bool) -> None:
    taps, bias, rows = drawn((4, 3)), drawn((3,), 1), drawn((5, 4), 2)
    both = layout.with_bias(taps, bias if has_bias else None)
    ones = np.concatenate([rows, np.ones((5, 1))], axis=1)
    np.testing.assert_allclose(ones @ both, rows @ taps + (bias if has_bias else 0), rtol=1e-13)


@given(shape=st.tuples(sides, sides, sides, sides), data=st.data())
def test_a_tile_is_a_view_of_its_images_or_rows(
    shape: tuple[int, ...], data: st.DataObject
) -> None:
    images = drawn(shape)
    first = data.draw(st.integers(0, shape[0] - 1))
    banded = data.draw(st.booleans())
    last = first + 1 if banded else data.draw(st.integers(first + 1, shape[0]))
    top = data.draw(st.integers(0, shape[1] - 1)) if banded else 0
    bottom = data.draw(st.integers(top + 1, shape[1])) if banded else None
    tile = WorkTile(first, last, top, bottom)
    part = images[first:last, top:bottom]
    for view, wanted in ((tile.of(images), part), (tile.rows(images), part.reshape(-1, shape[3]))):
        np.testing.assert_array_equal(view, wanted, strict=True)
        assert np.shares_memory(view, images)


# ---- rows ---------------------------------------------------------------------------------------

tables = hnp.arrays(
    st.sampled_from([np.float32, np.float64]),
    st.tuples(sides, sides, sides),
    elements=st.one_of(odd_numbers, st.floats(-9, 9, width=32)),
)


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
@given(x=tables, seed=st.integers(0, 99), in_place=st.booleans(), name=names)
def test_keep_where_is_exact_to_the_bit(x: Array, seed: int, in_place: bool, name: str) -> None:
    mask = np.random.default_rng(seed).random(x.shape) < 0.5
    wanted = np.where(mask, x, np.zeros((), x.dtype))
    out = x.copy() if in_place else np.full_like(x, 7)
    layout.keep_where(out, out if in_place else locked(x, "strided"), locked(mask, "strided"))
    assert bits(out) == bits(wanted)
    part = LAYOUTS[name](np.full_like(x, 7)) if name != "broadcast" else np.full_like(x, 7)
    layout.keep_where(part[..., :-1], x[..., :-1], mask[..., :-1])
    assert bits(part[..., :-1]) == bits(wanted[..., :-1])
    assert np.all(part[..., -1] == 7)


@given(x=tables)
def test_relu_keeps_nan_and_the_positive_part(x: Array) -> None:
    wide = np.full((*x.shape[:-1], x.shape[-1] + 1), 7, x.dtype)
    layout.relu_into(wide[..., :-1], locked(x, "strided"))
    np.testing.assert_array_equal(wide[..., :-1], np.where(x <= 0, 0, x))
    assert np.all(wide[..., -1] == 7)


@given(x=tables, seed=st.integers(0, 99))
def test_the_slope_of_relu_is_1_where_the_output_is_positive(x: Array, seed: int) -> None:
    y = np.where(x <= 0, np.zeros((), x.dtype), x).reshape(-1, x.shape[-1])
    grad = np.random.default_rng(seed).choice([1.0, -2.0, math.nan, math.inf], y.shape)
    grad = grad.astype(x.dtype)
    out = np.full_like(y, 7)
    layout.relu_slope_into(out, grad, y)
    np.testing.assert_array_equal(out, np.where(y > 0, grad, 0))


# ---- any layout of what a rule is given ---------------------------------------------------------

WINDOWS: dict[str, dict[str, Any]] = {
    "conv2d": {"padding": ((1, 2), (0, 1))},
    "mlpconv": {"padding": 1, "stride": (2, 1)},
    "max_pool2d": {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    "relu": {},
    "dropout": {"p": 0.3, "rng": 5},
}
# (op, shape of x, shapes of the weights); a 3x3 layer of many images may run by Winograd
CALLS: list[tuple[str, tuple[int, ...], list[tuple[int, ...]]]] = [
    ("conv2d", (3, 2, 7, 6), [(4, 2, 3, 3)]),
    ("conv2d", (16, 32, 8, 8), [(32, 32, 3, 3)]),
    ("conv2d", (3, 2, 7, 6), [(4, 2, 1, 1)]),
    ("mlpconv", (3, 2, 7, 6), [(4, 2, 3, 2), (5, 4, 1, 1), (3, 5, 1, 1)]),
    ("mlpconv", (3, 2, 7, 6), [(1, 2, 1, 1), (5, 1, 1, 1)]),
    ("max_pool2d", (3, 2, 7, 6), []),
    ("relu", (3, 2, 7, 6), []),
    ("relu", (5,), []),
    ("dropout", (3, 2, 7, 6), []),
]


def called(
    name: str, x: Array, weights: list[Array], biases: list[Array], grad: Any
) -> list[Array]:
    """Run an op forward and backward; return its output and all gradients."""
    leaves = [minin.Tensor(a, requires_grad=True) for a in (x, *weights, *biases)]
    ws, bs = leaves[1 : 1 + len(weights)], leaves[1 + len(weights) :]
    parameters = {**WINDOWS[name]}
    if weights and weights[0].shape[2:] == (1, 1):
        parameters = {}
    arguments: list[Any] = [leaves[0]]
    if name == "conv2d":
        arguments += [ws[0], bs[0]]
    elif name == "mlpconv":
        arguments += [ws, bs]
    with autograd.record() as tape:
        y = getattr(ops, name)(*arguments, **parameters)
    assert tape.steps[0].kind == "fast"
    y.backward(grad(y.data))
    return [y.data, *(leaf.grad for leaf in leaves)]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]} {call[1]} {call[2]}")
@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("cached", [None, 300])
def test_any_layout_of_arguments_and_cotangents_gives_the_same_numbers(
    call: Any, name: str, cached: int | None
) -> None:
    """To the bit; and nothing that came in is changed."""
    op, shape, weight_shapes = call
    given_: list[Array] = [drawn(shape)]
    given_ += [drawn(s, 1 + i) for i, s in enumerate(weight_shapes)]
    given_ += [drawn(s[:1], 9 + i) for i, s in enumerate(weight_shapes)]
    odd = [locked(a, name) for a in given_]
    ordinary = [np.array(a, order="C") for a in odd]
    count = len(weight_shapes)

    def oddly(y: Array) -> Array:
        return locked(drawn(y.shape, 99), name)

    def ordinarily(y: Array) -> Array:
        return np.array(oddly(y), order="C")

    with limits(**({} if cached is None else {"CACHED": cached})):
        got = called(op, odd[0], odd[1 : 1 + count], odd[1 + count :], oddly)
        wanted = called(op, ordinary[0], ordinary[1 : 1 + count], ordinary[1 + count :], ordinarily)
    for mine, theirs in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(mine, theirs, strict=True)
    for before, after in zip(ordinary, odd, strict=True):
        np.testing.assert_array_equal(before, after)


def test_buffers_of_other_calls_leave_no_trace() -> None:
    """NaN in every buffer of the thread, and the numbers are the same."""
    for op, shape, weight_shapes in CALLS:
        x = drawn(shape)
        weights = [drawn(s, 1) for s in weight_shapes]
        biases = [drawn(s[:1], 2) for s in weight_shapes]
        for cached in (300, 2 << 20):
            with limits(CACHED=cached):
                found = []
                for _ in range(2):
                    found.append(called(op, x, weights, biases, lambda y: drawn(y.shape, 3)))
                    dirty_scratch()
            for one, two in zip(*found, strict=True):
                np.testing.assert_array_equal(one, two)
