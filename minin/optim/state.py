"""The check before an optimiser takes over a memory: every name, shape and kind, at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.autograd import Tensor
from minin.backend import is_array, to_numpy
from minin.errors import ArgumentError, DtypeError, ShapeError
from minin.text import some


def checked_memory(
    owner: str,
    parameters: Sequence[Tensor],
    slots: Sequence[str],
    counts: Sequence[str],
    state: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Return the memory of each parameter, as fresh NumPy arrays and ints.

    Args:
        owner: what the message calls the optimiser.
        parameters: what it moves, in order.
        slots: the names of arrays that it keeps for each.
        counts: the names of ints that it keeps for each.
        state: names such as "velocity.0" to arrays, ints or arrays of shape ().

    Raises:
        ArgumentError: if names are missing or unknown, or a count is below 0.
        ShapeError: if an array is not of its parameter's shape.
        DtypeError: if state is no mapping, an array is not of its parameter's dtype, or a
            count is no integer.
    """
    if not isinstance(state, Mapping):
        raise DtypeError(
            f"{owner}: a state is a dict from names to arrays; got {type(state).__name__}"
        )
    wanted = [f"{name}.{place}" for place in range(len(parameters)) for name in (*slots, *counts)]
    missing = [name for name in wanted if name not in state]
    unknown = sorted(str(name) for name in set(state) - set(wanted))
    if missing or unknown:
        raise ArgumentError(
            f"the state does not fit {owner}: missing {some(missing) or 'nothing'};"
            f" unknown {some(unknown) or 'nothing'}."
            " Build the optimiser with the options and parameters it was saved with; nothing"
            " has been changed"
        )
    return [
        {name: _slot(owner, f"{name}.{place}", state, parameter) for name in slots}
        | {name: _count(owner, f"{name}.{place}", state) for name in counts}
        for place, parameter in enumerate(parameters)
    ]


def _slot(
    owner: str, name: str, state: Mapping[str, Any], parameter: Tensor
) -> npt.NDArray[np.floating[Any]]:
    """Read one array that is like its parameter."""
    value = state[name]
    wanted = str(parameter.dtype).rpartition(".")[2]  # some libraries say "library.float32"
    array = to_numpy(value) if is_array(value) else None
    if array is None or array.dtype.name != wanted:
        came = type(value).__name__ if array is None else array.dtype
        raise DtypeError(
            f"{owner}: {name} must be an array of {wanted}, as its parameter is; got {came}."
            " Nothing has been changed"
        )
    if array.shape != tuple(parameter.shape):
        raise ShapeError(
            f"{owner}: {name} must have shape {tuple(parameter.shape)}, as its parameter has;"
            f" got {array.shape}. Were the parameters in another order? Nothing has been changed"
        )
    return array


def _count(owner: str, name: str, state: Mapping[str, Any]) -> int:
    """Read one int of at least 0."""
    value = to_numpy(state[name]) if is_array(state[name]) else state[name]
    is_int = isinstance(value, int) and not isinstance(value, bool)
    if not is_int and not (is_array(value) and value.shape == () and value.dtype.kind in "iu"):
        raise DtypeError(
            f"{owner}: {name} must be one integer; got {value!r:.60}. Nothing has been changed"
        )
    if value < 0:
        raise ArgumentError(
            f"{owner}: {name} must be an int of at least 0; got {int(value)}."
            " Nothing has been changed"
        )
    return int(value)
