"""Reading a user's own images into the shape and scale that a network was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.errors import BackendUnavailableError, DataError
from minin.train import Source

Pixels = npt.NDArray[np.uint8]  # (N, C, H, W)


def read_images(path: str, source: Source, invert: bool = False) -> Pixels:
    """Read one file: a .npy array, or a picture that Pillow can open.

    A picture is resized and made grey or coloured as the network needs it. An array has to
    fit as it is: (H, W), (C, H, W) or (N, C, H, W), bytes as in the data set, or floats
    from 0 to 1.

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
    if Path(path).suffix.lower() == ".npy":
        images = _read_array(path, source)
    else:
        images = _read_picture(path, source)
    return np.asarray(source.white - images, dtype=np.uint8) if invert else images


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


def _read_picture(path: str, source: Source) -> Pixels:
    try:
        from PIL import Image
    except ImportError as error:
        raise BackendUnavailableError.needs(
            f"reading {path!r}", "Pillow", ", or pass a .npy array"
        ) from error
    c, h, w = source.shape
    try:
        with Image.open(path) as picture:
            sized = picture.convert("L" if c == 1 else "RGB").resize((w, h))
            pixels = np.asarray(sized, dtype=np.float64) / 255
    except Exception as error:  # whatever a reader of broken or huge pictures comes up with
        raise DataError(f"{path!r} is no picture that Pillow can read: {error}") from error
    planes = pixels[None] if c == 1 else pixels.transpose(2, 0, 1)  # (C, H, W)
    return np.rint(planes[None] * source.white).astype(np.uint8)
