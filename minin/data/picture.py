"""One picture of the user's: its header first, its pixels when all headers agree."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minin.data.modes import GREY, Bytes, check_mode, mode_of, orientation_of, to_bytes, upright
from minin.errors import BackendUnavailableError, DataError
from minin.files.ordinary import open_file

MOST_PIXELS = 2**26  # of one picture; a telephone's have a fifth or four fifths of it
PLAIN = ("PNG", "JPEG")  # whose headers tell how large they are when upright
FORMATS = (*PLAIN, "GIF", "BMP", "TIFF", "WEBP")  # that Pillow reads by itself


class Header(NamedTuple):
    """What a picture says of itself: (rows, columns) when upright, and whether it is grey."""

    size: tuple[int, int]
    grey: bool


class Picture(NamedTuple):
    """A picture as a network sees it.

    Attributes:
        pixels: (C, H, W).
        notes: what it went through on the way, in words; empty if nothing.
    """

    pixels: Bytes
    notes: tuple[str, ...]


def read_header(path: Path) -> Header:
    """Read the header of a PNG or JPEG; no pixel is unpacked.

    Raises:
        DataError: if it is neither, is huge, or cannot be read truthfully.
        BackendUnavailableError: if Pillow is not installed.
    """
    with _opened(path, PLAIN) as picture:
        size = (picture.height, picture.width)
        lies = orientation_of(picture) >= 5
        return Header(size[::-1] if lies else size, mode_of(picture) in GREY)


def read_picture(path: Path, shape: tuple[int, int, int]) -> Picture:
    """Unpack a picture, turn it upright, make it grey or coloured, and resize it if need be.

    Of 16 bits the nearest of 8 are taken; a transparent ground is laid on white; of several
    pictures in one file the first is read. Each is noted.

    **Shapes:** -> (C, H, W), as ``shape`` says.

    Raises:
        DataError: if the picture is damaged, or cannot be read truthfully.
        BackendUnavailableError: if Pillow is not installed.
    """
    c, h, w = shape
    notes = []
    with _opened(path) as picture:
        from PIL import Image

        frames, orientation = getattr(picture, "n_frames", 1), orientation_of(picture)
        early = "exif" in picture.info
        if frames > 1:
            notes.append(f"the first of {frames} pictures in the file")
        pixels, brought = to_bytes(picture, c)
        if picture.format == "PNG" and "exif" in picture.info and not early:
            raise DataError("its EXIF data stand after its pixels. Open it and save it again")
        pixels = upright(pixels, orientation_of(picture))  # 1 now if Pillow did it, as in a TIFF
        size = f"{pixels.shape[1]}x{pixels.shape[0]}"
        if orientation > 1:
            notes.append(f"{size} turned upright (EXIF orientation {orientation})")
        if pixels.shape[:2] != (h, w):
            notes.append(f"{size} resized to {w}x{h}")
            resized = Image.fromarray(np.ascontiguousarray(pixels)).resize((w, h))
            pixels = np.asarray(resized)  # (H, W) or (H, W, 3)
    return Picture(pixels[None] if c == 1 else pixels.transpose(2, 0, 1), (*brought, *notes))


@contextmanager
def _opened(path: Path, formats: tuple[str, ...] = FORMATS) -> Iterator[Any]:
    """Open a picture and check its header; whatever goes wrong inside names the file."""
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise BackendUnavailableError.needs("reading pictures", "Pillow") from error
    try:
        with warnings.catch_warnings():
            # Of what stands beside the pixels Pillow only warns, and reads on; so does minin.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with open_file(path) as file, Image.open(file, formats=formats) as picture:
                _check(picture)
                yield picture
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    except UnidentifiedImageError as error:
        raise DataError(
            f"{path} is no picture that Pillow can read as {' or '.join(formats)}, whatever its"
            " name says. Open it and save it as PNG"
        ) from error
    except Exception as error:  # whatever a reader of broken or huge pictures comes up with
        raise DataError(f"{path} is no picture that Pillow can read: {error}") from error


def _check(picture: Any) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise DataError(
            f"it has {picture.height:,} x {picture.width:,} pixels; at most {MOST_PIXELS:,} are"
            " read. Make it smaller"
        )
    if picture.width < 1 or picture.height < 1:
        raise DataError(f"it has {picture.height} x {picture.width} pixels: there is no picture")
    check_mode(picture)
