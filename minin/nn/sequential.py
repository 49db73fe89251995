"""`Sequential`: layers one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import overload

from minin.autograd import Tensor
from minin.backend import Array, Shape
from minin.errors import ArgumentError
from minin.nn.module import Module


class Sequential(Module):
    """Run layers in order; each takes what the one before it returns.

    Args:
        layers: the modules; the names of their parameters begin with 0, 1, 2, ...

    Raises:
        ArgumentError: if something is not a module.

    Example:
        >>> from minin import nn
        >>> net = nn.Sequential(nn.Conv2d(1, 4, 3, rng=0), nn.ReLU(), nn.GlobalAvgPool2d())
        >>> len(net), net[1], net[:2].output_shape((1, 8, 8))
        (3, ReLU(), (4, 6, 6))
        >>> list(net.state_dict())
        ['0.weight', '0.bias']
    """

    def __init__(self, *layers: Module) -> None:
        for layer in layers:
            if not isinstance(layer, Module):
                raise ArgumentError(
                    f"Sequential takes modules, got {type(layer).__name__}; "
                    "write Sequential(a, b, c), and Sequential(*layers) for a list"
                )
        self.layers = tuple(layers)

    def forward(self, x: Tensor | Array) -> Tensor:
        """Run every layer.

        **Shapes:** x (N, ...) -> whatever the last layer returns.
        """
        for layer in self.layers:
            x = layer(x)
        return x

    def output_shape(self, shape: Shape) -> Shape:
        """Pass the shape through every layer."""
        for layer in self.layers:
            shape = layer.output_shape(shape)
        return shape

    def macs(self, shape: Shape) -> int:
        """Add the layers' multiply-accumulates up."""
        total = 0
        for layer in self.layers:
            total += layer.macs(shape)
            shape = layer.output_shape(shape)
        return total

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Go through the layers, named by their places."""
        for index, layer in enumerate(self.layers):
            yield str(index), layer

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Sequential: ...

    def __getitem__(self, index: int | slice) -> Module:
        """Return one layer, or a Sequential of the same layers for a slice."""
        if isinstance(index, slice):
            return Sequential(*self.layers[index])
        return self.layers[index]
