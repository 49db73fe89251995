"""A data set from arrays that the caller already has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.data.batches import split
from minin.data.dataset import Dataset, Images, Labels
from minin.errors import ArgumentError, DataError, DtypeError, ShapeError, UnknownNameError

LAYOUTS = ("NCHW", "NHWC", "NHW")
MOST_CLASSES = 100_000  # that are named after numbers, where nobody names them


def from_arrays(
    train_images: npt.NDArray[np.uint8],
    train_labels: npt.NDArray[np.integer[Any]],
    test_images: npt.NDArray[np.uint8] | None = None,
    test_labels: npt.NDArray[np.integer[Any]] | None = None,
    classes: Sequence[str] | None = None,
    layout: str = "NCHW",
    test_share: float = 0.2,
    seed: int = 0,
    name: str = "arrays",
) -> Dataset:
    """Make a data set of images and labels in memory.

    Without a test half, one is split off, each class in proportion. Arrays that are in the
    right form already are not copied: do not change them afterwards.

    **Shapes:** images (N, C, H, W), (N, H, W, C) or (N, H, W), as ``layout`` says; labels
    (N,) -> a Dataset of images (N, C, H, W).

    Args:
        train_images: uint8 pixels.
        train_labels: integers from 0, each an index into ``classes``.
        test_images: uint8 pixels of the same layout and size, or None.
        test_labels: as train_labels; given if and only if test_images is.
        classes: the names of the classes; without them they are numbers.
        layout: which axis is which, "NCHW", "NHWC" or "NHW"; it is never guessed.
        test_share: the part to split off, between 0 and 1; unused if a test half is given.
        seed: decides which images are split off.
        name: what the set is called in messages and records.

    Raises:
        UnknownNameError: if layout is none of the three.
        DtypeError: if images are not arrays of uint8, or labels not of integers.
        ShapeError: if an array does not have the axes that the layout says.
        ArgumentError: if only one of test_images and test_labels is given, or test_share
            leaves a half empty.
        DataError: if a label is outside the classes, or the halves do not fit together.

    Example:
        >>> pixels = np.zeros((10, 8, 8), dtype=np.uint8)
        >>> from_arrays(pixels, np.arange(10) % 2, layout="NHW", classes=["cat", "dog"])
        Dataset('arrays': 8 training and 2 test images of 1x8x8, 2 classes)
    """
    if layout not in LAYOUTS:
        raise UnknownNameError.among("layout", layout, LAYOUTS)
    if (test_images is None) != (test_labels is None):
        raise ArgumentError(
            "test_images and test_labels must be given together, or neither: then"
            " test_share of the training images becomes the test half"
        )
    images = _images("train_images", train_images, layout)
    labels = _labels("train_labels", train_labels)
    if test_images is None:
        halves = _split(images, labels, test_share, seed)
    else:
        tested = _images("test_images", test_images, layout)
        halves = (images, labels, tested, _labels("test_labels", test_labels))
    return Dataset(*halves, _classes(classes, halves[1], halves[3]), name)


def _images(name: str, images: Any, layout: str) -> Images:
    """Bring images to (N, C, H, W)."""
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
        came = getattr(images, "dtype", type(images).__name__)
        raise DtypeError(
            f"{name} must be a NumPy array of uint8, pixels from 0 to 255; got {came}."
            " Floats from 0 to 1: (255 * images).round().astype(np.uint8)"
        )
    if images.ndim != len(layout):
        raise ShapeError(
            f"{name} must have the {len(layout)} axes of layout={layout!r}; got shape"
            f" {images.shape}. The layouts are {', '.join(LAYOUTS)}"
        )
    if layout == "NHW":
        return np.ascontiguousarray(images[:, None])  # (N, 1, H, W)
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2) if layout == "NHWC" else images)


def _labels(name: str, labels: Any) -> Labels:
    """Bring labels to (N,) of int64."""
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu":
        came = getattr(labels, "dtype", type(labels).__name__)
        raise DtypeError(
            f"{name} must be a NumPy array of integers; got {came}. Use"
            " np.array(labels); names become numbers with np.unique(..., return_inverse=True)"
        )
    if labels.ndim != 1:
        raise ShapeError(f"{name} must have shape (N,); got {labels.shape}. One-hot: argmax(1)")
    if labels.dtype == np.uint64 and len(labels) and labels.max() > np.iinfo(np.int64).max:
        raise DataError(f"{name} must be indices of classes; one is {labels.max()}")
    return labels.astype(np.int64, copy=False)


def _split(
    images: Images, labels: Labels, share: float, seed: int
) -> tuple[Images, Labels, Images, Labels]:
    """Split a test half off, each class in proportion."""
    if len(images) != len(labels):
        raise ShapeError(
            f"train_images and train_labels must be as many; got {len(images)} and {len(labels)}"
        )
    try:
        train, test = split(labels, share, seed)
    except ArgumentError as error:
        raise ArgumentError(f"test_share and seed: {error}") from error
    return images[train], labels[train], images[test], labels[test]


def _classes(classes: Any, *labels: Labels) -> tuple[str, ...]:
    """Read the names of the classes, or call them by their numbers."""
    if classes is None:
        highest = max((int(half.max()) for half in labels if len(half)), default=0)
        if highest >= MOST_CLASSES:
            raise DataError(
                f"the highest label is {highest:,}: more than {MOST_CLASSES:,} classes must be"
                " named in classes. Do the labels count from 0 without gaps?"
            )
        return tuple(str(number) for number in range(highest + 1))
    if isinstance(classes, str) or not isinstance(classes, Sequence):
        raise ArgumentError(f"classes must be a sequence of names; got {classes!r:.60}")
    if not all(isinstance(word, str) for word in classes) or len(set(classes)) != len(classes):
        raise ArgumentError(f"classes must be different strings; got {classes!r:.60}")
    return tuple(classes)
