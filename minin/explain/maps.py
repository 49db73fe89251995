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

TILE, GAP, LINE = 104, 14, 20  # pixels
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
    """Draw an image (1, C, H, W), and over it the maps of the ten classes that score highest.

    The average of a map is the score of its class. All maps have one scale.

    Raises:
        ArgumentError: if the network does not end in global average pooling.
    """
    found = class_maps(model, image)
    if found is None:
        raise ArgumentError("the network must end in global average pooling to have class maps")
    scores = found[0].mean(axis=(1, 2))  # (classes,)
    shares = np.exp(scores - scores.max())
    said = int(scores.argmax())
    chosen = np.sort(np.argsort(-scores, kind="stable")[:MOST]).tolist()
    told = [
        (short(source.classes[k], 9), f"{round(float(scores[k]), 1) + 0.0:.1f}") for k in chosen
    ]
    title = f"{name} looks like {source.classes[said]!r} ({percent(float(1 / shares.sum()))})"
    across, left = -(-len(chosen) // 2), 40 + 2 * TILE
    size = max(left + across * (TILE + GAP) + 20, 640), 64 + 2 * (TILE + LINE + GAP)
    drawing = Drawing(*size, title, f"Class scores: {', '.join(map(' '.join, told))}.")
    drawing.frame("orange speaks for a class, blue against it; below: its average, the class score")
    pixels = image[0].astype(float) / source.white  # (C, H, W)
    grey = pixels if len(pixels) == 3 else pixels.mean(axis=0, keepdims=True)
    shown = np.broadcast_to(grey, (3, *grey.shape[1:])).transpose(1, 2, 0)  # (H, W, 3)
    drawing.pixels(20, 44, 2 * TILE, 2 * TILE, shown)
    most = float(np.abs(found[0, chosen]).max()) or 1.0
    for number, (k, (word, score)) in enumerate(zip(chosen, told, strict=True)):
        down, right = divmod(number, across)
        x, y = left + right * (TILE + GAP), 44 + down * (TILE + LINE + GAP)
        drawing.pixels(x, y, TILE, TILE, _laid_over(shown, found[0, k] / most))
        drawing.box(x, y, TILE, TILE, "none", "edge")
        colour = "orange" if k == said else "ink"
        drawing.words(x, y + TILE + 15, word, colour=colour, bold=k == said)
        drawing.words(x + TILE, y + TILE + 15, score, colour=colour, at="end")
    return drawing


def _laid_over(image: npt.NDArray[Any], shares: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Colour an image (H, W, 3) by a map (OH, OW) of shares from -1 to 1; light stays light."""
    (h, w, _), (oh, ow) = image.shape, shares.shape
    over = shares[np.ix_(np.arange(h) * oh // h, np.arange(w) * ow // w)]  # (H, W)
    paper = 1 - image if image.mean() < 0.5 else image  # bright strokes become ink
    return np.asarray(mixed(over, PALETTES[0]) * (0.3 + 0.7 * paper))
