"""A data set from a folder of pictures: one folder a class, PNG or JPEG inside.

    pets/cat/1.png            or, where the halves are chosen already,
    pets/cat/2.jpg            pets/train/cat/1.png
    pets/dog/1.png            pets/test/cat/2.jpg

Pictures come from anywhere, so their headers are all read before one is unpacked, and no
link is followed out of the folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from minin.data.arrays import from_arrays
from minin.data.dataset import Dataset, Images, Labels
from minin.data.picture import Header, read_header, read_picture
from minin.errors import ArgumentError, DataError
from minin.shapes import integer

ENDINGS = (".png", ".jpg", ".jpeg")
MOST_BYTES = 2**32  # of pixels, all pictures together


class _Picture(NamedTuple):
    """One file, the number of its class, and what its header says."""

    path: Path
    label: int
    header: Header


def from_folder(
    path: str | os.PathLike[str],
    size: int | tuple[int, int] | None = None,
    channels: int | None = None,
    test_share: float = 0.2,
    seed: int = 0,
) -> Dataset:
    """Read a folder with one folder of PNG or JPEG pictures for each class.

    The classes are the names of those folders, in alphabetical order. Where ``path`` holds
    the two folders ``train`` and ``test``, they are the halves; otherwise a test half is
    split off, each class in proportion. Files and folders whose names begin with a dot are
    passed over; any other file inside a class that is no picture is an error, as is a link
    that leads out of ``path``. A picture
    is turned upright as its camera noted, 16 bits are brought to 8, a transparent ground is laid
    on white, and of several pictures in a file the first is read.

    **Shapes:** -> a Dataset of images (N, C, H, W).

    Args:
        path: the folder.
        size: rows and columns to which every picture is resized; one number for a square.
            Without it the pictures must all have one size.
        channels: 1 for grey or 3 for colour; without it, 1 if every picture is grey.
        test_share: the part to split off, between 0 and 1; unused if there is a folder test.
        seed: decides which pictures are split off.

    Raises:
        DataError: if the folder or a file in it is not as said above; it is named.
        ArgumentError: if size, channels or test_share makes no sense.
        BackendUnavailableError: if Pillow is not installed.

    Example:
        >>> import tempfile
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for number in range(10):
        ...         Path(folder, f"class {number % 2}").mkdir(exist_ok=True)
        ...         Image.new("L", (8, 8)).save(f"{folder}/class {number % 2}/{number}.png")
        ...     from_folder(folder).classes
        ('class 0', 'class 1')
    """
    if channels not in (None, 1, 3) or isinstance(channels, bool):
        raise ArgumentError(f"channels must be 1, 3 or None; got {channels!r}")
    wanted = None if size is None else _size(size)
    root = Path(path)
    top = _entries(root, root)
    name = root.resolve().name or "folder"
    if {"train", "test"} <= {entry.name for entry in top}:
        if len(top) > 2:
            extra = next(entry for entry in top if entry.name not in ("train", "test"))
            raise DataError(f"{extra}: there must be nothing beside the folders train and test")
        classes = _classes(root, root / "train")
        halves = [_pictures(root, root / half, classes) for half in ("train", "test")]
    else:
        classes = _classes(root, root)
        halves = [_pictures(root, root, classes)]
    shape = _shape([picture for half in halves for picture in half], wanted, channels)
    images, labels = _read(halves[0], shape)
    tested = _read(halves[1], shape) if len(halves) == 2 else (None, None)
    return from_arrays(
        images,
        labels,
        tested[0],
        tested[1],
        classes=classes,
        test_share=test_share,
        seed=seed,
        name=name,
    )


def _size(size: int | tuple[int, int]) -> tuple[int, int]:
    """Read a size as (H, W)."""
    if isinstance(size, (tuple, list)):
        if len(size) != 2:
            raise ArgumentError(f"size must be one number or (rows, columns); got {size!r}")
        return integer("size", size[0]), integer("size", size[1])
    return integer("size", size), integer("size", size)


def _entries(root: Path, folder: Path) -> list[Path]:
    """List a folder by name, but for what is hidden; a link out of ``root`` is refused."""
    try:
        found = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        home = root.resolve(strict=True)
        for entry in found:
            if not entry.resolve(strict=True).is_relative_to(home):
                raise DataError(f"{entry}: the link points outside {root}, and is not followed")
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a circle
        if isinstance(error, DataError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{str(folder)!r} cannot be read: {reason}") from error
    return found


def _classes(root: Path, folder: Path) -> tuple[str, ...]:
    """Name the classes: the folders, by name."""
    entries = _entries(root, folder)
    loose = [entry for entry in entries if entry.suffix.lower() in ENDINGS and entry.is_file()]
    if loose:
        raise DataError(f"{loose[0]}: a picture must lie in the folder of its class")
    classes = tuple(entry.name for entry in entries if entry.is_dir())
    if not classes:
        raise DataError(
            f"{folder} must hold a folder of pictures for each class; it holds no folder."
            " Did you mean the folder above it, or one inside?"
        )
    return classes


def _pictures(root: Path, folder: Path, classes: Sequence[str]) -> list[_Picture]:
    """Read the headers of one half."""
    there = _classes(root, folder)
    unknown = sorted(set(there) - set(classes))
    if unknown:
        raise DataError(f"{folder / unknown[0]}: there is no such class in the training half")
    found = []
    for number, name in enumerate(classes):
        for path in _entries(root, folder / name) if name in there else []:
            _check_file(path)
            found.append(_Picture(path, number, read_header(path)))
        if name in there and (not found or found[-1].label != number):
            raise DataError(f"{folder / name}: the class has no pictures. Remove the folder")
    return found


def _check_file(path: Path) -> None:
    """Demand an ordinary file with the ending of a picture: a pipe would never end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise DataError(f"{path}: inside the folder of a class there must be only pictures")
    if path.suffix.lower() not in ENDINGS:
        raise DataError(
            f"{path}: a picture must end in {', '.join(ENDINGS)}. Convert it, or take it out"
        )


def _shape(
    pictures: list[_Picture], size: tuple[int, int] | None, channels: int | None
) -> tuple[int, int, int]:
    """Find the one shape (C, H, W) of all pictures, and see that it is not too much."""
    first = pictures[0]
    for picture in pictures:
        if size is None and picture.header.size != first.header.size:
            raise DataError(
                f"{picture.path}: it has {_text(picture.header.size)} pixels, and {first.path}"
                f" has {_text(first.header.size)} (rows x columns). Without size they must"
                " agree; size=32 would resize all of them"
            )
    h, w = size or first.header.size
    c = channels or (1 if all(picture.header.grey for picture in pictures) else 3)
    if len(pictures) * c * h * w > MOST_BYTES:
        raise DataError(
            f"{len(pictures):,} pictures of {c}x{h}x{w} are more than {MOST_BYTES:,} bytes;"
            " use a smaller size"
        )
    return c, h, w


def _text(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _read(pictures: list[_Picture], shape: tuple[int, int, int]) -> tuple[Images, Labels]:
    """Unpack the pictures of one half, one after the other.  Shapes: -> (N, C, H, W), (N,)."""
    images = np.empty((len(pictures), *shape), dtype=np.uint8)
    for place, picture in zip(images, pictures, strict=True):
        place[:] = read_picture(picture.path, shape).pixels
    return images, np.array([picture.label for picture in pictures], dtype=np.int64)
