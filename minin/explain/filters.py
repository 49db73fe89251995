"""The weights of a convolution, as tiles; those of a 1x1 as one matrix."""

from __future__ import annotations

import math

import numpy as np

from minin import nn
from minin.errors import ArgumentError, UnknownNameError
from minin.plots import Drawing

WIDTH, MARGIN = 640, 20  # pixels


def filters_picture(model: nn.Module, layer: str | None = None) -> Drawing:
    """Draw the filters of a convolution.

    Filters of three channels are in colour, grey being 0; others are orange above 0 and blue
    below, and of many channels the first is drawn. The strongest colour is the largest weight.

    Args:
        model: the network.
        layer: the name of a convolution, as in its summary: "0.0"; None for the first.

    Raises:
        UnknownNameError: if there is no such convolution.
        ArgumentError: if there is none at all.
    """
    found = {
        name.removesuffix(".weight"): parameter.numpy()
        for name, parameter in model.named_parameters()
        if len(parameter.shape) == 4
    }
    if not found:
        raise ArgumentError("the network must have a convolution; it has no weights of four axes")
    name = next(iter(found)) if layer is None else layer
    if name not in found:
        raise UnknownNameError.among("convolution", name, found)
    weight = found[name]  # (O, C, KH, KW)
    o, c, kh, kw = weight.shape
    most = float(np.abs(weight).max()) or 1.0
    if (kh, kw) == (1, 1):
        tiles = [weight[:, :, 0, 0] / most]
        told = f"a matrix: {o} rows, one an output map, of {c} channels"
    elif c == 3:
        tiles = [0.5 + filter_.transpose(1, 2, 0) / most / 2 for filter_ in weight]
        told = "three channels as red, green and blue; grey is 0"
    else:
        tiles = [filter_[0] / most for filter_ in weight]
        told = "orange above 0, blue below" + f"; channel 0 of {c}" * (c > 1)
    across = math.ceil(math.sqrt(2 * len(tiles))) if len(tiles) > 1 else 1
    size = (WIDTH - 2 * MARGIN) / across
    high = min(size * tiles[0].shape[0] / tiles[0].shape[1], WIDTH)
    size = high * tiles[0].shape[1] / tiles[0].shape[0]
    title = f"{o} filters of {c}x{kh}x{kw}, layer {name}"
    description = f"Weights from {weight.min():.4g} to {weight.max():.4g}; {told}."
    rows = math.ceil(len(tiles) / across)
    drawing = Drawing(WIDTH, rows * high + 88, title, description)
    drawing.words(MARGIN, 28, title, 14, bold=True)
    gap = 4 if len(tiles) > 1 else 0
    for number, tile in enumerate(tiles):
        row, column = divmod(number, across)
        drawing.pixels(MARGIN + column * size, 44 + row * high, size - gap, high - gap, tile)
    drawing.words(MARGIN, drawing.height - 16, f"{told}; the strongest is {most:.3g}", 11, "soft")
    return drawing
