"""What an operation may ask of its arrays: the checks, and their messages, in one place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minin.backend.arrays import Array, Shape, device, is_array, namespace
from minin.errors import ArgumentError, DeviceError, DtypeError, ShapeError

_KINDS: dict[tuple[type, str, Any], bool] = {}  # (array type, kind, dtype) -> answer


def is_kind(x: Array, kind: str) -> bool:
    """Tell whether x's dtype is of a kind: "integral", "bool", or "float" (of 32 or 64 bits)."""
    key = (type(x), kind, getattr(x, "dtype", None))
    answer = _KINDS.get(key)
    if answer is None:
        answer = _KINDS[key] = is_array(x) and _is_of_kind(namespace(x), x.dtype, kind)
    return answer


def _is_of_kind(xp: Any, dtype: Any, kind: str) -> bool:
    return bool(xp.isdtype(dtype, (xp.float32, xp.float64) if kind == "float" else kind))


def arrays(op: str, /, **arrays: Any) -> None:
    """Demand arrays, not numbers, lists or None.

    Raises:
        DtypeError: naming the first that is none.
    """
    for name, x in arrays.items():
        _demand_array(op, name, x)


def _demand_array(op: str, name: str, x: Any) -> None:
    if not is_array(x):
        raise DtypeError(
            f"{op}: {name} must be a Tensor or an array, got {type(x).__name__}; "
            "make one with minin.tensor(...)"
        )


def one_float_dtype(op: str, /, **arrays: Array) -> None:
    """Demand arrays that are all float32 or all float64; None may stand for one left out.

    Raises:
        DtypeError: naming the first array that is of another dtype, or the first two that differ.
    """
    first = None
    for name, x in arrays.items():
        if x is None:
            continue
        if type(x) is not np.ndarray or x.dtype.char not in "fd":
            floating(op, **{name: x})
        first = first or (name, x)
        if x.dtype != first[1].dtype:
            raise DtypeError(
                f"{op}: {first[0]} and {name} must have the same dtype, got {first[1].dtype} and "
                f"{x.dtype}; convert one, for example {first[0]}.astype('{x.dtype}')"
            )


def number(op: str, name: str, value: Any, low: float, high: float) -> float:
    """Demand a Python or NumPy number from ``low`` to ``high``; NaN is none.

    Raises:
        ArgumentError: if it is anything else.
    """
    if not isinstance(value, (int, float, np.number)) or not low <= value <= high:
        bounds = "" if math.isinf(low) else f" from {low:g} to {high:g}"
        raise ArgumentError(f"{op}: {name} must be a number{bounds}, got {value!r}")
    return float(value)


def floating(op: str, /, **arrays: Array) -> None:
    """Demand float32 or float64 arrays.

    Raises:
        DtypeError: naming the first array that is of another dtype.
    """
    for name, x in arrays.items():
        is_usual = type(x) is np.ndarray and x.dtype.char in "fd"
        if not is_usual and not is_kind(x, "float"):
            _demand_array(op, name, x)
            raise DtypeError(
                f"{op}: {name} must be float32 or float64, got {x.dtype}; "
                f"convert it first, for example {name}.astype('float32')"
            )


def integral(op: str, /, **arrays: Array) -> None:
    """Demand integer arrays.

    Raises:
        DtypeError: naming the first array that is of another dtype.
    """
    for name, x in arrays.items():
        if not is_kind(x, "integral"):
            _demand_array(op, name, x)
            raise DtypeError(
                f"{op}: {name} must hold integers, got {x.dtype}; "
                f"class numbers are counted from 0, for example {name}.astype('int64')"
            )


def axes(op: str, axis: Any, ndim: int) -> tuple[int, ...]:
    """Read NumPy's ``axis``: None for all, an int, or a tuple; negative counts from the end.

    Raises:
        ShapeError: if an axis does not exist or is named twice.
    """
    if axis is None:
        return tuple(range(ndim))
    named = axis if isinstance(axis, (tuple, list)) else (axis,)
    whole = all(hasattr(a, "__index__") and not isinstance(a, bool) for a in named)
    if not whole or not all(-ndim <= a < ndim for a in named):
        raise ShapeError(
            f"{op}: axis must be None, an int or a tuple of ints from {-ndim} to {ndim - 1} "
            f"for an array of {ndim} axes, got {axis!r}"
        )
    places = tuple(int(a) % ndim for a in named)
    if len(set(places)) != len(places):
        raise ShapeError(f"{op}: axis {axis!r} names one axis twice")
    return places


def shape(op: str, name: str, x: Array, wanted: Shape, because: str) -> None:
    """Demand one shape exactly.

    Raises:
        ShapeError: with both shapes and the reason.
    """
    if tuple(x.shape) != wanted:
        raise ShapeError(f"{op}: {name} must have shape {wanted} ({because}), got {tuple(x.shape)}")


def one_device(op: str, /, **arrays: Array) -> None:
    """Demand that all arrays are of one library and on one device.

    Raises:
        DeviceError: naming the first two that differ.
    """
    (first, x), *others = arrays.items()
    for name, y in others:
        if namespace(y) is not namespace(x) or device(y) != device(x):
            raise DeviceError(
                f"{op}: {first} is {_where(x)} and {name} is {_where(y)}; minin moves "
                "nothing by itself: bring them together with .to(device)"
            )


def _where(x: Array) -> str:
    return f"a {namespace(x).__name__} array on {device(x)}"
