"""Parameters on disk: a module's arrays, and how to build the module again."""

from __future__ import annotations

from minin.errors import DataError, MininError
from minin.files.arrays import PathLike
from minin.files.parameters import SavedState, read, write_state
from minin.nn.module import Module


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
    words = dict(model.description or {})
    write_state(path, SavedState(model.state_dict(), words, dict(model.attachments)))


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
