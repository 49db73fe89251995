"""What the numbers of a picture mean: 8 bits of grey or colour on a ground of white, upright.

Pillow hands a picture over as its file has it: 16 bits, lying on its side, with a transparent
ground. Converted without a look it is another picture, and nobody is told. Here each is brought
to bytes by a rule that is said in words, or refused.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from minin.errors import DataError

FAINT = 239  # of 255: what is lighter everywhere looks like a white sheet, and is none
Bytes: TypeAlias = npt.NDArray[np.uint8]

GREY = {"1", "L", "LA", "I;16", "I;16L", "I;16B", "I;16N"}
_DEEP = {mode for mode in GREY if mode.startswith("I")}
_ALPHA = {"LA", "PA", "RGBA"}
_KNOWN = GREY | _ALPHA | {"P", "RGB", "RGBX", "CMYK", "YCbCr", "HSV"}
_REFUSED = {
    "F": "floats, and which of them is white is not said",
    "I": "integers of 32 bits, and which of them is white is not said",
    "LAB": "colours in L*a*b*, which Pillow does not turn into RGB",
}
_ORIENTATION, _BITS, _MEANING = 274, 258, 262  # tags of EXIF and TIFF


def mode_of(picture: Any) -> str:
    """Return Pillow's mode; old Pillows call a PNG's 16 bits of grey 32."""
    return "I;16" if picture.format == "PNG" and picture.mode == "I" else str(picture.mode)


def check_mode(picture: Any) -> None:
    """Refuse numbers whose meaning is not known.

    Raises:
        DataError: saying why; the file's name is for the caller to add.
    """
    mode, tags = mode_of(picture), dict(getattr(picture, "tag_v2", {}))
    why = _REFUSED.get(mode)
    if mode not in _KNOWN and why is None:
        why = f"of Pillow's mode {mode!r}, which minin does not know"
    if mode in _DEEP and picture.format == "TIFF" and tags.get(_BITS, (16,))[0] != 16:
        why = f"grey of {tags[_BITS][0]} bits, whose white Pillow does not tell"
    if mode in _DEEP and tags.get(_MEANING) == 0:
        why = "16-bit grey in which 0 is white"
    if _is_deep_colour(picture) and "transparency" in picture.info:
        why = "16-bit colour of which one is transparent"
    if why is not None:
        raise DataError(f"its pixels are {why}. Save it as plain grey or RGB of 8 bits")


def orientation_of(picture: Any) -> int:
    """Return how the picture lies, 1 to 8 as EXIF counts; 1 is upright, and no note means 1."""
    from PIL import Image

    noted = Image.Image.getexif(picture).get(_ORIENTATION)  # a PNG's own would unpack it
    return noted if isinstance(noted, int) and 1 <= noted <= 8 else 1


def upright(pixels: Bytes, orientation: int) -> Bytes:
    """Turn a picture as its note says.  Shapes: (H, W, ...) -> (H, W, ...) or (W, H, ...).

    Example:
        >>> upright(np.array([[1, 2, 3]], np.uint8), 6)  # held upright: a quarter clockwise
        array([[1],
               [2],
               [3]], dtype=uint8)
    """
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    rows = -1 if orientation in (3, 4, 7, 8) else 1
    columns = -1 if orientation in (2, 3, 6, 7) else 1
    return pixels[::rows, ::columns]


def to_bytes(picture: Any, channels: int) -> tuple[Bytes, list[str]]:
    """Bring a picture to 8 bits of grey or RGB, and say what that took.

    **Shapes:** -> (H, W), or (H, W, 3) for 3 channels.

    Raises:
        DataError: if it can be seen on a black ground only.
    """
    notes = []
    if mode_of(picture) in _DEEP:
        notes.append("16-bit grey brought to 8 bits")
    if _is_deep_colour(picture):
        notes.append("16 bits a channel brought to 8")
    image, alpha = _parts(picture)
    mode = "L" if channels == 1 else "RGB"
    if image.mode == "CMYK":
        notes.append("CMYK made RGB without a colour profile")
    pixels = np.asarray(image.convert(mode))  # (H, W) or (H, W, 3)
    if alpha is not None and alpha.min() < 255:
        pixels = _on_white(pixels, alpha)
        notes.append("transparent ground laid on white")
    if channels == 1 and mode_of(picture) not in GREY:
        notes.append("colour made grey")
    return pixels, notes


def _is_deep_colour(picture: Any) -> bool:
    """Tell whether Pillow will drop the lower 8 of 16 bits while it unpacks."""
    if picture.format not in ("PNG", "TIFF") or mode_of(picture) in _DEEP or not picture.tile:
        return False
    raw = picture.tile[0][3]
    return bool(re.search(r";16[BLN]?$", str(raw if isinstance(raw, str) else raw[0])))


def _parts(picture: Any) -> tuple[Any, Bytes | None]:
    """Part a picture into an image of Pillow without alpha, and its alpha (H, W)."""
    from PIL import Image

    mode, clear = mode_of(picture), picture.info.get("transparency")
    if mode in _DEEP:
        values = np.asarray(picture).astype(np.uint32)  # (H, W)
        alpha = None if clear is None else np.where(values == clear, 0, 255).astype(np.uint8)
        return Image.fromarray(((values + 128) // 257).astype(np.uint8)), alpha
    if mode not in _ALPHA and clear is None:
        return picture, None
    grey = mode in GREY
    both = picture.convert("LA" if grey else "RGBA")
    return both.convert("L" if grey else "RGB"), np.asarray(both.getchannel("A"))


def _on_white(pixels: Bytes, alpha: Bytes) -> Bytes:
    """Lay a picture on white.  Shapes: pixels (H, W) or (H, W, 3), alpha (H, W)."""
    share = alpha.astype(np.uint16).reshape(alpha.shape + (1,) * (pixels.ndim - 2))
    laid = ((pixels * share + 255 * (255 - share) + 127) // 255).astype(np.uint8)
    if laid.min() > FAINT and alpha.max() > 0:
        raise DataError(
            "the background is transparent and the drawing is white or nearly white; images are put"
            " on white, so nothing would be seen. Put it on a dark background, without transparency"
        )
    return laid
