"""CIFAR-10 and CIFAR-100 in their binary form: records of label bytes and 3,072 pixels.

    CIFAR-10    1 label byte,             then 3 x 32 x 32 pixels, red first
    CIFAR-100   1 coarse, 1 fine label,   then the same

The files are read from the folder that the archive unpacks to, or straight out of the
archive, by their exact names: nothing is unpacked, and no name in it is followed. The
pickled form is not read, for reading it runs whatever it contains.
"""

from __future__ import annotations

import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from minin.data.dataset import Dataset, Images, Labels
from minin.data.places import base_folder, find_file
from minin.errors import DataError

PIXELS = 3 * 32 * 32
MOST_RECORDS = 60_000  # in one file; the largest official one has 50,000
_LONGEST_NAMES = 2**16  # bytes of a file of class names


@dataclass(frozen=True)
class Cifar:
    """One of the two sets.

    Attributes:
        name: the name that `load` takes.
        folder: what the archive unpacks to.
        archive: what the archive is called.
        url: where it can be fetched.
        train: files of the training half.
        test: file of the test half.
        names: file of the class names.
        labels: label bytes of a record; the last one counts.
        classes: how many there are.
    """

    name: str
    folder: str
    archive: str
    url: str
    train: tuple[str, ...]
    test: str
    names: str
    labels: int
    classes: int

    @property
    def remedy(self) -> str:
        """How to come by the files."""
        return f"Put {self.archive} from {self.url} into the folder that root or MININ_DATA names"


CIFAR10 = Cifar(
    name="cifar10",
    folder="cifar-10-batches-bin",
    archive="cifar-10-binary.tar.gz",
    url="https://www.cs.toronto.edu/~kriz/",
    train=tuple(f"data_batch_{n}.bin" for n in range(1, 6)),
    test="test_batch.bin",
    names="batches.meta.txt",
    labels=1,
    classes=10,
)
CIFAR100 = Cifar(
    name="cifar100",
    folder="cifar-100-binary",
    archive="cifar-100-binary.tar.gz",
    url="https://www.cs.toronto.edu/~kriz/",
    train=("train.bin",),
    test="test.bin",
    names="fine_label_names.txt",
    labels=2,
    classes=100,
)


def load_cifar(source: Cifar, root: str | os.PathLike[str] | None) -> Dataset:
    """Read a set under ``root`` (or the variable MININ_DATA).

    **Shapes:** images (N, 3, 32, 32), labels (N,).

    Args:
        source: `CIFAR10` or `CIFAR100`.
        root: the folder that holds the set's own folder or its archive, or that folder itself.

    Raises:
        DataError: if a file is missing or damaged.
    """
    base = base_folder(source.name, root, source.remedy)
    folders = (source.name, source.folder, f"{source.name}/{source.folder}")
    found = find_file(source.name, base, folders, (source.test, source.archive), source.remedy)
    reader = _from_archive if found.name == source.archive else _from_folder
    with reader(source, found) as files:
        halves = [
            _half(source, found, files, source.train),
            _half(source, found, files, (source.test,)),
        ]
        names = _names(source, found, files)
    (train_images, train_labels), (test_images, test_labels) = halves
    return Dataset(train_images, train_labels, test_images, test_labels, names, source.name)


Files = dict[str, "_File"]


@dataclass(frozen=True)
class _File:
    """One file of the set, wherever it lies: its length, and its bytes once."""

    size: int
    stream: BinaryIO


@contextmanager
def _from_folder(source: Cifar, found: Path) -> Iterator[Files]:
    """Open the files beside the one that was found."""
    files: Files = {}
    try:
        for name in (*source.train, source.test, source.names):
            path = found.with_name(name)
            if path.is_file():
                files[name] = _File(path.stat().st_size, path.open("rb"))
        yield files
    except OSError as error:
        raise DataError(f"{found.parent}: {error.strerror or error}. {source.remedy}") from error
    finally:
        for file in files.values():
            file.stream.close()


@contextmanager
def _from_archive(source: Cifar, found: Path) -> Iterator[Files]:
    """Open the archive's members of the exact names; no other is looked at."""
    try:
        with tarfile.open(found, "r:gz") as archive:
            files: Files = {}
            for name in (*source.train, source.test, source.names):
                member = _member(archive, f"{source.folder}/{name}")
                stream = archive.extractfile(member) if member else None
                if member and stream:
                    files[name] = _File(member.size, stream)  # type: ignore[arg-type]
            yield files
    except DataError:
        raise
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        raise DataError(
            f"{found}: the archive is cut short or damaged ({error}). {source.remedy}"
        ) from error


def _member(archive: tarfile.TarFile, name: str) -> tarfile.TarInfo | None:
    try:
        member = archive.getmember(name)
    except KeyError:
        return None
    return member if member.isreg() else None  # no links: they lead anywhere


def _half(
    source: Cifar, found: Path, files: Files, names: tuple[str, ...]
) -> tuple[Images, Labels]:
    """Read the files of one half, one after the other."""
    parts = [_records(source, found, files, name) for name in names]
    records = np.concatenate(parts)  # (N, labels + 3072)
    labels = records[:, source.labels - 1].astype(np.int64)
    pixels = np.ascontiguousarray(records[:, source.labels :]).reshape(-1, 3, 32, 32)
    return pixels, labels


def _records(source: Cifar, found: Path, files: Files, name: str) -> Images:
    """Read one file of records, after its length is checked.  Shapes: -> (N, labels + 3072)."""
    if name not in files:
        raise DataError(f"{found}: {name} is missing beside it. {source.remedy}")
    length, size = source.labels + PIXELS, files[name].size
    if size == 0 or size % length or size > MOST_RECORDS * length:
        raise DataError(
            f"{found}: {name} must hold records of {length:,} bytes, at most {MOST_RECORDS:,};"
            f" it has {size:,} bytes. It is damaged or of another set. {source.remedy}"
        )
    content = files[name].stream.read(size)
    if len(content) != size:
        raise DataError(f"{found}: {name} ends after {len(content):,} of {size:,} bytes")
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, length)
    highest = int(records[:, source.labels - 1].max())
    if highest >= source.classes:
        raise DataError(
            f"{found}: labels in {name} must be below {source.classes}; one is {highest}."
            f" It is damaged or of another set. {source.remedy}"
        )
    return records


def _names(source: Cifar, found: Path, files: Files) -> tuple[str, ...]:
    """Read the names of the classes; where the file is missing they are numbers."""
    if source.names not in files:
        return tuple(str(n) for n in range(source.classes))
    text = files[source.names].stream.read(_LONGEST_NAMES).decode("utf-8", "replace")
    names = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(names) != source.classes:
        raise DataError(
            f"{found}: {source.names} must name {source.classes} classes; it names {len(names)}"
        )
    return names
