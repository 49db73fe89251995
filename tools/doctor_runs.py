"""Runs that are sick on purpose, each in one way, and runs that are healthy.

`tools.doctor_table` trains them and asks the doctor. Every run is a function of its seed, which
decides weights, order and, where it matters, labels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from minin import data, models, nn, ops, optim
from minin.autograd import Tensor
from minin.data.transforms import Preprocess
from minin.files.toml import read_toml

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


SABOTAGES: dict[str, Callable[..., Callable[[nn.Module], nn.Module]]] = {
    "biased": biased,
    "scaled": scaled,
    "with_softmax": lambda: WithSoftmax,
    "ten_sigmoids": lambda: lambda _: DeepSigmoid(),
    "uneven": lambda: uneven,
}


def read(kind: str) -> tuple[Run, ...]:
    """Read the runs of a kind, sick or healthy, from `doctor_runs.toml`."""
    found = read_toml(Path(__file__).with_suffix(".toml").read_text("utf-8"))[kind]
    return tuple(run_of(**values) for values in found)


def run_of(**values: Any) -> Run:
    """Make a run of the values of a table."""
    if "sabotage" in values:
        name, *arguments = values["sabotage"]
        values["sabotage"] = SABOTAGES[name](*arguments)
    if "spoil" in values:
        values["spoil"] = {"shuffled": shuffled, "as_bytes": as_bytes}[values["spoil"]]
    return Run(**(values | {"settings": Settings(**values.get("settings", {}))}))


SICK, HEALTHY = read("sick"), read("healthy")
