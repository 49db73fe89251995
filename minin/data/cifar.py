"""CIFAR-10 and CIFAR-100 in their binary form: records of label bytes and 3,072 pixels.

    CIFAR-10    1 label byte,             then 3 x 32 x 32 pixels, red first
    CIFAR-100   1 coarse, 1 fine label,   then the same

The files are read from the folder that the archive unpacks to, or straight out of the
archive, by their exact names: nothing is unpacked, and no name in it is followed. The
pickled form is not read, for reading it runs whatever it contains.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from minin.data.archive import read_members
from minin.data.dataset import Dataset, Images, Labels
from minin.data.places import base_folder, find_file
from minin.data.sources import CIFAR10, CIFAR100, DataSource
from minin.errors import DataError
from minin.files.ordinary import open_file

PIXELS = 3 * 32 * 32
MOST_RECORDS = 60_000  # in one file; the largest official one has 50,000
_LONGEST_NAMES = 2**16  # bytes of a file of class names

Files = dict[str, bytes | bytearray]  # contents by name


@dataclass(frozen=True)
class Cifar:
    """What the files of one of the two sets are.

    Attributes:
        source: where the set comes from.
        folder: what the archive unpacks to.
        train: files of the training half.
        test: file of the test half.
        names: file of the class names.
        labels: label bytes of a record; the last one counts.
    """

    source: DataSource
    folder: str
    train: tuple[str, ...]
    test: str
    names: str
    labels: int

    @property
    def archive(self) -> str:
        """What the archive is called."""
        return self.source.files[0].name

    def most_bytes(self, name: str) -> int:
        """Give the largest size of a file that is read at all."""
        return _LONGEST_NAMES if name == self.names else MOST_RECORDS * (self.labels + PIXELS)


CIFARS = {
    "cifar10": Cifar(
        source=CIFAR10,
        folder="cifar-10-batches-bin",
        train=tuple(f"data_batch_{n}.bin" for n in range(1, 6)),
        test="test_batch.bin",
        names="batches.meta.txt",
        labels=1,
    ),
    "cifar100": Cifar(
        source=CIFAR100,
        folder="cifar-100-binary",
        train=("train.bin",),
        test="test.bin",
        names="fine_label_names.txt",
        labels=2,
    ),
}


def load_cifar(cifar: Cifar, root: str | os.PathLike[str] | None) -> Dataset:
    """Read a set under ``root`` (or the variable MININ_DATA).

    **Shapes:** images (N, 3, 32, 32), labels (N,).

    Args:
        cifar: one of `CIFARS`.
        root: the folder that holds the set's own folder or its archive, or that folder itself.

    Raises:
        DataError: if a file is missing or damaged.
    """
    return read_cifar(cifar, find_cifar(cifar, root))


def find_cifar(cifar: Cifar, root: str | os.PathLike[str] | None) -> Path:
    """Find the unpacked test half, or else the archive.

    Raises:
        DataError: if neither is there.
    """
    base = base_folder(cifar.source, root)
    return find_file(cifar.source, base, (cifar.test, cifar.archive))


def read_cifar(cifar: Cifar, found: Path) -> Dataset:
    """Read a set from what `find_cifar` found.

    **Shapes:** images (N, 3, 32, 32), labels (N,).

    Raises:
        DataError: if a file is missing or damaged.
    """
    wanted = (*cifar.train, cifar.test, cifar.names)
    files: Files
    if found.name == cifar.archive:
        sizes = {f"{cifar.folder}/{name}": cifar.most_bytes(name) for name in wanted}
        members = read_members(found, sizes, cifar.source.remedy)
        files = {name.removeprefix(f"{cifar.folder}/"): b for name, b in members.items()}
    else:
        files = {
            name: read_file(found.with_name(name), cifar.most_bytes(name), cifar.source.remedy)
            for name in wanted
            if found.with_name(name).is_file()
        }
    train_images, train_labels = _half(cifar, found, files, cifar.train)
    test_images, test_labels = _half(cifar, found, files, (cifar.test,))
    names = _names(cifar, found, files)
    return Dataset(train_images, train_labels, test_images, test_labels, names, cifar.source.name)


def read_file(path: Path, most: int, remedy: str) -> bytes:
    """Read a file that lies on its own.

    Args:
        path: the file.
        most: bytes that it may have.
        remedy: how to come by the files, for messages.

    Raises:
        DataError: if it cannot be read, or is longer.
    """
    try:
        with open_file(path) as file:
            content = file.read(most + 1)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}. {remedy}") from error
    if len(content) > most:
        raise DataError(f"{path}: it must have at most {most:,} bytes and has more. {remedy}")
    return content


def _half(cifar: Cifar, found: Path, files: Files, names: tuple[str, ...]) -> tuple[Images, Labels]:
    """Read the files of one half, one after the other.  Shapes: -> (N, 3, 32, 32), (N,)."""
    missing = [name for name in names if name not in files]
    if missing:
        raise DataError(f"{found}: {missing[0]} is missing beside it. {cifar.source.remedy}")
    parts = [records(cifar, f"{found}: {name}", files.pop(name)) for name in names]
    whole = np.concatenate(parts)  # (N, labels + 3072)
    labels = whole[:, cifar.labels - 1].astype(np.int64)
    pixels = np.ascontiguousarray(whole[:, cifar.labels :]).reshape(-1, 3, 32, 32)
    return pixels, labels


def records(cifar: Cifar, where: str, content: bytes | bytearray) -> Images:
    """Cut a file into records, once its length and its labels make sense.

    **Shapes:** -> (N, labels + 3072).

    Args:
        cifar: which of the two sets.
        where: the file, for messages.
        content: its bytes.

    Raises:
        DataError: if its length or a label is wrong.
    """
    length, size = cifar.labels + PIXELS, len(content)
    again = f"It is damaged or of another set. {cifar.source.remedy}"
    if size == 0 or size % length or size > MOST_RECORDS * length:
        raise DataError(
            f"{where} must hold records of {length:,} bytes, at most {MOST_RECORDS:,};"
            f" it has {size:,} bytes. {again}"
        )
    found = np.frombuffer(content, dtype=np.uint8).reshape(-1, length)
    highest = int(found[:, cifar.labels - 1].max())
    if highest >= cifar.source.classes:
        raise DataError(
            f"{where}: labels must be below {cifar.source.classes}; one is {highest}. {again}"
        )
    return found


def _names(cifar: Cifar, found: Path, files: Files) -> tuple[str, ...]:
    """Read the names of the classes; where the file is missing they are numbers."""
    if cifar.names not in files:
        return tuple(str(n) for n in range(cifar.source.classes))
    text = files[cifar.names].decode("utf-8", "replace")
    names = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(names) != cifar.source.classes:
        raise DataError(
            f"{found}: {cifar.names} must name {cifar.source.classes} classes;"
            f" it names {len(names)}"
        )
    return names
