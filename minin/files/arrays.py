"""Arrays on disk, as safetensors: names, shapes and numbers, and nothing that runs.

A file also carries a few words about itself and a SHA-256 digest of all of it, so that a
damaged file is noticed and not merely worse at its task.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.errors import BackendUnavailableError, DataError
from minin.files.atomic import write_atomically

VERSION = "1"

PathLike = str | os.PathLike[str]
Arrays = dict[str, npt.NDArray[Any]]


def write_arrays(
    path: PathLike,
    arrays: Mapping[str, npt.NDArray[Any]],
    kind: str,
    description: Mapping[str, Any],
) -> None:
    """Write named arrays and words about them: whole, or not at all.

    Args:
        path: the file.
        arrays: any number of NumPy arrays.
        kind: what the file is, as in "minin-parameters"; `read_arrays` asks for it.
        description: words that JSON can hold.

    Raises:
        DataError: if the file cannot be written.
        BackendUnavailableError: if safetensors is not installed.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = f"{folder}/a.safetensors"
        ...     write_arrays(path, {"x": np.arange(3)}, "example", {"why": "to see"})
        ...     read_arrays(path, "example")
        ({'x': array([0, 1, 2])}, {'why': 'to see'})
    """
    # What safetensors writes is an array's memory as it lies, so it must lie in order.
    ordered = {name: np.array(array, order="C") for name, array in arrays.items()}
    words = {"format": kind, "version": VERSION, "description": dict(description)}
    words["sha256"] = _digest(ordered, words)
    # One entry, for safetensors shuffles several: the same content gives the same bytes.
    metadata = {"minin": json.dumps(words, sort_keys=True)}
    write_atomically(path, _safetensors().numpy.save(ordered, metadata=metadata))


def read_arrays(path: PathLike, kind: str) -> tuple[Arrays, dict[str, Any] | None]:
    """Read arrays and their words; the words are None in a file of another program.

    Args:
        path: the file.
        kind: what it must be, as `write_arrays` was told.

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
            f"{path} cannot be read as safetensors ({error}): it is incomplete, damaged "
            "or of another kind; fetch or save it again"
        ) from error
    if "minin" not in metadata:  # written by another program: nothing to hold it to
        return arrays, None
    return arrays, _description(path, arrays, metadata["minin"], kind)


def _description(
    path: PathLike, arrays: Mapping[str, npt.NDArray[Any]], text: str, kind: str
) -> dict[str, Any]:
    """Read what a file says about itself: it must be of our kind and version, and whole."""
    damaged = DataError(
        f"{path} is damaged: its content does not have the SHA-256 digest that it names; "
        "fetch or save it again"
    )
    try:
        words = dict(json.loads(text))
        digest, description = words.pop("sha256"), dict(words["description"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise damaged from error
    if words.get("version") != VERSION:
        raise DataError(
            f"{path} is of format version {words.get('version')!r}, this minin reads "
            f"{VERSION!r}; read it with the minin that wrote it"
        )
    if digest != _digest(arrays, words):
        raise damaged
    if words.get("format") != kind:
        raise DataError(
            f"{path} holds {str(words.get('format'))!r:.40} and not {kind!r}; name another file"
        )
    return description


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
        raise BackendUnavailableError.needs(
            "reading and writing parameters", "safetensors"
        ) from error
    return safetensors
