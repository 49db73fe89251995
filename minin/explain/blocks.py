"""A network's table drawn to scale, as figure 2 of the paper, alone or beside VGG or AlexNet.

A box is as high as the maps of a layer and as wide as there are maps; the bar below it is as high
as the layer has parameters. Each of the three has one scale for the whole picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from minin import nn
from minin.backend import Shape
from minin.explain.compare import ALEXNET, NetworkCost, conv, full
from minin.models.costs import summary
from minin.plots import Drawing

COLUMN, MOST_HIGH, MOST_WIDE, BARS = 70, 120, 54, 60  # pixels
HEAD, LABELS, MARGIN = 34, 44, 16
COLOURS = {"conv": "orange", "1x1": "blue", "pool": "soft", "mean": "green", "full": "red"}
KINDS = "a kernel of 3x3 or more", "1x1", "pooling", "global average", "fully connected"


class DrawnLayer(NamedTuple):
    """What is drawn of a layer: its kind, its label, its output, its parameters, and its block."""

    kind: str
    label: str
    shape: Shape
    params: int
    block: str = ""


class DrawnNetwork(NamedTuple):
    """A name and layers, the first of which is the image."""

    name: str
    layers: tuple[DrawnLayer, ...]

    @property
    def params(self) -> int:
        """All parameters."""
        return sum(layer.params for layer in self.layers)


def layers_of(model: nn.Module, input_shape: Any = None) -> DrawnNetwork:
    """List what is drawn of a network of minin; dropout changes no shape, so it is left out."""
    found = summary(model, input_shape)
    layers = [DrawnLayer("image", "image", found.input_shape, 0)]
    blocks: list[str] = []
    for row in found.rows:
        words = row.label.removesuffix(" relu").split()
        if words[0] in ("dropout", "flatten"):
            continue
        kind = "full" if words[0] == "linear" else words[-1] if words[-1] == "1x1" else "conv"
        label, block = words[-1], ""
        if "pool" in words:
            kind, label = ("mean", "mean") if "global" in words else ("pool", f"pool {words[-1]}")
        elif "." in row.name:
            block = row.name.partition(".")[0]
            blocks += [block] * (block not in blocks)
            block = f"mlpconv {blocks.index(block) + 1}"
        layers.append(DrawnLayer(kind, label, row.output_shape, row.params, block))
    return DrawnNetwork(found.title, tuple(layers))


def _rival(name: str, costs: Sequence[NetworkCost], layout: str, part: str = "") -> DrawnNetwork:
    """Read a layout such as "image:3x224 3x3:64x224 pool:64x112 full:4096"."""
    left, layers, pools = iter(costs), [], 0
    for word in layout.split():
        label, _, sizes = word.partition(":")
        maps, *size = map(int, sizes.split("x"))
        kind = label if label in ("image", "pool", "full") else "conv"
        params = next(left).params if kind in ("conv", "full") else 0
        pools += kind == "pool"
        block = f"{part} {pools + 1}" if part and kind == "conv" else ""
        layers.append(DrawnLayer(kind, label, (maps, *2 * size), params, block))
    return DrawnNetwork(name, tuple(layers))


def _vgg() -> tuple[NetworkCost, ...]:
    maps, channels, costs = (64, 128, 256, 256, 512, 512, 512, 512), 3, []
    for count, size in zip(maps, (224, 112, 56, 56, 28, 28, 14, 14), strict=True):
        costs.append(conv(count, channels, 3, size))
        channels = count
    return (*costs, full(4096, 512 * 7 * 7), full(4096, 4096), full(1000, 4096))


RIVALS = {
    "alexnet": _rival(
        "AlexNet", ALEXNET,
        "image:3x227 11x11/4:96x55 pool:96x27 5x5:256x27 pool:256x13 3x3:384x13 3x3:384x13"
        " 3x3:256x13 pool:256x6 full:4096 full:4096 full:1000",
    ),
    "vgg": _rival(
        "VGG-11", _vgg(),
        "image:3x224 3x3:64x224 pool:64x112 3x3:128x112 pool:128x56 3x3:256x56 3x3:256x56"
        " pool:256x28 3x3:512x28 3x3:512x28 pool:512x14 3x3:512x14 3x3:512x14 pool:512x7"
        " full:4096 full:4096 full:1000",
        part="block",
    ),
}  # fmt: skip


def blocks(*networks: DrawnNetwork) -> Drawing:
    """Draw networks below each other, all to the same scale.

    Example:
        >>> from minin import models
        >>> drawn = blocks(layers_of(models.build("nin-cifar10", rng=0)))
        >>> drawn.title
        'nin-cifar10: 966,986 parameters'
    """
    layers = [layer for network in networks for layer in network.layers]
    rows = max(layer.shape[1] for layer in layers if len(layer.shape) == 3)
    maps = max(layer.shape[0] for layer in layers)
    wide = MOST_WIDE if maps < 2048 else 3 * MOST_WIDE
    scale = _Scale(MOST_HIGH / rows, wide / maps, BARS / max(n.params for n in layers))
    widths = [[max(COLUMN, scale.maps * n.shape[0] + 12) for n in one.layers] for one in networks]
    each = HEAD + MOST_HIGH + LABELS + BARS + 30
    width = 2 * MARGIN + max(sum(row) for row in widths)
    told = [f"{network.name}: {network.params:,} parameters" for network in networks]
    description = "; ".join(_describe(network) for network in networks)
    drawing = Drawing(width, each * len(networks) + 36, " / ".join(told), description)
    for number, network in enumerate(networks):
        top = number * each + 8
        drawing.words(MARGIN, top + 16, told[number], 14, bold=True)
        _draw_network(drawing, network, widths[number], top + HEAD, scale)
    _draw_legend(drawing, {layer.kind for layer in layers})
    return drawing


class _Scale(NamedTuple):
    """Pixels for a row of a map, for a map, and for a parameter."""

    row: float
    maps: float
    params: float


def _draw_network(
    drawing: Drawing, network: DrawnNetwork, widths: list[float], top: float, scale: _Scale
) -> None:
    """Draw boxes, names and bars of one network from the left to the right."""
    low, left, begun = top + MOST_HIGH + LABELS + BARS + 4, float(MARGIN), 0.0
    for place, layer in enumerate(network.layers):
        before, after = (
            network.layers[k].block if 0 <= k < len(network.layers) else ""
            for k in (place - 1, place + 1)
        )
        begun = left if layer.block != before else begun
        if layer.block and layer.block != after:  # the frame of the block, now that it has ended
            drawing.line((begun + 4, top + 4), (left + widths[place] - 4, top + 4), colour="soft")
            middle = (begun + left + widths[place]) / 2
            drawing.words(middle, top - 1, layer.block, 11, "soft", "middle")
        middle = left + widths[place] / 2
        _draw_layer(drawing, layer, middle, top + 12, scale)
        bar = scale.params * layer.params
        if bar:
            drawing.box(middle - 9, low - bar, 18, max(bar, 0.5), COLOURS[layer.kind])
            drawing.words(middle, low + 13, f"{layer.params:,}", 10, at="middle")
        left += widths[place]


def _draw_layer(
    drawing: Drawing, layer: DrawnLayer, middle: float, top: float, scale: _Scale
) -> None:
    colour = COLOURS.get(layer.kind, "soft")
    count, size = layer.shape[0], layer.shape[1] if len(layer.shape) == 3 else 1
    width, height = max(scale.maps * count, 1), max(scale.row * size, 2)
    hint = f"{'x'.join(map(str, layer.shape))}, {layer.params:,} parameters"
    y = top + (MOST_HIGH - height) / 2
    drawing.box(middle - width / 2, y, width, height, colour, hint=hint)
    drawing.words(middle, top + MOST_HIGH + 14, layer.label, 11, colour, "middle", bold=True)
    shape = "x".join(map(str, layer.shape))
    drawing.words(middle, top + MOST_HIGH + 27, shape, 10, at="middle")


def _draw_legend(drawing: Drawing, kinds: set[str]) -> None:
    left, low = float(MARGIN), drawing.height - 14
    for (kind, colour), words in zip(COLOURS.items(), KINDS, strict=True):
        if kind in kinds:
            drawing.box(left, low - 9, 10, 10, colour)
            drawing.words(left + 15, low, words, 11)
            left += 15 + 6.6 * len(words) + 18
    told = "to scale: height = rows, width = maps; bars: parameters"
    drawing.words(drawing.width - MARGIN, low, told, 11, "soft", "end")


def _describe(network: DrawnNetwork) -> str:
    steps = [f"{n.label} {'x'.join(map(str, n.shape))}" for n in network.layers]
    return f"{network.name}: {', '.join(steps)}"
