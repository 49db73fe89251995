"""What every reader returns: images and labels, in two halves, already checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.errors import DataError

Images = npt.NDArray[np.uint8]  # (N, C, H, W)
Labels = npt.NDArray[np.int64]  # (N,)


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Images to learn from and images to be judged by.

    The pixels stay the bytes that the files hold; `Standardise` makes floats of them, batch
    by batch. Code that has a Dataset needs no checks of its own: they are done here.

    **Shapes:** train_images (N, C, H, W), train_labels (N,); test_images (M, C, H, W),
    test_labels (M,).

    Args:
        train_images: uint8 pixels, at least one image.
        train_labels: int64, each an index into ``classes``.
        test_images: uint8 pixels of the same C, H and W.
        test_labels: int64, each an index into ``classes``.
        classes: the name of each class, in the order of the labels.
        name: what the set is called in messages and records.

    Raises:
        DataError: if a shape, a type or a label is not as said above.

    Example:
        >>> pixels = np.zeros((3, 1, 8, 8), dtype=np.uint8)
        >>> labels = np.array([0, 1, 1])
        >>> Dataset(pixels, labels, pixels[:1], labels[:1], ("cat", "dog"), "pets")
        Dataset('pets': 3 training and 1 test images of 1x8x8, 2 classes)
    """

    train_images: Images
    train_labels: Labels
    test_images: Images
    test_labels: Labels
    classes: tuple[str, ...]
    name: str = "images"

    def __post_init__(self) -> None:
        if isinstance(self.classes, list):
            object.__setattr__(self, "classes", tuple(self.classes))
        if not isinstance(self.classes, tuple) or not self.classes:
            raise DataError(
                f"{self.name}: classes must be a tuple of at least one name; got {self.classes!r}"
            )
        for half in ("train", "test"):
            images = getattr(self, f"{half}_images")
            labels = getattr(self, f"{half}_labels")
            self._check_images(f"{half}_images", images)
            self._check_labels(f"{half}_labels", labels, f"{half}_images", len(images))
        if self.train_images.shape[1:] != self.test_images.shape[1:]:
            raise DataError(
                f"{self.name}: training and test images must have one size (C, H, W); got"
                f" {self.train_images.shape[1:]} and {self.test_images.shape[1:]}."
                " Are the two halves from different sets?"
            )

    def _check_images(self, what: str, images: Any) -> None:
        _check_array(self.name, what, images, np.uint8, "(N, C, H, W)", ndim=4)
        if images.size == 0:
            raise DataError(
                f"{self.name}: {what} must hold at least one image of at least one pixel;"
                f" got shape {images.shape}"
            )

    def _check_labels(self, what: str, labels: Any, of: str, count: int) -> None:
        _check_array(self.name, what, labels, np.int64, "(N,)", ndim=1)
        if len(labels) != count:
            raise DataError(
                f"{self.name}: {what} must hold one label an image; got {len(labels)}"
                f" labels for {count} {of}. Do the two files belong together?"
            )
        outside = np.flatnonzero((labels < 0) | (labels >= len(self.classes)))
        if len(outside):
            first = int(outside[0])
            raise DataError(
                f"{self.name}: {what} must be from 0 to {len(self.classes) - 1}, an index"
                f" into {len(self.classes)} classes; got {int(labels[first])} at index"
                f" {first} ({len(outside)} such). Labels that count from 1 need `- 1`"
            )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Channels, rows and columns of one image."""
        _, c, h, w = self.train_images.shape
        return c, h, w

    def __repr__(self) -> str:
        c, h, w = self.image_shape
        return (
            f"Dataset({self.name!r}: {len(self.train_images)} training and"
            f" {len(self.test_images)} test images of {c}x{h}x{w},"
            f" {len(self.classes)} classes)"
        )


def _check_array(
    name: str, what: str, array: Any, dtype: type[np.generic], shape: str, ndim: int
) -> None:
    """Say what ``array`` is instead of a NumPy array of this type and rank."""
    wanted = f"{name}: {what} must be a NumPy array of {np.dtype(dtype)}, shape {shape}"
    if not isinstance(array, np.ndarray):
        raise DataError(f"{wanted}; got {type(array).__name__}. Use np.asarray(...)")
    if array.dtype != dtype:
        raise DataError(f"{wanted}; got {array.dtype}. Use {what}.astype(np.{np.dtype(dtype)})")
    if array.ndim != ndim:
        raise DataError(
            f"{wanted}; got shape {array.shape}. Grey images have C = 1: images[:, None]"
        )


def fingerprint(dataset: Dataset) -> str:
    """Hash the training half, so that a run can tell whether it goes on with the same images.

    **Shapes:** all of a Dataset -> 64 hexadecimal digits: a SHA-256 sum over the shape of the
    training images, the names of the classes, the pixels and the labels.

    Args:
        dataset: any data set; its name and its test half do not count.

    Example:
        >>> pixels = np.zeros((3, 1, 8, 8), dtype=np.uint8)
        >>> pets = Dataset(pixels, np.array([0, 1, 1]), pixels, np.array([0, 1, 1]), ("a", "b"))
        >>> fingerprint(pets)[:8]
        '8888696e'
    """
    digest = hashlib.sha256(repr((dataset.train_images.shape, dataset.classes)).encode())
    digest.update(np.ascontiguousarray(dataset.train_images).data)
    # Little-endian, so that one data set has one sum on every machine.
    digest.update(np.ascontiguousarray(dataset.train_labels.astype("<i8", copy=False)).data)
    return digest.hexdigest()
