"""ALGORITHMS: the six, by name, with what each covers and what it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from minin.algorithms import im2col, loops, pointwise, shifts, tiled, winograd
from minin.algorithms.layer import Cost, Layer
from minin.backend import Array
from minin.errors import UnknownNameError


class Algorithm(NamedTuple):
    """One way to compute a convolution.

    Attributes:
        function: takes (x, weight, bias=None, *, stride, padding, dilation, budget_bytes).
        why_not: takes a layer; returns None if it is covered, else the reason.
        cost: takes a layer; returns what the function will take.
        options: what ``cost`` can be told besides.
    """

    function: Callable[..., Array]
    why_not: Callable[[Layer], str | None]
    cost: Callable[..., Cost]
    options: tuple[str, ...] = ()

    def covers(self, layer: Layer) -> bool:
        """Tell whether the function computes this layer."""
        return self.why_not(layer) is None


ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType(
    {
        "loops": Algorithm(loops.conv2d_loops, loops.why_not, loops.cost),
        "im2col": Algorithm(im2col.conv2d_im2col, im2col.why_not, im2col.cost),
        "tiled-im2col": Algorithm(
            tiled.conv2d_tiled, tiled.why_not, tiled.cost, options=("budget_bytes",)
        ),
        "shift-and-add": Algorithm(shifts.conv2d_shifts, shifts.why_not, shifts.cost),
        "pointwise": Algorithm(pointwise.conv2d_pointwise, pointwise.why_not, pointwise.cost),
        "winograd": Algorithm(
            winograd.conv2d_winograd, winograd.why_not, winograd.cost, options=("m",)
        ),
    }
)


def names() -> list[str]:
    """List the algorithms, the definition first.

    Example:
        >>> names()
        ['loops', 'im2col', 'tiled-im2col', 'shift-and-add', 'pointwise', 'winograd']
    """
    return list(ALGORITHMS)


def algorithm(name: str) -> Algorithm:
    """Look an algorithm up.

    Raises:
        UnknownNameError: if there is none of this name; the nearest is suggested.

    Example:
        >>> algorithm("winograd").why_not(Layer.of_shapes((1, 1, 8, 8), (1, 1, 3, 3)))
    """
    if name not in ALGORITHMS:
        raise UnknownNameError.among("algorithm", name, ALGORITHMS)
    return ALGORITHMS[name]
