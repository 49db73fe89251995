"""What one look at a network finds: plain numbers, nothing judged yet."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class LayerVitals:
    """What came out of one layer with weights, and of the activation that follows it.

    Attributes:
        path: the layer, as its parameters' names begin: "0.2" for "0.2.weight".
        activation: the operation that follows at once, as "relu", or "" for none.
        zero: share of its numbers that are exactly 0, over all images.
        rms: root of the mean square of its numbers.
    """

    path: str
    activation: str
    zero: float
    rms: float

    @property
    def is_dead(self) -> bool:
        """Whether a ReLU let nothing at all pass, for any image: no gradient comes back."""
        return self.activation == "relu" and self.zero == 1.0


@dataclass(frozen=True)
class ParameterVitals:
    """One parameter: how large it is, and how large its gradient.

    Attributes:
        path: its name, as `named_parameters` gives it.
        rms: root of the mean square of its numbers.
        gradient: the same of its gradient; None where it has none: a frozen parameter.
    """

    path: str
    rms: float
    gradient: float | None


@dataclass(frozen=True)
class ClassVitals:
    """One class: is there an image for which its map says anything?

    Attributes:
        images: images of this class among those looked at.
        alive: share of all images whose map of this class is not 0 everywhere.
        constant: whether the logit is the very same number for every image.
        gradient: rms of the gradient of the weights that make this class's map; None where
            they are frozen, or no layer has one output a class.
        reach: how high the map comes before its ReLU, at its best pixel of all images, in
            standard deviations of the map; minus infinity if it never varies, and None where
            no ReLU ends the network. Below 0 the map is dead, and the further below, the less
            likely that it comes back.
    """

    images: int
    alive: float
    constant: bool
    gradient: float | None
    reach: float | None = None

    @property
    def is_dead(self) -> bool:
        """Whether the class says the same whatever it sees, and cannot learn otherwise."""
        return self.constant and not self.gradient


@dataclass(frozen=True)
class Pixels:
    """What the images tell without any network.

    Attributes:
        rms: root of the mean square of what the network is given.
        varies: whether the images differ at all.
        accuracy: share of the images that are nearest to the mean of their own class's other
            images: a classifier that needs no training.
        guessing: what that share is, on average, if labels have nothing to do with images.
        count: images in that comparison.
    """

    rms: float
    varies: bool
    accuracy: float
    guessing: float
    count: int

    @property
    def surprise(self) -> float:
        """By how many standard deviations the classifier beats guessing."""
        spread = math.sqrt(self.guessing * (1 - self.guessing) / max(self.count, 1))
        return (self.accuracy - self.guessing) / spread if spread else 0.0


@dataclass(frozen=True)
class Vitals:
    """Everything `look` measured on one batch of labelled images.

    Attributes:
        count: the images.
        loss: mean cross entropy, in nats, without label smoothing and dropout.
        accuracy: share of the images classified right.
        logit_rms: root of the mean square of the logits.
        logit_spread: standard deviation of a logit over the images, the mean of all classes.
        probabilities: whether every row of logits is non-negative and adds up to 1.
        agreement: cosine between the gradients of the two halves of the batch; NaN if there
            is none.
        pixels: what the images tell without a network.
        layers: in the order in which they run.
        parameters: in the order of `named_parameters`.
        classes: one a logit.
        not_finite: the first thing that holds NaN or infinity, or "".
    """

    count: int
    loss: float
    accuracy: float
    logit_rms: float
    logit_spread: float
    probabilities: bool
    agreement: float
    pixels: Pixels
    layers: tuple[LayerVitals, ...] = ()
    parameters: tuple[ParameterVitals, ...] = ()
    classes: tuple[ClassVitals, ...] = ()
    not_finite: str = field(default="")

    @property
    def guessing(self) -> float:
        """The loss of a network that finds all classes equally likely: ln K."""
        return math.log(max(len(self.classes), 1))

    @property
    def untrained(self) -> bool:
        """Whether no step was taken yet: every bias is exactly 0, as all of them start."""
        biases = [p.rms for p in self.parameters if p.path.rpartition(".")[2] == "bias"]
        return bool(biases) and not any(biases)

    @property
    def weights(self) -> list[ParameterVitals]:
        """The weights, without biases, that have a gradient."""
        return [
            p
            for p in self.parameters
            if p.gradient is not None and p.path.rpartition(".")[2] != "bias"
        ]

    def update_ratio(self, lr: float) -> float:
        """Return what one step of plain SGD moves weights by, as a share of their size.

        That is the median of lr * gradient / weight over the weights that are not 0; NaN if
        there is none. Momentum m makes the real steps up to 1 / (1 - m) times as long.
        """
        ratios = [lr * (p.gradient or 0.0) / p.rms for p in self.weights if p.rms > 0]
        return float(np.median(ratios)) if ratios else math.nan
