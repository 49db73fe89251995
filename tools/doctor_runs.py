"""Runs that are sick on purpose, each in one way, and runs that are healthy.

`tools.doctor_table` trains them and asks the doctor. Every run is a function of its seed, which
decides weights, order and, where it matters, labels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from minin import data, models, nn, ops, optim
from minin.autograd import Tensor
from minin.data.transforms import Preprocess

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Subset:
    """A few prepared images: to learn from, and held back."""

    images: Floats
    labels: Labels
    held_images: Floats
    held_labels: Labels
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """How a run is trained; the defaults are healthy for `nin-digits`."""

    epochs: int = 6
    lr: float = 0.05
    batch_size: int = 32
    optimiser: str = "sgd"
    momentum: float = 0.9
    weight_decay: float = 5e-4
    clip: float = 1.0
    bias_lr: float = 1.0
    last_layer_lr: float = 1.0


@dataclass(frozen=True)
class Run:
    """One kind of run.

    Attributes:
        name: a few words.
        expected: what the doctor has to say first; "" of a healthy run.
        also: what may be said instead: where all class maps died, "frozen" is the word.
        network: a name of `minin.models`.
        dataset: a name of `minin.data`.
        count: images to learn from.
        options: of the network.
        settings: of the training.
        sabotage: what is done to the network before it is trained; it may return another.
        spoil: what is done to the images and labels.
    """

    name: str
    expected: str = ""
    also: str = ""
    network: str = "nin-digits"
    dataset: str = "digits"
    count: int = 600
    options: dict[str, Any] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    sabotage: Callable[[nn.Module], nn.Module] = lambda model: model
    spoil: Callable[[Floats, Labels, int], tuple[Floats, Labels]] = lambda x, y, _: (x, y)


@dataclass(frozen=True)
class Trained:
    """A finished run: what the doctor gets to see."""

    model: nn.Module
    subset: Subset
    losses: list[float]
    train_accuracy: float
    validation: float


def load(run: Run, seed: int) -> Subset:
    """Draw the images of a run."""
    whole = data.load(run.dataset)
    order = np.random.default_rng([seed, 1]).permutation(len(whole.train_images))
    kept, held = order[: run.count], order[run.count : run.count + 200]
    preprocess = Preprocess.fit(["standardise"], whole.train_images[kept])
    images, labels = run.spoil(preprocess(whole.train_images[kept]), whole.train_labels[kept], seed)
    held_images = preprocess(whole.train_images[held])
    return Subset(images, labels, held_images, whole.train_labels[held], whole.classes)


def finish(run: Run, seed: int) -> Trained:
    """Build, sabotage and train."""
    subset = load(run, seed)
    model = run.sabotage(models.build(run.network, rng=seed, **run.options))
    with np.errstate(all="ignore"):
        losses, accuracy = learn(model, subset, run.settings, seed)
        held = model.eval()(subset.held_images).numpy().argmax(axis=1)
    return Trained(model, subset, losses, accuracy, float(np.mean(held == subset.held_labels)))


def learn(
    model: nn.Module, subset: Subset, settings: Settings, seed: int
) -> tuple[list[float], float]:
    """Train as plainly as can be; return each epoch's mean loss and the last accuracy."""
    optimiser = make_optimiser(model, settings)
    rng = np.random.default_rng([seed, 2])
    losses, right = [], 0
    model.train()
    for _ in range(settings.epochs):
        total, right = 0.0, 0
        walk = data.batches(subset.images, subset.labels, settings.batch_size, rng)
        for images, labels in walk:
            logits = model(images)
            loss = ops.cross_entropy(logits, labels)
            optimiser.zero_grad()
            loss.backward()
            if settings.clip:
                optim.clip_gradients(model.parameters(), settings.clip)
            optimiser.step()
            total += loss.item() * len(labels)
            right += int((logits.numpy().argmax(axis=1) == labels).sum())
        losses.append(total / len(subset.labels))
        if not math.isfinite(losses[-1]):
            break
    return losses, right / len(subset.labels)


def make_optimiser(model: nn.Module, settings: Settings) -> optim.SGD | optim.Adam:
    """Give weights and biases, of the last layer and of all others, their rates."""
    named = list(model.named_parameters())
    last = named[-1][0].rpartition(".")[0]
    groups = [
        {
            "params": [parameter],
            "lr": settings.lr
            * (settings.bias_lr if name.endswith("bias") else 1.0)
            * (settings.last_layer_lr if name.rpartition(".")[0] == last else 1.0),
        }
        for name, parameter in named
    ]
    if settings.optimiser == "adam":
        return optim.Adam(groups, settings.lr)
    return optim.SGD(
        groups, settings.lr, momentum=settings.momentum, weight_decay=settings.weight_decay
    )


# ---- what makes a run sick -------------------------------------------------------------------


def biased(path: str, value: float) -> Callable[[nn.Module], nn.Module]:
    """Start the biases of one layer at ``value``."""

    def sabotage(model: nn.Module) -> nn.Module:
        dict(model.named_parameters())[f"{path}.bias"].data += value
        return model

    return sabotage


def scaled(factor: float) -> Callable[[nn.Module], nn.Module]:
    """Start all weights at ``factor`` times their usual size."""

    def sabotage(model: nn.Module) -> nn.Module:
        for parameter in model.parameters():
            parameter.data *= factor
        return model

    return sabotage


