"""Every data set by its name."""

from __future__ import annotations

import os
from pathlib import Path

from minin.data.cifar import CIFARS, find_cifar, load_cifar
from minin.data.dataset import Dataset
from minin.data.digits import load_digits
from minin.data.fetch import fetch
from minin.data.mnist import find_mnist, load_mnist
from minin.data.sources import SOURCES
from minin.data.svhn import find_svhn, load_svhn
from minin.errors import DataError, UnknownNameError


def names() -> tuple[str, ...]:
    """List the names that `load` takes.

    Example:
        >>> names()
        ('digits', 'mnist', 'fashion-mnist', 'cifar10', 'cifar100', 'svhn')
    """
    return ("digits", *SOURCES)


def load(name: str, root: str | os.PathLike[str] | None = None, download: bool = False) -> Dataset:
    """Load a data set by its name.

    "digits" comes with minin and needs nothing. The others are read from a folder; "svhn"
    needs SciPy.

    **Shapes:** images (N, C, H, W) of uint8, labels (N,) of int64.

    Args:
        name: one of `names()`.
        root: the folder that holds the set's own folder, or that folder itself; without it
            the variable MININ_DATA says where.
        download: whether a set that is not there is fetched first, into its own folder
            under the root; this needs Pooch. What is there is never fetched
            again, nor written over.

    Raises:
        UnknownNameError: if there is no such set.
        DataError: if its files are missing, damaged or swapped, or cannot be fetched.
        BackendUnavailableError: if SciPy or Pooch is needed and not installed.

    Example:
        >>> load("digits").image_shape
        (1, 8, 8)
    """
    if name not in names():
        raise UnknownNameError.among("data set", name, names())
    if name == "digits":
        return load_digits()
    if download and locate(name, root) is None:
        fetch(name, root)
    if name in CIFARS:
        return load_cifar(CIFARS[name], root)
    return load_svhn(root) if name == "svhn" else load_mnist(SOURCES[name], root)


def locate(name: str, root: str | os.PathLike[str] | None = None) -> Path | None:
    """Say where the files of a data set lie, without reading them; None if one is missing.

    Args:
        name: one of `names()`, but for "digits", which is no file of the user's.
        root: as `load` takes it.

    Raises:
        UnknownNameError: if there is no such set.

    Example:
        >>> locate("mnist", "/no/such/folder") is None
        True
    """
    if name not in SOURCES:
        raise UnknownNameError.among("data set", name, SOURCES)
    try:
        if name in CIFARS:
            return find_cifar(CIFARS[name], root)
        found = find_svhn(root) if name == "svhn" else find_mnist(SOURCES[name], root)
    except DataError:
        return None
    return found[0].parent
