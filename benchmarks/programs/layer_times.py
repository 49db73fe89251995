"""Every layer of a network on its own, forward and backward.

Each gets what the layer before it returns, as it lies in memory there; the slopes that come back
are drawn. The first layer has no image gradient to compute, as in training.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.harness.programs import Counted, Job, Program
from benchmarks.networks.minin_net import Net, versions
from benchmarks.networks.program import batch

__all__ = ["start", "versions"]


class Layers(Program):
    def __init__(self, job: Job) -> None:
        from minin import Tensor

        self.net = Net(job, True)
        self.net.model.train()
        self.rng = np.random.default_rng(job["seed"])
        self.layers: list[tuple[str, Any, Any, Any]] = []
        x, _ = batch(job, job["batch"])
        for name, layer in self.net.model.named_children():
            y = layer(Tensor(x)).data
            self.layers.append((name, layer, Tensor(x, requires_grad=name != "0"), self._like(y)))
            x = y

    def _like(self, y: Any) -> Any:
        """Draw slopes that lie in memory as ``y`` does."""
        grad = np.empty_like(y)
        grad[...] = self.rng.standard_normal(y.shape, dtype=np.float32) / y.size
        return grad

    def turn(self, calls: int) -> Counted:
        self._walk()
        found = [self._walk() for _ in range(calls)]
        numbers = {key: sum(one[key] for one in found) / calls for key in found[0]}
        return Counted(numbers, sum(numbers.values()) * calls)

    def _walk(self) -> dict[str, float]:
        """Go through the layers once; the time of each, both ways, and of the optimiser."""
        found = {}
        for name, layer, x, grad in self.layers:
            start = time.perf_counter()
            y = layer(x)
            there = time.perf_counter()
            found[f"{name} forward"] = there - start
            if y.requires_grad:
                y.backward(grad)
                found[f"{name} backward"] = time.perf_counter() - there
            x.grad = None
        start = time.perf_counter()
        self.net.optimiser.step()
        found["SGD step"] = time.perf_counter() - start
        self.net.optimiser.zero_grad()
        return found

    def check(self) -> dict[str, Any]:
        return {"parameters": self.net.parameters}

    def facts(self) -> dict[str, Any]:
        return self.net.facts()


start = Layers
