"""A network in training on any library's arrays, for the tests on the stand-in and on a GPU."""

from __future__ import annotations

from typing import Any

import numpy as np

import minin
import minin.fast.cuda
from minin import models, ops, optim
from tests.fast.cuda.processor import Array


class Training:
    """A network, a batch, and an optimiser, in one place."""

    def __init__(self, name: str, put: Any, size: int, dtype: str, batch: int = 4) -> None:
        self.model = models.build(name, rng=0, dtype=dtype)
        for parameter in self.model.parameters():
            parameter.data = put(parameter.data)
        rng = np.random.default_rng(1)
        shape = (batch, self.model.input_shape[0], size, size)
        self.images = put(rng.normal(size=shape).astype(dtype))
        self.labels = put(rng.integers(0, 10, batch))
        self.optimiser = optim.SGD(self.model.parameters(), 0.02, momentum=0.9, weight_decay=1e-3)
        self.losses: list[minin.Tensor] = []

    def step(self) -> None:
        loss = ops.cross_entropy(self.model(self.images), self.labels, label_smoothing=0.1)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.losses.append(loss.detach())

    def found(self) -> list[Array]:
        weights = [parameter.numpy() for parameter in self.model.parameters()]
        return [loss.numpy() for loss in self.losses] + weights
