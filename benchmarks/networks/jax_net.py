"""The network in JAX: `jax.lax` convolutions and windows, a whole step compiled as one.

The step gives its old weights back to the compiler (`donate_argnums`), as training loops do.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.harness.programs import Job
from benchmarks.networks import program
from benchmarks.networks.program import NetworkProgram, weights

# Activations, weights, and activations again, as lax names them.
LAYOUTS = {"NCHW": ("NCHW", "OIHW", "NCHW"), "NHWC": ("NHWC", "HWIO", "NHWC")}


def versions() -> dict[str, str]:
    jax = import_module("jax")
    return {"jax": jax.__version__, "jaxlib": import_module("jaxlib").__version__}


def start(job: Job) -> NetworkProgram:
    import_module("jax").config.update("jax_platforms", "cpu")
    return NetworkProgram(job, Net)


class Net(program.Net):
    def __init__(self, job: Job, dropout: bool) -> None:
        self.jax: Any = import_module("jax")
        self.job = job
        self.layout = job["layout"]
        found = weights(job)
        self.weights: Any = [self._weight(row, found) for row in job["rows"]]
        self.parameters = sum(x.size for x in self.jax.tree.leaves(self.weights))
        self.velocity = self.jax.tree.map(self.jax.numpy.zeros_like, self.weights)
        self.key = self.jax.random.key(job["seed"])
        self.count = 0
        step = partial(self._step, dropout=dropout)
        self.compiled = self.jax.jit(step, donate_argnums=(0, 1))
        self.forward = self.jax.jit(partial(self._forward, key=None, dropout=False))

    def _weight(self, row: dict[str, Any], found: dict[str, Any]) -> Any:
        """Return the weight and the bias of a convolution; nothing for other layers."""
        if row["kind"] != "conv":
            return ()
        w, b = (found[f"{row['name']}.{kind}"] for kind in ("weight", "bias"))
        if self.layout == "NHWC":
            w, b = np.transpose(w, (2, 3, 1, 0)), b
        else:
            b = b[:, None, None]
        return self.jax.numpy.asarray(w), self.jax.numpy.asarray(b)

    def _forward(self, ws: Any, x: Any, key: Any, dropout: bool) -> Any:
        for row, w in zip(self.job["rows"], ws, strict=True):
            if row["kind"] != "dropout":
                x = self._layer(row, w, x)
            elif dropout:
                key, drawn = self.jax.random.split(key)
                x = self._dropped(x, row["p"], drawn)
        return x

    def _layer(self, row: dict[str, Any], w: Any, x: Any) -> Any:
        jnp, lax = self.jax.numpy, self.jax.lax
        if row["kind"] == "conv":
            around = [(side, side) for side in row["padding"]]
            names = LAYOUTS[self.layout]
            y = lax.conv_general_dilated(x, w[0], row["stride"], around, dimension_numbers=names)
            return y + w[1]
        if row["kind"] == "max_pool":
            window, stride = self._spread(row["kernel"], 1), self._spread(row["stride"], 1)
            padding = self._spread([(0, side) for side in row["overhang"]], (0, 0))
            return lax.reduce_window(x, -jnp.inf, lax.max, window, stride, padding)
        if row["kind"] == "global_average":
            return jnp.mean(x, axis=(1, 2) if self.layout == "NHWC" else (2, 3))
        return jnp.maximum(x, 0)

    def _spread(self, pair: Any, other: Any) -> tuple[Any, ...]:
        """Put what is meant for rows and columns at their places among four axes."""
        if self.layout == "NHWC":
            return (other, *pair, other)
        return (other, other, *pair)

    def _dropped(self, x: Any, p: float, key: Any) -> Any:
        kept = self.jax.random.bernoulli(key, 1 - p, x.shape)
        return self.jax.numpy.where(kept, x / (1 - p), 0)

    def _loss(self, ws: Any, images: Any, labels: Any, key: Any, dropout: bool) -> Any:
        scores = self._forward(ws, images, key, dropout)
        logs = self.jax.nn.log_softmax(scores)
        return -self.jax.numpy.mean(logs[self.jax.numpy.arange(len(labels)), labels])

    def _step(
        self, ws: Any, vs: Any, images: Any, labels: Any, key: Any, count: Any, dropout: bool
    ) -> Any:
        jax, job = self.jax, self.job
        key = jax.random.fold_in(key, count)
        loss, grads = jax.value_and_grad(self._loss)(ws, images, labels, key, dropout)
        decay, momentum, lr = job["weight_decay"], job["momentum"], job["lr"]
        vs = jax.tree.map(lambda v, g, w: momentum * v + g + decay * w, vs, grads, ws)
        return jax.tree.map(lambda w, v: w - lr * v, ws, vs), vs, loss

    def put(self, images: Any, labels: Any) -> Any:
        if self.layout == "NHWC":
            images = np.ascontiguousarray(np.transpose(images, (0, 2, 3, 1)))
        return self.jax.numpy.asarray(images), self.jax.numpy.asarray(labels)

    def train(self, data: Any) -> object:
        images, labels = data
        self.count += 1
        state = self.compiled(
            self.weights, self.velocity, images, labels, self.key, np.uint32(self.count)
        )
        self.weights, self.velocity, loss = self.jax.block_until_ready(state)
        return loss

    def infer(self, data: Any) -> Any:
        return self.jax.block_until_ready(self.forward(self.weights, data[0]))

    def logits(self, data: Any) -> Any:
        return np.asarray(self.infer(data))

    def facts(self) -> dict[str, Any]:
        return {"threads": self.job["cores"], "settings": {"layout": self.layout}}
