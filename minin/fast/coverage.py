"""What the fast rules cover, where those of all libraries cover the same.

Called like the rule. Wrong arguments raise here what the plain rule would raise.
"""

from __future__ import annotations

from typing import Any

from minin.backend import Array, require
from minin.ops.conv import check_conv
from minin.ops.mlpconv import check_layers
from minin.shapes import integer


def is_covered(x: Array) -> bool:
    """Tell whether fast rules take x: float32 or float64, and at least one number."""
    return str(x.dtype) in ("float32", "float64") and x.size > 0


def covers_conv2d(
    x: Array, weight: Array, bias: Array = None, *, groups: Any = 1, **_: Any
) -> bool:
    """Cover one group of any window, in float32 and float64."""
    check_conv(x, weight, bias, integer("groups", groups))
    return groups == 1 and is_covered(x) and weight.size > 0


def covers_mlpconv(x: Array, weights: Any, biases: Any, **_: Any) -> bool:
    """Cover what the plain rule takes, in float32 and float64."""
    check_layers(x, weights, biases)
    return is_covered(x) and all(weight.size > 0 for weight in weights)


def covers_max_pool2d(x: Array, **_: Any) -> bool:
    """Cover float32 and float64, and at least one number."""
    require.axes("max_pool2d", "N C H W", x=x)
    return is_covered(x)
