"""One door to every data set: its name."""

from __future__ import annotations

import os

from minin.data.dataset import Dataset
from minin.data.digits import load_digits
from minin.data.mnist import SOURCES, load_mnist
from minin.errors import DataError, UnknownNameError


def names() -> tuple[str, ...]:
    """List the names that `load` takes.

    Example:
        >>> names()
        ('digits', 'mnist', 'fashion-mnist')
    """
    return ("digits", *SOURCES)


def load(name: str, root: str | os.PathLike[str] | None = None, download: bool = False) -> Dataset:
    """Load a data set by its name.

    "digits" comes with minin and needs nothing. The others are read from a folder.

    **Shapes:** images (N, C, H, W) of uint8, labels (N,) of int64.

    Args:
        name: one of `names()`.
        root: the folder that holds the set's own folder, or that folder itself; without it
            the variable MININ_DATA says where.
        download: whether a set that is missing may be fetched. No set can be fetched yet,
            so this changes only what the error says.

    Raises:
        UnknownNameError: if there is no such set.
        DataError: if its files are missing, damaged or swapped.

    Example:
        >>> load("digits").image_shape
        (1, 8, 8)
    """
    if name not in names():
        raise UnknownNameError.among("data set", name, names())
    if name == "digits":
        return load_digits()
    try:
        return load_mnist(SOURCES[name], root)
    except DataError as error:
        if not download:
            raise
        raise DataError(f"{error}. download=True cannot fetch {name!r}: do it by hand") from error
