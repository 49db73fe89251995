"""The network in Chainer, on NumPy."""

from __future__ import annotations

import warnings
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.harness.programs import Job
from benchmarks.networks import program
from benchmarks.networks.program import NetworkProgram, weights


def versions() -> dict[str, str]:
    warnings.simplefilter("ignore")  # it is older than much of what it meets
    return {"chainer": import_module("chainer").__version__}


class Net(program.Net):
    def __init__(self, job: Job, dropout: bool) -> None:
        self.chainer: Any = import_module("chainer")
        self.rows = job["rows"]
        self.dropout = dropout
        found = weights(job)
        self.model = self.chainer.ChainList(
            *(self._conv(row, found) for row in self.rows if row["kind"] == "conv")
        )
        self.parameters = sum(p.size for p in self.model.params())
        self.optimiser = self.chainer.optimizers.MomentumSGD(job["lr"], job["momentum"])
        self.optimiser.setup(self.model)
        self.optimiser.add_hook(self.chainer.optimizer_hooks.WeightDecay(job["weight_decay"]))

    def _conv(self, row: dict[str, Any], found: dict[str, Any]) -> Any:
        return self.chainer.links.Convolution2D(
            row["in"],
            row["out"],
            tuple(row["kernel"]),
            tuple(row["stride"]),
            tuple(row["padding"]),
            initialW=found[f"{row['name']}.weight"],
            initial_bias=found[f"{row['name']}.bias"],
        )

    def _logits(self, x: Any) -> Any:
        convolutions = iter(self.model)
        for row in self.rows:
            x = next(convolutions)(x) if row["kind"] == "conv" else self._plain(row, x)
        return x

    def _plain(self, row: dict[str, Any], x: Any) -> Any:
        """Run a layer without weights."""
        functions = self.chainer.functions
        if row["kind"] == "max_pool":
            kernel, stride = tuple(row["kernel"]), tuple(row["stride"])
            return functions.max_pooling_2d(x, kernel, stride, cover_all=row["ceil"])
        if row["kind"] == "dropout":
            return functions.dropout(x, row["p"]) if self.dropout else x
        if row["kind"] == "global_average":
            return functions.mean(x, axis=(2, 3))
        return functions.relu(x)

    def put(self, images: Any, labels: Any) -> Any:
        return images, labels.astype(np.int32)

    def train(self, data: Any) -> object:
        images, labels = data
        with self.chainer.using_config("train", True):
            loss = self.chainer.functions.softmax_cross_entropy(self._logits(images), labels)
            self.model.cleargrads()
            loss.backward()
            self.optimiser.update()
        return loss

    def infer(self, data: Any) -> Any:
        config = self.chainer.using_config
        with config("train", False), config("enable_backprop", False):
            return self._logits(data[0])

    def logits(self, data: Any) -> Any:
        return self.infer(data).array


start = partial(NetworkProgram, make=Net)
