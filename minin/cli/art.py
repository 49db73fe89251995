"""Images as characters: dark is a space, light is an @, and only ASCII is used."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

RAMP = " .:-=+*#%@"
TALLEST = 16  # rows of characters
GAP = "   "


def grey(image: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Average the channels.

    **Shapes:** image (C, H, W) -> (H, W).
    """
    return np.asarray(image.mean(axis=0))


def shrink(plane: npt.NDArray[Any], tallest: int = TALLEST) -> npt.NDArray[Any]:
    """Average squares of pixels until the image is at most ``tallest`` rows high.

    **Shapes:** plane (H, W) -> (h, w), h = ceil(H / factor) and w = ceil(W / factor).
    """
    factor = math.ceil(max(plane.shape) / tallest)
    h, w = plane.shape
    padded = np.pad(plane, ((0, -h % factor), (0, -w % factor)), mode="edge")
    squares = padded.reshape(padded.shape[0] // factor, factor, -1, factor)
    return np.asarray(squares.mean(axis=(1, 3)))


def enlarge(plane: npt.NDArray[Any], rows: int, columns: int) -> npt.NDArray[Any]:
    """Repeat pixels until the image is ``rows`` high and ``columns`` wide.

    **Shapes:** plane (H, W) -> (rows, columns).
    """
    h, w = plane.shape
    i, j = np.arange(rows) * h // rows, np.arange(columns) * w // columns
    return np.asarray(plane[i[:, None], j])


def draw(plane: npt.NDArray[Any], low: float, high: float, cell: int = 2) -> list[str]:
    """Turn an image into lines of characters.

    **Shapes:** plane (H, W) -> H lines of W * cell characters.

    Args:
        plane: the brightness of each pixel.
        low: the brightness that is drawn as a space.
        high: the brightness that is drawn as an @.
        cell: characters a pixel; 2 make it about as wide as it is high.

    Example:
        >>> draw(np.array([[0.0, 0.5, 1.0]]), 0, 1)
        ['  ==@@']
    """
    span = (high - low) or 1.0
    level = np.clip((plane - low) / span, 0, 1)
    shade = np.rint(np.nan_to_num(level) * (len(RAMP) - 1)).astype(int)
    return ["".join(RAMP[value] * cell for value in row) for row in shade]


def beside(pictures: list[tuple[str, list[str]]], columns: int) -> list[str]:
    """Lay titled pictures side by side, and what does not fit below.

    Args:
        pictures: (title, lines) each; a title is cut to its picture's width.
        columns: how wide the whole may be.

    Example:
        >>> for line in beside([("a", ["11", "22"]), ("bcd", ["33", "44"])], 10):
        ...     print(line)
        a    bc
        11   33
        22   44
    """
    lines: list[str] = []
    band: list[tuple[str, list[str]]] = []
    for picture in pictures:
        wanted = sum(len(body[0]) + len(GAP) for _, body in [*band, picture]) - len(GAP)
        if band and wanted > columns:
            lines += _band(band)
            band = []
        band.append(picture)
    return lines + _band(band)


def _band(pictures: list[tuple[str, list[str]]]) -> list[str]:
    """Lay out one band of pictures of one height."""
    titles = [f"{title[: len(body[0])]:<{len(body[0])}}" for title, body in pictures]
    bodies = [body for _, body in pictures]
    return [GAP.join(row).rstrip() for row in [titles, *zip(*bodies, strict=True)]]


def explain(
    image: npt.NDArray[Any],
    white: float,
    maps: list[tuple[str, npt.NDArray[Any]]],
    columns: int,
) -> list[str]:
    """Draw an image and, beside it and as large, feature maps on one common scale.

    **Shapes:** image (C, H, W), each map (OH, OW).

    Args:
        image: the pixels as stored.
        white: the pixel value drawn as an @.
        maps: (title, map) each.
        columns: how wide the whole may be.
    """
    plane = shrink(grey(image))
    rows, width = plane.shape
    room = (len(maps) + 1) * 2 * width + len(maps) * len(GAP)
    cell = 2 if room <= columns else 1
    pictures = [("image", draw(plane, 0, white, cell))]
    if maps:
        low = min(float(values.min()) for _, values in maps)
        high = max(float(values.max()) for _, values in maps)
        for title, values in maps:
            pictures.append((title, draw(enlarge(values, rows, width), low, high, cell)))
    return beside(pictures, columns)
