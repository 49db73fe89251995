"""Where in the image a Network in Network saw each class.

The network ends in one feature map a class, and a class's score is the average of its map.
So the maps, just before they are averaged, show what spoke for a class and where; nothing
has to be computed that the network did not compute anyway. Paper: section 3.2, figure 4.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from minin import backend
from minin.autograd import record
from minin.data.transforms import Preprocess
from minin.doctor.inputs import Images, Source, prepared
from minin.doctor.judge import in_use
from minin.errors import ArgumentError
from minin.nn import Module
from minin.plots import Drawing
from minin.plots.drawing import PALETTES, mixed
from minin.text import percent, short

TILE, GAP, MARGIN, LINE = 104, 14, 20, 20  # pixels
MOST = 10  # maps in a picture


def class_maps(
    model: Module, images: Images, preprocess: Preprocess | None = None
) -> npt.NDArray[Any] | None:
    """Return the maps that global average pooling turns into class scores.

    **Shapes:** images (N, C, H, W) -> (N, classes, OH, OW), or None if the network does not
    end in global average pooling.

    Args:
        model: the network; it is left as it was.
        images: bytes as loaded, or floats that are prepared already.
        preprocess: how bytes become floats; left out, as `fit` noted it in the network.
    """
    with in_use(model), record() as tape:
        logits = model(prepared(model, images, preprocess))  # (N, classes)
    for step in reversed(tape.steps):
        if step.op.__name__ == "global_avg_pool2d" and step.output.shape == logits.shape:
            return backend.to_numpy(step.arguments[0])
    return None


def maps_picture(model: Module, source: Source, image: Images, name: str = "an image") -> Drawing:
    """Draw an image, and over it the map of each class, of ten at most those with most to say.

    The average of a map is the logit of its class. All maps have one scale.

    **Shapes:** image (1, C, H, W), bytes as loaded.

    Args:
        model: the network.
        source: what it was trained on.
        image: what to look at.
        name: of the image, for the title.

    Raises:
        ArgumentError: if the network does not end in global average pooling.
    """
    found = class_maps(model, image)
    if found is None:
        raise ArgumentError("the network must end in global average pooling to have class maps")
    maps = found[0]  # (classes, OH, OW)
    logits = maps.mean(axis=(1, 2))  # (classes,)
    shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    chosen = np.sort(np.argsort(-logits, kind="stable")[:MOST])
    said = int(logits.argmax())
    title = f"{name} looks like {source.classes[said]!r} ({percent(float(shares[said]))})"
    told = ", ".join(f"{source.classes[k]} {logits[k]:.1f}" for k in chosen)
    across = -(-len(chosen) // 2)
    left = 2 * MARGIN + 2 * TILE
    width = left + across * (TILE + GAP) + MARGIN
    height = 64 + 2 * (TILE + LINE + GAP)
    drawing = Drawing(max(width, 640), height, title, f"Class maps and their averages: {told}.")
    drawing.words(MARGIN, 28, title, 14, bold=True)
    pixels = image[0].astype(float) / source.white  # (C, H, W)
    grey = pixels.transpose(1, 2, 0) if len(pixels) == 3 else pixels.mean(axis=0)[..., None]
    shown = np.broadcast_to(grey, (*grey.shape[:2], 3))
    drawing.pixels(MARGIN, 44, 2 * TILE, 2 * TILE, shown)
    drawing.words(MARGIN, 44 + 2 * TILE + 16, "the image", 11, "soft")
    most = float(np.abs(maps[chosen]).max()) or 1.0
    for number, k in enumerate(chosen.tolist()):
        x = left + number % across * (TILE + GAP)
        y = 44 + number // across * (TILE + LINE + GAP)
        drawing.pixels(x, y, TILE, TILE, _laid_over(shown, maps[k] / most))
        drawing.box(x, y, TILE, TILE, "none", "edge")
        colour = "orange" if k == said else "ink"
        drawing.words(x, y + TILE + 15, short(source.classes[k]), 12, colour, bold=k == said)
        score = round(float(logits[k]), 1) + 0.0  # never -0.0
        drawing.words(x + TILE, y + TILE + 15, f"{score:.1f}", 12, colour, "end")
    told = "orange speaks for a class, blue against it; below each map its average, the class score"
    drawing.words(MARGIN, height - 14, told, 11, "soft")
    return drawing


def _laid_over(image: npt.NDArray[Any], shares: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Colour an image (H, W, 3) by a map (OH, OW) of shares from -1 to 1; light stays light."""
    rows, columns = (
        np.arange(size) * count // size
        for size, count in zip(image.shape[:2], shares.shape, strict=True)
    )
    over = shares[np.ix_(rows, columns)]  # (H, W)
    paper = 1 - image if image.mean() < 0.5 else image  # bright strokes become ink
    return np.asarray(mixed(over, PALETTES[0]) * (0.3 + 0.7 * paper))
