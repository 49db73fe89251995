"""Reading a user's own images into the shape and scale that a network was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from minin.data.picture import read_picture
from minin.errors import BackendUnavailableError, DataError
from minin.train import Source

Pixels = npt.NDArray[np.uint8]  # (N, C, H, W)


class Images(NamedTuple):
    """The images of one file, (N, C, H, W), and what they went through on the way, in words."""

    pixels: Pixels
    notes: tuple[str, ...] = ()


def read_images(path: str, source: Source, invert: bool = False) -> Images:
    """Read one file: a .npy array, or a picture that Pillow can open.

    A picture is turned upright, resized and made grey or coloured as the network needs it. An
    array has to fit as it is: (H, W), (C, H, W) or (N, C, H, W), bytes as in the data set, or
    floats from 0 to 1.

    **Shapes:** a file -> (N, C, H, W) of uint8.

    Args:
        path: the file.
        source: what the network was trained on.
        invert: whether to exchange light and dark.

    Raises:
        DataError: if the file is missing, damaged, or does not fit.
        BackendUnavailableError: if it is a picture and Pillow is not installed.
    """
    if not Path(path).is_file():
        raise DataError(f"{path!r} is no file; name a .npy array, or a PNG or JPEG picture")
    notes: tuple[str, ...] = ()
    if Path(path).suffix.lower() == ".npy":
        images = _read_array(path, source)
    else:
        try:
            picture = read_picture(Path(path), source.shape)
        except BackendUnavailableError as error:
            raise BackendUnavailableError(f"{error}, or pass a .npy array") from error
        images = np.rint(picture.pixels[None] / 255 * source.white).astype(np.uint8)
        notes = picture.notes
    return Images(np.asarray(source.white - images, dtype=np.uint8) if invert else images, notes)


def _read_array(path: str, source: Source) -> Pixels:
    try:
        # A map reads no more than the file has, whatever its header claims.
        array = np.array(np.load(path, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise DataError(f"{path!r} is no array that NumPy can read: {error}") from error
    c, h, w = source.shape
    if array.ndim == 2:
        array = array[None]  # (1, H, W)
    if array.ndim == 3:
        array = array[None]  # (1, C, H, W)
    if array.shape[1:] != (c, h, w) or len(array) == 0:
        raise DataError(
            f"{path!r} must hold images of {c}x{h}x{w} (channels, rows, columns), as the"
            f" network was trained on; got shape {array.shape}"
        )
    return _to_bytes(path, array, source.white)


def _to_bytes(path: str, array: npt.NDArray[Any], white: int) -> Pixels:
    """Bring pixels to the scale of the data set, 0 to ``white``."""
    if array.dtype.kind not in "iuf":
        raise DataError(f"{path!r} must hold numbers, integers or floats; got {array.dtype}")
    low, high = array.min(), array.max()
    if array.dtype.kind in "iu" and low >= 0 and high <= white:
        return np.asarray(array, dtype=np.uint8)
    if array.dtype.kind == "f" and low >= 0 and high <= 1:
        return np.asarray(np.rint(array * white), dtype=np.uint8)
    raise DataError(
        f"{path!r} must hold integers from 0 to {white}, as the training images do, or floats"
        f" from 0 to 1; got {array.dtype} from {low} to {high}"
    )
