"""`tensor`: copy numbers of any kind into a new leaf."""

from __future__ import annotations

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
        >>> import minin
        >>> minin.tensor([1, 2]).dtype, minin.tensor([1.0, 2.0]).dtype
        (dtype('int64'), dtype('float32'))
    """
    data = data.data if isinstance(data, Tensor) else data
    if not backend.is_array(data) or isinstance(data, np.generic):
        data = _read_numbers(data)
    xp = backend.namespace(data)
    if dtype is not None:
        data = xp.astype(data, _read_dtype(xp, dtype))
    if not (xp.isdtype(data.dtype, ("bool", "integral", "real floating"))):
        raise DtypeError(f"tensor: data must be real numbers, got dtype {data.dtype}")
    out = Tensor(backend.copy(data))
    if device is not None:
        out._data = backend.to_device(out._data, device)
    if requires_grad:
        out.requires_grad = True
    return out


def _read_numbers(data: Any) -> np.ndarray[Any, Any]:
    """Read Python numbers, or nested lists of numbers and arrays, as a NumPy array."""
    if isinstance(data, (list, tuple)):
        data = [part.data if isinstance(part, Tensor) else part for part in data]
    try:
        array = np.asarray(data)
    except (ValueError, TypeError, OverflowError) as error:
        raise ShapeError(
            f"tensor: nested lists must form a full box of numbers; NumPy says: {error}"
        ) from None
    if array.dtype.kind not in "bif":
        raise DtypeError(
            f"tensor: data must be numbers or nested lists of numbers, got {data!r:.60}"
        )
    if array.dtype == np.float64 and _holds_python_floats(data):
        return array.astype(np.float32)
    return (
        array.astype(np.int64)
        if array.dtype.kind == "i"
        and array.dtype != np.int64
        and (not isinstance(data, np.generic))
        else array
    )


def _holds_python_floats(data: Any) -> bool:
    """Tell whether the first number in nested lists is Python's own, not NumPy's."""
    while isinstance(data, (list, tuple)):
        if not data:
            return True
        data = data[0]
    return not isinstance(data, (np.ndarray, np.generic))


def _read_dtype(xp: Any, dtype: Any) -> Any:
    """Read a dtype given by name or as the library's own object."""
    if not isinstance(dtype, str):
        return dtype
    try:
        return np.dtype(dtype) if xp is np else getattr(xp, dtype)
    except (TypeError, AttributeError):
        raise ArgumentError(f"dtype must be a name such as 'float32', got {dtype!r}") from None
