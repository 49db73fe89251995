"""The bundled set: 1,797 real handwritten digits, 8x8; `DIGITS.md` has the source."""

from __future__ import annotations

import hashlib
import io
from importlib import resources

import numpy as np

from minin.data.dataset import Dataset
from minin.errors import DataError

SHA256 = "c5e07c198eea59323a89c034b0c4cb88a1020bdb5962ab60767abc8763b51f3b"


def load_digits() -> Dataset:
    """Read the bundled digits and cut them where the committed split says.

    The pixels are 0 to 16, not 0 to 255: each counts the inked cells of a 4x4 block of the
    32x32 bitmap that was scanned.

    **Shapes:** train_images (1437, 1, 8, 8), test_images (360, 1, 8, 8).

    Raises:
        DataError: if the bundled file is missing or damaged.

    Example:
        >>> load_digits()
        Dataset('digits': 1437 training and 360 test images of 1x8x8, 10 classes)
    """
    try:
        content = resources.files("minin.data").joinpath("digits.npz").read_bytes()
    except OSError as error:
        raise DataError(f"the bundled digits.npz: {error}. Install minin again") from error
    # The file has one right content, so nothing of any other is looked at.
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise DataError("the bundled digits.npz is damaged. Install minin again")
    with np.load(io.BytesIO(content), allow_pickle=False) as found:
        images, labels = found["images"], found["labels"].astype(np.int64)
        test_index = found["test_index"]
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
