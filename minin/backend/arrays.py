"""Creation, transfer and look-up: the few things that array libraries spell differently.

Plain rules use the array-API standard through ``xp = namespace(x)``. What the standard
leaves open is here: a new array has to land on the device of an old one, and NumPy,
CuPy and the strict test library each name that device in their own way.
"""

from __future__ import annotations

import sys
from typing import Any, TypeAlias

import numpy as np

from minin.errors import DtypeError

Array: TypeAlias = Any  # an array of any library; its type decides what runs
Shape: TypeAlias = tuple[int, ...]

_NAMESPACES: dict[type, Any] = {np.ndarray: np}


def namespace(x: Array) -> Any:
    """Return the array library that ``x`` belongs to.

    Raises:
        DtypeError: if ``x`` is no array of a library that minin can use.

    Example:
        >>> namespace(np.zeros(3)).__name__
        'numpy'
    """
    try:
        return _NAMESPACES[type(x)]
    except KeyError:
        return _find_namespace(x)


def _find_namespace(x: Array) -> Any:
    """Look the library up by the type's own word, then remember it."""
    if isinstance(x, (np.ndarray, np.generic)):
        found: Any = np
    elif type(x).__module__.partition(".")[0] == "cupy":
        found = sys.modules["cupy"]
    elif hasattr(x, "__array_namespace__"):
        found = x.__array_namespace__()
    else:
        raise DtypeError(
            f"wanted a NumPy, CuPy or array-API array, got {type(x).__name__}; "
            "convert it first, for example with numpy.asarray"
        )
    return _NAMESPACES.setdefault(type(x), found)


def adopt(array_type: type, xp: Any) -> None:
    """Use a library whose arrays do not name their namespace, as those of PyTorch.

    Args:
        array_type: the class of its arrays, itself and no parent.
        xp: an array-API namespace for them, such as `array_api_compat.torch`.

    Example:
        >>> class Row(list):
        ...     pass
        >>> adopt(Row, np)
        >>> namespace(Row()) is np
        True
    """
    _NAMESPACES.setdefault(array_type, xp)


def is_array(x: object) -> bool:
    """Tell whether ``x`` is an array of a library that minin can use."""
    try:
        namespace(x)
    except DtypeError:
        return False
    return True


def library(x: Array) -> str:
    """Name the array library of ``x``: the name fast rules are registered under.

    Example:
        >>> library(np.zeros(3))
        'numpy'
    """
    return str(namespace(x).__name__)


def device(x: Array) -> str:
    """Name the device that holds ``x``: "cpu", "cuda:0", or the library's own word.

    Example:
        >>> device(np.zeros(3))
        'cpu'
    """
    if isinstance(x, (np.ndarray, np.generic)):
        return "cpu"
    return f"cuda:{x.device.id}" if library(x) == "cupy" else str(x.device)


def _place(like: Array) -> dict[str, Any]:
    """Return the keyword that puts a new array beside ``like``, where there is one."""
    return {} if library(like) in ("numpy", "cupy") else {"device": like.device}


def zeros(shape: Shape, like: Array, dtype: Any = None) -> Array:
    """Make zeros beside ``like``, of its dtype unless another is given."""
    return namespace(like).zeros(shape, dtype=dtype or like.dtype, **_place(like))


def ones(shape: Shape, like: Array, dtype: Any = None) -> Array:
    """Make ones beside ``like``, of its dtype unless another is given."""
    return namespace(like).ones(shape, dtype=dtype or like.dtype, **_place(like))


def full(shape: Shape, value: float, like: Array, dtype: Any = None) -> Array:
    """Make an array of one ``value`` beside ``like``."""
    return namespace(like).full(shape, value, dtype=dtype or like.dtype, **_place(like))


def arange(stop: int, like: Array, dtype: Any = None) -> Array:
    """Count 0, 1, ... stop - 1 beside ``like``, in its dtype unless another is given."""
    return namespace(like).arange(stop, dtype=dtype or like.dtype, **_place(like))


def asarray(data: Any, like: Array, dtype: Any = None) -> Array:
    """Bring numbers or a NumPy array to the library and device of ``like``."""
    return namespace(like).asarray(data, dtype=dtype, **_place(like))


def as_array(x: Array) -> Array:
    """Undo NumPy's habit of turning arrays without axes into scalars."""
    return np.asarray(x) if isinstance(x, np.generic) else x


def copy(x: Array) -> Array:
    """Return a fresh array that shares no memory with ``x``."""
    xp = namespace(x)
    if xp is np:
        return np.array(x, order="C", subok=False)
    return x.copy() if library(x) == "cupy" else xp.asarray(x, copy=True)


def to_numpy(x: Array) -> np.ndarray[Any, Any]:
    """Return a fresh NumPy array with the numbers of ``x``, whatever holds them."""
    if isinstance(x, (np.ndarray, np.generic)):
        return np.array(x)
    return np.array(x.get() if library(x) == "cupy" else np.from_dlpack(x))


def add_at(target: Array, key: Any, values: Array) -> None:
    """Add ``values`` into ``target[key]``; an index that occurs twice receives twice."""
    name = library(target)
    if name in ("numpy", "cupy"):
        namespace(target).add.at(target, key, values)
        return
    for place in np.ndindex(*values.shape):
        one = tuple(int(k[place]) if is_array(k) else k for k in key)
        target[one] = target[one] + values[place]


def may_share_memory(x: Array, y: Array) -> bool:
    """Tell whether writing into ``x`` may change ``y``; True where the library cannot say."""
    if x is y or library(x) != library(y):
        return x is y
    if library(x) in ("numpy", "cupy"):
        return bool(namespace(x).may_share_memory(x, y))
    return True
