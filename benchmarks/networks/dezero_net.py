"""The network in DeZero, on NumPy.

Its pooling only rounds down. Where the last window has to stand over the edge, the image gets
the missing rows and columns of zeros first; behind a ReLU they never win against a number that
counts, so it is the same network.
"""

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
    from importlib.metadata import version

    warnings.simplefilter("ignore")  # it is older than much of what it meets
    import_module("dezero")
    return {"dezero": version("dezero")}


class Net(program.Net):
    def __init__(self, job: Job, dropout: bool) -> None:
        self.dezero: Any = import_module("dezero")
        self.functions: Any = import_module("dezero.functions")
        self.rows = job["rows"]
        self.dropout = dropout
        found = weights(job)
        self.model = self.dezero.Layer()
        self.convolutions = []
        for number, row in enumerate(row for row in self.rows if row["kind"] == "conv"):
            layer = self._conv(row, found)
            setattr(self.model, f"conv{number}", layer)
            self.convolutions.append(layer)
        self.parameters = sum(p.size for p in self.model.params())
        optimisers: Any = import_module("dezero.optimizers")
        self.optimiser = optimisers.MomentumSGD(job["lr"], job["momentum"]).setup(self.model)
        self.optimiser.add_hook(optimisers.WeightDecay(job["weight_decay"]))
        self.pad = _padding(self.dezero)

    def _conv(self, row: dict[str, Any], found: dict[str, Any]) -> Any:
        layers: Any = import_module("dezero.layers")
        conv = layers.Conv2d(
            row["out"],
            tuple(row["kernel"]),
            tuple(row["stride"]),
            tuple(row["padding"]),
            in_channels=row["in"],
        )
        conv.W.data, conv.b.data = (found[f"{row['name']}.{k}"] for k in ("weight", "bias"))
        return conv

    def _logits(self, x: Any) -> Any:
        convolutions = iter(self.convolutions)
        for row in self.rows:
            x = next(convolutions)(x) if row["kind"] == "conv" else self._plain(row, x)
        return x

    def _plain(self, row: dict[str, Any], x: Any) -> Any:
        """Run a layer without weights."""
        if row["kind"] == "max_pool":
            if any(row["overhang"]):
                x = self.pad(row["overhang"])(x)
            return self.functions.pooling(x, tuple(row["kernel"]), tuple(row["stride"]))
        if row["kind"] == "dropout":
            return self.functions.dropout(x, row["p"]) if self.dropout else x
        if row["kind"] == "global_average":
            n, c, h, w = x.shape
            return self.functions.sum(x.reshape(n, c, h * w), axis=2) / np.float32(h * w)
        return self.functions.relu(x)

    def put(self, images: Any, labels: Any) -> Any:
        return images, labels

    def train(self, data: Any) -> object:
        images, labels = data
        loss = self.functions.softmax_cross_entropy(self._logits(images), labels)
        self.model.cleargrads()
        loss.backward()
        self.optimiser.update()
        return loss

    def infer(self, data: Any) -> Any:
        with self.dezero.test_mode(), self.dezero.no_grad():
            return self._logits(data[0])

    def logits(self, data: Any) -> Any:
        return self.infer(data).data


def _padding(dezero: Any) -> Any:
    """Make the DeZero function that adds rows and columns of zeros at the end."""

    class Pad(dezero.Function):  # type: ignore[misc]  # DeZero has no types
        def __init__(self, overhang: list[int]) -> None:
            self.widths = ((0, 0), (0, 0), (0, overhang[0]), (0, overhang[1]))

        def forward(self, x: Any) -> Any:
            return np.pad(x, self.widths)

        def backward(self, grad_y: Any) -> Any:
            x = self.inputs[0]
            return dezero.functions.get_item(
                grad_y, (slice(None), slice(None), slice(x.shape[2]), slice(x.shape[3]))
            )

    return Pad


start = partial(NetworkProgram, make=Net)
