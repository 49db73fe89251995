"""The checks before a state is taken over: names, shapes and kinds, all of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.autograd import Tensor
from minin.backend import is_array, to_numpy
from minin.errors import ArgumentError, DtypeError, MininError, ShapeError
from minin.text import some


def checked_state(
    owner: str, parameters: Mapping[str, Tensor], state: Mapping[str, Any]
) -> dict[str, npt.NDArray[Any]]:
    """Return ``state`` as NumPy arrays that fit ``parameters`` name by name.

    Args:
        owner: what the message calls the module.
        parameters: what there is to fill.
        state: what shall fill it; arrays of any library, or tensors.

    Raises:
        ArgumentError: if names are missing or unknown.
        ShapeError: if only shapes differ.
        DtypeError: if a value holds no real numbers.
    """
    if not isinstance(state, Mapping):
        raise DtypeError(
            f"{owner}: a state is a dict from names to arrays, got {type(state).__name__}"
        )
    missing = [name for name in parameters if name not in state]
    unknown = [str(name) for name in state if name not in parameters]
    arrays = {name: _real(owner, name, state[name]) for name in parameters if name in state}
    shapes = [
        f"{name} must be {parameters[name].shape}, got {array.shape}"
        for name, array in arrays.items()
        if array.shape != tuple(parameters[name].shape)
    ]
    problems = [
        f"{sort}: {some(items)}"
        for sort, items in [("missing", missing), ("unknown", unknown), ("shapes", shapes)]
        if items
    ]
    if problems:
        kind: type[MininError] = ArgumentError if missing or unknown else ShapeError
        raise kind(
            f"the state does not fit {owner}: {'; '.join(problems)}. Build the network "
            "with the options it was saved with; nothing has been changed"
        )
    return arrays


def _real(owner: str, name: str, value: Any) -> npt.NDArray[Any]:
    """Read one value as a NumPy array of real numbers."""
    value = value.data if isinstance(value, Tensor) else value
    try:
        array = to_numpy(value) if is_array(value) else np.asarray(value).copy()
    except (
        TypeError,
        ValueError,
        RuntimeError,
    ):  # whatever a foreign object does when asked
        array = np.array(None)
    if array.dtype.kind not in "fiu":
        raise DtypeError(
            f"{owner}: {name} must be an array of real numbers, got {type(value).__name__} "
            f"of {array.dtype}; nothing has been changed"
        )
    return array
