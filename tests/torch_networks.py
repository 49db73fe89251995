"""The networks of `minin.models` once more, in PyTorch's own layers, for the parity tests.

It reads a built network's layers, not its tables, and computes with `torch.nn` alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minin import nn


def torch_twin(model: nn.Sequential) -> Any:
    """Return a `torch.nn.Sequential` with the same layers, weights and dtype."""
    import torch

    twin = _sequential(model)
    weights = {name: torch.from_numpy(value) for name, value in model.state_dict().items()}
    twin = twin.to(next(iter(weights.values())).dtype)
    twin.load_state_dict(weights)  # strict: the names have to be the same
    return twin


def _sequential(layers: nn.Sequential) -> Any:
    import torch

    return torch.nn.Sequential(*(_layer(layer) for layer in layers))


def _layer(layer: nn.Module) -> Any:
    """Translate one layer."""
    from torch import nn as torch_nn

    if isinstance(layer, nn.Sequential):
        return _sequential(layer)
    if isinstance(layer, nn.Conv2d):
        return torch_nn.Conv2d(
            layer.in_channels,
            layer.out_channels,
            layer.kernel_size,
            layer.stride,
            layer.padding,
        )
    if isinstance(layer, nn.MaxPool2d):
        return torch_nn.MaxPool2d(layer.kernel_size, layer.stride, ceil_mode=layer.ceil_mode)
    if isinstance(layer, nn.Dropout):
        return torch_nn.Dropout(layer.p)
    if isinstance(layer, nn.GlobalAvgPool2d):
        return torch_nn.Sequential(torch_nn.AdaptiveAvgPool2d(1), torch_nn.Flatten())
    assert isinstance(layer, nn.ReLU)
    return torch_nn.ReLU()


def images_and_labels(model: Any, count: int, seed: int = 0) -> tuple[Any, Any]:
    """Draw float64 images of the model's size, and labels."""
    rng = np.random.default_rng(seed)
    images = rng.standard_normal((count, *model.input_shape))
    return images, rng.integers(0, model.num_classes, count)
