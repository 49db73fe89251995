"""What every layer has to do at least: its multiplications, and the numbers it has to move.

Counted for im2col: a multiply-accumulate is 2 FLOP, and backward has two products for each one of
forward, but for the first convolution, whose images need no gradient. Every array that a layer
must read or write is counted once.
"""

from __future__ import annotations

import math
from typing import Any

from benchmarks.networks.rows import SEED
from minin import models, nn

FLOAT = 4  # bytes


def work(network: str, batch: int) -> list[dict[str, Any]]:
    """List what the layers of a network do; the last is the optimiser's step."""
    model = models.build(network, rng=SEED)
    shape: tuple[int, ...] = model.input_shape
    found: list[dict[str, Any]] = []
    for name, layer in model.named_children():
        found += _layer(name, layer, shape, batch)
        shape = layer.output_shape(shape)
    weights = sum(math.prod(p.shape) for p in model.parameters())
    # Reads weights, slopes and velocities; writes weights and velocities.
    step = {"flops": 0, "bytes": 5 * FLOAT * weights}
    return [*found, {"measure": "SGD step", "layer": "SGD step", "output": [], **step}]


def _layer(name: str, layer: nn.Module, shape: tuple[int, ...], batch: int) -> list[dict[str, Any]]:
    after = layer.output_shape(shape)
    x, y = batch * math.prod(shape), batch * math.prod(after)
    w = sum(math.prod(p.shape) for p in layer.parameters())
    flops = 2 * batch * layer.macs(shape)
    back = 2 * flops - (2 * batch * _first_macs(layer, shape) if name == "0" else 0)
    grad_x = 0 if name == "0" else x
    told = {"layer": f"{name} {_label(layer)}", "output": list(after)}
    return [
        {"measure": f"{name} forward", **told, "flops": flops, "bytes": FLOAT * (x + w + y)},
        {
            "measure": f"{name} backward",
            **told,
            "flops": back,
            "bytes": FLOAT * (y + x + 2 * w + grad_x),
        },
    ]


def _first_macs(layer: nn.Module, shape: tuple[int, ...]) -> int:
    """Count the multiply-accumulates of the convolution that sees the images."""
    return layer.convolutions[0].macs(shape) if isinstance(layer, nn.MlpConv) else 0


def _label(layer: nn.Module) -> str:
    """Name a layer, as in "mlpconv 5x5 192 160 96"."""
    if not isinstance(layer, nn.MlpConv):
        return layer.label()
    convolutions = layer.convolutions
    maps = " ".join(str(one.out_channels) for one in convolutions)
    return f"mlp{convolutions[0].label()} {maps}"