class WithSoftmax(nn.Module):
    """A network that ends in softmax, although the loss has one inside."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def forward(self, x: Any) -> Tensor:
        """Return probabilities where logits are wanted."""
        return ops.softmax(self.network(x))


class DeepSigmoid(nn.Module):
    """Ten layers of sigmoids: each lets at most a quarter of the gradient pass."""

    def __init__(self, rng: int = 0) -> None:
        source = np.random.default_rng(rng)
        sizes = [64, *[32] * 9]
        self.flatten = nn.Flatten()
        self.hidden = [nn.Linear(a, b, rng=source) for a, b in pairwise(sizes)]
        self.last = nn.Linear(32, 10, rng=source)

    def forward(self, x: Any) -> Tensor:
        """Compute logits."""
        x = self.flatten(x)
        for layer in self.hidden:
            x = ops.sigmoid(layer(x))
        return self.last(x)


def uneven(model: nn.Module) -> nn.Module:
    """Make one layer 10,000 times as weak and the next as strong: what comes out is the same."""
    parameters = dict(model.named_parameters())
    parameters["3.0.weight"].data *= 1e-4
    parameters["3.2.weight"].data *= 1e4
    return model


def shuffled(images: Floats, labels: Labels, seed: int) -> tuple[Floats, Labels]:
    """Put the labels in another order than the images."""
    return images, np.random.default_rng([seed, 3]).permutation(labels)


def as_bytes(images: Floats, labels: Labels, _: int) -> tuple[Floats, Labels]:
    """Forget to divide by 255."""
    return images * np.float32(255), labels


SICK = (
    Run("final ReLU and steps too long", "dead class maps", "frozen",
        options={"final_relu": True, "dropout": 0.5},
        settings=Settings(lr=0.05, clip=0.0, epochs=4)),
    Run("first layer dead", "first dead layer", sabotage=biased("0.0", -10.0)),
    Run("middle layer dead", "first dead layer", sabotage=biased("3.2", -20.0)),
    Run("weights started tiny", "vanishing activations", sabotage=scaled(0.05)),
    Run("weights started huge", "exploding activations", sabotage=scaled(5.0),
        settings=Settings(lr=0.001)),
    Run("softmax twice", "double softmax", sabotage=WithSoftmax),
    Run("labels in another order", "labels shuffled against images", spoil=shuffled),
    Run("steps too long", "learning rate too high", settings=Settings(lr=2.0, clip=1.0)),
    Run("steps far too short", "slow start", settings=Settings(lr=1e-6)),
    Run("images not divided by 255", "images not normalised", spoil=as_bytes),
    Run("all class maps dead", "frozen", options={"final_relu": True},
        sabotage=biased("6.4", -50.0)),
    Run("ten sigmoids", "vanishing gradients", sabotage=lambda _: DeepSigmoid()),
    Run("not a number", "not finite", settings=Settings(lr=1e6, clip=0.0)),
    Run("one layer weak, the next strong", "exploding gradients", sabotage=uneven,
        settings=Settings(lr=1e-9, epochs=2)),
)  # fmt: skip

QUICK = Settings(epochs=1)
HEALTHY = (
    Run("untrained", settings=Settings(epochs=0)),
    Run("untrained, final ReLU", options={"final_relu": True}, settings=Settings(epochs=0)),
    Run("untrained, published start", options={"init": "published"}, network="nin-mnist",
        dataset="mnist", count=64, settings=Settings(epochs=0)),
    Run("untrained, nin-cifar10", network="nin-cifar10", dataset="fashion-mnist", count=64,
        options={"in_channels": 1}, settings=Settings(epochs=0)),
    Run("few steps", count=256, settings=QUICK),
    Run("one epoch", settings=QUICK),
    Run("usual"),
    Run("long", settings=Settings(epochs=20)),
    Run("Adam", settings=Settings(optimiser="adam", lr=2e-3)),
    Run("no momentum", settings=Settings(momentum=0.0, lr=0.1, epochs=8)),
    Run("dropout of one half", options={"dropout": 0.5}),
    Run("no dropout, converged", options={"dropout": 0.0}, settings=Settings(epochs=25)),
    Run("lively steps", settings=Settings(lr=0.15)),
    Run("small steps", settings=Settings(lr=0.005, epochs=8)),
    Run("small steps, few epochs", settings=Settings(lr=0.003, epochs=4)),
    Run("Xavier's start", options={"init": "xavier"}, settings=Settings(epochs=8)),
    Run("final ReLU, biases of 1", options={"final_relu": True}, sabotage=biased("6.4", 1.0),
        settings=Settings(lr=0.01, last_layer_lr=0.1, epochs=10)),
    Run("MNIST", dataset="mnist", count=1000, settings=Settings(epochs=2)),
    Run("Fashion-MNIST", dataset="fashion-mnist", count=1000, settings=Settings(epochs=2)),
    Run("MNIST, nin-mnist", network="nin-mnist", dataset="mnist", count=256,
        options={"final_relu": False}, settings=Settings(epochs=2, lr=0.02)),
    Run("Fashion-MNIST, Adam", dataset="fashion-mnist", count=600,
        settings=Settings(epochs=2, optimiser="adam", lr=2e-3)),
)  # fmt: skip
