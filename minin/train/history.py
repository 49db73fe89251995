"""What a training run leaves to read: a row an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from minin.data.transforms import Preprocess
from minin.train.options import Options


@dataclass(frozen=True)
class StepRecord:
    """Where training stands, after one step.

    Attributes:
        epoch: the running epoch, from 1.
        epochs: how many there will be.
        step: the steps of this epoch that are done, from 1.
        steps: how many this epoch has.
        loss: mean loss of this step's images.
        images: how many images this step saw.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    images: int


@dataclass(frozen=True)
class Epoch:
    """One walk over the training images.

    Loss and training accuracy are means over the walk, taken while the weights move and
    dropout drops: they lag behind the validation accuracy, which is measured at its end.

    Attributes:
        epoch: which one, from 1.
        loss: mean loss an image; with label smoothing it cannot reach 0.
        train_accuracy: share of the images that were classified right, 0 to 1.
        validation_accuracy: the same on the images held back; None if there are none.
        lr: the learning rate of the last step.
        seconds: what the walk took, validation left out.
        images_per_second: images of the walk by its seconds.
    """

    epoch: int
    loss: float
    train_accuracy: float
    validation_accuracy: float | None
    lr: float
    seconds: float
    images_per_second: float

    def to_dict(self) -> dict[str, Any]:
        """Give the values by name, in a form that JSON keeps."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Epoch:
        """Read back what `to_dict` gave.

        Raises:
            KeyError, TypeError, ValueError: if a value is missing or of the wrong kind.
        """
        held = values["validation_accuracy"]
        numbers = ("loss", "train_accuracy", "lr", "seconds", "images_per_second")
        return cls(
            epoch=int(values["epoch"]),
            validation_accuracy=None if held is None else float(held),
            **{name: float(values[name]) for name in numbers},
        )


@dataclass(frozen=True)
class History:
    """A finished run: its rows, and what is needed to use or repeat it.

    Attributes:
        rows: one `Epoch` each.
        options: what the run was made with.
        preprocess: what every image must pass through before this network sees it.
        seconds: the whole of the run, validation included.
    """

    rows: tuple[Epoch, ...]
    options: Options
    preprocess: Preprocess
    seconds: float

    @property
    def losses(self) -> list[float]:
        """The mean loss of each epoch."""
        return [row.loss for row in self.rows]

    @property
    def best(self) -> Epoch | None:
        """The row with the highest validation accuracy, if there was a validation."""
        return best_of(self.rows)

    def __iter__(self) -> Iterator[Epoch]:
        """Walk over the rows."""
        return iter(self.rows)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.rows)

    def __getitem__(self, index: int) -> Epoch:
        """Return a row by its index; -1 is the last."""
        return self.rows[index]


def best_of(rows: Sequence[Epoch]) -> Epoch | None:
    """Return the first row with the highest validation accuracy, if any has one."""
    judged = [row for row in rows if row.validation_accuracy is not None]
    return max(judged, key=lambda row: row.validation_accuracy or 0.0, default=None)
