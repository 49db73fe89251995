"""The laws that every convolution obeys, as functions that raise AssertionError.

Each takes a convolution on plain arrays and a drawn layer. They are used twice: on the six
algorithms, and on wrong ones, which they must reject.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tests import oracles
from tests.algorithms.layers import Drawn

Array: TypeAlias = npt.NDArray[Any]
Convolution: TypeAlias = Callable[..., Array]

# The largest error in units of the same sum over absolute values, |weight| * |x| + |bias|, at its
# largest. A plain sum of K numbers stays below K roundings of 2**-24 or 2**-53 there, and K is
# at most 3*7*7 here. Winograd's transforms cancel: with n = 8 some hundred roundings are left.
BOUNDS = {
    ("sum", "float64"): 1e-13,
    ("sum", "float32"): 1e-5,
    ("winograd", "float64"): 1e-13,
    ("winograd", "float32"): 3e-5,
}


def truth(drawn: Drawn, dtype: str) -> tuple[Array, float]:
    """The loops' result in float64, and the size of its terms."""
    x, weight, bias = (None if a is None else a.astype("float64") for a in drawn.numbers(dtype))
    assert x is not None
    assert weight is not None
    size = np.max(oracles.conv2d(abs(x), abs(weight), **drawn.how))
    size += 0 if bias is None else np.max(abs(bias))
    return oracles.conv2d(x, weight, bias, **drawn.how), float(size)


def equals_the_loops(conv: Convolution, drawn: Drawn, kind: str = "sum") -> None:
    """Every number is what the definition gives, in float64 and in float32."""
    for dtype in ("float64", "float32"):
        expected, size = truth(drawn, dtype)
        y = conv(*drawn.numbers(dtype), **drawn.how)
        assert y.shape == expected.shape, f"shape {y.shape}, wanted {expected.shape}"
        error = float(np.max(np.abs(y - expected)))
        assert error <= BOUNDS[kind, dtype] * size, f"{dtype}: wrong by {error:.1e} of {size:.1e}"


def keeps_the_dtype(conv: Convolution, drawn: Drawn) -> None:
    """float32 stays float32, float64 stays float64, and the result is the caller's own."""
    for dtype in ("float64", "float32"):
        x, weight, bias = drawn.numbers(dtype)
        y = conv(x, weight, bias, **drawn.how)
        assert y.dtype == np.dtype(dtype), f"{dtype} became {y.dtype}"
        shared = [a for a in (x, weight, bias) if a is not None and np.may_share_memory(a, y)]
        assert not shared, "the result shares memory with an input"


def leaves_its_inputs(conv: Convolution, drawn: Drawn) -> None:
    """No array that comes in is changed."""
    given = [None if a is None else a.copy() for a in drawn.numbers()]
    conv(*given, **drawn.how)
    for before, after in zip(drawn.numbers(), given, strict=True):
        np.testing.assert_array_equal(after, before)


def is_linear(conv: Convolution, drawn: Drawn) -> None:
    """Linear in x and in weight: conv(2a - 3b) = 2 conv(a) - 3 conv(b); the bias is added."""
    x, weight, bias = drawn.numbers()
    other_x, other_weight, _ = Drawn(
        drawn.x_shape, drawn.weight_shape, seed=drawn.seed + 1
    ).numbers()

    def near(y: Array, expected: Array) -> None:
        scale = 1 + float(np.max(np.abs(expected)))
        np.testing.assert_allclose(y, expected, rtol=0, atol=1e-9 * scale)

    y, how = conv(x, weight, **drawn.how), drawn.how
    near(conv(2 * x - 3 * other_x, weight, **how), 2 * y - 3 * conv(other_x, weight, **how))
    near(conv(x, 2 * weight - 3 * other_weight, **how), 2 * y - 3 * conv(x, other_weight, **how))
    if bias is not None:
        near(conv(x, weight, bias, **how), y + bias[:, None, None])


def obeys_all(conv: Convolution, drawn: Drawn, kind: str = "sum") -> None:
    """All laws, one after the other."""
    equals_the_loops(conv, drawn, kind)
    keeps_the_dtype(conv, drawn)
    leaves_its_inputs(conv, drawn)
    is_linear(conv, drawn)
