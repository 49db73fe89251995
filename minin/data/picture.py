"""One PNG or JPEG file, by Pillow: its header first, its pixels when all headers agree."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from minin.errors import BackendUnavailableError, DataError

MOST_PIXELS = 2**26  # of one picture; a telephone's have a fifth or four fifths of it
_GREY = {"1", "L"}
_KNOWN = _GREY | {"P", "RGB", "CMYK", "YCbCr"}


class Header(NamedTuple):
    """What a picture says of itself: (rows, columns), and whether it is grey."""

    size: tuple[int, int]
    grey: bool


def read_header(path: Path) -> Header:
    """Read the header of a picture; no pixel is unpacked.

    Raises:
        DataError: if it is no PNG or JPEG, is huge, transparent, or has 16 bits a pixel.
        BackendUnavailableError: if Pillow is not installed.
    """
    with _opened(path) as picture:
        return Header((picture.height, picture.width), picture.mode in _GREY)


def read_pixels(path: Path, shape: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    """Unpack a picture, make it grey or coloured, and resize it if need be.

    **Shapes:** -> (C, H, W), as ``shape`` says.

    Raises:
        DataError: if the picture is damaged.
        BackendUnavailableError: if Pillow is not installed.
    """
    c, h, w = shape
    with _opened(path) as picture:
        pixels = picture.convert("L" if c == 1 else "RGB")
        if pixels.size != (w, h):
            pixels = pixels.resize((w, h))
        array = np.asarray(pixels)  # (H, W) or (H, W, 3)
    return array[None] if c == 1 else array.transpose(2, 0, 1)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a picture and check its header; whatever goes wrong inside names the file."""
    try:
        from PIL import Image
    except ImportError as error:
        raise BackendUnavailableError.needs("reading pictures", "Pillow") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow only warns of a picture that is a bomb
            with Image.open(path, formats=("PNG", "JPEG")) as picture:
                _check(path, picture)
                yield picture
    except DataError:
        raise
    except Exception as error:  # whatever a reader of broken or huge pictures comes up with
        raise DataError(f"{path} is no picture that Pillow can read: {error}") from error


def _check(path: Path, picture: Any) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise DataError(
            f"{path}: it has {picture.height:,} x {picture.width:,} pixels; at most"
            f" {MOST_PIXELS:,} are read. Make it smaller"
        )
    if "transparency" in picture.info or picture.mode not in _KNOWN:
        raise DataError(
            f"{path}: its pixels are {picture.mode!r}, transparent or of more than 8 bits a"
            " channel, and what they would look like is not for minin to decide. Save it as"
            " plain grey or RGB of 8 bits"
        )
