"""How hypothesis draws layers, and calls with numbers, for each of the six algorithms.

What each covers is written down here a second time, so that an algorithm that declines too much
or too little is found out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

Array: TypeAlias = npt.NDArray[Any]
Shape: TypeAlias = tuple[int, int, int, int]

GENERAL = ("loops", "im2col", "tiled-im2col", "shift-and-add")
ALL = (*GENERAL, "pointwise", "winograd")


@dataclass(frozen=True)
class Drawn:
    """A layer in the spelling of a call.

    Attributes:
        x_shape: (N, C, H, W).
        weight_shape: (O, C, KH, KW).
        how: stride, padding and dilation.
        has_bias: whether there is a bias.
        seed: of its numbers.
    """

    x_shape: Shape
    weight_shape: Shape
    how: dict[str, Any] = field(default_factory=dict)
    has_bias: bool = False
    seed: int = 0

    def numbers(self, dtype: str = "float64") -> tuple[Array, Array, Array | None]:
        """Draw (x, weight, bias), read-only, so that whoever writes into them fails."""
        rng = np.random.default_rng(self.seed)
        shapes = (self.x_shape, self.weight_shape, self.weight_shape[:1])
        x, weight, bias = (rng.standard_normal(shape).astype(dtype) for shape in shapes)
        for array in (x, weight, bias):
            array.setflags(write=False)
        return x, weight, bias if self.has_bias else None


small = st.integers(1, 3)
seeds = st.integers(0, 2**32 - 1)


def _paddings() -> st.SearchStrategy[Any]:
    edge = st.integers(0, 3)
    pair = st.tuples(edge, edge)
    return st.one_of(edge, pair, st.tuples(pair, pair), st.sampled_from(["same", "valid"]))


def _either(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    """One number for rows and columns, or two."""
    return st.one_of(numbers, st.tuples(numbers, numbers))


def both(value: Any) -> tuple[int, int]:
    """Spell one number as two."""
    return value if isinstance(value, tuple) else (value, value)


@st.composite
def general(draw: st.DrawFn) -> Drawn:
    """Any layer: sizes from what just holds a window to a few more."""
    kernel = (draw(small), draw(small))
    dilation, stride = draw(_either(st.integers(1, 2))), draw(_either(small))
    size = [
        d * (k - 1) + 1 + draw(st.integers(0, 6))
        for d, k in zip(both(dilation), kernel, strict=True)
    ]
    n, c, o = draw(small), draw(small), draw(small)
    how = {"stride": stride, "padding": draw(_paddings()), "dilation": dilation}
    return Drawn((n, c, size[0], size[1]), (o, c, *kernel), how, draw(st.booleans()), draw(seeds))


@st.composite
def pointwise(draw: st.DrawFn) -> Drawn:
    """A 1x1 layer; its dilation means nothing."""
    n, c, o = draw(small), draw(small), draw(small)
    size = (draw(st.integers(1, 6)), draw(st.integers(1, 6)))
    none = st.sampled_from([0, (0, 0), "same", "valid"])
    how = {"stride": 1, "padding": draw(none), "dilation": draw(small)}
    return Drawn((n, c, *size), (o, c, 1, 1), how, draw(st.booleans()), draw(seeds))


@st.composite
def winograd(draw: st.DrawFn) -> Drawn:
    """A square kernel that moves by one pixel."""
    n, c, o, r = draw(small), draw(small), draw(small), draw(st.integers(2, 7))
    size = (r + draw(st.integers(0, 7)), r + draw(st.integers(0, 7)))
    how = {"stride": 1, "padding": draw(_paddings()), "dilation": 1}
    return Drawn((n, c, *size), (o, c, r, r), how, draw(st.booleans()), draw(seeds))


COVERED: dict[str, st.SearchStrategy[Drawn]] = {
    **{name: st.one_of(general(), general(), pointwise(), winograd()) for name in GENERAL},
    "loops": st.one_of(general(), pointwise()),  # large kernels would take long
    "pointwise": pointwise(),
    "winograd": winograd(),
}


def _no_padding(drawn: Drawn) -> bool:
    padding = drawn.how["padding"]
    return padding in ("same", "valid") or not np.any(padding)


def _is_pointwise(drawn: Drawn) -> bool:
    kernel, stride = drawn.weight_shape[2:], both(drawn.how["stride"])
    return kernel == (1, 1) and stride == (1, 1) and _no_padding(drawn)


def _is_winograd(drawn: Drawn) -> bool:
    kh, kw = drawn.weight_shape[2:]
    steps = both(drawn.how["stride"]) + both(drawn.how["dilation"])
    return kh == kw and 2 <= kh <= 7 and steps == (1, 1, 1, 1)


IS_COVERED: dict[str, Callable[[Drawn], bool]] = {
    **dict.fromkeys(GENERAL, lambda _: True),
    "pointwise": _is_pointwise,
    "winograd": _is_winograd,
}
