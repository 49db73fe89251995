"""What a training run shows while it runs: a row an epoch, and on a terminal a bar."""

from __future__ import annotations

from collections.abc import Iterable

from minin import text
from minin.cli.bars import Bar
from minin.cli.console import say, show, width
from minin.doctor import Diagnosis
from minin.train import Epoch, StepRecord

NARROW = "{desc}: {percentage:3.0f}%, {remaining} left"
WIDTHS = (7, 7, 6, 6, 9)
HEADER = text.in_columns(("epoch", "loss", "train", "valid.", "images/s"), WIDTHS)


def shown_epochs(epochs: int, most: int = 6) -> set[int]:
    """Choose the epochs that get a row: the first, the last, and some evenly between.

    Example:
        >>> sorted(shown_epochs(20))
        [1, 4, 8, 12, 16, 20]
        >>> sorted(shown_epochs(3))
        [1, 2, 3]
    """
    if epochs <= most:
        return set(range(1, epochs + 1))
    every = -(-epochs // (most - 1))
    between = {e for e in range(every, epochs, every) if epochs - e >= every / 2}
    return {1, epochs} | between


def row(epoch: Epoch, epochs: int) -> str:
    """Write one epoch in the columns of `HEADER`."""
    held = epoch.validation_accuracy
    validation = "-" if held is None else f"{held:.1%}"
    return text.in_columns(
        (
            f"{epoch.epoch}/{epochs}",
            f"{epoch.loss:.4f}",
            f"{epoch.train_accuracy:.1%}",
            validation,
            f"{epoch.images_per_second:,.0f}",
        ),
        WIDTHS,
    )


class ProgressPrinter(Bar):
    """Prints rows and draws the bar; hand its two methods to `minin.train.fit`.

    Args:
        epochs: how many there will be.
        quiet: whether to show nothing at all.
    """

    def __init__(self, epochs: int, quiet: bool = False) -> None:
        super().__init__(quiet)
        self.epochs, self.quiet = epochs, quiet
        self.rows = shown_epochs(epochs)
        self.last: StepRecord | None = None

    def __enter__(self) -> ProgressPrinter:
        """Print the header."""
        if not self.quiet:
            show([HEADER])
        return self

    def on_step(self, step: StepRecord) -> None:
        """Move the bar on."""
        self.last = step
        self.move(
            1,
            total=step.steps,
            desc=f"epoch {step.epoch}/{step.epochs}",
            unit="step",
            bar_format=None if width() >= 60 else NARROW,
        )

    def on_epoch(self, epoch: Epoch) -> None:
        """Print the row of an epoch, if it is one of those that get one."""
        self.close()
        if not self.quiet and epoch.epoch in self.rows:
            show([row(epoch, self.epochs)])


def show_diagnoses(diagnoses: Iterable[Diagnosis]) -> None:
    """Print each cause with its evidence and its remedy."""
    for diagnosis in diagnoses:
        say("doctor", f"{diagnosis.name}: {diagnosis.evidence}")
        say("helps", diagnosis.remedy)
