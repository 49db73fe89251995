"""What the fast rules cover, where those of all libraries cover the same.

Called like the rule, on arrays that fit its Shapes line. What else is wrong with the arguments is
not covered: then the plain rule runs, and says what.
"""

from __future__ import annotations

from typing import Any

from minin.backend import Array
from minin.ops.mlpconv import check_layers


def is_covered(x: Array, *others: Array) -> bool:
    """Tell whether fast rules take them: float32 or float64, at least one number, one dtype."""
    if str(getattr(x, "dtype", "")) not in ("float32", "float64") or x.size == 0:
        return False
    return all(y is None or (y.dtype == x.dtype and y.size > 0) for y in others)


def covers_conv2d(
    x: Array, weight: Array, bias: Array = None, *, groups: Any = 1, **_: Any
) -> bool:
    """Cover one group of any window, in float32 and float64."""
    return groups == 1 and is_covered(x, weight, bias)


def covers_mlpconv(x: Array, weights: Any, biases: Any, **_: Any) -> bool:
    """Cover what the plain rule takes, in float32 and float64."""
    check_layers(x, weights, biases)
    return is_covered(x, *weights)


def covers_max_pool2d(x: Array, **_: Any) -> bool:
    """Cover float32 and float64, and at least one number."""
    return is_covered(x)
