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
from minin.errors import BackendUnavailableError, DataError

URL = "http://ufldl.stanford.edu/housenumbers/"
TRAIN, TEST = "train_32x32.mat", "test_32x32.mat"
MOST_BYTES = 2**31  # the larger of the two has a tenth of it
_REMEDY = f"Put {TRAIN} and {TEST} from {URL} into the folder that root or MININ_DATA names"


def load_svhn(root: str | os.PathLike[str] | None) -> Dataset:
    """Read both files under ``root`` (or the variable MININ_DATA).

    **Shapes:** images (N, 3, 32, 32), labels (N,).

    Args:
        root: the folder that holds a folder svhn, or that folder itself.

    Raises:
        DataError: if a file is missing or damaged.
        BackendUnavailableError: if SciPy is not installed.
    """
    base = base_folder("svhn", root, _REMEDY)
    halves = [_read(find_file("svhn", base, ("svhn",), (name,), _REMEDY)) for name in (TRAIN, TEST)]
    (train_images, train_labels), (test_images, test_labels) = halves
    classes = tuple("0123456789")
    return Dataset(train_images, train_labels, test_images, test_labels, classes, "svhn")


def _read(path: Path) -> tuple[Images, Labels]:
    """Read one file.  Shapes: -> (N, 3, 32, 32), (N,)."""
    found = _matlab(path)
    x, y = found["X"], found["y"]
    if x.ndim != 4 or x.shape[:3] != (32, 32, 3) or x.dtype != np.uint8:
        raise DataError(f"{path}: X must be (32, 32, 3, N) of uint8; got {x.shape} of {x.dtype}")
    count = x.shape[3]
    if y.size != count or y.dtype.kind not in "iuf" or not count:
        raise DataError(f"{path}: y must hold {count} labels; got {y.shape} of {y.dtype}")
    labels = y.ravel()
    if not ((labels >= 1) & (labels <= 10) & (labels == np.round(labels))).all():
        raise DataError(f"{path}: labels must be 1 to 10; it is damaged. {_REMEDY}")
    images = np.ascontiguousarray(x.transpose(3, 2, 0, 1))  # (N, 3, 32, 32)
    return images, (labels.astype(np.int64) % 10)


def _matlab(path: Path) -> dict[str, Any]:
    """Read X and y of a MATLAB file, and no other variable."""
    try:
        from scipy.io import loadmat, whosmat
    except ImportError as error:
        raise BackendUnavailableError(
            'reading svhn needs SciPy: pip install "minin[svhn]"'
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shapes = {name: shape for name, shape, _ in whosmat(path)}
            for name in ("X", "y"):
                if name not in shapes:
                    raise DataError(f"{path}: the variable {name} is missing. {_REMEDY}")
                if int(np.prod([float(n) for n in shapes[name]])) > MOST_BYTES:
                    raise DataError(f"{path}: {name} is announced as {shapes[name]}: too large")
            found = loadmat(path, variable_names=["X", "y"])
            return {name: np.asarray(found[name]) for name in ("X", "y")}
    except DataError:
        raise
    except MemoryError as error:
        raise DataError(f"{path}: it announces more than there is memory") from error
    except Exception as error:  # whatever a reader of broken bytes comes up with
        raise DataError(
            f"{path} cannot be read as a MATLAB file ({error}): it is damaged or cut short."
            f" {_REMEDY}"
        ) from error
