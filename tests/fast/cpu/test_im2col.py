"""Im2col and Pointwise by themselves: they are the book's sums, in tiles and bands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minin.fast.cpu import plan, scratch
from minin.fast.cpu.im2col import Im2col, Pointwise
from minin.fast.cpu.layout import channels_last
from minin.shapes import Window
from tests import oracles
from tests.choice import examples
from tests.fast.cpu.helpers import Array, assert_near, dirty_scratch, limits, workers
from tests.fast.cpu.layers import (
    Drawn,
    check_against_the_book,
    check_the_adjoint_law,
    convolutions,
    pointwise,
    ran,
)

# Bytes of a tile: one row of outputs at a time, a few rows, a few images, all at once.
caches = st.sampled_from([1, 400, 4000, plan.CACHED])
counts = st.sampled_from([1, 3])


def made(drawn: Drawn, dtype: str = "float64") -> Any:
    images, weight = channels_last(drawn.x.astype(dtype)), drawn.weight.astype(dtype)
    bias = None if drawn.bias is None else drawn.bias.astype(dtype)
    if drawn.window.is_pointwise:
        return Pointwise(images, weight, bias)
    return Im2col(images, weight, bias, drawn.window, drawn.size)


both = st.one_of(convolutions(), pointwise())


@settings(max_examples=examples(60))
@given(drawn=both, cached=caches, count=counts)
def test_output_and_gradients_are_the_books(drawn: Drawn, cached: int, count: int) -> None:
    dirty_scratch()
    with limits(CACHED=cached, ALONE=64), workers(count):
        found = ran(made(drawn), drawn)
        check_against_the_book(found, drawn, 1e-13)
        check_the_adjoint_law(found, drawn, 1e-13)


@given(drawn=both, cached=caches)
def test_the_output_equals_the_loops(drawn: Drawn, cached: int) -> None:
    window = drawn.window
    with limits(CACHED=cached):
        found = ran(made(drawn), drawn)
    wanted = oracles.conv2d(
        drawn.x, drawn.weight, drawn.bias, window.stride, window.padding, window.dilation
    )
    assert_near(found.y, wanted, 1e-13)


@given(drawn=both, cached=caches)
def test_the_images_gradient_is_left_out_if_nobody_wants_it(drawn: Drawn, cached: int) -> None:
    with limits(CACHED=cached):
        found = ran(made(drawn), drawn, wants_x=False)
    assert found.grad_x is None
    check_against_the_book(found, drawn, 1e-13)


@given(drawn=both, cached=caches)
def test_float32_stays_float32(drawn: Drawn, cached: int) -> None:
    with limits(CACHED=cached):
        found = ran(made(drawn, "float32"), drawn, "float32")
    assert {str(x.dtype) for x in found if x is not None} == {"float32"}
    check_against_the_book(found, drawn, 1e-5)


@given(drawn=both)
def test_nobody_keeps_the_weight_itself(drawn: Drawn) -> None:
    """An optimiser may change it in place between forward and backward."""
    images, weight = channels_last(drawn.x), drawn.weight.copy()
    if drawn.window.is_pointwise:
        layer: Any = Pointwise(images, weight, drawn.bias)
    else:
        layer = Im2col(images, weight, drawn.bias, drawn.window, drawn.size)
    weight.fill(np.nan)
    check_against_the_book(ran(layer, drawn), drawn, 1e-13)


@pytest.mark.parametrize("kernel", [3, 1])
def test_the_memory_for_columns_does_not_depend_on_the_batch(
    kernel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: dict[str, int] = {}
    take = scratch.take

    def watched(name: str, shape: Any, dtype: Any) -> Array:
        buffer: Array = take(name, shape, dtype)
        taken[name] = max(taken.get(name, 0), buffer.nbytes)
        return buffer

    monkeypatch.setattr(scratch, "take", watched)
    rng, sizes = np.random.default_rng(0), []
    for n in (16, 160):
        taken.clear()
        x = rng.standard_normal((n, 64, 16, 16))
        weight = rng.standard_normal((64, 64, kernel, kernel))
        window = Window.of(kernel, padding=kernel // 2)
        drawn = Drawn(x, weight, None, window, 0)
        with limits(CACHED=1 << 20), workers(1):
            ran(made(drawn), drawn)
        sizes.append(sum(taken.values()))
    assert sizes[1] <= sizes[0] * 1.01
    assert max(taken.values()) <= 2 << 20
