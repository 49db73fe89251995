"""How good is it? Accuracy, loss and probabilities, on images the network only looks at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from minin import ops
from minin.autograd import Tensor, no_grad
from minin.data import batches
from minin.data.transforms import Preprocess
from minin.doctor.inputs import Images, prepared
from minin.fast import one_blas_thread
from minin.fast.cuda import demand_good_targets
from minin.nn import Module

Labels = npt.NDArray[Any]


class Evaluation(NamedTuple):
    """What `evaluate` found.

    Attributes:
        accuracy: share of the images that were classified right, 0 to 1.
        loss: mean cross entropy an image, in nats.
    """

    accuracy: float
    loss: float


def evaluate(
    model: Module,
    images: Images,
    labels: Labels,
    batch_size: int = 256,
    preprocess: Preprocess | None = None,
) -> Evaluation:
    """Measure accuracy and loss; the network is left as it was.

    **Shapes:** images (N, C, H, W), labels (N,) -> two numbers.

    Args:
        model: a network that returns logits (N, classes).
        images: bytes as loaded, or floats that are prepared already.
        labels: the right class of each image.
        batch_size: images at a time; it changes the memory needed, not the result.
        preprocess: how bytes become floats; left out, as `fit` noted it in the network.

    Raises:
        ShapeError: if images and labels differ in number, or do not fit the network.
        DtypeError: if the images are bytes and nobody says how to make floats of them.

    Example:
        >>> from minin import data, models
        >>> digits = data.load("digits")
        >>> model = models.build("nin-digits", rng=0)
        >>> preprocess = data.Preprocess.fit(["standardise"], digits.train_images)
        >>> accuracy, loss = evaluate(
        ...     model, digits.test_images, digits.test_labels, preprocess=preprocess
        ... )
        >>> 0 <= accuracy <= 1
        True
    """
    right, loss = 0, 0.0
    with in_use(model):
        for batch, target in batches(images, labels, batch_size, shuffle=False):
            logits = model(prepared(model, batch, preprocess))  # (B, classes)
            loss += ops.cross_entropy(logits, to_targets(logits, target), reduction="sum").item()
            demand_good_targets()  # on a GPU nobody has looked at the classes yet
            right += count_right(logits, target)
    return Evaluation(right / len(labels), loss / len(labels))


def probabilities(
    model: Module,
    images: Images,
    batch_size: int = 256,
    preprocess: Preprocess | None = None,
) -> npt.NDArray[Any]:
    """Ask the network how likely it finds each class; it is left as it was.

    **Shapes:** images (N, C, H, W) -> (N, classes), each row adding up to 1.

    Args:
        model: a network that returns logits (N, classes).
        images: bytes as loaded, or floats that are prepared already.
        batch_size: images at a time.
        preprocess: how bytes become floats; left out, as `fit` noted it in the network.

    Raises:
        ShapeError: if the images do not fit the network, or there are none.
    """
    rows = []
    with in_use(model):
        numbers = np.arange(len(images))
        for batch, _ in batches(images, numbers, batch_size, shuffle=False):
            rows.append(ops.softmax(model(prepared(model, batch, preprocess))).numpy())
    return np.concatenate(rows)


@contextmanager
def in_use(model: Module) -> Iterator[None]:
    """Run the block with dropout off and nothing recorded; afterwards all is as before."""
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with no_grad(), one_blas_thread():
            yield
    finally:
        for module, training in before:
            module.training = training


def count_right(logits: Tensor, target: Labels) -> int:
    """Count the images whose highest logit is that of their class."""
    return int((logits.numpy().argmax(axis=1) == target).sum())


def to_targets(logits: Tensor, target: Labels) -> Tensor:
    """Bring the classes of a batch to where the logits are."""
    return Tensor(target).to(logits.device)
