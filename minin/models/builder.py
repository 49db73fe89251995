"""From a table of rows to a network that can be trained."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from minin import nn
from minin.errors import ArgumentError, UnknownNameError
from minin.files.parameters import SavedState
from minin.models.networks import TABLES
from minin.models.rows import Block, Drop, GlobalAverage, MaxPool, Table
from minin.models.trained import read_trained
from minin.nn.init import (
    Initialiser,
    gaussian,
    he_normal,
    he_uniform,
    xavier_normal,
    xavier_uniform,
)
from minin.nn.module import real_dtype
from minin.nn.simple import probability
from minin.rng import Rng, draw_keys, generator
from minin.shapes import integer

INITIALISERS: Final[dict[str, Initialiser]] = {
    "he": he_normal,
    "he_uniform": he_uniform,
    "xavier": xavier_uniform,
    "xavier_normal": xavier_normal,
}


class Network(nn.Sequential):
    """A Sequential that knows its name, the images it takes, and how to build it again.

    Attributes:
        name: as `names` lists it.
        input_shape: (C, H, W) of the images it was made for. Global average pooling makes
            other sizes possible too.
        num_classes: how many logits it returns.
        options: what it was built with.
    """

    def __init__(
        self,
        name: str,
        input_shape: tuple[int, int, int],
        num_classes: int,
        options: Overrides,
        layers: Iterable[nn.Module],
    ) -> None:
        super().__init__(*layers)
        self.name = name
        self.input_shape = input_shape
        self.num_classes = num_classes
        self.options = options
        self.description = {
            "name": name,
            "num_classes": str(num_classes),
            "in_channels": str(input_shape[0]),
            "options": json.dumps(options.to_dict()),
        }


@dataclass(frozen=True)
class Overrides:
    """What may differ from a network's table.

    Attributes:
        final_relu: end with ReLU on the class maps, before their average.
        dropout: the probability to drop, in all places, or None for each row's own.
        init: "he", "he_uniform", "xavier", "xavier_normal", or "published".
        dtype: "float32" or "float64".
        pool_padding: pixels of border around each max pool, which then rounds down, as many
            programs in PyTorch have it; None for each row's own.
    """

    final_relu: bool
    dropout: float | None = None
    init: str = "he"
    dtype: str = "float32"
    pool_padding: int | None = None

    @classmethod
    def read(cls, table: Table, options: Mapping[str, Any]) -> Overrides:
        """Check the options somebody gave, and fill in the table's own.

        Raises:
            UnknownNameError: if an option or an initialiser is unknown.
            ArgumentError: if a value is of the wrong kind.
        """
        known = ("final_relu", "dropout", "init", "dtype", "pool_padding")
        for name in options:
            if name not in known:
                raise UnknownNameError.among(f"option of {table.name}", name, known)
        final_relu = options.get("final_relu", table.final_relu)
        if not isinstance(final_relu, bool):
            raise ArgumentError(f"final_relu must be True or False, got {final_relu!r}")
        dropout = options.get("dropout")
        init, border = options.get("init", "he"), options.get("pool_padding")
        if init not in (*INITIALISERS, "published"):
            raise UnknownNameError.among("initialiser", init, [*INITIALISERS, "published"])
        return cls(
            final_relu,
            None if dropout is None else probability("dropout", dropout),
            init,
            str(real_dtype(options.get("dtype", np.float32))),
            None if border is None else integer("pool_padding", border, least=0),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the options as `build` takes them."""
        found = dict(vars(self))
        if self.pool_padding is None:  # so that a run begun before there was any can go on
            del found["pool_padding"]
        return found


def names() -> list[str]:
    """List the networks that `build` knows, from the smallest to the largest images.

    Example:
        >>> names()[:3]
        ['nin-digits', 'nin-mnist', 'nin-cifar10']
    """
    return list(TABLES)


def check_options(name: str, options: Mapping[str, Any]) -> Overrides:
    """Check what `build` would be given, without building; returns all options.

    Raises:
        UnknownNameError: if the network, an option or an initialiser is unknown.
        ArgumentError: if a value is of the wrong kind.

    Example:
        >>> check_options("nin-cifar10", {"dropout": 0.2}).final_relu
        True
    """
    if not isinstance(name, str) or name not in TABLES:
        raise UnknownNameError.among("network", name, TABLES)
    return Overrides.read(TABLES[name], options)


