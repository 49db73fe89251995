"""A network from its file alone."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from minin.errors import DataError, MininError
from minin.files.parameters import SavedState, read
from minin.models.builder import Network, build, fill


def open(path: str | os.PathLike[str]) -> Network:
    """Build the network that ``path`` describes, and fill it with the parameters there.

    The file names one of `models.names` and its options; nothing in it is run.

    Args:
        path: a file that ``minin.save`` wrote of a network made by `models.build`.

    Raises:
        DataError: if the file is missing, damaged, or does not say which network it is.
        BackendUnavailableError: if safetensors is not installed.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     minin.save(build("nin-digits", num_classes=3, rng=0), f"{folder}/net.safetensors")
        ...     open(f"{folder}/net.safetensors").num_classes
        3
    """
    saved = read(path)
    if "name" not in saved.description:
        raise DataError(
            f"{path} does not say which network it holds; build that network with "
            "models.build and fill it with minin.load(model, path)"
        )
    try:
        return fill(build(**_recipe(saved)), saved)
    except (MininError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise DataError(f"{path} holds a network that this minin cannot build: {error}") from error


def _recipe(saved: SavedState) -> dict[str, Any]:
    """Read the arguments of `build`; classes and channels must occur among the arrays.

    The last check keeps a forged number from asking for more memory than the file is long.
    """
    words = saved.description
    classes, channels = int(words["num_classes"]), int(words["in_channels"])
    shapes = [array.shape for array in saved.arrays.values()]
    if (classes,) not in shapes or not any(shape[1:2] == (channels,) for shape in shapes):
        raise ValueError(
            f"no parameters of {classes} classes and {channels} channels are in the file"
        )
    options = json.loads(words["options"])
    if not isinstance(options, Mapping):
        raise TypeError(f"the options must be a dict, got {type(options).__name__}")
    return {
        **options,
        "name": words["name"],
        "num_classes": classes,
        "in_channels": channels,
        "rng": 0,
    }
