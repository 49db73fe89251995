"""The paper's argument in numbers: what the fully connected layers of others cost.

AlexNet (Krizhevsky, Sutskever and Hinton 2012) is written here as a table of integers. It
needs no layers to be counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from minin import nn
from minin.models.costs import summary


@dataclass(frozen=True)
class NetworkCost:
    """Parameters and multiply-accumulates of something, an image.

    Attributes:
        name: what it is.
        params: numbers to learn.
        macs: multiply-accumulates.
    """

    name: str
    params: int
    macs: int


def conv(
    maps: int, channels: int, kernel: int, size: int, groups: int = 1, name: str = "conv"
) -> NetworkCost:
    """Count a convolution with a square kernel, a square output and a bias.

    Args:
        maps: O, the feature maps of the output.
        channels: C, of the input.
        kernel: KH and KW.
        size: OH and OW.
        groups: of channels that do not see each other.
        name: what to call it.

    Example:
        >>> conv(192, 3, 5, size=32)
        NetworkCost(name='conv', params=14592, macs=14745600)
    """
    weights = maps * (channels // groups) * kernel * kernel
    return NetworkCost(name, weights + maps, weights * size * size)


def full(outputs: int, inputs: int, name: str = "full") -> NetworkCost:
    """Count a fully connected layer with a bias.

    Example:
        >>> full(4096, 9216)
        NetworkCost(name='full', params=37752832, macs=37748736)
    """
    return NetworkCost(name, outputs * inputs + outputs, outputs * inputs)


# Two groups, as on the two GPUs of 2012; crops of 227x227; max pooling 55 -> 27 -> 13 -> 6.
ALEXNET: Final = (
    conv(96, 3, 11, size=55, name="conv1"),
    conv(256, 96, 5, size=27, groups=2, name="conv2"),
    conv(384, 256, 3, size=13, name="conv3"),
    conv(384, 384, 3, size=13, groups=2, name="conv4"),
    conv(256, 384, 3, size=13, groups=2, name="conv5"),
    full(4096, 256 * 6 * 6, name="fc6"),
    full(4096, 4096, name="fc7"),
    full(1000, 4096, name="fc8"),
)


def total(name: str, *parts: NetworkCost) -> NetworkCost:
    """Add costs up.

    Example:
        >>> total("AlexNet", *ALEXNET).params
        60965224
    """
    return NetworkCost(name, sum(part.params for part in parts), sum(part.macs for part in parts))


# 256 maps of 3x3 on a 192x32x32 input, and the same with a 1x1 to 96 maps in front.
DIRECTLY: Final = conv(256, 192, 3, size=32, name="directly")
AFTER_1X1: Final = total(
    "after a 1x1 to 96 maps", conv(96, 192, 1, size=32), conv(256, 96, 3, size=32)
)


@dataclass(frozen=True)
class NetworkComparison:
    """A network beside its rivals; ``str()`` of it is a table.

    Attributes:
        network: the network itself.
        connected: the same with a fully connected layer from the class maps to the classes,
            in place of global average pooling; None if the network has no such pooling.
        alexnet: AlexNet.
        directly: a 3x3 convolution of 192x32x32 to 256 maps.
        after_1x1: the same after a 1x1 convolution to 96 maps.
    """

    network: NetworkCost
    connected: NetworkCost | None
    alexnet: NetworkCost
    directly: NetworkCost
    after_1x1: NetworkCost

    def __str__(self) -> str:
        """Lay the costs out in a table."""
        rows = [row for row in (self.network, self.connected, self.alexnet) if row is not None]
        ratio = self.alexnet.params / max(self.network.params, 1)
        return "\n".join(
            [
                f"{'':38} {'parameters':>11} {'memory':>10} {'MACs':>13}",
                *(
                    f"{row.name:38} {row.params:>11,} {row.params * 4 / 2**20:>6.2f} MiB "
                    f"{row.macs:>13,}"
                    for row in rows
                ),
                f"AlexNet has {ratio:.3g} times the parameters of {self.network.name}.",
                "",
                "What a 1x1 convolution saves, for 256 maps of 3x3 on 192x32x32:",
                *(
                    f"{row.name:38} {row.params:>11,} {'':10} {row.macs:>13,}"
                    for row in (self.directly, self.after_1x1)
                ),
            ]
        )


def compare(model: nn.Module, input_shape: Any = None) -> NetworkComparison:
    """Set the cost of ``model`` beside a fully connected head and beside AlexNet.

    Args:
        model: the network.
        input_shape: (C, H, W); None for the images the network was built for.

    Raises:
        ArgumentError: if the shape is none.
        ShapeError: if the shape does not fit the network.

    Example:
        >>> from minin import models
        >>> found = compare(models.build("nin-imagenet", rng=0))
        >>> round(found.alexnet.params / found.network.params, 2)
        8.03

    Source:
        Lin, Chen and Yan 2013, sections 3.2 and 4.6; Lin's release of NIN-Imagenet, "one
        eighth of AlexNet".
    """
    found = summary(model, input_shape)
    network = NetworkCost(found.title, found.params, found.macs // found.batch)
    maps = [row.output_shape for row in found.rows if len(row.output_shape) == 3]
    connected = None
    if maps and len(found.rows[-1].output_shape) == 1:
        head = full(found.rows[-1].output_shape[0], math.prod(maps[-1]))
        connected = total("  with a fully connected layer for GAP", network, head)
    alexnet = total("AlexNet", *ALEXNET)
    return NetworkComparison(network, connected, alexnet, DIRECTLY, AFTER_1X1)
