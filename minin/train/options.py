"""The numbers that decide a training run, in one value that can be stored beside it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from minin.data.transforms import Augment, Preprocess
from minin.errors import ArgumentError, UnknownNameError
from minin.optim import SCHEDULES
from minin.shapes import integer

OPTIMISERS = ("sgd", "adam")


@dataclass(frozen=True)
class Options:
    """How to train. The defaults suit a small network on a small set: `nin-digits`.

    Attributes:
        epochs: walks over the training images.
        batch_size: images a step.
        optimiser: "sgd" or "adam".
        lr: the peak of the learning rate.
        schedule: how the rate goes with time, a name of `minin.optim.SCHEDULES`.
        warm_up: share of all steps in which the rate climbs to its peak.
        milestones: for the schedule "steps": epochs after which the rate falls.
        factor: for the schedule "steps": what the rate is multiplied by.
        momentum: share of the velocity that SGD keeps.
        nesterov: whether SGD looks ahead along the velocity.
        weight_decay: factor of the L2 penalty.
        bias_lr: the rate of the biases, as a multiple of ``lr``.
        bias_decay: whether the L2 penalty is for biases too.
        last_layer_lr: the rate of the last layer, as a multiple of the others'.
        clip: the longest gradient that is followed as it is; a longer one is scaled down. 0
            follows all as they are.
        label_smoothing: share of the truth that is spread evenly over all classes.
        validation: share of the training images that is held back to validate on, the same
            share of each class; 0 holds none back.
        preprocess: how bytes become what the network sees, as `minin.data.Preprocess.fit`
            takes it.
        augment: what is drawn again for each training image in each epoch, as
            `minin.data.Augment.read` takes it.
        freeze: layers that keep their weights, by the beginning of their parameters' names.
        seed: decides who validates, the order of the images and how they are augmented.

    Raises:
        ArgumentError: if a value makes no sense.
        UnknownNameError: if an optimiser, schedule, preprocessing or augmentation is unknown.

    Example:
        >>> Options(epochs=3).batch_size
        32
        >>> Options(lr=-1)
        Traceback (most recent call last):
        minin.errors.ArgumentError: lr must be a finite number above 0; got -1
    """

    epochs: int = 20
    batch_size: int = 32
    optimiser: str = "sgd"
    lr: float = 0.1
    schedule: str = "linear"
    warm_up: float = 0.1
    milestones: tuple[int, ...] = ()
    factor: float = 0.1
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 5e-4
    bias_lr: float = 1.0
    bias_decay: bool = True
    last_layer_lr: float = 1.0
    clip: float = 1.0
    label_smoothing: float = 0.1
    validation: float = 0.1
    preprocess: tuple[str, ...] = ("standardise",)
    augment: tuple[str, ...] = ()
    freeze: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        self._check_numbers()
        for name in ("nesterov", "bias_decay"):
            if not isinstance(getattr(self, name), bool):
                raise ArgumentError(f"{name} must be True or False; got {getattr(self, name)!r}")
        for name in ("preprocess", "augment", "freeze"):
            object.__setattr__(self, name, _words(name, getattr(self, name)))
        object.__setattr__(self, "milestones", _milestones(self.milestones))
        for name, known in (("optimiser", OPTIMISERS), ("schedule", tuple(SCHEDULES))):
            if getattr(self, name) not in known:
                raise UnknownNameError.among(name, getattr(self, name), known)
        if bool(self.milestones) != (self.schedule == "steps"):
            raise ArgumentError(
                "milestones must be given with schedule 'steps', and with no other; got"
                f" schedule {self.schedule!r} and milestones {self.milestones}"
            )
        Preprocess.check(self.preprocess)
        Augment.read(self.augment)

    def _check_numbers(self) -> None:
        integer("epochs", self.epochs)
        integer("batch_size", self.batch_size)
        integer("seed", self.seed, least=0)
        for name in ("lr", "factor"):
            value = getattr(self, name)
            if not _is_number(value) or not 0 < value < math.inf:
                raise ArgumentError(f"{name} must be a finite number above 0; got {value!r}")
        for name in ("weight_decay", "clip", "bias_lr", "last_layer_lr"):
            value = getattr(self, name)
            if not _is_number(value) or not 0 <= value < math.inf:
                raise ArgumentError(f"{name} must be a finite number of at least 0; got {value!r}")
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
        values = asdict(self)
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _words(name: str, values: Any) -> tuple[str, ...]:
    """Read a list of words, as TOML and JSON give it."""
    if not isinstance(values, (list, tuple)) or not all(isinstance(v, str) for v in values):
        raise ArgumentError(f"{name} must be a list of words; got {values!r}")
    return tuple(values)


def _milestones(values: Any) -> tuple[int, ...]:
    """Read rising numbers of epochs."""
    if not isinstance(values, (list, tuple)):
        raise ArgumentError(f"milestones must be a list of epochs; got {values!r}")
    epochs = tuple(integer("milestones", value) for value in values)
    if list(epochs) != sorted(set(epochs)):
        raise ArgumentError(f"milestones must rise; got {values!r}")
    return epochs
