"""`diagnose`: from vitals and losses to causes, the simplest first, none twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from minin.doctor import dead, progress, sizes
from minin.doctor.case import Case, Diagnosis
from minin.doctor.vitals import Vitals

Cause = Callable[[Case], Diagnosis | None]

_RATE, _LABELS = "learning rate too high", "labels shuffled against images"
_IDLE = (_RATE, _LABELS, "slow start", "vanishing gradients")
_DEATHS = ("dead class maps", "frozen", "first dead layer")
_SIZES = ("exploding activations", "exploding gradients", "vanishing activations")

# In the order in which they are asked. One that is found explains those named beside it,
# which are then not said again.
CAUSES: Final[dict[str, tuple[Cause, tuple[str, ...]]]] = {
    "not finite": (
        sizes.not_finite,
        ("double softmax", "images not normalised", *_SIZES, *_DEATHS, *_IDLE),
    ),
    "double softmax": (progress.double_softmax, _IDLE),
    "images not normalised": (sizes.not_normalised, (*_SIZES, *_DEATHS, *_IDLE)),
    "dead class maps": (dead.dead_class_maps, ("vanishing activations", *_IDLE)),
    "frozen": (dead.frozen, (*_SIZES, *_IDLE)),
    "exploding activations": (sizes.exploding_activations, ("exploding gradients", *_IDLE)),
    "exploding gradients": (sizes.exploding_gradients, ("vanishing activations", *_IDLE)),
    "vanishing activations": (sizes.vanishing_activations, _IDLE),
    "vanishing gradients": (sizes.vanishing_gradients, _IDLE),
    "learning rate too high": (progress.rate_too_high, ("first dead layer", *_IDLE)),
    "first dead layer": (dead.first_dead_layer, _IDLE),
    "labels shuffled against images": (progress.labels_shuffled, ("slow start",)),
    "slow start": (progress.slow_start, ()),
}
NAMES: Final = tuple(CAUSES)


def diagnose(
    vitals: Vitals,
    losses: Sequence[float] | None = None,
    lr: float | None = None,
    validation: float | None = None,
    train_accuracy: float | None = None,
    classes: Sequence[str] | None = None,
) -> list[Diagnosis]:
    """Name what is wrong, the simplest cause first; an empty list for a healthy network.

    A network that was never trained has no illness of training: of it only what cannot become
    better is said, such as a softmax too many.

    Args:
        vitals: what `look` measured.
        losses: the mean training loss of each epoch so far, oldest first.
        lr: the learning rate.
        validation: the last accuracy on images held back, 0 to 1.
        train_accuracy: the last accuracy on the training images, 0 to 1.
        classes: the names of the classes, in the order of the logits.

    Raises:
        ArgumentError: if a loss or the rate is no number.

    Example:
        >>> import numpy as np
        >>> from minin import models
        >>> from minin.doctor import look
        >>> images = np.random.default_rng(0).normal(size=(64, 1, 8, 8)).astype(np.float32)
        >>> net = models.build("nin-digits", rng=0)
        >>> diagnose(look(net, images, np.arange(64) % 10))
        []
        >>> net[3][2].bias.data -= 100
        >>> print(diagnose(look(net, images, np.arange(64) % 10))[0].name)
        first dead layer
    """
    case = Case(vitals, tuple(losses or ()), lr, validation, train_accuracy, classes)
    found: list[Diagnosis] = []
    explained: set[str] = set()
    for name, (cause, explains) in CAUSES.items():
        diagnosis = None if name in explained else cause(case)
        if diagnosis is not None:
            found.append(diagnosis)
            explained.update(explains)
    return found
