"""The numbers that decide a training run, in one value that can be stored beside it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from minin.errors import ArgumentError, UnknownNameError
from minin.shapes import integer


@dataclass(frozen=True)
class Options:
    """How to train. The defaults suit a small network on a small set: `nin-digits`.

    Attributes:
        epochs: walks over the training images.
        batch_size: images a step.
        lr: the peak of the learning rate; `rate` says how it gets there and back.
        warm_up: share of all steps in which the rate climbs to its peak.
        momentum: share of the velocity that Nesterov's SGD keeps.
        weight_decay: factor of the L2 penalty.
        clip: the longest gradient that is followed as it is; a longer one is scaled down.
        label_smoothing: share of the truth that is spread evenly over all classes.
        validation: share of the training images that is held back to validate on, the same
            share of each class; 0 holds none back.
        seed: decides who validates and the order of the images.

    Raises:
        ArgumentError: if a value makes no sense.

    Example:
        >>> Options(epochs=3).batch_size
        32
        >>> Options(lr=-1)
        Traceback (most recent call last):
        minin.errors.ArgumentError: lr must be a finite number above 0; got -1
    """

    epochs: int = 20
    batch_size: int = 32
    lr: float = 0.1
    warm_up: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    clip: float = 1.0
    label_smoothing: float = 0.1
    validation: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        integer("epochs", self.epochs)
        integer("batch_size", self.batch_size)
        integer("seed", self.seed, least=0)
        for name in ("lr", "clip"):
            value = getattr(self, name)
            if not _is_number(value) or not 0 < value < math.inf:
                raise ArgumentError(f"{name} must be a finite number above 0; got {value!r}")
        if not _is_number(self.weight_decay) or not 0 <= self.weight_decay < math.inf:
            raise ArgumentError(
                f"weight_decay must be a finite number of at least 0; got {self.weight_decay!r}"
            )
        for name in ("warm_up", "momentum", "label_smoothing", "validation"):
            value = getattr(self, name)
            if not _is_number(value) or not 0 <= value < 1:
                raise ArgumentError(f"{name} must be at least 0 and below 1; got {value!r}")

    def changed(self, **changes: Any) -> Options:
        """Return these options with some of them changed.

        Raises:
            UnknownNameError: if a name is no option.
            ArgumentError: if a value makes no sense.

        Example:
            >>> Options().changed(epochs=3, seed=7).seed
            7
        """
        known = [field.name for field in fields(self)]
        for name in changes:
            if name not in known:
                raise UnknownNameError.among("option", name, known)
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Give the values by name, in a form that JSON keeps."""
        return asdict(self)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_LARGER = Options(epochs=1, weight_decay=1e-4, label_smoothing=0.0, validation=0.05)
_OF_A_NETWORK = {"nin-digits": Options()}


def options_for(network: str) -> Options:
    """Return the options to start with for a network of `minin.models`.

    Example:
        >>> options_for("nin-mnist").epochs
        1
    """
    return _OF_A_NETWORK.get(network, _LARGER)


def build_options_for(network: str) -> dict[str, Any]:
    """Return what to build a network with, so that a short training succeeds.

    The published networks end in a ReLU, which can silence a class for good in the first
    steps, and drop half of their maps, which pays only in hundreds of epochs.

    Example:
        >>> build_options_for("nin-mnist")
        {'final_relu': False, 'dropout': 0.2}
    """
    return {} if network == "nin-digits" else {"final_relu": False, "dropout": 0.2}
