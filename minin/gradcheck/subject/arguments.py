"""Arguments of any arrangement as one flat list of float arrays, and back.

Differences move float arrays. Integers (labels), None (no bias), numbers and dictionaries of
settings stay what they are; a list of arrays (mlpconv's weights) is spread.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from minin import backend
from minin.autograd import Tensor
from minin.backend import Array
from minin.errors import DtypeError


def plain(x: Any) -> Any:
    """Take the array out of a tensor; anything else is returned as it is."""
    return x.data if isinstance(x, Tensor) else x


def is_float(x: Any) -> bool:
    """Tell whether ``x`` is an array (or a tensor) of real floating point numbers.

    Example:
        >>> is_float(np.zeros(2)), is_float(np.arange(2)), is_float(1.0)
        (True, False, False)
    """
    x = plain(x)
    if isinstance(x, np.generic) or not backend.is_array(x):
        return False
    return bool(backend.namespace(x).isdtype(x.dtype, "real floating"))


def is_integer(x: Any) -> bool:
    """Tell whether ``x`` is an array of integers."""
    x = plain(x)
    return isinstance(x, np.ndarray) and x.dtype.kind in "iu"


def spread(arguments: Sequence[Any], names: Sequence[str]) -> list[tuple[str, Any]]:
    """List the float arrays among ``arguments``, those inside lists too, with their names.

    Example:
        >>> [name for name, _ in spread([np.zeros(1), [np.ones(2)], 3], ["x", "w", "s"])]
        ['x', 'w[0]']
    """
    found: list[tuple[str, Any]] = []
    for name, argument in zip(names, arguments, strict=True):
        if is_float(argument):
            found.append((name, plain(argument)))
        elif isinstance(argument, (list, tuple)):
            inner = [f"{name}[{place}]" for place in range(len(argument))]
            found += spread(argument, inner)
    return found


def put_floats(
    arguments: Sequence[Any], floats: Sequence[Array], make: Callable[[Array, Any], Any]
) -> list[Any]:
    """Put ``floats`` in the places of the float arrays; ``make(new, old)`` dresses each."""
    rest = iter(floats)
    return [_put(argument, rest, make) for argument in arguments]


def _put(argument: Any, rest: Iterator[Array], make: Callable[[Array, Any], Any]) -> Any:
    if is_float(argument):
        return make(next(rest), argument)
    if isinstance(argument, (list, tuple)):
        if isinstance(argument, tuple) and not spread([argument], ["x"]):
            return argument
        parts = [_put(part, rest, make) for part in argument]
        return getattr(argument, "_make", type(argument))(parts)
    return kept(argument)


def kept(argument: Any) -> Any:
    """Return a setting as it is; arrays, in dictionaries too, as copies that may be written to."""
    if isinstance(argument, np.ndarray):
        return argument.copy()
    if not isinstance(argument, dict):
        return argument
    fresh = copy.copy(argument)
    fresh.update({key: kept(value) for key, value in argument.items()})
    return fresh


def arrays_inside(argument: Any) -> list[str]:
    """Name the float arrays that a dictionary holds: they are handed on and not judged.

    Example:
        >>> arrays_inside({"W": np.zeros(2), "stride": 1, "more": {"b": np.ones(1)}})
        ['W', 'b']
    """
    if isinstance(argument, (list, tuple)):
        return [name for part in argument for name in arrays_inside(part)]
    if not isinstance(argument, Mapping):
        return []
    return [
        name
        for key, value in argument.items()
        for name in ([str(key)] if spread([value], ["x"]) else arrays_inside(value))
    ]


def as_list(inputs: Any) -> list[Any]:
    """Return inputs as a list, a single array or tensor as a list of one.

    Raises:
        DtypeError: if they are neither an array nor a list.
    """
    if isinstance(inputs, Tensor) or (
        backend.is_array(inputs) and not isinstance(inputs, np.generic)
    ):
        return [inputs]
    if isinstance(inputs, (str, bytes, Mapping)) or not isinstance(inputs, Iterable):
        raise DtypeError(
            f"inputs must be a float array or a list of arrays, got {type(inputs).__name__}"
        )
    return list(inputs)


def float64(x: Any) -> np.ndarray[Any, Any]:
    """Return a fresh float64 NumPy array with the numbers of ``x``, in row-major order."""
    return np.array(backend.to_numpy(plain(x)), dtype=np.float64, order="C")
