"""The words a network is written in: one small class for each kind of row in a table.

A row says what the paper's figures and the released definitions say, and no more. How rows
become layers is in `minin.models.builder`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Maps: TypeAlias = int | Literal["classes"]


@dataclass(frozen=True)
class Block:
    """An mlpconv: a convolution and 1x1 convolutions, ReLU after each.

    Attributes:
        maps: the feature maps of each layer; "classes" stands for one map a class.
        kernel: rows and columns of the first layer's kernel.
        stride: of the first layer.
        padding: of the first layer.
        std: how the published weights started: the standard deviation of a Gaussian, one
            for all layers or one for each; None where they started in another way.
    """

    maps: tuple[Maps, ...]
    kernel: int
    stride: int = 1
    padding: int = 0
    std: float | tuple[float, ...] | None = None


@dataclass(frozen=True)
class MaxPool:
    """Max pooling; with ``ceil`` the last window may overhang the edge."""

    kernel: int
    stride: int
    ceil: bool = False


@dataclass(frozen=True)
class Drop:
    """Dropout of the probability ``p``."""

    p: float


@dataclass(frozen=True)
class GlobalAverage:
    """The average of each class map: one number, the logit of the class."""


Row: TypeAlias = Block | MaxPool | Drop | GlobalAverage


@dataclass(frozen=True)
class Table:
    """A whole network.

    Attributes:
        name: what `build` knows it by.
        image: (C, H, W) of the images it was made for.
        classes: how many it tells apart.
        rows: from the image to the logits.
        source: who published it, and where.
        init: the name of the initialiser that the source uses; "gaussian" means each
            block's ``std``.
        final_relu: whether ReLU follows the class maps too, as most sources have it.
    """

    name: str
    image: tuple[int, int, int]
    classes: int
    rows: tuple[Row, ...]
    source: str
    init: str = "gaussian"
    final_relu: bool = True
