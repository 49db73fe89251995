"""What the doctor judges: the vitals of now, the losses of the past; and what it says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from minin import sentences
from minin.doctor import thresholds
from minin.doctor.vitals import Vitals
from minin.errors import ArgumentError
from minin.text import some


class Diagnosis(NamedTuple):
    """One thing that is wrong.

    Attributes:
        name: of the illness, one of `minin.doctor.NAMES`.
        evidence: the numbers that say so, in a line.
        remedy: what helps, in a line.
    """

    name: str
    evidence: str
    remedy: str


@dataclass(frozen=True)
class Case:
    """One patient.

    Attributes:
        vitals: as `look` measured them.
        losses: the mean training loss of each epoch so far, oldest first; may be empty.
        lr: the learning rate, or None.
        validation: the last accuracy on images held back, or None.
        train_accuracy: the last accuracy on the training images, or None.
        classes: the names of the classes, or None.

    Raises:
        ArgumentError: if a loss or the rate is no number.
    """

    vitals: Vitals
    losses: tuple[float, ...] = ()
    lr: float | None = None
    validation: float | None = None
    train_accuracy: float | None = None
    classes: Sequence[str] | None = None

    def __post_init__(self) -> None:
        for loss in self.losses:
            if isinstance(loss, bool) or not isinstance(loss, (int, float, np.number)):
                raise ArgumentError(f"losses must be numbers, one an epoch; got {loss!r}")
        if self.lr is not None and (isinstance(self.lr, str) or not 0 < self.lr < math.inf):
            raise ArgumentError(f"lr must be a finite number above 0, or None; got {self.lr!r}")

    @property
    def is_untrained(self) -> bool:
        """Whether nothing says that a single step was taken."""
        return not self.losses and self.vitals.untrained

    @property
    def loss(self) -> float:
        """The loss of the last epoch that had one; without any, that on the batch."""
        return next((x for x in reversed(self.losses) if math.isfinite(x)), self.vitals.loss)

    @property
    def learns(self) -> bool:
        """Whether the loss is clearly below that of guessing: whatever is odd, it works."""
        return self.loss < thresholds.LEARNS * self.vitals.guessing

    @property
    def at_guessing(self) -> bool:
        """Whether the network does no better than one that knows nothing, by both measures."""
        vitals, k = self.vitals, max(len(self.vitals.classes), 2)
        spread = math.sqrt((1 / k) * (1 - 1 / k) / vitals.count)
        by_chance = vitals.accuracy < 1 / k + thresholds.SURPRISE * spread
        return by_chance and self.loss > thresholds.AT_GUESSING * vitals.guessing

    @property
    def step(self) -> float:
        """What a plain step changes, as a share of the weights; NaN if the rate is unknown."""
        return math.nan if self.lr is None else self.vitals.update_ratio(self.lr)

    def diagnosis(self, name: str, key: str = "", **values: object) -> Diagnosis:
        """Say that something is wrong.

        Args:
            name: of the illness, its words joined as in "slow_start".
            key: of its sentences, where it is not that.
            values: what stands in their places, besides loss, images, guess and lower.
        """
        usual = {
            "loss": f"{self.loss:.3f}",
            "images": self.vitals.count,
            "guess": self.guess(),
            "lower": self.lower(),
        }
        said = (words(field, key or name, **(usual | values)) for field in ("evidence", "remedy"))
        return Diagnosis(name.replace("_", " "), *said)

    def lower(self) -> str:
        """Suggest a lower rate."""
        if self.lr is None:
            return words("lower")
        return words("lower_than", rate=f"{self.lr / 10:.2g}")

    def names(self, numbers: Sequence[int]) -> str:
        """Name some classes in a few words, by their names where there are any."""
        said = [str(k) if self.classes is None else str(self.classes[k]) for k in numbers]
        return some(said, 10)

    def guess(self) -> str:
        """Write ln K as every evidence does."""
        return f"ln {len(self.vitals.classes)} = {self.vitals.guessing:.3f}"


def words(field: str, entry: str = "words", **values: object) -> str:
    """Return one of the doctor's sentences, in the language in use."""
    return sentences.entry("doctor", entry, field).format_map(values)
