"""`tensor`: copy numbers of any kind into a new leaf."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from minin import backend
from minin.autograd.tensors import Tensor
from minin.errors import ArgumentError, DtypeError, ShapeError


def tensor(
    data: Any, requires_grad: bool = False, dtype: Any = None, device: str | None = None
) -> Tensor:
    """Copy numbers into a new leaf tensor.

    Arrays keep their dtype; Python floats become float32 and Python ints int64.

    Args:
        data: a number, nested lists of numbers, an array, or a tensor.
        requires_grad: whether it collects a gradient; floats only.
        dtype: another dtype, such as "float64".
        device: "cpu", "cuda" or "cuda:0"; None keeps an array where it is.

    Raises:
        DtypeError: if the data are no numbers, or ``requires_grad`` is asked of integers.
        ShapeError: if nested lists are ragged.
        BackendUnavailableError: if the device cannot be used.

    Example:
        >>> minin.tensor([1, 2]).dtype, minin.tensor([1.0, 2.0]).dtype
        (dtype('int64'), dtype('float32'))
    """
    data = data.data if isinstance(data, Tensor) else data
    if not backend.is_array(data) or isinstance(data, np.generic):
        data = _read_numbers(data, keep=dtype is not None)
    xp = backend.namespace(data)
    if dtype is not None:
        data = _converted(xp, data, dtype)
    if not (xp.isdtype(data.dtype, ("bool", "integral", "real floating"))):
        raise DtypeError(f"tensor: data must be real numbers, got dtype {data.dtype}")
    out = Tensor(backend.copy(data))
    if device is not None:
        out._data = backend.to_device(out._data, device)
    out.requires_grad = requires_grad
    return out


def _read_numbers(data: Any, keep: bool) -> np.ndarray[Any, Any]:
    """Read Python numbers, or nested lists of numbers and arrays, as a NumPy array."""
    data = _unwrapped(data)
    try:
        array = np.asarray(data)
    except (ValueError, TypeError, OverflowError) as error:
        raise ShapeError(
            f"tensor: nested lists of one level must have the same length; NumPy says: {error}"
        ) from None
    is_python = not isinstance(next(_entries(data), 0.0), (np.ndarray, np.generic))
    if is_python and array.dtype == np.float64 and not keep:
        return array.astype(np.float32)
    is_huge = (isinstance(x, int) and not -(2**63) <= x < 2**63 for x in _entries(data))
    if is_python and array.dtype.kind in "uO" and any(is_huge):
        raise DtypeError(f"tensor: data must be ints below 2**63 or floats, got {data!r:.60}")
    if array.dtype.kind not in "biuf":
        raise DtypeError(
            f"tensor: data must be numbers or nested lists of numbers, got {data!r:.60}"
        )
    if is_python and array.dtype.kind == "i":
        return array.astype(np.int64)  # in a browser NumPy says int32
    return array


def _unwrapped(data: Any) -> Any:
    """Replace tensors in nested lists by their arrays."""
    if isinstance(data, (list, tuple)):
        return [_unwrapped(part) for part in data]
    return data.data if isinstance(data, Tensor) else data


def _entries(data: Any) -> Iterator[Any]:
    """Walk the entries of nested lists."""
    if isinstance(data, (list, tuple)):
        for part in data:
            yield from _entries(part)
    else:
        yield data


def _converted(xp: Any, data: Any, dtype: Any) -> Any:
    """Convert to a dtype given by name or as the library's own object."""
    try:
        if xp is np:
            return data.astype(np.dtype(dtype))
        return xp.astype(data, getattr(xp, dtype) if isinstance(dtype, str) else dtype)
    except (TypeError, AttributeError):
        raise ArgumentError(f"dtype must be a name such as 'float32', got {dtype!r}") from None
