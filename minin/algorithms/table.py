"""ALGORITHMS: the six, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from minin.algorithms.algorithm import Algorithm
from minin.algorithms.im2col import conv2d_im2col
from minin.algorithms.loops import conv2d_loops
from minin.algorithms.pointwise import conv2d_pointwise
from minin.algorithms.shifts import conv2d_shifts
from minin.algorithms.tiled import conv2d_tiled
from minin.algorithms.winograd import conv2d_winograd
from minin.errors import UnknownNameError

SIX = (
    conv2d_loops,
    conv2d_im2col,
    conv2d_tiled,
    conv2d_shifts,
    conv2d_pointwise,
    conv2d_winograd,
)
ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType({one.name: one for one in SIX})


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
        >>> algorithm("winograd").name
        'winograd'
    """
    if name not in ALGORITHMS:
        raise UnknownNameError.among("algorithm", name, ALGORITHMS)
    return ALGORITHMS[name]
