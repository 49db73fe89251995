"""A network's table drawn to scale, as figure 2 of the paper, alone or beside VGG or AlexNet.

A box is as high as a layer's maps and as wide as there are maps; the bar below it is as high as
the layer has parameters. Each of the three has one scale for the whole picture.
"""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any, NamedTuple

from minin import nn
from minin.backend import Shape
from minin.explain.compare import conv, full
from minin.models.costs import summary
from minin.plots import Drawing

COLUMN, HIGH, WIDE, BARS, MARGIN, EACH = 60, 110, 46, 60, 16, 316  # pixels
COLOURS = {"conv": "orange", "1x1": "blue", "pool": "soft", "mean": "green", "full": "red"}
KINDS = "larger kernel", "1x1 convolution", "pooling", "global average", "fully connected"


class DrawnLayer(NamedTuple):
    """What is drawn of a layer: its kind, its label, its output, its parameters, its block."""

    kind: str
    label: str
    shape: Shape
    params: int = 0
    block: str = ""


class DrawnNetwork(NamedTuple):
    """A name, the number of parameters, and layers, the first of which is the image."""

    name: str
    params: int
    layers: list[DrawnLayer]


def layers_of(model: nn.Module, input_shape: Any = None) -> DrawnNetwork:
    """List what is drawn of a network of minin; dropout changes no shape, so it is left out."""
    found = summary(model, input_shape)
    layers = [DrawnLayer("image", "image", found.input_shape)]
    blocks: dict[str, str] = {}
    for row in found.rows:
        label = row.label.removesuffix(" relu").split()[-1]
        kind, block = ("1x1" if label == "1x1" else "conv"), ""
        if "pool" in row.label:
            kind, label = ("mean", "mean") if "global" in row.label else ("pool", label)
        elif row.label.startswith(("dropout", "flatten")):
            continue
        elif "linear" in row.label:
            kind, label = "full", "full"
        elif "." in row.name:
            block = blocks.setdefault(row.name.partition(".")[0], f"mlpconv {len(blocks) + 1}")
        layers.append(DrawnLayer(kind, label, row.output_shape, row.params, block))
    return DrawnNetwork(found.title, found.params, layers)


def _read(name: str, layout: str, part: str = "") -> DrawnNetwork:
    """Read a layout: kernel, maps x size and groups, as in "5x5:256x27:2"; "pool:256x13"."""
    layers: list[DrawnLayer] = []
    for word in layout.split():
        label, sizes, *groups = word.split(":")
        maps, *size = map(int, sizes.split("x"))
        kind, params = (label, 0) if label in ("image", "pool", "full") else ("conv", 0)
        before = layers[-1].shape if layers else ()
        if kind == "conv":
            kernel, split = int(label.partition("x")[0]), int((groups or ["1"])[0])
            params = conv(maps, before[0], kernel, size[0], split).params
        elif kind == "full":
            params = full(maps, math.prod(before)).params
        count = 1 + sum(layer.kind == "pool" for layer in layers)
        block = f"{part} {count}" if part and kind == "conv" else ""
        layers.append(DrawnLayer(kind, label, (maps, *2 * size), params, block))
    return DrawnNetwork(name, sum(layer.params for layer in layers), layers)


RIVALS = {
    "alexnet": _read(
        "AlexNet",
        "image:3x227 11x11/4:96x55 pool:96x27 5x5:256x27:2 pool:256x13 3x3:384x13 3x3:384x13:2"
        " 3x3:256x13:2 pool:256x6 full:4096 full:4096 full:1000",
    ),
    "vgg": _read(
        "VGG-11",
        "image:3x224 3x3:64x224 pool:64x112 3x3:128x112 pool:128x56 3x3:256x56 3x3:256x56"
        " pool:256x28 3x3:512x28 3x3:512x28 pool:512x14 3x3:512x14 3x3:512x14 pool:512x7"
        " full:4096 full:4096 full:1000",
        part="block",
    ),
}


def blocks(*networks: DrawnNetwork) -> Drawing:
    """Draw networks below each other, all to the same scale.

    Example:
        >>> from minin import models
        >>> blocks(layers_of(models.build("nin-cifar10", rng=0))).title
        'nin-cifar10: 966,986 parameters'
    """
    layers = [layer for network in networks for layer in network.layers]
    rows, maps = (
        max(n.shape[-1] for n in layers if len(n.shape) == 3),
        max(n.shape[0] for n in layers),
    )
    wide = WIDE if maps < 2048 else 3 * WIDE
    scale = HIGH / rows, wide / maps, BARS / (max(layer.params for layer in layers) or 1)
    width = max(sum(_column(n, scale[1]) for n in network.layers) for network in networks)
    told = [f"{network.name}: {network.params:,} parameters" for network in networks]
    shapes = "; ".join(
        ", ".join(f"{n.label} {_by(n.shape)}" for n in one.layers) for one in networks
    )
    drawing = Drawing(width + 2 * MARGIN, EACH * len(networks) + 54, " / ".join(told), shapes)
    for number, (network, words) in enumerate(zip(networks, told, strict=True)):
        top, left = number * EACH + 8, float(MARGIN)
        drawing.words(MARGIN, top + 18, words, 14, bold=True)
        for block, group in groupby(network.layers, lambda layer: layer.block):
            begun = left
            for layer in group:
                left += _column(layer, scale[1])
                _draw(drawing, layer, left - _column(layer, scale[1]) / 2, top + 56, scale)
            if block:
                drawing.line((begun + 3, top + 46), (left - 3, top + 46), colour="soft")
                drawing.words((begun + left) / 2, top + 41, block, 12, "soft", "middle")
    left = float(MARGIN)
    for (kind, colour), words in zip(COLOURS.items(), KINDS, strict=True):
        if any(layer.kind == kind for layer in layers):
            drawing.box(left, drawing.height - 42, 10, 10, colour)
            drawing.words(left + 15, drawing.height - 33, words, 12)
            left += 7.6 * len(words) + 34
    foot = "to scale: boxes are as high as a map and as wide as maps are many; bars: parameters"
    drawing.words(MARGIN, drawing.height - 13, foot, 12, "soft")
    return drawing


def _column(layer: DrawnLayer, per_map: float) -> float:
    """Return how wide a layer's column is: its box and its numbers fit."""
    return max(COLUMN, per_map * layer.shape[0] + 12, 7 * len(f"{layer.params:,}") + 6)


def _draw(
    drawing: Drawing, layer: DrawnLayer, middle: float, top: float, scale: tuple[float, ...]
) -> None:
    """Draw a layer's box, its label and shape below it, and the bar of its parameters."""
    colour, (count, *size) = COLOURS.get(layer.kind, "soft"), layer.shape
    height, width = max(scale[0] * (size or [1])[0], 2), max(scale[1] * count, 1)
    hint = f"{_by(layer.shape)}, {layer.params:,} parameters"
    drawing.box(middle - width / 2, top + (HIGH - height) / 2, width, height, colour, hint=hint)
    drawing.words(middle, top + HIGH + 18, layer.label, 13, colour, "middle", bold=True)
    drawing.words(middle, top + HIGH + 34, str(count), 12, at="middle")
    drawing.words(middle, top + HIGH + 48, _by(size), 12, at="middle")
    if layer.params:
        low, bar = top + HIGH + 56 + BARS, max(scale[2] * layer.params, 0.5)
        drawing.box(middle - 9, low - bar, 18, bar, colour)
        drawing.words(middle, low + 14, f"{layer.params:,}", 11, at="middle")


def _by(shape: Any) -> str:
    return "x".join(map(str, shape))
