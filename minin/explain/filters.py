"""The weights of a convolution, as tiles; those of a 1x1 as one matrix."""

from __future__ import annotations

import math

import numpy as np

from minin import nn
from minin.errors import ArgumentError, UnknownNameError
from minin.plots import Drawing

WIDTH = 600  # pixels


def filters_picture(model: nn.Module, layer: str | None = None) -> Drawing:
    """Draw the filters of a convolution, named as in the summary: "0.0"; None for the first.

    Filters of three channels are in colour, grey being 0; others are orange above 0 and blue
    below, and of many channels the first is drawn. The strongest colour is the largest weight.

    Raises:
        UnknownNameError: if there is no such convolution.
        ArgumentError: if there is none at all.
    """
    weights = [(name, p.numpy()) for name, p in model.named_parameters() if len(p.shape) == 4]
    found = {name.removesuffix(".weight"): weight for name, weight in weights}
    if not found:
        raise ArgumentError("the network must have a convolution; it has no weights of four axes")
    name = next(iter(found)) if layer is None else layer
    if name not in found:
        raise UnknownNameError.among("convolution", name, found)
    o, c, kh, kw = found[name].shape
    most = float(np.abs(found[name]).max()) or 1.0
    shares = found[name] / most  # (O, C, KH, KW)
    tiles, told = list(shares[:, 0]), "orange above 0, blue below" + f"; channel 0 of {c}" * (c > 1)
    if (kh, kw) == (1, 1):
        tiles, told = [shares[:, :, 0, 0]], f"a row for each of {o} outputs, a column a channel"
    elif c == 3:
        tiles, told = list((shares.transpose(0, 2, 3, 1) + 1) / 2), "red, green, blue; grey is 0"
    across = math.ceil(math.sqrt(2 * len(tiles))) if len(tiles) > 1 else 1
    a, b = tiles[0].shape[:2]
    size = min(WIDTH / across / b, WIDTH / a)  # of a pixel
    down, gap = math.ceil(len(tiles) / across), 4 * (len(tiles) > 1)
    title = f"{o} filters of {c}x{kh}x{kw}, layer {name}"
    drawing = Drawing(WIDTH + 40, down * a * size + 88, title, f"{told}; at most {most:.3g}.")
    drawing.frame(f"{told}; the strongest is {most:.3g}")
    for number, tile in enumerate(tiles):
        y, x = divmod(number, across)
        place = 20 + x * b * size, 44 + y * a * size, b * size - gap, a * size - gap
        drawing.pixels(*place, tile)
    return drawing
