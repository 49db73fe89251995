"""Shapes of images, and how layers write their arguments down."""

from __future__ import annotations

from typing import Any

from minin.backend import Shape
from minin.errors import ShapeError
from minin.shapes import Pair


def image_size(layer: str, shape: Shape, channels: int | None = None) -> Pair:
    """Return (H, W) of an image's shape (C, H, W).

    Raises:
        ShapeError: if the shape is not one, or has other ``channels`` than given.

    Example:
        >>> image_size("Conv2d", (3, 32, 48), channels=3)
        (32, 48)
    """
    if len(shape) != 3:
        raise ShapeError(f"{layer} takes images (C, H, W), got {shape}")
    if channels is not None and shape[0] != channels:
        raise ShapeError(
            f"{layer} takes {channels} channels, got {shape[0]} in (C, H, W) = {shape}; "
            "build it with that many in_channels"
        )
    return shape[1], shape[2]


def one_or_pair(value: Any) -> Any:
    """Write (3, 3) as 3, as one would type it; other values stay."""
    equal = isinstance(value, tuple) and len(value) == 2 and value[0] == value[1]
    return value[0] if equal else value


def by(size: Pair) -> str:
    """Write (5, 3) as "5x3"."""
    return f"{size[0]}x{size[1]}"


def over(stride: Pair) -> str:
    """Write a stride other than 1 as "/2" or "/2x1"."""
    return "" if stride == (1, 1) else f"/{stride[0] if stride[0] == stride[1] else by(stride)}"


def non_defaults(**options: tuple[Any, Any]) -> str:
    """Write the options, given as (value, default), that differ from their defaults.

    Example:
        >>> non_defaults(stride=((2, 2), (1, 1)), padding=(0, 0))
        ', stride=2'
    """
    return "".join(
        f", {name}={one_or_pair(value)!r}"
        for name, (value, default) in options.items()
        if value != default
    )
