"""Cutting arrays into batches and into halves, in an order that a seed decides."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from minin.errors import ArgumentError, DtypeError, ShapeError
from minin.rng import Rng, generator
from minin.shapes import integer

Index: TypeAlias = npt.NDArray[np.int64]
Batch: TypeAlias = tuple[npt.NDArray[Any], npt.NDArray[Any]]


def batches(
    images: npt.NDArray[Any],
    labels: npt.NDArray[Any],
    batch_size: int,
    rng: Rng = None,
    shuffle: bool = True,
    drop_last: bool = False,
) -> Iterator[Batch]:
    """Walk once over images and labels, a batch at a time.

    The order is drawn, and the arguments are checked, when this is called and not at the
    first batch. Batches are copies: what is done to one never reaches the caller's arrays.

    **Shapes:** images (N, ...), labels (N,) -> batches (B, ...), (B,) with B <= batch_size.

    Args:
        images: what to cut, along its first axis.
        labels: one integer an image.
        batch_size: images in a batch.
        rng: a seed or a NumPy Generator for the order; may be left out if shuffle is False.
        shuffle: whether to draw an order; otherwise the images come as they lie.
        drop_last: whether to leave out a last batch that is not full.

    Raises:
        ShapeError: if images and labels differ in number, or there are none.
        DtypeError: if images or labels is not a NumPy array.
        ArgumentError: if batch_size or rng makes no sense, or drop_last leaves no batch.

    Example:
        >>> pixels = np.zeros((5, 1, 2, 2), dtype=np.uint8)
        >>> walk = batches(pixels, np.arange(5), batch_size=2, shuffle=False)
        >>> [labels.tolist() for _, labels in walk]
        [[0, 1], [2, 3], [4]]
    """
    for name, array in (("images", images), ("labels", labels)):
        if not isinstance(array, np.ndarray):
            raise DtypeError(
                f"{name} must be a NumPy array; got {type(array).__name__}."
                " Use np.asarray(...) or Tensor.numpy()"
            )
    if labels.ndim != 1 or images.ndim < 1 or len(images) != len(labels) or len(labels) == 0:
        raise ShapeError(
            f"images (N, ...) and labels (N,) must have the same N, at least 1;"
            f" got {images.shape} and {labels.shape}"
        )
    batch_size = integer("batch_size", batch_size)
    count = len(labels)
    if drop_last and batch_size > count:
        raise ArgumentError(
            f"batch_size {batch_size} with drop_last=True leaves no batch of {count}"
            f" images. Use a batch_size of at most {count} or drop_last=False"
        )
    order = _seeded(rng).permutation(count) if shuffle else np.arange(count)  # (N,)
    end = count - count % batch_size if drop_last else count
    return ((images[index], labels[index]) for index in cut(order[:end], batch_size))


def cut(order: Index, batch_size: int) -> Iterator[Index]:
    """Cut an order into the indices of batches; the last may be short.

    **Shapes:** order (N,) -> indices (B,) with B <= batch_size.

    Example:
        >>> [index.tolist() for index in cut(np.array([2, 0, 1]), batch_size=2)]
        [[2, 0], [1]]
    """
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def split(labels: npt.NDArray[np.integer[Any]], fraction: float, rng: Rng) -> tuple[Index, Index]:
    """Choose a part for validation that holds each class in proportion.

    Each class gives its exact share rounded down or up: down first, and then the classes
    that lost the most to rounding give one more, until the whole is round(N * fraction).

    **Shapes:** labels (N,) -> train_index (N - V,), validation_index (V,), both ascending.

    Args:
        labels: the class of each image.
        fraction: the share for validation, between 0 and 1, both excluded.
        rng: a seed or a NumPy Generator, which decides who is chosen.

    Raises:
        ShapeError: if labels is not of shape (N,).
        DtypeError: if labels is not a NumPy array of integers.
        ArgumentError: if fraction leaves one of the two parts empty, or rng is no seed.

    Example:
        >>> train, validation = split(np.array([0, 0, 0, 0, 1, 1]), fraction=0.5, rng=0)
        >>> len(train), len(validation)
        (3, 3)
    """
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu":
        came = getattr(labels, "dtype", type(labels).__name__)
        raise DtypeError(f"labels must be a NumPy array of integers; got {came}")
    if labels.ndim != 1:
        raise ShapeError(f"labels must have shape (N,); got {labels.shape}")
    total = _validation_size(len(labels), fraction)
    source = _seeded(rng)
    _, class_of, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    exact = sizes * (total / len(labels))  # (classes,)
    shares = np.floor(exact).astype(np.int64)
    by_loss = np.argsort(shares - exact, kind="stable")  # largest loss first
    shares[by_loss[: total - int(shares.sum())]] += 1

    in_validation = np.zeros(len(labels), dtype=bool)
    for number, share in enumerate(shares):
        members = np.flatnonzero(class_of == number)
        in_validation[source.permutation(members)[:share]] = True
    return np.flatnonzero(~in_validation), np.flatnonzero(in_validation)


def _seeded(rng: Rng) -> np.random.Generator:
    """Refuse None, which elsewhere means an unpredictable order."""
    if rng is None:
        raise ArgumentError(
            "rng must be a seed (an int of at least 0) or a numpy.random.Generator; got"
            " None, and an order without a seed cannot be repeated. Pass rng=0 for a fixed order"
        )
    return generator(rng)


def _validation_size(count: int, fraction: float) -> int:
    if isinstance(fraction, bool) or not isinstance(fraction, (int, float)):
        raise ArgumentError(f"fraction must be a float between 0 and 1; got {fraction!r}")
    total = round(count * fraction) if math.isfinite(fraction) else 0
    if not 0 < fraction < 1 or not 0 < total < count:
        raise ArgumentError(
            f"fraction must leave at least one image on either side; got {fraction!r} of"
            f" {count} images, which is {total} for validation"
        )
    return total
