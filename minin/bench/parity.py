"""Is it right? Every output is held against the plain rules on NumPy in float64.

A time for a wrong result is worth nothing, so a row whose error is beyond its bound gets none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from minin.backend import Array

MARGIN = 64  # for Winograd's transforms, which lose some digits, and orders of adding up
ROUNDED = {"float32": 2.0**-23, "float64": 2.0**-52}

Numbers = npt.NDArray[np.float64]


def bound(dtype: str, terms: int) -> float:
    """Return the largest error that rounding explains, for sums of so many terms.

    Example:
        >>> f"{bound('float32', 100):.1e}"
        '7.6e-05'
    """
    return MARGIN * ROUNDED[dtype] * math.sqrt(max(terms, 1))


def error(found: Sequence[Array], wanted: Sequence[Numbers], mean: bool = False) -> float:
    """Return how far outputs are from what they should be, relative to the largest number.

    **Shapes:** found, wanted: lists of arrays (...), pairwise of one shape -> a number.

    Args:
        found: NumPy arrays.
        wanted: what they should be, in float64.
        mean: take the root of the mean square of each array instead of its largest number: one
            of a million numbers may then differ, as it does when rounding moves a pixel to the
            other side of a ReLU's kink.

    Returns:
        The worst of all outputs; infinity if a number is not finite or a shape is another.

    Example:
        >>> error([np.array([1.0, 2.5])], [np.array([1.0, 2.0])])
        0.25
    """
    if len(found) != len(wanted):
        return math.inf
    return max(map(lambda a, b: _error(a, b, mean), found, wanted), default=0.0)


def _error(found: Array, wanted: Numbers, mean: bool) -> float:
    if tuple(found.shape) != tuple(wanted.shape):
        return math.inf
    away = np.asarray(found, dtype=np.float64) - wanted
    most = _rms if mean else _most
    off, scale = most(away), most(wanted)
    if not math.isfinite(off):
        return math.inf
    return off / scale if scale else off


def _most(x: Numbers) -> float:
    return float(np.max(np.abs(x), initial=0.0))


def _rms(x: Numbers) -> float:
    return math.sqrt(float(np.mean(x * x))) if x.size else 0.0
