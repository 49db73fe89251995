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
from minin.models.costs import SummaryRow, summary
from minin.plots import Drawing
from minin.rng import generator

SIDE, MARGIN, ROW = 300, 20, 22  # pixels: of the square, around it, and from line to line
COLOURS = ("blue", "orange", "green", "red", "ink", "soft")


def influence(model: nn.Sequential, size: Shape, seed: int = 0) -> npt.NDArray[Any]:
    """Measure how much each pixel moves the middle unit of the last maps, by backward.

    The image is noise, and the unit the first map's. The network is left as it was.

    **Shapes:** size (C, H, W) -> (H, W), the sizes of the slopes added up over the channels.
    """
    first = first_parameter(model)
    noise = generator(seed).standard_normal((1, *size)).astype(str(first.dtype))
    x = Tensor(to_device(noise, first.device), requires_grad=True)
    with in_use(model), settings(recording=True):
        y = x
        for layer in model.layers:
            after = layer(y)
            if len(after.shape) != 4 or after.shape[2:] == (1, 1):
                break
            y = after
        if y._node is None:
            return np.zeros(size[1:])
        grad_y = np.zeros(y.shape, noise.dtype)  # (1, O, OH, OW)
        grad_y[0, 0, y.shape[2] // 2, y.shape[3] // 2] = 1
        found = walk_back(y._node, to_device(grad_y, first.device), retain_graph=False)
    grad = next((to_numpy(gradient) for leaf, gradient in found if leaf is x), np.zeros(x.shape))
    return np.asarray(np.abs(grad[0]).sum(axis=0))


def fields_picture(model: nn.Sequential, input_shape: Any = None) -> Drawing:
    """Draw the image, what the middle unit of each layer sees of it, and a table of the sizes.

    Raises:
        ArgumentError: if the network has no maps.
    """
    found = summary(model, input_shape)
    rows = [row for row in found.rows if row.field is not None and row.field.size != (1, 1)]
    rows = [row for k, row in enumerate(rows) if k == 0 or row.field != rows[k - 1].field]
    if not rows:
        raise ArgumentError("the network must have a layer whose units see several pixels")
    _, h, w = found.input_shape
    boxes = [_box(row) for row in rows]  # (top, left, height, width)
    top, left = (min(0, *(box[axis] for box in boxes)) for axis in (0, 1))
    low = max(h, *(box[0] + box[2] for box in boxes))
    right = max(w, *(box[1] + box[3] for box in boxes))
    scale = SIDE / max(low - top, right - left)
    title = f"what one unit of {found.title} sees"
    sizes = [
        f"{row.label.removesuffix(' relu')}: {b[2]}x{b[3]}"
        for row, b in zip(rows, boxes, strict=True)
    ]
    drawing = Drawing(
        SIDE + 3 * MARGIN + 330, max(SIDE, 60 + ROW * len(rows)) + 84, title,
        f"Of an image of {h}x{w} pixels: {', '.join(sizes)}.",
    )  # fmt: skip
    drawing.words(MARGIN, 28, title, 14, bold=True)

    def place(y: float, x: float) -> tuple[float, float]:
        return MARGIN + (x - left) * scale, 46 + (y - top) * scale

    heat = influence(model, found.input_shape)
    heat = heat / (heat.max() or 1.0)
    drawing.pixels(*place(0, 0), w * scale, h * scale, -heat)
    drawing.box(*place(0, 0), w * scale, h * scale, "none", "edge")
    table = SIDE + 2 * MARGIN
    for x, name, at in ((20, "layer", "start"), (210, "sees", "end"), (300, "step", "end")):
        drawing.words(table + x, 60, name, 11, "soft", at)
    for number, (row, box) in enumerate(zip(rows, boxes, strict=True)):
        colour, y = COLOURS[number % len(COLOURS)], 60 + ROW * (number + 1)
        drawing.box(*place(box[0], box[1]), box[3] * scale, box[2] * scale, "none", colour)
        drawing.box(table, y - 10, 11, 11, "none", colour)
        drawing.words(table + 20, y, f"{row.name} {row.label.removesuffix(' relu')}", 12)
        drawing.words(table + 210, y, f"{box[2]} x {box[3]}", 12, at="end")
        drawing.words(table + 300, y, str(row.field.step[0] if row.field else ""), 12, at="end")
    told = "blue, inside the image: how much each pixel moves the middle unit of the last maps"
    drawing.words(MARGIN, drawing.height - 14, told, 11, "soft")
    return drawing


def _box(row: SummaryRow) -> tuple[int, int, int, int]:
    """Find what the middle unit of a layer sees: (top, left, height, width)."""
    field = row.field
    assert field is not None
    middle = row.output_shape[1] // 2, row.output_shape[2] // 2
    top, left = (field.start[k] + middle[k] * field.step[k] for k in (0, 1))
    return top, left, *field.size
