"""What one unit can see, layer by layer, and how much each pixel moves it: a picture to scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from minin import nn
from minin.autograd import Tensor
from minin.autograd.engine import walk_back
from minin.autograd.state import settings
from minin.backend import Shape, to_device, to_numpy
from minin.doctor.inputs import first_parameter
from minin.doctor.judge import in_use
from minin.errors import ArgumentError
from minin.models.costs import summary
from minin.plots import Drawing
from minin.rng import generator
from minin.shapes import ReceptiveField

SIDE, LINE = 300, 22  # pixels: of the square, and from line to line
COLOURS = ("blue", "orange", "green", "red", "ink", "soft")


def influence(model: nn.Sequential, size: Shape, seed: int = 0) -> npt.NDArray[Any]:
    """Measure how much each pixel moves the middle unit of the last maps, by backward.

    The image is noise, and the unit the first map's. The network is left as it was.

    **Shapes:** size (C, H, W) -> (H, W), the sizes of the slopes added up over the channels.
    """
    first = first_parameter(model)
    noise = generator(seed).standard_normal((1, *size)).astype(str(first.dtype))
    x = y = Tensor(to_device(noise, first.device), requires_grad=True)
    with in_use(model), settings(recording=True):
        for layer in model.layers:
            after = layer(y)
            if len(after.shape) != 4:
                break
            y = after
        grad_y = np.zeros(y.shape, noise.dtype)  # (1, O, OH, OW)
        grad_y[0, 0, y.shape[2] // 2, y.shape[3] // 2] = 1
        found = walk_back(y._node, to_device(grad_y, first.device), False) if y._node else []
    grads = [to_numpy(gradient) for leaf, gradient in found if leaf is x]
    return np.asarray(np.abs(sum(grads, np.zeros(x.shape))[0]).sum(axis=0))


def fields_picture(model: nn.Sequential, input_shape: Any = None) -> Drawing:
    """Draw the image, what the middle unit of each layer sees of it, and a table of the sizes.

    Raises:
        ArgumentError: if no unit sees more than a pixel.
    """
    found = summary(model, input_shape)
    seen: dict[ReceptiveField, tuple[str, int, int]] = {}  # the layer, and where it begins
    for row in found.rows:
        if row.field is not None and row.field not in seen and row.field.size != (1, 1):
            middle = (length // 2 for length in row.output_shape[1:])
            start, step = row.field.start, row.field.step
            top, left = (a + m * b for a, m, b in zip(start, middle, step, strict=True))
            seen[row.field] = f"{row.name} {row.label.removesuffix(' relu')}", top, left
    if not seen:
        raise ArgumentError("the network must have a layer whose units see several pixels")
    h, w = found.input_shape[1:]
    above = min(0, *(box[1] for box in seen.values()))
    before = min(0, *(box[2] for box in seen.values()))
    low = max(h, *(box[1] + field.size[0] for field, box in seen.items()))
    right = max(w, *(box[2] + field.size[1] for field, box in seen.items()))
    scale = SIDE / max(low - above, right - before)
    title = f"what one unit of {found.title} sees"
    told = ", ".join(f"{box[0]}: {f.size[0]}x{f.size[1]}" for f, box in seen.items())
    height = max(SIDE, 40 + LINE * len(seen)) + 84
    drawing = Drawing(SIDE + 390, height, title, f"Of {h}x{w} pixels: {told}.")
    drawing.frame(
        "blue, inside the image: how much each pixel moves the middle unit of the last maps"
    )
    image = 20 - before * scale, 46 - above * scale, w * scale, h * scale
    heat = influence(model, found.input_shape)
    drawing.pixels(*image, -heat / (heat.max() or 1.0))
    drawing.box(*image, "none", "edge")
    table = SIDE + 40
    for x, words, at in ((20, "layer", "start"), (210, "sees", "end"), (300, "step", "end")):
        drawing.words(table + x, 60, words, 11, "soft", at)
    for number, (field, (name, y, x)) in enumerate(seen.items()):
        colour, line = COLOURS[number % len(COLOURS)], 60 + LINE * (number + 1)
        (high, wide), spot = field.size, (20 + (x - before) * scale, 46 + (y - above) * scale)
        drawing.box(*spot, wide * scale, high * scale, "none", colour)
        drawing.box(table, line - 10, 11, 11, "none", colour)
        drawing.words(table + 20, line, name)
        drawing.words(table + 210, line, f"{high} x {wide}", at="end")
        drawing.words(table + 300, line, str(field.step[0]), at="end")
    return drawing
