"""The network in tinygrad, on its CPU device, a whole step captured by TinyJit.

Its kernels are compiled by clang, or by libLLVM where there is no clang.
"""

from __future__ import annotations

import os
import shutil
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.harness.programs import Job, Missing
from benchmarks.networks import program
from benchmarks.networks.program import NetworkProgram, weights


def versions() -> dict[str, str]:
    from importlib.metadata import version

    os.environ.setdefault("DEV", "CPU" if shutil.which("clang") else "CPU:LLVM")
    tinygrad = import_module("tinygrad")
    try:
        (tinygrad.Tensor([1.0]) + 1).realize()
    except Exception as error:
        raise Missing(
            f"tinygrad {version('tinygrad')} computes nothing here with DEV={os.environ['DEV']}, "
            f"it needs clang or LLVM: {error}"
        ) from error
    return {"tinygrad": version("tinygrad")}


class Net(program.Net):
    first_calls = 3  # TinyJit runs once, captures at the second call, and replays from the third

    def __init__(self, job: Job, dropout: bool) -> None:
        self.tinygrad: Any = import_module("tinygrad")
        found = weights(job)
        self.rows = job["rows"]
        self.dropout = dropout
        self.weights = [self._weight(row, found) for row in self.rows]
        learned = [x for pair in self.weights for x in pair]
        self.parameters = sum(x.numel() for x in learned)
        self.optimiser = import_module("tinygrad.nn.optim").SGD(
            learned, lr=job["lr"], momentum=job["momentum"], weight_decay=job["weight_decay"]
        )
        jit = self.tinygrad.TinyJit
        self.step, self.forward = jit(self._step), jit(self._infer)

    def _weight(self, row: dict[str, Any], found: dict[str, Any]) -> Any:
        if row["kind"] != "conv":
            return ()
        kinds = ("weight", "bias")
        return tuple(self._tensor(found[f"{row['name']}.{kind}"], True) for kind in kinds)

    def _tensor(self, x: Any, learned: bool = False) -> Any:
        made = self.tinygrad.Tensor(np.ascontiguousarray(x))
        if learned and hasattr(made, "requires_grad"):  # before 0.13
            made.requires_grad = True
        return made.realize()

    def _logits(self, x: Any) -> Any:
        for row, w in zip(self.rows, self.weights, strict=True):
            if row["kind"] == "conv":
                x = x.conv2d(w[0], w[1], stride=tuple(row["stride"]), padding=row["padding"][0])
            elif row["kind"] == "max_pool":
                kernel, stride = tuple(row["kernel"]), tuple(row["stride"])
                x = x.max_pool2d(kernel, stride, ceil_mode=row["ceil"])
            elif row["kind"] == "dropout":
                x = x.dropout(row["p"]) if self.dropout else x
            elif row["kind"] == "global_average":
                x = x.mean((2, 3))
            else:
                x = x.relu()
        return x

    def _step(self, images: Any, labels: Any) -> Any:
        with self.tinygrad.Tensor.train():
            self.optimiser.zero_grad()
            loss = self._logits(images).sparse_categorical_crossentropy(labels).backward()
            return loss.realize(*self.optimiser.schedule_step())

    def _infer(self, images: Any) -> Any:
        return self._logits(images).realize()

    def put(self, images: Any, labels: Any) -> Any:
        return self._tensor(images), self._tensor(labels.astype(np.int32))

    def train(self, data: Any) -> object:
        return self._waited(self.step(*data))

    def infer(self, data: Any) -> Any:
        return self._waited(self.forward(data[0]))

    def _waited(self, result: Any) -> Any:
        device = self.tinygrad.Device
        device[device.DEFAULT].synchronize()
        return result

    def logits(self, data: Any) -> Any:
        return self._infer(data[0]).numpy()

    def facts(self) -> dict[str, Any]:
        return {"settings": {"device": os.environ["DEV"]}}


start = partial(NetworkProgram, make=Net)
