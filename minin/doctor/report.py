"""`examine`: one look, the diagnoses, and a page of plain text about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minin.data.transforms import Preprocess
from minin.doctor.case import Diagnosis, words
from minin.doctor.choose import evenly
from minin.doctor.diagnose import diagnose
from minin.doctor.inputs import Images
from minin.doctor.judge import Labels
from minin.doctor.look import look
from minin.doctor.vitals import Vitals
from minin.errors import ArgumentError
from minin.nn import Module
from minin.text import columns, wrap


@dataclass(frozen=True)
class Examination:
    """What the doctor found.

    Attributes:
        diagnoses: the simplest cause first; empty if the network is healthy.
        vitals: the measurements behind them.
        untrained: whether no step was taken yet, so that there is little to judge.
    """

    diagnoses: tuple[Diagnosis, ...]
    vitals: Vitals
    untrained: bool = False

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return not self.diagnoses

    def __str__(self) -> str:
        """Return the report in plain ASCII, at most 78 columns wide."""
        vitals = self.vitals
        lines = [
            words(
                "head",
                images=vitals.count,
                loss=f"{vitals.loss:.4g}",
                guessing=f"{vitals.guessing:.4g}",
                accuracy=f"{vitals.accuracy:.3f}",
            )
        ]
        if self.healthy:
            lines.append(f"  {words('untrained' if self.untrained else 'healthy')}")
        for number, found in enumerate(self.diagnoses, start=1):
            lines += ["", f"  {number}. {found.name}"]
            for field in ("evidence", "remedy"):
                head = f"     {words(field)} "
                lines += wrap(_plain(getattr(found, field)), first=head, rest=" " * columns(head))
        return _plain("\n".join(lines))


def _plain(text: str) -> str:
    """Write what is no ASCII, as in the name of a class, as an escape."""
    return text.encode("ascii", "backslashreplace").decode()


def examine(
    model: Module,
    images: Images,
    labels: Labels,
    history_losses: Sequence[float] = (),
    lr: float | None = None,
    classes: Sequence[str] | None = None,
    validation: float | None = None,
    train_accuracy: float | None = None,
    preprocess: Preprocess | None = None,
) -> Examination:
    """Look at a network and say what is wrong with it; it is left as it was.

    **Shapes:** images (N, C, H, W), labels (N,).

    Args:
        model: a network that returns logits (N, classes).
        images: training images, bytes or prepared floats; 256 of them, evenly spaced, are
            looked at, more where there are many classes, fewer where they are large.
        labels: the class of each.
        history_losses: the mean training loss of each epoch so far, oldest first.
        lr: the learning rate it was trained with.
        classes: the name of each class.
        validation: the last accuracy on images held back, 0 to 1.
        train_accuracy: the last accuracy on the training images, 0 to 1.
        preprocess: how bytes become floats; left out, as `fit` noted it in the network.

    Raises:
        ArgumentError: if there are fewer names than the network has classes, or a loss or lr
            is no number.
        ShapeError: if images and labels differ in number, or the network gives no logits.
        DtypeError: if the images are bytes and nobody says how to make floats of them.

    Example:
        >>> import numpy as np
        >>> from minin import models
        >>> images = np.random.default_rng(0).normal(size=(64, 1, 8, 8)).astype(np.float32)
        >>> print(examine(models.build("nin-digits", rng=0), images, np.arange(64) % 10))
        doctor: 64 images, loss ... (guessing 2.303), accuracy ...
          not trained yet: every bias is exactly 0; nothing is wrong
    """
    vitals = look(model, *evenly(images, labels), preprocess)
    if classes is not None and len(classes) < len(vitals.classes):
        raise ArgumentError(
            f"classes must name all {len(vitals.classes)} classes of the network; got"
            f" {len(classes)} names. Are they those of its training data?"
        )
    found = diagnose(vitals, history_losses, lr, validation, train_accuracy, classes)
    untrained = vitals.untrained and not len(history_losses)
    return Examination(tuple(found), vitals, untrained)
