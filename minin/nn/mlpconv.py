"""`MlpConv`: the network in Network in Network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minin import ops
from minin.autograd import Tensor
from minin.backend import Array
from minin.errors import ArgumentError
from minin.nn.conv import Conv2d
from minin.nn.geometry import non_defaults, one_or_pair
from minin.nn.init import Initialiser, he_normal
from minin.nn.module import Module
from minin.nn.sequential import Sequential
from minin.nn.simple import ReLU
from minin.rng import Rng, generator
from minin.shapes import PaddingLike, PairLike


class MlpConv(Sequential):
    """The paper's layer: a small network slides over the image instead of a kernel.

    A convolution, then 1x1 convolutions, with ReLU in between: at every pixel the same
    multilayer perceptron looks at one patch. It *is* a Sequential of those layers, numbered
    0 (convolution), 1 (ReLU), 2 (1x1), 3 (ReLU), 4 (1x1), 5 (ReLU), and can be taken apart
    as one; but it runs as a single operation, as the paper draws it.

    Args:
        in_channels: C, the channels of the input.
        maps: the feature maps of each layer, as in (192, 160, 96).
        kernel_size: KH and KW of the first layer; the others are 1x1.
        stride: of the first layer.
        padding: of the first layer.
        final_relu: end with ReLU, as published; False leaves it out after the last layer.
        dtype: of the parameters, float32 or float64.
        rng: where the weights come from, a NumPy Generator or a seed.
        init: how the weights start: one initialiser, or one for each layer.

    Raises:
        ArgumentError: if ``maps`` is empty, or there are more or fewer initialisers.

    Example:
        >>> block = MlpConv(3, (192, 160, 96), 5, padding=2, rng=0)
        >>> list(block.state_dict())
        ['0.weight', '0.bias', '2.weight', '2.bias', '4.weight', '4.bias']
        >>> block.output_shape((3, 32, 32)), block.macs((3, 32, 32))
        ((96, 32, 32), 61931520)

    Source:
        Lin, Chen and Yan 2013, section 3.1, equation 2.
    """

    def __init__(
        self,
        in_channels: int,
        maps: Sequence[int],
        kernel_size: PairLike,
        stride: PairLike = 1,
        padding: PaddingLike = 0,
        final_relu: bool = True,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
        init: Initialiser | Sequence[Initialiser] = he_normal,
    ) -> None:
        if not isinstance(maps, (tuple, list)) or not maps:
            raise ArgumentError(
                f"maps must list the feature maps of each layer, as in (192, 160, 96); got {maps!r}"
            )
        inits = [init] * len(maps) if callable(init) else list(init)
        if len(inits) != len(maps):
            raise ArgumentError(f"got {len(inits)} initialisers for {len(maps)} layers")
        rng = generator(rng)  # one stream for all layers, even if a seed was given
        layers: list[Module] = []
        geometry: dict[str, Any] = {"stride": stride, "padding": padding}
        for count, start in zip(maps, inits, strict=True):
            layers.append(
                Conv2d(
                    in_channels,
                    count,
                    kernel_size,
                    **geometry,
                    dtype=dtype,
                    rng=rng,
                    init=start,
                )
            )
            layers.append(ReLU())
            in_channels, kernel_size, geometry = count, 1, {}
        super().__init__(*(layers if final_relu else layers[:-1]))
        self.final_relu = bool(final_relu)

    @property
    def convolutions(self) -> list[Conv2d]:
        """The convolutions, first the one with the kernel, then the 1x1s."""
        return [layer for layer in self.layers if isinstance(layer, Conv2d)]

    def forward(self, x: Tensor | Array) -> Tensor:
        """Run all layers as one operation.

        **Shapes:** x (N, C, H, W) -> (N, O, OH, OW), with O the last of the maps.
        """
        first, *_ = convolutions = self.convolutions
        return ops.mlpconv(
            x,
            [layer.weight for layer in convolutions],
            [layer.bias for layer in convolutions],
            stride=first.stride,
            padding=first.padding,
            final_relu=self.final_relu,
        )

    def __repr__(self) -> str:
        first = self.convolutions[0]
        maps = tuple(layer.out_channels for layer in self.convolutions)
        options = non_defaults(
            stride=(first.stride, (1, 1)),
            padding=(first.padding, 0),
            final_relu=(self.final_relu, True),
        )
        kernel = one_or_pair(first.kernel_size)
        return f"MlpConv({first.in_channels}, {maps}, {kernel}{options})"
