"""Convolutions for the tests: drawn ones, those of the networks, and what they must compute.

The truth is the book's rule in float64, which the laws compare with plain loops.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from minin import ops
from minin.fast.cpu.layout import WorkTile, channels_first, channels_last
from minin.models.networks import TABLES
from minin.models.rows import Block, MaxPool
from minin.shapes import Pair, Window
from tests.fast.cpu.helpers import Array, assert_near


@dataclass(frozen=True)
class Drawn:
    """A convolution with its numbers, in float64.

    Attributes:
        x: (N, C, H, W).
        weight: (O, C, KH, KW).
        bias: (O), or None.
        window: how the kernel slides.
        seed: of more numbers.
    """

    x: Array
    weight: Array
    bias: Array | None
    window: Window
    seed: int

    @property
    def size(self) -> Pair:
        """(OH, OW) of the output."""
        return self.window.output_size((self.x.shape[2], self.x.shape[3]))

    @property
    def cotangent(self) -> Array:
        """Slopes of the output, never all ones: (N, O, OH, OW)."""
        shape = (len(self.x), len(self.weight), *self.size)
        return np.random.default_rng(self.seed + 1).standard_normal(shape)

    def truth(self) -> tuple[Array, Array, Array, Array | None]:
        """Compute the output and the gradients of x, weight and bias by the book."""
        return by_the_book(self.x, self.weight, self.bias, self.window, self.cotangent)


def by_the_book(
    x: Array, weight: Array, bias: Array | None, window: Window, grad: Array
) -> tuple[Array, Array, Array, Array | None]:
    """Run the plain rule forward and back in float64."""
    wide = [a if a is None else a.astype(np.float64) for a in (x, weight, bias)]
    y, backward = ops.conv2d.rule(
        *wide, stride=window.stride, padding=window.padding, dilation=window.dilation
    )
    grad_x, grad_weight, grad_bias = backward(grad.astype(np.float64))
    return y, grad_x(), grad_weight(), grad_bias() if grad_bias else None


small = st.integers(1, 3)
seeds = st.integers(0, 2**32 - 1)
edges = st.tuples(*[st.tuples(st.integers(0, 4), st.integers(0, 4))] * 2)


@st.composite
def convolutions(draw: st.DrawFn) -> Drawn:
    """Draw any window: strided, dilated, with borders larger than itself, on tiny images."""
    kernel = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    dilation = (draw(st.integers(1, 2)), draw(st.integers(1, 2)))
    stride = (draw(small), draw(small))
    window = Window(kernel, stride, draw(edges), dilation)
    return _with_numbers(draw, window)


@st.composite
def square(draw: st.DrawFn, k: int) -> Drawn:
    """Draw a k x k window that moves pixel by pixel, as Winograd's does."""
    return _with_numbers(draw, Window((k, k), padding=draw(edges)))


@st.composite
def pointwise(draw: st.DrawFn) -> Drawn:
    """Draw a 1x1 convolution without border."""
    return _with_numbers(draw, Window((1, 1)))


def _with_numbers(draw: st.DrawFn, window: Window) -> Drawn:
    least = [
        max(extent - low - high, 1)
        for extent, (low, high) in zip(window.extent, window.padding, strict=True)
    ]
    h, w = (number + draw(st.integers(0, 9)) for number in least)
    n, c, o = draw(st.integers(1, 4)), draw(small), draw(small)
    seed = draw(seeds)
    rng = np.random.default_rng(seed)
    bias = rng.standard_normal(o) if draw(st.booleans()) else None
    x, weight = rng.standard_normal((n, c, h, w)), rng.standard_normal((o, c, *window.kernel))
    return Drawn(x, weight, bias, window, seed)


# ---- the classes that convolve, run by themselves ----------------------------------------------


class Ran(NamedTuple):
    """What one of the classes computed, channels first again."""

    y: Array
    grad_x: Array | None
    grad_weight: Array
    grad_bias: Array


def ran(made: Any, drawn: Drawn, dtype: str = "float64", wants_x: bool = True) -> Ran:
    """Run a class forward and back; every output is written once, every tile begun once."""
    images = channels_last(drawn.x.astype(dtype))
    images.flags.writeable = False
    (oh, ow), o = drawn.size, len(drawn.weight)
    y, written = np.full((len(images), oh, ow, o), np.nan, dtype), np.zeros((len(images), oh, ow))

    def write(tile: WorkTile, part: Array) -> None:
        here = tile.of(y)
        here[...] = part[:, : here.shape[1], :ow]
        tile.of(written[..., None])[...] += 1

    made.forward(images, write)
    assert np.all(written == 1), "an output was not written exactly once"
    grad = channels_last(drawn.cotangent.astype(dtype))
    begun = [np.zeros(1), np.zeros(o)]

    def begin(tile: WorkTile) -> tuple[Array, list[Array]]:
        rows = tile.rows(grad)
        return rows, [np.array([float(len(rows))]), rows.sum(axis=0, dtype=np.float64)]

    grad_weight, grad_bias, grad_images = made.backward(images, begin, begun, wants_x)
    assert begun[0].tolist() == [len(images) * oh * ow], "not every tile was begun once"
    np.testing.assert_allclose(begun[1], grad.sum(axis=(0, 1, 2), dtype=np.float64), atol=1e-4)
    grad_x = None if grad_images is None else channels_first(grad_images)
    return Ran(channels_first(y), grad_x, grad_weight, grad_bias)


def check_against_the_book(found: Ran, drawn: Drawn, tolerance: float) -> None:
    """Compare the output and all gradients, shapes and types included."""
    y, grad_x, grad_weight, grad_bias = drawn.truth()
    assert_near(found.y, y, tolerance)
    if found.grad_x is not None:
        assert_near(found.grad_x, grad_x, tolerance)
    assert_near(found.grad_weight, grad_weight, tolerance)
    wanted = drawn.cotangent.sum(axis=(0, 2, 3)) if grad_bias is None else grad_bias
    assert_near(found.grad_bias, wanted, tolerance)


def check_the_adjoint_law(found: Ran, drawn: Drawn, tolerance: float) -> None:
    """<A x, g> = <x, A* g>, where A is the convolution less its bias; and so for the weight."""
    assert found.grad_x is not None
    bias = 0 if drawn.bias is None else drawn.bias[:, None, None]
    left = np.sum((found.y - bias) * drawn.cotangent)
    for moved, pulled in ((drawn.x, found.grad_x), (drawn.weight, found.grad_weight)):
        scale = 1 + float(np.sum(np.abs(moved * pulled)))
        np.testing.assert_allclose(left, np.sum(moved * pulled), rtol=0, atol=tolerance * scale)


# ---- the networks' own ---------------------------------------------------------------------------


class Shape(NamedTuple):
    """The first convolution of a block: C channels of (H, W), O maps, and how it slides."""

    network: str
    c: int
    o: int
    size: Pair
    window: Window


def network_layers(name: str) -> Iterator[Shape]:
    """Walk through a network's table."""
    table = TABLES[name]
    c, size = table.image[0], (table.image[1], table.image[2])
    for row in table.rows:
        if isinstance(row, Block):
            maps = [table.classes if m == "classes" else m for m in row.maps]
            window = Window.of(row.kernel, row.stride, row.padding)
            yield Shape(name, c, maps[0], size, window)
            c, size = maps[-1], window.output_size(size)
        elif isinstance(row, MaxPool):
            size = Window.of(row.kernel, row.stride, ceil_mode=row.ceil).output_size(size)
