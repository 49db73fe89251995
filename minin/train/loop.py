"""The training loop: look at a batch, ask which way is down, step."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from minin import ops
from minin.autograd import Tensor
from minin.data import Dataset, fingerprint, split
from minin.data.loader import Loader
from minin.data.transforms import Augment, Preprocess
from minin.doctor.inputs import Images, Source, first_parameter, prepared, write_source
from minin.doctor.judge import Labels, count_right, evaluate, to_targets
from minin.errors import ArgumentError, DataError, DivergedError, StoppedError
from minin.fast import one_blas_thread
from minin.fast.cuda import demand_good_targets
from minin.nn import Module
from minin.optim.clip import shorten
from minin.train.checkpoint import Checkpoint, Progress
from minin.train.folder import PathLike, RunFolder
from minin.train.groups import freeze, make_optimiser
from minin.train.history import Epoch, History, StepRecord, best_of
from minin.train.options import Options
from minin.train.rate import shares

OnEpoch: TypeAlias = Callable[[Epoch], None]
OnStep: TypeAlias = Callable[[StepRecord], None]

READ_LATE = 20  # steps on a GPU after which losses are read: reading one waits for all before


def fit(
    model: Module,
    dataset: Dataset,
    options: Options | Mapping[str, Any] | None = None,
    on_epoch: OnEpoch | None = None,
    on_step: OnStep | None = None,
    *,
    folder: PathLike | None = None,
    resume: bool = False,
    restart: bool = False,
    stop: Callable[[], bool] | None = None,
    save_every: float = 60.0,
    **changes: Any,
) -> History:
    """Train a network, in place, and return what happened.

    The same seed gives the same split, the same order of images and the same augmentation,
    so a network built with the same seed ends in the same weights, bit for bit; and so does
    a run that was killed at any moment and then resumed. Afterwards the network has dropout
    switched off and knows how its images are prepared.

    **Shapes:** dataset.train_images (N, C, H, W), dataset.train_labels (N,).

    Args:
        model: a network that returns logits (N, classes).
        dataset: images to learn from; its test half is not touched.
        options: how to train, as `Options` or by name; left out, the defaults of `Options`.
        on_epoch: called with each `Epoch` as it ends.
        on_step: called with a `StepRecord` after every step.
        folder: where to keep a checkpoint (last.safetensors) to resume from, the network of
            the best epoch (best.safetensors) and the rows (metrics.jsonl); None keeps nothing.
        resume: go on with the run in ``folder``; if there is none yet, begin it.
        restart: replace a run in ``folder``, which stays until this one has a checkpoint.
        stop: asked after every step; once it says True, the run is saved and ends.
        save_every: seconds between two checkpoints, beside those at the end of an epoch.
        changes: options by name, instead of those in ``options``.

    Raises:
        UnknownNameError: if a name in ``changes`` is no option.
        ArgumentError: if an option makes no sense, or ``folder`` holds a run and
            neither resume nor restart is given.
        ShapeError: if the images do not fit the network.
        DataError: if ``folder`` cannot be written to, or holds another run than this.
        DivergedError: if the loss is not finite; the weights are those before that step, or
            on a GPU, where losses are read every 20 steps, those before it was noticed.
        StoppedError: if ``stop`` said so.

    Example:
        >>> from minin import data, models
        >>> model = models.build("nin-digits", rng=0)
        >>> history = fit(model, data.load("digits"), epochs=1, seed=0)  # doctest: +SKIP
        >>> history[-1].validation_accuracy > 0.5  # doctest: +SKIP
        True
    """
    options = _read_options(options).changed(**changes)
    home = None if folder is None else RunFolder(folder, resume, restart)
    if home is None and (resume or restart):
        raise ArgumentError("resume and restart need a folder; got folder=None")
    run = _Run(model, dataset, options, home, on_step or _ignore, stop or _never, save_every)
    run.begin()
    try:
        with one_blas_thread():
            while run.at.epoch <= options.epochs:
                (on_epoch or _ignore)(run.epoch())
    except BaseException:
        if home:
            home.put_back()
        raise
    model.eval()
    return History(tuple(run.at.rows), options, run.preprocess, run.at.seconds)


def _read_options(options: Options | Mapping[str, Any] | None) -> Options:
    if options is None or isinstance(options, Mapping):
        return Options().changed(**(options or {}))
    if not isinstance(options, Options):
        raise ArgumentError(
            f"options must be train.Options, or a mapping of its names; got {options!r:.60}"
        )
    return options


class _Run:
    """One run of `fit`: what stays the same from epoch to epoch, and how far it has come."""

    def __init__(
        self,
        model: Module,
        dataset: Dataset,
        options: Options,
        home: RunFolder | None,
        on_step: OnStep,
        stop: Callable[[], bool],
        save_every: float,
    ) -> None:
        self.model, self.options, self.home = model, options, home
        self.on_step, self.stop, self.save_every = on_step, stop, save_every
        images, labels = self._hold_back(dataset)
        self.preprocess = Preprocess.fit(options.preprocess, images)
        self.facts = _facts(model, dataset, options) if home else {}
        write_source(model, Source.of(dataset, self.preprocess))
        freeze(model, *options.freeze)
        self.optimiser = make_optimiser(model, options)
        self.peaks = [group.lr for group in self.optimiser.groups]
        self.loader = Loader(
            images,
            labels,
            options.batch_size,
            seed=options.seed,
            preprocess=self.preprocess,
            augment=Augment.read(options.augment),
        )
        self.count, self.steps = len(labels), math.ceil(len(labels) / options.batch_size)
        self.share = shares(options, self.steps)
        self.at = Progress()
        self.late = _late(first_parameter(model).device)
        self.unread: list[tuple[int, Tensor, Tensor, Labels]] = []  # step, loss, logits, target
        self.read: list[StepRecord] = []

    def _hold_back(self, dataset: Dataset) -> tuple[Images, Labels]:
        """Set the validation images aside, and return the others."""
        images, labels = dataset.train_images, dataset.train_labels
        self.held: tuple[Images, Labels] | None = None
        if self.options.validation:
            rng = np.random.default_rng(self.options.seed)
            kept, held = split(labels, self.options.validation, rng)
            self.held = images[held], labels[held]
            images, labels = images[kept], labels[kept]
        return images, labels

    def begin(self) -> None:
        """Go on where the folder's checkpoint stands, if there is one to go on with."""
        saved = self.home.begin() if self.home else None
        if saved is not None:
            _check_same(saved.run, self.facts)
            self.at = saved.restore(self.model, self.optimiser)
        self.clock = time.perf_counter()
        self.saved_at = self.clock

    def epoch(self) -> Epoch:
        """Walk over what is left of the epoch, judge, and save."""
        self.model.train()
        for batch, target in self.loader.epoch(self.at.epoch, skip=self.at.step):
            self._step(batch, target)
            self._tick(walking=True)
            self._pause()
        self._read()
        self._report()
        row = self._row()
        if self.held is not None:
            found = evaluate(self.model, *self.held, preprocess=self.preprocess)
            row = replace(row, validation_accuracy=found.accuracy)
        self._tick(walking=False)
        rows, seconds = [*self.at.rows, row], self.at.seconds
        self.at = Progress(epoch=self.at.epoch + 1, rows=rows, seconds=seconds)
        if self.home:
            if best_of(rows) is row:
                self.home.save_best(self.model)
            self.home.save_rows(rows)
            self._save()
        return row

    def _row(self) -> Epoch:
        at = self.at
        return Epoch(
            epoch=at.epoch,
            loss=at.loss_sum / self.count,
            train_accuracy=at.right / self.count,
            validation_accuracy=None,
            lr=self.peaks[0] * self.share(at.epoch * self.steps - 1),
            seconds=at.epoch_seconds,
            images_per_second=self.count / at.epoch_seconds,
        )

    def _step(self, batch: Images, target: Labels) -> None:
        """Learn from one batch."""
        at = self.at
        for group, peak in zip(self.optimiser.groups, self.peaks, strict=True):
            group.lr = peak * self.share((at.epoch - 1) * self.steps + at.step)
        # Overflow shows in the loss, which is judged below with the epoch and the step.
        with np.errstate(over="ignore", invalid="ignore"):
            logits = self.model(prepared(self.model, batch))  # (B, classes)
            loss = ops.cross_entropy(
                logits,
                to_targets(logits, target),
                label_smoothing=self.options.label_smoothing,
            )  # ()
            at.step += 1
            self.unread.append((at.step, loss.detach(), logits.detach(), target))
            if len(self.unread) >= self.late:
                self._read()
            self.optimiser.zero_grad()
            loss.backward()
            if self.options.clip:
                shorten(self.model.parameters(), self.options.clip)
            self.optimiser.step()
        if not self.unread:
            self._report()

    def _read(self) -> None:
        """Bring home the losses of the steps since the last time, and judge them."""
        at = self.at
        for step, loss, logits, target in self.unread:
            value = loss.item()
            demand_good_targets()  # on a GPU nobody has looked at the classes yet
            if not math.isfinite(value):
                raise DivergedError(
                    f"the loss became {value} in epoch {at.epoch}, step {step} of"
                    f" {self.steps}; try a lower lr than {self.options.lr}"
                )
            at.loss_sum += value * len(target)
            at.right += count_right(logits, target)
            done = StepRecord(at.epoch, self.options.epochs, step, self.steps, value, len(target))
            self.read.append(done)
        self.unread.clear()

    def _report(self) -> None:
        """Tell of the steps that were read."""
        for done in self.read:
            self.on_step(done)
        self.read.clear()

    def _tick(self, walking: bool) -> None:
        """Add the time since the last tick to the run and, while it walks, to the epoch."""
        now = time.perf_counter()
        self.at.seconds += now - self.clock
        if walking:
            self.at.epoch_seconds += now - self.clock
        self.clock = now

    def _pause(self) -> None:
        """Between two steps: save if it is time to, stop if somebody asked."""
        stopping = self.stop()
        if self.home and (stopping or self.clock - self.saved_at >= self.save_every):
            self._read()
            self._report()
            self._save()
        if stopping:
            where = f"in epoch {self.at.epoch} of {self.options.epochs}, step {self.at.step}"
            kept = f"saved in {str(self.home.path)!r}" if self.home else "nothing was saved"
            raise StoppedError(f"stopped {where} of {self.steps}; {kept}")

    def _save(self) -> None:
        assert self.home is not None
        self.home.save_last(Checkpoint.of(self.model, self.optimiser, self.at, self.facts))
        self.saved_at = time.perf_counter()


def _late(device: str) -> int:
    """Say after how many steps losses are read: at once where that costs nothing."""
    return 1 if device == "cpu" else READ_LATE


def _facts(model: Module, dataset: Dataset, options: Options) -> dict[str, Any]:
    """Collect what must be the same for a run to go on."""
    network = dict(model.description or {})
    network.pop("trained_on", None)
    return {
        "options": options.to_dict(),
        "data": {"name": dataset.name, "fingerprint": fingerprint(dataset)},
        "model": network,
    }


def _check_same(saved: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse to go on with a run that was started with something else."""
    for part, values in now.items():
        before = saved.get(part)
        if before == values:
            continue
        names = [
            f"{name} was {before[name]!r} and is {value!r}"
            for name, value in values.items()
            if isinstance(before, Mapping) and name in before and before[name] != value
        ]
        raise DataError(
            f"the run to resume was started with other {part}:"
            f" {'; '.join(names)[:300] or 'nothing fits'}. Resume with what it was started with,"
            " or start again with --restart"
        )


def _ignore(_: Any) -> None:
    """Take a report and do nothing."""


def _never() -> bool:
    return False
