"""A network as rows of plain numbers, from which every library builds it once more.

The rows are read off the network that `minin.models.build` returns, so that there is one
definition. This is the parent's side: it needs minin, the peers do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from minin import models, nn
from minin.machine import cores

# Numbers that do not change. A peer that has others computes another network.
PARAMETERS = {
    "nin-digits": 52_394,
    "nin-mnist": 349_674,
    "nin-cifar10": 966_986,
    "nin-d2l": 1_992_166,
}
SEED = 0
CHECKED_IMAGES = 4
# The rate is so small that hundreds of steps on one batch neither blow a network up nor silence
# it: zeros, infinities and denormal numbers have speeds of their own.
SETTINGS = {"lr": 1e-6, "momentum": 0.9, "weight_decay": 1e-4}

Row = dict[str, Any]


def job(folder: Path, network: str, batch: int, mode: str) -> dict[str, Any]:
    """Return what a peer needs to build a network and take turns; the weights go to a file.

    Args:
        folder: for the weights.
        network: as `minin.models.names` lists it.
        batch: images in a step.
        mode: "train" or "infer".
    """
    model = models.build(network, rng=SEED)
    weights = folder / f"{network}.npz"
    if not weights.exists():
        state: Any = model.state_dict()
        np.savez(weights, **state)
    return {
        "network": network,
        "rows": list(rows(model)),
        "weights": str(weights),
        "image": list(model.input_shape),
        "classes": model.num_classes,
        "batch": batch,
        "mode": mode,
        "seed": SEED,
        "cores": cores(),
        "checked": CHECKED_IMAGES,
        **SETTINGS,
    }


def facts(network: str, batch: int, mode: str) -> dict[str, Any]:
    """Return the numbers of a network that tables show."""
    found = models.summary(models.build(network, rng=SEED))
    return {
        "network": network,
        "image": list(found.input_shape),
        "batch": batch,
        "mode": mode,
        "parameters": found.params,
        "macs_an_image": found.macs,
    }


def rows(model: nn.Sequential) -> Iterator[Row]:
    """Go through the layers; a convolution's name is that of its parameters."""
    yield from _rows("", model, tuple(getattr(model, "input_shape", ())))


def _rows(name: str, layer: nn.Module, shape: tuple[int, ...]) -> Iterator[Row]:
    if isinstance(layer, nn.Sequential):
        for key, child in layer.named_children():
            yield from _rows(f"{name}.{key}" if name else key, child, shape)
            shape = child.output_shape(shape)
    else:
        yield _row(name, layer, shape)


def _row(name: str, layer: nn.Module, shape: tuple[int, ...]) -> Row:
    """Write one layer; whatever a row does not say must be as every library has it."""
    if isinstance(layer, nn.Conv2d):
        assert (layer.groups, layer.dilation) == (1, (1, 1))
        return {
            "kind": "conv",
            "name": name,
            "in": layer.in_channels,
            "out": layer.out_channels,
            "kernel": list(layer.kernel_size),
            "stride": list(layer.stride),
            "padding": _pair(layer.padding),
        }
    if isinstance(layer, nn.MaxPool2d):
        assert (layer.padding, layer.dilation) == (0, (1, 1))
        return {
            "kind": "max_pool",
            "kernel": list(layer.kernel_size),
            "stride": list(layer.stride),
            "ceil": layer.ceil_mode,
            "overhang": _overhang(layer, shape),
        }
    if isinstance(layer, nn.Dropout):
        return {"kind": "dropout", "p": layer.p}
    if isinstance(layer, nn.GlobalAvgPool2d):
        return {"kind": "global_average"}
    assert isinstance(layer, nn.ReLU), layer
    return {"kind": "relu"}


def _overhang(layer: nn.MaxPool2d, shape: tuple[int, ...]) -> list[int]:
    """Count the rows and columns by which the last window stands over the edge."""
    _, *size = layer.output_shape(shape)
    sides = zip(size, shape[1:], layer.kernel_size, layer.stride, strict=True)
    return [max(0, (out - 1) * stride + kernel - side) for out, side, kernel, stride in sides]


def _pair(padding: Any) -> list[int]:
    assert isinstance(padding, int) or all(isinstance(side, int) for side in padding)
    return [padding, padding] if isinstance(padding, int) else list(padding)