def build(
    name: str,
    num_classes: int | None = None,
    in_channels: int | None = None,
    rng: Rng = None,
    pretrained: str | None = None,
    **options: Any,
) -> Network:
    """Build a network by its name; it returns logits, one a class.

    Weights start as He et al. 2015 has it, unless ``init="published"``: the published
    Gaussians of one standard deviation make the first logits so small that training stands
    still for epochs, and often for good.

    NB: ReLU on the class maps, the default where it was published, can silence a class for
    ever: where its map is negative at every pixel of every image, no gradient flows. With
    ``final_relu=False`` this cannot happen, and accuracy does not suffer.

    Args:
        name: one of `names`.
        num_classes: how many logits; as published if None.
        in_channels: channels of the images; as published if None.
        rng: where weights and dropout come from, a NumPy Generator or a seed. One seed
            gives the same weights whatever the dropout, and in float64 the same but for
            rounding.
        pretrained: the data set that it is trained on already, one that `trained` names; None
            for fresh weights. It comes with the options it was trained with, with what its
            images pass through, and in the state for use, as after ``eval()``.
        options: ``final_relu`` (bool), ``dropout`` (probability to drop, in all places; 0
            keeps the layers, so names of parameters do not change), ``init`` ("he",
            "he_uniform", "xavier", "xavier_normal" or "published"), ``dtype``,
            ``pool_padding`` (pixels around each max pool, which then rounds down).

    Raises:
        UnknownNameError: if the network, an option or an initialiser is unknown, or no trained
            one comes with minin.
        ArgumentError: if a value is of the wrong kind.
        ShapeError: if a trained network has other classes or channels.

    Example:
        >>> net = build("nin-cifar10", rng=0, dropout=0.0)
        >>> net.input_shape, net.output_shape(net.input_shape)
        ((3, 32, 32), (10,))
        >>> sum(p.data.size for p in net.parameters())
        966986
    """
    saved = None if pretrained is None else read_trained(name, pretrained)
    if saved is not None:
        options = json.loads(saved.description["options"]) | options
    read = check_options(name, options)
    table = TABLES[name]
    classes = integer("num_classes", table.classes if num_classes is None else num_classes)
    channels = integer("in_channels", table.image[0] if in_channels is None else in_channels)
    layers = _layers(table, classes, channels, generator(rng), read)
    network = Network(name, (channels, *table.image[1:]), classes, read, layers)
    return network if saved is None else fill(network, saved).eval()


def fill(network: Network, saved: SavedState) -> Network:
    """Take over what was saved of such a network: parameters, words, and their arrays.

    Raises:
        ArgumentError: if the parameters have other names.
        ShapeError: if they have other shapes.
    """
    network.load_state_dict(saved.arrays)
    # Beside the recipe there may be words of others, such as what it was trained on.
    network.description = {**saved.description, **(network.description or {})}
    network.attachments = saved.attachments
    return network


def shapes(name: str, num_classes: int, in_channels: int) -> list[tuple[int, ...]]:
    """List the shapes of a network's parameters without making them, however large they are.

    Example:
        >>> shapes("nin-mnist", 10, 1)[:4]
        [(96, 1, 5, 5), (96,), (64, 96, 1, 1), (64,)]
    """
    found: list[tuple[int, ...]] = []
    for block in (row for row in TABLES[name].rows if isinstance(row, Block)):
        kernel = block.kernel
        for count in block.maps:
            maps = num_classes if count == "classes" else count
            found += [(maps, in_channels, kernel, kernel), (maps,)]
            in_channels, kernel = maps, 1
    return found


def _layers(
    table: Table, classes: int, channels: int, rng: np.random.Generator, options: Overrides
) -> list[nn.Module]:
    """Make a layer of each row."""
    # Dropout's seeds are drawn before all weights, so that no option moves the weights.
    seeds = draw_keys(rng, sum(isinstance(row, Drop) for row in table.rows))
    last = max(i for i, row in enumerate(table.rows) if isinstance(row, Block))
    layers: list[nn.Module] = []
    for i, row in enumerate(table.rows):
        if isinstance(row, Block):
            maps = tuple(classes if count == "classes" else count for count in row.maps)
            layers.append(
                nn.MlpConv(
                    channels,
                    maps,
                    row.kernel,
                    row.stride,
                    row.padding,
                    options.final_relu or i != last,
                    dtype=options.dtype,
                    rng=rng,
                    init=_start(table, row, options.init),
                )
            )
            channels = maps[-1]
        elif isinstance(row, Drop):
            p = row.p if options.dropout is None else options.dropout
            layers.append(nn.Dropout(p, rng=seeds.pop(0)))
        else:
            layers.append(_plain_layer(row, options.pool_padding))
    return layers


def _plain_layer(row: MaxPool | GlobalAverage, border: int | None) -> nn.Module:
    """Make a layer of a row without parameters and randomness."""
    if isinstance(row, MaxPool) and border is not None:
        return nn.MaxPool2d(row.kernel, row.stride, border)
    if isinstance(row, MaxPool):
        return nn.MaxPool2d(row.kernel, row.stride, ceil_mode=row.ceil)
    return nn.GlobalAvgPool2d()


def _start(table: Table, block: Block, init: str) -> list[Initialiser]:
    """Choose the initialiser of each layer of a block."""
    chosen = table.init if init == "published" else init
    if chosen != "gaussian":
        return [INITIALISERS[chosen]] * len(block.maps)
    stds = block.std if isinstance(block.std, tuple) else (block.std,) * len(block.maps)
    return [gaussian(std) for std in stds if std is not None]
