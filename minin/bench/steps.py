"""Whole training steps as subjects: forward, loss, backward, and a step of SGD with momentum.

A step runs through the engine, as training does. Dropout is left out: it has rows of its own,
and the 32-bit hash of its masks is more than some libraries can do.

Numbers that have to be moved: each layer's output is written and read once on the way forward,
and read once, with two gradients moved, on the way back; each weight is read twice, its
gradient written and read, and its velocity and the weight itself read and written.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from minin import models, ops, optim
from minin.autograd import rules as use_rules
from minin.backend import Array, Shape
from minin.bench.subject import BenchSubject, Call, Host, Work, normal

TERMS = 1_000_000  # some pixels of a network lie at a kink, and rounding moves them across
BATCHES = {
    "nin-digits": {"tiny": 1, "small": 16, "medium": 64, "large": 256},
    "nin-mnist": {"tiny": 1, "small": 4, "medium": 16, "large": 64},
    "nin-cifar10": {"tiny": 1, "small": 4, "medium": 16, "large": 64},
}


@functools.cache
def _image(name: str) -> Shape:
    return models.build(name, rng=0).input_shape


def _inputs(name: str, shape: Shape, rng: np.random.Generator) -> list[Host]:
    """Draw images, labels and the parameters of the network."""
    network = models.build(name, rng=rng, dropout=0.0)
    weights = [parameter.numpy().astype(np.float64) for parameter in network.parameters()]
    images = normal(rng, shape)
    return [images, rng.integers(0, network.num_classes, shape[0]), *weights]


def _work(name: str, shape: Shape) -> Work:
    found = models.summary(models.build(name, rng=0, dropout=0.0), shape)
    # Twice the work of forward on the way back, but the images need no gradient.
    flops = 2 * (3 * found.macs - found.rows[0].macs)
    activations = shape[0] * sum(math.prod(row.output_shape) for row in found.rows)
    return Work(flops, 5 * activations + math.prod(shape) + 8 * found.params, TERMS)


def _start(name: str, arrays: list[Array], rules: str) -> Call:
    images, labels, *weights = arrays
    dtype = str(images.dtype).rpartition(".")[2]
    network = models.build(name, rng=0, dropout=0.0, dtype=dtype)
    parameters = list(network.parameters())
    for parameter, weight in zip(parameters, weights, strict=True):
        parameter.data = weight
    optimiser = optim.SGD(parameters, lr=1e-3, momentum=0.9)

    def step() -> list[Array]:
        with use_rules(rules):
            loss = ops.cross_entropy(network(images), labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        return [loss.data, *(parameter.grad for parameter in parameters)]

    return step


def step_subject(name: str, batches: dict[str, int], **options: Any) -> BenchSubject:
    """Make the subject of a network's training step."""
    image = _image(name)
    return BenchSubject(
        f"step-{name}",
        ("step",),
        {size: (batch, *image) for size, batch in batches.items()},
        "N C H W",
        inputs=lambda shape, _, rng: _inputs(name, shape, rng),
        work=lambda shape, _: _work(name, shape),
        start=lambda arrays, _, rules: _start(name, arrays, rules),
        fast=lambda family: family in ops.conv2d.fast,
        mean=True,
        **options,
    )


STEPS = tuple(
    step_subject(name, batches, quick=name == "nin-digits") for name, batches in BATCHES.items()
)
