"""The training loop: look at a batch, ask which way is down, step."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from minin import ops
from minin.data import Dataset, Standardise, batches, split
from minin.errors import ArgumentError, DivergedError
from minin.nn import Module
from minin.optim import SGD, clip_gradients
from minin.train.history import Epoch, History, Step
from minin.train.inputs import Images, Source, prepared, write_source
from minin.train.judge import Labels, count_right, evaluate, to_targets
from minin.train.options import Options
from minin.train.rate import rate
from minin.train.threads import one_blas_thread

OnEpoch: TypeAlias = Callable[[Epoch], None]
OnStep: TypeAlias = Callable[[Step], None]


def fit(
    model: Module,
    dataset: Dataset,
    options: Options | Mapping[str, Any] | None = None,
    on_epoch: OnEpoch | None = None,
    on_step: OnStep | None = None,
    **changes: Any,
) -> History:
    """Train a network, in place, and return what happened.

    SGD with Nesterov's momentum and an L2 penalty; the rate climbs to ``lr`` and descends
    again (`rate`). The same seed gives the same order of images and the same split, so a
    network built with the same seed ends in the same weights, bit for bit. Afterwards the
    network has dropout switched off and knows how its images are standardised.

    **Shapes:** dataset.train_images (N, C, H, W), dataset.train_labels (N,).

    Args:
        model: a network that returns logits (N, classes).
        dataset: images to learn from; its test half is not touched.
        options: how to train, as `Options` or by name; left out, the defaults of `Options`.
        on_epoch: called with each `Epoch` as it ends.
        on_step: called with a `Step` after every step.
        changes: options by name, instead of those in ``options``.

    Raises:
        UnknownNameError: if a name in ``changes`` is no option.
        ArgumentError: if an option makes no sense.
        ShapeError: if the images do not fit the network.
        DivergedError: if the loss is not finite; the weights are those before that step.

    Example:
        >>> from minin import data, models
        >>> model = models.build("nin-digits", rng=0)
        >>> history = fit(model, data.load("digits"), epochs=1, seed=0)  # doctest: +SKIP
        >>> history[-1].validation_accuracy > 0.5  # doctest: +SKIP
        True
    """
    options = _read_options(options).changed(**changes)
    rng = np.random.default_rng(options.seed)
    images, labels = dataset.train_images, dataset.train_labels
    held_back = None
    if options.validation:
        kept, held = split(labels, options.validation, rng)
        held_back = images[held], labels[held]
        images, labels = images[kept], labels[kept]
    standardise = Standardise.fit(images)
    write_source(model, Source.of(dataset, standardise))

    run = _Run(model, options, standardise, len(labels), on_step or _ignore)
    start, rows = time.perf_counter(), []
    with one_blas_thread():
        for number in range(1, options.epochs + 1):
            row = run.epoch(number, images, labels, rng)
            if held_back is not None:
                found = evaluate(model, *held_back, standardise=standardise)
                row = replace(row, validation_accuracy=found.accuracy)
            rows.append(row)
            (on_epoch or _ignore)(row)
    model.eval()
    return History(tuple(rows), options, standardise, time.perf_counter() - start)


def _read_options(options: Options | Mapping[str, Any] | None) -> Options:
    if options is None or isinstance(options, Mapping):
        return Options().changed(**(options or {}))
    if not isinstance(options, Options):
        raise ArgumentError(
            f"options must be train.Options, or a mapping of its names; got {options!r:.60}"
        )
    return options


class _Run:
    """One run of `fit`: what stays the same from epoch to epoch."""

    def __init__(
        self,
        model: Module,
        options: Options,
        standardise: Standardise,
        count: int,
        on_step: OnStep,
    ) -> None:
        self.model, self.options, self.standardise = model, options, standardise
        self.on_step = on_step
        self.steps = math.ceil(count / options.batch_size)  # an epoch
        self.optimiser = SGD(
            model.parameters(),
            options.lr,
            momentum=options.momentum,
            nesterov=options.momentum > 0,
            weight_decay=options.weight_decay,
        )
        self.peaks = [group.lr for group in self.optimiser.groups]

    def epoch(self, number: int, images: Images, labels: Labels, rng: np.random.Generator) -> Epoch:
        """Walk once over the training images."""
        self.model.train()
        start, total, right = time.perf_counter(), 0.0, 0
        walk = batches(images, labels, self.options.batch_size, rng)
        for step, (batch, target) in enumerate(walk, 1):
            self._set_rate((number - 1) * self.steps + step - 1)
            loss, hits = self._step(number, step, batch, target)
            total, right = total + loss * len(target), right + hits
            self.on_step(Step(number, self.options.epochs, step, self.steps, loss, len(target)))
        seconds = time.perf_counter() - start
        return Epoch(
            epoch=number,
            loss=total / len(labels),
            train_accuracy=right / len(labels),
            validation_accuracy=None,
            lr=self.optimiser.groups[0].lr,
            seconds=seconds,
            images_per_second=len(labels) / seconds,
        )

    def _set_rate(self, step: int) -> None:
        """Set every group's rate, each in proportion to its own peak."""
        steps = self.steps * self.options.epochs
        for group, peak in zip(self.optimiser.groups, self.peaks, strict=True):
            group.lr = rate(step, steps, peak, self.options.warm_up)

    def _step(self, epoch: int, step: int, batch: Images, target: Labels) -> tuple[float, int]:
        """Learn from one batch: (mean loss, images classified right before the step)."""
        # Overflow shows in the loss, which is judged below with the epoch and the step.
        with np.errstate(over="ignore", invalid="ignore"):
            logits = self.model(prepared(self.model, batch, self.standardise))  # (B, classes)
            loss = ops.cross_entropy(
                logits,
                to_targets(logits, target),
                label_smoothing=self.options.label_smoothing,
            )  # ()
            value = loss.item()
            if not math.isfinite(value):
                raise DivergedError(
                    f"the loss became {value} in epoch {epoch}, step {step} of {self.steps};"
                    f" try a lower lr than {self.options.lr}"
                )
            self.optimiser.zero_grad()
            loss.backward()
            clip_gradients(self.model.parameters(), self.options.clip)
            self.optimiser.step()
        return value, count_right(logits, target)


def _ignore(_: Any) -> None:
    """Take a report and do nothing."""
