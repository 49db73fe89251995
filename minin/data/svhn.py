"""Street View House Numbers, cropped digits: two MATLAB files, read by SciPy.

In the files X is (32, 32, 3, N), and the label 10 stands for the digit 0.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from minin.data.dataset import Dataset, Images, Labels
from minin.data.places import base_folder, find_file
from minin.data.sources import SVHN
from minin.errors import BackendUnavailableError, DataError
from minin.files.ordinary import open_file

FILES = tuple(file.name for file in SVHN.files)
MOST_IMAGES = 100_000  # the larger of the two has 73,257
_INTEGERS = {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
_NUMBERS = _INTEGERS | {"single", "double"}  # MATLAB's words; structs and cells are no numbers


def load_svhn(root: str | os.PathLike[str] | None) -> Dataset:
    """Read both files under ``root`` (or the variable MININ_DATA).

    **Shapes:** images (N, 3, 32, 32), labels (N,).

    Args:
        root: the folder that holds a folder svhn, or that folder itself.

    Raises:
        DataError: if a file is missing or damaged.
        BackendUnavailableError: if SciPy is not installed.
    """
    train, test = find_svhn(root)
    train_images, train_labels = read_svhn(train)
    test_images, test_labels = read_svhn(test)
    classes = tuple("0123456789")
    return Dataset(train_images, train_labels, test_images, test_labels, classes, "svhn")


def find_svhn(root: str | os.PathLike[str] | None) -> list[Path]:
    """Find the two files, the training half first.

    Raises:
        DataError: if one is missing.
    """
    base = base_folder(SVHN, root)
    return [find_file(SVHN, base, (name,)) for name in FILES]


def read_svhn(path: Path) -> tuple[Images, Labels]:
    """Read one half.

    **Shapes:** -> images (N, 3, 32, 32), labels (N,).

    Raises:
        DataError: if the file is damaged.
        BackendUnavailableError: if SciPy is not installed.
    """
    found = _matlab(path)
    x, y = found["X"], found["y"]
    if x.ndim != 4 or x.shape[:3] != (32, 32, 3) or x.dtype != np.uint8:
        raise DataError(f"{path}: X must be (32, 32, 3, N) of uint8; got {x.shape} of {x.dtype}")
    count = x.shape[3]
    if y.size != count or y.dtype.kind not in "iuf" or not count:
        raise DataError(f"{path}: y must hold {count} labels; got {y.shape} of {y.dtype}")
    labels = y.ravel()
    if not ((labels >= 1) & (labels <= 10) & (labels == np.round(labels))).all():
        raise DataError(f"{path}: labels must be 1 to 10; it is damaged. {SVHN.remedy}")
    images = np.ascontiguousarray(x.transpose(3, 2, 0, 1))  # (N, 3, 32, 32)
    return images, (labels.astype(np.int64) % 10)


def _matlab(path: Path) -> dict[str, Any]:
    """Read X and y of a MATLAB file, and no other variable."""
    try:
        from scipy.io import loadmat, whosmat
    except ImportError as error:
        raise BackendUnavailableError.needs("reading svhn", "scipy") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with open_file(path) as file:
                _check_announced(path, whosmat(file))
            with open_file(path) as file:
                found = loadmat(file, variable_names=["X", "y"])
            return {name: np.asarray(found[name]) for name in ("X", "y")}
    except DataError:
        raise
    except MemoryError as error:
        raise DataError(f"{path}: it announces more than there is memory") from error
    except Exception as error:  # whatever a reader of broken bytes comes up with
        raise DataError(
            f"{path} cannot be read as a MATLAB file ({error}): it is incomplete or damaged."
            f" {SVHN.remedy}"
        ) from error


def _check_announced(path: Path, variables: list[tuple[str, tuple[int, ...], str]]) -> None:
    """Believe no size: SciPy makes room for whatever a header announces."""
    for wanted, most in (("X", MOST_IMAGES * 32 * 32 * 3), ("y", MOST_IMAGES)):
        found = [(shape, kind) for name, shape, kind in variables if name == wanted]
        if len(found) != 1:
            raise DataError(
                f"{path}: the variable {wanted} must be there once; it is {len(found)} times."
                f" {SVHN.remedy}"
            )
        ((shape, kind),) = found
        if np.prod([float(n) for n in shape]) > most or kind not in _NUMBERS:
            raise DataError(
                f"{path}: {wanted} is announced as {kind} {shape}; at most {most:,} numbers are"
                f" read. {SVHN.remedy}"
            )
