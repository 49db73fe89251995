"""Files of parameters: a network's arrays, and words from which it can be built again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from minin.files.arrays import PathLike, read_arrays, write_arrays

FORMAT = "minin-parameters"
ATTACHED = "attached:"  # before the name of an array that is no parameter


@dataclass(frozen=True)
class SavedState:
    """What a file of parameters holds.

    Attributes:
        arrays: the parameters by name.
        description: how to build the network again; empty if nobody said.
        attachments: arrays that belong to the description, such as those of its preprocessing.
    """

    arrays: dict[str, npt.NDArray[Any]]
    description: dict[str, str]
    attachments: dict[str, npt.NDArray[Any]] = field(default_factory=dict)

    def all_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Give parameters and attachments under the names that a file has for them."""
        named = {f"{ATTACHED}{name}": array for name, array in self.attachments.items()}
        return {**self.arrays, **named}


def write_state(path: PathLike, state: SavedState) -> None:
    """Write a file of parameters that `read` understands.

    Raises:
        DataError: if the file cannot be written.
        BackendUnavailableError: if safetensors is not installed.
    """
    write_arrays(path, state.all_arrays(), FORMAT, state.description)


def read(path: PathLike) -> SavedState:
    """Read a file of parameters and check it, without a network.

    Raises:
        DataError: if the file is missing, damaged or of another kind.
        BackendUnavailableError: if safetensors is not installed.
    """
    arrays, words = read_arrays(path, FORMAT)
    if words is None:
        return SavedState(arrays, {})
    description = {str(key): str(value) for key, value in words.items()}
    parameters = {k: v for k, v in arrays.items() if not k.startswith(ATTACHED)}
    attached = {k.removeprefix(ATTACHED): v for k, v in arrays.items() if k.startswith(ATTACHED)}
    return SavedState(parameters, description, attached)
