"""conv2d and mlpconv in tiles equal the book's, whatever is asked of them and in whatever cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minin
from minin import Tensor, autograd, ops
from minin.errors import ChangedInPlaceError
from minin.fast.cpu import plan
from tests.fast.cpu.made import mlpconv_arguments


def ran(
    mode: str, x: Any, weights: list[Any], biases: list[Any], wanted: Any = None, **how: Any
) -> tuple[Any, list[Any]]:
    """Run forward and back; return y and the gradients, None for what was not wanted."""
    wanted = wanted or [True] * (1 + 2 * len(weights))
    leaves = [
        None if a is None else Tensor(a, requires_grad=bool(want))
        for a, want in zip([x, *weights, *biases], wanted, strict=True)
    ]
    count = len(weights)
    with minin.rules(mode), autograd.record() as tape:
        y = ops.mlpconv(leaves[0], leaves[1 : 1 + count], leaves[1 + count :], **how)
    assert tape.steps[0].kind == ("plain" if mode == "plain" else "fast")
    if y.requires_grad:
        y.backward(np.random.default_rng(9).standard_normal(y.shape).astype(x.dtype))
    return y.data, [None if leaf is None else leaf.grad for leaf in leaves]


@st.composite
def calls(draw: st.DrawFn) -> tuple[Any, ...]:
    k, c = draw(st.sampled_from([1, 2, 3, 5])), draw(st.integers(1, 3))
    maps = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    size = draw(st.integers(k, k + 7))
    arguments = mlpconv_arguments(
        draw(st.integers(1, 4)), c, size, maps, k, "float64", draw(st.integers(0, 999))
    )
    x, weights, biases = arguments
    biases = [bias if draw(st.booleans()) else None for bias in biases]
    how = {
        "stride": draw(st.integers(1, 3)),
        "padding": draw(st.integers(0, 3)),
        "final_relu": draw(st.booleans()),
    }
    return x, weights, biases, how


@given(call=calls(), cached=st.sampled_from([1, 300, 2 << 20]), data=st.data())
def test_all_numbers_are_the_books(call: Any, cached: int, data: st.DataObject) -> None:
    x, weights, biases, how = call
    wanted = [data.draw(st.booleans()) for _ in range(1 + 2 * len(weights))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "CACHED", cached)  # bands of one row, several, or whole images
        got = ran("fast", x, weights, biases, wanted, **how)
    right = ran("plain", x, weights, biases, wanted, **how)
    np.testing.assert_allclose(got[0], right[0], rtol=1e-10, atol=1e-11)
    for mine, theirs in zip(got[1], right[1], strict=True):
        assert (mine is None) == (theirs is None)
        if mine is not None:
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-10)


def test_winograd_inside_a_chain_is_the_books_to_rounding() -> None:
    arguments = mlpconv_arguments(20, 24, 14, (32, 16, 8), 5, "float64")
    got, right = (ran(mode, *arguments, padding=2) for mode in ("fast", "plain"))
    np.testing.assert_allclose(got[0], right[0], rtol=0, atol=1e-11)
    for mine, theirs in zip(got[1], right[1], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-10 * np.abs(theirs).max())


@given(call=calls())
def test_without_a_graph_the_numbers_are_the_same(call: Any) -> None:
    x, weights, biases, how = call
    with minin.no_grad():
        got = ops.mlpconv(x, weights, biases, **how).data
    np.testing.assert_array_equal(got, ops.mlpconv(x, weights, biases, **how).data)


@given(call=calls())
def test_the_masks_on_a_tape_are_the_books(call: Any) -> None:
    x, weights, biases, how = call
    found = []
    for mode in ("fast", "plain"):
        with minin.rules(mode), minin.no_grad(), autograd.record() as tape:
            ops.mlpconv(x, weights, biases, **how)
        found.append(tape.steps[0].branches)
    assert [name for name, _ in found[0]] == [name for name, _ in found[1]]
    for (_, got), (_, right) in zip(*found, strict=True):
        np.testing.assert_array_equal(got, right)


@pytest.mark.parametrize("shape", [(3, 2, 3, 3), (3, 2, 1, 1), (1, 2, 1, 1)])
@pytest.mark.parametrize("changed", ["x", "weight", "y"])
@pytest.mark.parametrize("channels_last", [False, True])
def test_a_change_in_place_never_gives_a_wrong_gradient(
    shape: tuple[int, ...], changed: str, channels_last: bool
) -> None:
    rng = np.random.default_rng(0)
    numbers, filters = rng.standard_normal((2, 2, 5, 5)), rng.standard_normal(shape)
    if channels_last:
        numbers = np.ascontiguousarray(numbers.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)

    def gradients(change: bool) -> list[Any]:
        x, w = Tensor(numbers.copy("K"), requires_grad=True), Tensor(filters, requires_grad=True)
        w.data = w.data.copy()
        y = ops.mlpconv(x, [w], [None])
        z = (y * rng_like).sum()
        if change:
            target = {"x": x, "weight": w, "y": y}[changed]
            target.data += 1.0
        z.backward()
        return [x.grad, w.grad]

    rng_like = rng.standard_normal((2, shape[0], 6 - shape[2], 6 - shape[2]))
    right = gradients(change=False)
    try:
        found = gradients(change=True)
    except ChangedInPlaceError:
        return
    for got, wanted in zip(found, right, strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_groups_are_left_to_the_book() -> None:
    x, w = np.ones((1, 2, 4, 4)), np.ones((2, 1, 3, 3))
    with autograd.record() as tape:
        ops.conv2d(x, w, groups=2)
        ops.conv2d(x, np.ones((2, 2, 3, 3)))
    assert [step.kind for step in tape.steps] == ["plain", "fast"]
