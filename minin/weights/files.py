"""Parameters on disk: a module's arrays, and how to build the module again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from minin.errors import DataError, MininError
from minin.files.arrays import PathLike, read_arrays, write_arrays
from minin.nn.module import Module

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

    @classmethod
    def of(cls, model: Module) -> SavedState:
        """Copy what a file of this module holds."""
        return cls(model.state_dict(), dict(model.description or {}), dict(model.attachments))

    def all_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Give parameters and attachments under the names that a file has for them."""
        named = {f"{ATTACHED}{name}": array for name, array in self.attachments.items()}
        return {**self.arrays, **named}


def save(model: Module, path: PathLike) -> None:
    """Write the parameters of ``model`` to ``path``: whole, or not at all.

    Args:
        model: the module; a network made by ``models.build`` can be opened again from the
            file alone.
        path: the file, by custom with the ending ``.safetensors``.

    Raises:
        DataError: if the file cannot be written.
        BackendUnavailableError: if safetensors is not installed.

    Example:
        >>> import tempfile
        >>> from minin import nn
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(nn.Linear(3, 2, rng=0), f"{folder}/a.safetensors")
        ...     other = nn.Linear(3, 2, rng=1)
        ...     load(other, f"{folder}/a.safetensors")
        >>> bool((other.weight.data == nn.Linear(3, 2, rng=0).weight.data).all())
        True
    """
    write_state(path, SavedState.of(model))


def load(model: Module, path: PathLike) -> None:
    """Fill the parameters of ``model`` from a file; all of them, or none.

    A network of the same name also takes over what its description lacks, such as what it
    was trained on.

    Args:
        model: a module with the parameters that the file names.
        path: a file that ``save`` wrote, or any safetensors file with the same names.

    Raises:
        DataError: if the file is missing, damaged, of another kind, or of another network.
        BackendUnavailableError: if safetensors is not installed.
    """
    saved = read(path)
    try:
        model.load_state_dict(saved.arrays)
    except MininError as error:
        raise DataError(f"{path} holds another network: {error}") from error
    words = model.description
    if words is not None and words.get("name") == saved.description.get("name"):
        model.description = {**saved.description, **words}
        model.attachments = saved.attachments


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
