"""MNIST and Fashion-MNIST: four IDX files each, from a folder on disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from minin.data.dataset import Dataset, Images, Labels
from minin.data.idx import read_idx
from minin.data.places import base_folder
from minin.errors import DataError

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


@dataclass(frozen=True)
class Source:
    """Where one set lies, where it comes from, and what its official files weigh.

    Args:
        name: the name that `load` takes.
        folders: where under the root its files may lie; the second is torchvision's place.
        url: where the four .gz files can be fetched.
        sha256: the sum of each official .gz file, in the order of `FILES`. Loading does not
            compare them, so that a subset of one's own in the same format can be loaded.
        classes: the names of the ten classes.
    """

    name: str
    folders: tuple[str, ...]
    url: str
    sha256: tuple[str, ...]
    classes: tuple[str, ...]


SOURCES = {
    "mnist": Source(
        name="mnist",
        folders=("mnist", "MNIST/raw"),
        url="https://storage.googleapis.com/cvdf-datasets/mnist/",
        sha256=(
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
        classes=tuple("0123456789"),
    ),
    "fashion-mnist": Source(
        name="fashion-mnist",
        folders=("fashion-mnist", "FashionMNIST/raw"),
        url="https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        sha256=(
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
        classes=(
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
    ),
}


def load_mnist(source: Source, root: str | os.PathLike[str] | None) -> Dataset:
    """Read the four files of ``source`` under ``root`` (or the variable MININ_DATA).

    **Shapes:** images (N, 1, H, W), labels (N,).

    Args:
        source: one of `SOURCES`.
        root: the folder that holds the set's own folder, or that folder itself.

    Raises:
        DataError: if a file is missing or damaged, or the files do not fit together.
    """
    folder = _find_folder(source, root)
    train_images, train_labels, test_images, test_labels = (
        _find_file(source, folder, name) for name in FILES
    )
    return Dataset(
        train_images=_read_images(train_images),
        train_labels=_read_labels(train_labels),
        test_images=_read_images(test_images),
        test_labels=_read_labels(test_labels),
        classes=source.classes,
        name=source.name,
    )


def _find_folder(source: Source, root: str | os.PathLike[str] | None) -> Path:
    """Return the first folder that has at least one of the set's files."""
    base = base_folder(source.name, root, _remedy(source))
    folders = [base / folder for folder in source.folders]
    # The sets share their file names, so a folder called after another set is not searched
    # for this one: it would be found, and be wrong.
    if base.name not in {name for name in SOURCES if name != source.name}:
        folders.append(base)
    for folder in folders:
        if any(_candidates(folder, name) for name in FILES):
            return folder
    raise DataError(
        f"{source.name}: wanted {FILES[0]}.gz and three more; found none of them in"
        f" {', '.join(map(str, folders))}. {_remedy(source)}"
    )


def _candidates(folder: Path, name: str) -> list[Path]:
    """List the forms of one file that are there; the unpacked one, faster, comes first."""
    return [path for path in (folder / name, folder / f"{name}.gz") if path.is_file()]


def _find_file(source: Source, folder: Path, name: str) -> Path:
    found = _candidates(folder, name)
    if not found:
        raise DataError(
            f"{source.name}: wanted {name}.gz (or {name}); it is missing from {folder},"
            f" where others of the set are. Fetch it from {source.url}"
        )
    return found[0]


def _remedy(source: Source) -> str:
    """Say how to come by the files."""
    return (
        f"Put the four .gz files from {source.url} into a folder {source.folders[0]!r}, and"
        " give the folder above it as root or in MININ_DATA"
    )


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
    labels = read_idx(path)
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
