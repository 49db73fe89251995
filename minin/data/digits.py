"""The bundled set: 1,797 real handwritten digits, 8x8; `DIGITS.md` has the source."""

from __future__ import annotations

import zipfile
import zlib
from importlib import resources

import numpy as np

from minin.data.dataset import Dataset
from minin.errors import DataError


def load_digits() -> Dataset:
    """Read the bundled digits and cut them where the committed split says.

    The pixels are 0 to 16, not 0 to 255: each counts the inked cells of a 4x4 block of the
    32x32 bitmap that was scanned.

    **Shapes:** train_images (1437, 1, 8, 8), test_images (360, 1, 8, 8).

    Raises:
        DataError: if the bundled file is damaged.

    Example:
        >>> load_digits()
        Dataset('digits': 1437 training and 360 test images of 1x8x8, 10 classes)
    """
    try:
        with (
            resources.files("minin.data").joinpath("digits.npz").open("rb") as file,
            np.load(file, allow_pickle=False) as content,
        ):
            images, labels = content["images"], content["labels"].astype(np.int64)
            test_index = content["test_index"]
    except (
        OSError,
        KeyError,
        ValueError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise DataError(
            f"the bundled digits.npz must hold images, labels and test_index; got: {error}."
            " Install minin again"
        ) from error
    in_test = np.zeros(len(labels), dtype=bool)
    in_test[test_index] = True
    return Dataset(
        train_images=images[~in_test],
        train_labels=labels[~in_test],
        test_images=images[in_test],
        test_labels=labels[in_test],
        classes=tuple("0123456789"),
        name="digits",
    )
