"""The surest mistakes: what the network got wrong with the least doubt."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from minin.data.transforms import Preprocess
from minin.doctor.inputs import Images
from minin.doctor.judge import Labels, probabilities
from minin.errors import ArgumentError
from minin.explain.confusion import check_labels
from minin.files import write_atomically
from minin.nn import Module
from minin.plots import DPI, as_png, new_figure
from minin.shapes import integer
from minin.text import short

COLUMNS = 5  # of a contact sheet
MOST_TILES = 100
TILE = 224  # dots along an image
SIDE, HEAD, MARGIN = 16, 40, 14  # dots beside an image, above it, and around the sheet


class Mistake(NamedTuple):
    """One image that was taken for something else.

    Attributes:
        image: its number.
        truth: its class.
        predicted: what it was taken for.
        probability: how sure the network was, 0 to 1.
    """

    image: int
    truth: int
    predicted: int
    probability: float

    @property
    def percent(self) -> str:
        """The probability in words that never round a doubt away.

        Example:
            >>> Mistake(0, 7, 1, 0.984).percent, Mistake(0, 7, 1, 0.9999).percent
            ('98 %', '>99 %')
        """
        if not math.isfinite(self.probability):
            return f"{self.probability} %"
        return ">99 %" if self.probability > 0.995 else f"{100 * self.probability:.0f} %"


def surest_mistakes(
    model: Module,
    images: Images,
    labels: Labels,
    count: int = 20,
    batch_size: int = 256,
    preprocess: Preprocess | None = None,
) -> list[Mistake]:
    """List the mistakes that a network was surest of, the surest first; it is left as it was.

    **Shapes:** images (N, C, H, W), labels (N,).

    Args:
        model: a network that returns logits (N, classes).
        images: bytes as loaded, or floats that are prepared already.
        labels: the right class of each image.
        count: how many at most.
        batch_size: images at a time.
        preprocess: how bytes become floats; left out, as `fit` noted it in the network.

    Raises:
        ShapeError: if images and labels differ in number, or do not fit the network.
        DtypeError: if the labels are no integers.
        ArgumentError: if count is below 1, or a label is out of range.

    Example:
        >>> from minin import data, models
        >>> digits = data.load("digits")
        >>> model = models.build("nin-digits", rng=0)
        >>> scale = data.Preprocess.fit(["standardise"], digits.train_images)
        >>> images, labels = digits.test_images, digits.test_labels
        >>> len(surest_mistakes(model, images, labels, 3, preprocess=scale))
        3
    """
    integer("count", count)
    return pick_surest(probabilities(model, images, batch_size, preprocess), labels, count)


def pick_surest(shares: npt.NDArray[Any], labels: Labels, count: int = 20) -> list[Mistake]:
    """List the surest mistakes, from what `probabilities` returned.

    **Shapes:** shares (N, classes), labels (N,).

    Raises:
        ShapeError, DtypeError, ArgumentError: as `surest_mistakes`.

    Example:
        >>> pick_surest(np.array([[0.9, 0.1], [0.3, 0.7], [0.2, 0.8]]), np.array([1, 1, 0]))
        [Mistake(image=0, truth=1, predicted=0, probability=0.9),
         Mistake(image=2, truth=0, predicted=1, probability=0.8)]
    """
    count = integer("count", count)
    check_labels(shares, labels)
    said = shares.argmax(axis=1)  # (N,)
    wrong = np.flatnonzero(said != labels)  # (M,)
    order = wrong[np.argsort(-shares[wrong, said[wrong]], kind="stable")][:count]
    return [Mistake(int(k), int(labels[k]), int(said[k]), float(shares[k, said[k]])) for k in order]


def contact_sheet(
    path: str | os.PathLike[str],
    mistakes: Sequence[Mistake],
    images: Images,
    classes: Sequence[str],
) -> None:
    """Draw mistakes side by side, each with what it is and what was said.

    Pixels become squares of one size, up to 224 dots an image; larger images are shrunk.

    **Shapes:** images (N, C, H, W); three channels are shown in colour, others as their mean.

    Args:
        path: the PNG file.
        mistakes: what to draw, 100 at most; without any, the sheet says so.
        images: bytes as loaded.
        classes: the names.

    Raises:
        ArgumentError: if there are more than 100 mistakes.
        BackendUnavailableError: if matplotlib is not installed.
        DataError: if the file cannot be written.
    """
    if len(mistakes) > MOST_TILES:
        raise ArgumentError(
            f"mistakes must be at most {MOST_TILES} for one sheet; got {len(mistakes)}."
            f" Draw mistakes[:{MOST_TILES}], or several sheets"
        )
    rows = max(1, -(-len(mistakes) // COLUMNS))
    width = 2 * MARGIN + COLUMNS * TILE + (COLUMNS - 1) * SIDE
    height = 2 * MARGIN + rows * (HEAD + TILE)
    figure = new_figure(width / DPI, height / DPI, arrange=False)
    if not mistakes:
        figure.text(0.5, 0.5, "no mistakes", ha="center", va="center")
    low, white = min(0.0, float(images.min())), float(images.max())
    for number, mistake in enumerate(mistakes):
        row, column = divmod(number, COLUMNS)
        left = MARGIN + column * (TILE + SIDE)
        bottom = height - MARGIN - (row + 1) * (HEAD + TILE)
        box = (left / width, bottom / height, TILE / width, TILE / height)
        tile = figure.add_axes(box)
        _show(tile, images[mistake.image], low, white)
        tile.set_title("\n".join(caption(mistake, classes)), fontsize=8, pad=4, parse_math=False)
    write_atomically(path, as_png(figure))


def caption(mistake: Mistake, classes: Sequence[str]) -> tuple[str, str]:
    """Write what an image is and what was said, in two short lines.

    Example:
        >>> caption(Mistake(112, 0, 1, 0.98), ["T-shirt/top", "Trouser"])
        ('112 is T-shirt/top', 'said Trouser, 98 %')
    """
    truth, said = short(classes[mistake.truth]), short(classes[mistake.predicted])
    return f"{mistake.image} is {truth}", f"said {said}, {mistake.percent}"


def _show(tile: Any, image: npt.NDArray[Any], low: float, white: float) -> None:
    """Draw one image (C, H, W), each pixel a square of whole dots where there is room."""
    tile.set_axis_off()
    grey = (image.astype(float) - low) / ((white - low) or 1.0)
    shown = grey.transpose(1, 2, 0) if len(grey) == 3 else grey.mean(axis=0)
    side = max(shown.shape[:2])
    dots = side * max(1, TILE // side)  # along the longer edge
    h, w = (n / side * min(dots, TILE) / TILE for n in shown.shape[:2])
    across, up = (1 - w) / 2, 0.0
    extent = (across, across + w, up, up + h)
    smooth = "nearest" if side <= TILE else "antialiased"
    tile.imshow(shown, cmap="gray", vmin=0, vmax=1, interpolation=smooth, extent=extent)
    tile.set_xlim(0, 1)
    tile.set_ylim(0, 1)
