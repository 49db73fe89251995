"""One door to every data set: its name."""

from __future__ import annotations

import os

from minin.data.cifar import CIFAR10, CIFAR100, load_cifar
from minin.data.dataset import Dataset
from minin.data.digits import load_digits
from minin.data.mnist import SOURCES, load_mnist
from minin.data.svhn import load_svhn
from minin.errors import DataError, UnknownNameError

_CIFARS = {source.name: source for source in (CIFAR10, CIFAR100)}


def names() -> tuple[str, ...]:
    """List the names that `load` takes.

    Example:
        >>> names()
        ('digits', 'mnist', 'fashion-mnist', 'cifar10', 'cifar100', 'svhn')
    """
    return ("digits", *SOURCES, *_CIFARS, "svhn")


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
        BackendUnavailableError: for "svhn", if SciPy is not installed.

    Example:
        >>> load("digits").image_shape
        (1, 8, 8)
    """
    if name not in names():
        raise UnknownNameError.among("data set", name, names())
    if name == "digits":
        return load_digits()
    try:
        if name in _CIFARS:
            return load_cifar(_CIFARS[name], root)
        return load_svhn(root) if name == "svhn" else load_mnist(SOURCES[name], root)
    except DataError as error:
        if not download:
            raise
        raise DataError(f"{error}. download=True cannot fetch {name!r}: do it by hand") from error
