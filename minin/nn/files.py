"""Parameters on disk, as safetensors: names, shapes and numbers, and nothing that runs.

A file also carries a few words about itself: the version of the format, how to build the
network again (its ``description``), and a SHA-256 digest of all of it, so that a damaged
file is noticed and not merely worse at its task.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.backend import write_atomically
from minin.errors import BackendUnavailableError, DataError, MininError
from minin.nn.module import Module

FORMAT = "minin-parameters"
VERSION = "1"

PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class SavedState:
    """What a file of parameters holds.

    Attributes:
        arrays: the parameters by name.
        description: how to build the network again; empty if nobody said.
    """

    arrays: dict[str, npt.NDArray[Any]]
    description: dict[str, str]


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
    arrays = model.state_dict()
    words = {"format": FORMAT, "version": VERSION, "description": model.description or {}}
    words["sha256"] = _digest(arrays, words)
    # One entry, for safetensors shuffles several: the same network gives the same bytes.
    metadata = {"minin": json.dumps(words, sort_keys=True)}
    write_atomically(path, _safetensors().numpy.save(arrays, metadata=metadata))


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


def read(path: PathLike) -> SavedState:
    """Read a file of parameters and check it, without a network.

    Raises:
        DataError: if the file is missing, damaged or of another kind.
        BackendUnavailableError: if safetensors is not installed.
    """
    safe_open = _safetensors().safe_open
    if not Path(path).is_file():
        raise DataError(f"{path} is no file; parameters are written by minin.save(model, path)")
    try:
        with safe_open(os.fspath(path), framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except Exception as error:  # whatever a reader of broken bytes comes up with
        raise DataError(
            f"{path} cannot be read as safetensors ({error}): it is damaged, cut short or "
            "of another kind; fetch or save it again"
        ) from error
    if "minin" not in metadata:  # written by another program: nothing to hold it to
        return SavedState(arrays, {})
    return SavedState(arrays, _description(path, arrays, metadata["minin"]))


def _description(
    path: PathLike, arrays: Mapping[str, npt.NDArray[Any]], text: str
) -> dict[str, str]:
    """Read what a file says about itself: it must be of our version, and whole."""
    damaged = DataError(
        f"{path} is damaged: its content does not have the SHA-256 digest that it names; "
        "fetch or save it again"
    )
    try:
        words = dict(json.loads(text))
        digest, description = words.pop("sha256"), dict(words["description"])
    except (KeyError, TypeError, ValueError) as error:
        raise damaged from error
    if words.get("version") != VERSION:
        raise DataError(
            f"{path} is of format version {words.get('version')!r}, this minin reads "
            f"{VERSION!r}; read it with the minin that wrote it"
        )
    if digest != _digest(arrays, words):
        raise damaged
    return {str(key): str(value) for key, value in description.items()}


def _digest(arrays: Mapping[str, npt.NDArray[Any]], words: Mapping[str, Any]) -> str:
    """Hash words, names, types, shapes and numbers, in an order of their own."""
    digest = hashlib.sha256()
    for part in _parts(arrays, words):
        digest.update(part)
    return digest.hexdigest()


def _parts(arrays: Mapping[str, npt.NDArray[Any]], words: Mapping[str, Any]) -> Iterator[bytes]:
    yield json.dumps(words, sort_keys=True).encode()
    for name in sorted(arrays):
        array = arrays[name]
        yield json.dumps([name, array.dtype.str, array.shape]).encode()
        yield np.ascontiguousarray(array).tobytes()


def _safetensors() -> Any:
    """Import safetensors where it is needed: a browser has none, and minin runs there too.

    Raises:
        BackendUnavailableError: if it is not installed.
    """
    try:
        import safetensors.numpy
    except ImportError as error:
        raise BackendUnavailableError(
            "reading and writing parameters needs safetensors: pip install safetensors"
        ) from error
    return safetensors
