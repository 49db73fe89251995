"""Where the known data sets come from, and what their official files are: `sources.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from minin.files.toml import of_minin


@dataclass(frozen=True)
class File:
    """One official file.

    Args:
        name: what it is called, on the mirrors and on disk.
        size: its bytes.
        sha256: its sum; empty if none is known.
        shape: what an IDX file announces; empty for other formats.
    """

    name: str
    size: int
    sha256: str = ""
    shape: tuple[int, ...] = ()


@dataclass(frozen=True)
class DataSource:
    """One data set: what is in it, where it lies on disk, where it can be fetched.

    Args:
        name: the name that `minin.data.load` takes.
        images: how many for training and for testing.
        image_shape: channels, rows and columns of one image.
        classes: how many there are.
        folders: where under the root its files may lie, as paths; the first is where they
            are put when they are fetched, others are where other programs put them.
        mirrors: addresses to which a file's name is appended; tried in this order.
        files: what is fetched; all of them make the set.
        unpacked: what may lie there instead.
    """

    name: str
    images: tuple[int, int]
    image_shape: tuple[int, int, int]
    classes: int
    folders: tuple[str, ...]
    mirrors: tuple[str, ...]
    files: tuple[File, ...]
    unpacked: tuple[File, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all that is fetched."""
        return sum(file.size for file in self.files)

    @property
    def remedy(self) -> str:
        """Say how to come by the files."""
        several = len(self.files) > 1
        what = f"the {len(self.files)} files" if several else self.files[0].name
        return (
            f"Fetch it with `minin data fetch {self.name}`, or put {what} from"
            f" {self.mirrors[0]} into a folder {self.folders[0]!r}, and give the folder above"
            " it as root or in MININ_DATA"
        )


def _source(name: str, table: dict[str, Any]) -> DataSource:
    """Read one table of `sources.toml`."""
    files, unpacked = (
        [File(**_tuples(f)) for f in table.pop(k, ())] for k in ("files", "unpacked")
    )
    return DataSource(name=name, files=tuple(files), unpacked=tuple(unpacked), **_tuples(table))


def _tuples(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


SOURCES = {name: _source(name, table) for name, table in of_minin("data/sources.toml").items()}
MNIST, FASHION_MNIST, SVHN = (SOURCES[name] for name in ("mnist", "fashion-mnist", "svhn"))
CIFAR10, CIFAR100 = SOURCES["cifar10"], SOURCES["cifar100"]
