"""MNIST and Fashion-MNIST: four IDX files each, from a folder on disk."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from minin.data.dataset import Dataset, Images, Labels
from minin.data.idx import read_idx
from minin.data.places import base_folder
from minin.data.sources import FASHION_MNIST, MNIST, DataSource
from minin.errors import DataError

MOST_LABELS = 2**24  # each becomes eight bytes; the largest relative of MNIST has 0.8 million
FILES = tuple(file.name for file in MNIST.unpacked)
CLASSES = {
    "mnist": tuple("0123456789"),
    "fashion-mnist": (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
}


def load_mnist(source: DataSource, root: str | os.PathLike[str] | None) -> Dataset:
    """Read the four files of ``source`` under ``root`` (or the variable MININ_DATA).

    Their sums are not compared with the official ones, so that a subset of one's own in the
    same format can be loaded; `minin data check` compares them.

    **Shapes:** images (N, 1, H, W), labels (N,).

    Args:
        source: `MNIST` or `FASHION_MNIST`.
        root: the folder that holds the set's own folder, or that folder itself.

    Raises:
        DataError: if a file is missing or damaged, or the files do not fit together.
    """
    train_images, train_labels, test_images, test_labels = find_mnist(source, root)
    return Dataset(
        train_images=_read_images(train_images),
        train_labels=_read_labels(train_labels),
        test_images=_read_images(test_images),
        test_labels=_read_labels(test_labels),
        classes=CLASSES[source.name],
        name=source.name,
    )


def find_mnist(source: DataSource, root: str | os.PathLike[str] | None) -> list[Path]:
    """Find the four files, in the order of `FILES`.

    Raises:
        DataError: if one is missing.
    """
    folder = _find_folder(source, root)
    return [_find_file(source, folder, name) for name in FILES]


def _find_folder(source: DataSource, root: str | os.PathLike[str] | None) -> Path:
    """Return the first folder that has at least one of the set's files."""
    base = base_folder(source, root)
    folders = [base / folder for folder in source.folders]
    # The sets share their file names, so a folder called after the other set is not searched
    # for this one: it would be found, and be wrong.
    if base.name not in {other.name for other in (MNIST, FASHION_MNIST) if other != source}:
        folders.append(base)
    for folder in folders:
        if any(_candidates(folder, name) for name in FILES):
            return folder
    raise DataError(
        f"{source.name}: wanted {FILES[0]}.gz and three more; found none of them in"
        f" {', '.join(map(str, folders))}. {source.remedy}"
    )


def _candidates(folder: Path, name: str) -> list[Path]:
    """List the forms of one file that are there; the unpacked one, faster, comes first."""
    return [path for path in (folder / name, folder / f"{name}.gz") if path.is_file()]


def _find_file(source: DataSource, folder: Path, name: str) -> Path:
    found = _candidates(folder, name)
    if not found:
        raise DataError(
            f"{source.name}: wanted {name}.gz (or {name}); it is missing from {folder},"
            f" where others of the set are. Fetch it from {source.mirrors[0]}"
        )
    return found[0]


def _read_images(path: Path) -> Images:
    """Read (N, H, W) pixels as (N, 1, H, W)."""
    pixels = read_idx(path)
    if pixels.ndim != 3:
        raise DataError(
            f"{path}: images have 3 axes (N, H, W); this file has shape {pixels.shape}."
            f"{_swapped(pixels.ndim == 1, 'labels')}"
        )
    return pixels[:, None]


def _read_labels(path: Path) -> Labels:
    """Read (N,) labels, as the integers that a loss indexes with."""
    labels = read_idx(path, MOST_LABELS)
    if labels.ndim != 1:
        raise DataError(
            f"{path}: labels have 1 axis (N,); this file has shape {labels.shape}."
            f"{_swapped(labels.ndim == 3, 'images')}"
        )
    return labels.astype(np.int64)


def _swapped(looks_so: bool, other: str) -> str:
    if not looks_so:
        return ""
    return (
        f" It holds {other}: were the image file and the label file swapped?"
        " Fetch both again or exchange their names"
    )
