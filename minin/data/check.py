"""Holding the files of a folder against what is known of the official ones."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from minin.data.cifar import CIFARS, read_cifar, read_file, records
from minin.data.dataset import Labels
from minin.data.fetch import digest_of
from minin.data.idx import read_idx
from minin.data.sources import SOURCES, DataSource, File
from minin.data.svhn import read_svhn
from minin.errors import BackendUnavailableError, DataError


@dataclass(frozen=True)
class Checked:
    """What was found out about one file.

    Attributes:
        path: the file.
        source: the name of its data set.
        faults: what is wrong with it; empty if nothing is.
        note: what could not be checked; empty if all was.
    """

    path: Path
    source: str
    faults: tuple[str, ...]
    note: str = ""


def check(folder: str | os.PathLike[str]) -> list[Checked]:
    """Check every file of a known data set in ``folder``: size, sum, shapes, labels.

    It is looked for in the folder itself and in those that `minin.data.load` would search.
    A set of which only some files are there has a fault for each that is missing.

    Args:
        folder: a root of data sets, or the folder of one.

    Raises:
        DataError: if it is no folder, or holds no known file.
    """
    base = Path(folder)
    if not base.is_dir():
        raise DataError(f"{str(folder)!r} is no folder")
    claims: dict[Path, list[tuple[DataSource, File]]] = {}
    for source in SOURCES.values():
        for place in (base, *(base / name for name in source.folders)):
            for file in (*source.files, *source.unpacked):
                if (place / file.name).is_file():
                    claims.setdefault(place / file.name, []).append((source, file))
    if not claims:
        raise DataError(f"{base} holds no file of {', '.join(SOURCES)}; name the folder that does")
    found = [_best(path, owners) for path, owners in claims.items()]
    return found + [fault for checked in _by_place(found) for fault in _missing(*checked)]


def _best(path: Path, owners: list[tuple[DataSource, File]]) -> Checked:
    """Check a file for each set that has one of its name: the two MNISTs share theirs."""
    place = f"/{path.parent.resolve().as_posix()}"
    named = [o for o in owners if any(place.endswith(f"/{name}") for name in o[0].folders)]
    verdicts = [_check_file(path, source, file) for source, file in named or owners]
    return min(verdicts, key=lambda verdict: len(verdict.faults))


def _by_place(found: list[Checked]) -> list[tuple[DataSource, Path, set[str]]]:
    """Gather the names of the files of each set in each folder."""
    names: dict[tuple[str, Path], set[str]] = {}
    for checked in found:
        names.setdefault((checked.source, checked.path.parent), set()).add(checked.path.name)
    return [(SOURCES[source], place, there) for (source, place), there in names.items()]


def _missing(source: DataSource, place: Path, there: set[str]) -> list[Checked]:
    """Name the files that a set lacks, counted in the form of which it has more."""
    if source.name in CIFARS and source.files[0].name in there:
        return []
    if source.name in CIFARS:
        lacking = [file.name for file in source.unpacked if file.name not in there]
    else:
        lacking = [f.name for f in source.files if not {f.name, f.name.removesuffix(".gz")} & there]
    return [Checked(place / name, source.name, ("missing",)) for name in lacking]


def _check_file(path: Path, source: DataSource, file: File) -> Checked:
    """Check one file as that of one set."""
    faults, note = [], ""
    size = path.stat().st_size
    if size != file.size:
        faults.append(f"{size:,} bytes, and the official file has {file.size:,}")
    elif not file.sha256:
        note = "no published sum is known"
    elif digest_of(path) != file.sha256:
        faults.append("its SHA-256 sum is not that of the official file")
    try:
        _check_content(path, source, file)
    except DataError as error:
        faults.append(str(error).removeprefix(f"{path}: "))
    except BackendUnavailableError as error:
        note = f"not opened: {error}"
    return Checked(path, source.name, tuple(faults), note)


def _check_content(path: Path, source: DataSource, file: File) -> None:
    """Read a file and hold it against what the set is.

    Raises:
        DataError: if it is damaged, or of another shape or other labels.
        BackendUnavailableError: if a library that reads it is not installed.
    """
    if file.shape:
        array = read_idx(path)
        if array.shape != file.shape:
            raise DataError(f"it has the shape {array.shape}, and {file.shape} is wanted")
        if array.ndim == 1:
            _check_labels(array.astype("int64"), source)
    elif path.suffix == ".bin":
        _check_records(path, source, file)
    elif source.name in CIFARS:
        found = read_cifar(CIFARS[source.name], path)
        if (len(found.train_labels), len(found.test_labels)) != source.images:
            raise DataError(f"it does not hold {source.images[0]:,} + {source.images[1]:,} images")
    else:
        images, _ = read_svhn(path)
        wanted = source.images[source.files.index(file)]
        if len(images) != wanted:
            raise DataError(f"it holds {len(images):,} images, and {wanted:,} are wanted")


def _check_labels(labels: Labels, source: DataSource) -> None:
    if labels.max() >= source.classes:
        raise DataError(f"labels must be below {source.classes}; one is {labels.max()}")


def _check_records(path: Path, source: DataSource, file: File) -> None:
    cifar = CIFARS[source.name]
    content = read_file(path, cifar.most_bytes(path.name), source.remedy)
    count, wanted = len(records(cifar, str(path), content)), file.size // (3072 + cifar.labels)
    if count != wanted:
        raise DataError(f"it holds {count:,} records, and {wanted:,} are wanted")
