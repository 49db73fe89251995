"""Statistics over the batch: the variance, and the normalisation that divides by its root.

Every sample enters three times in `normalise`: itself, through the mean, and through the
variance. With z = (x - mean) / s and s = sqrt(variance + eps)

    grad_x = (g - mean(g) - z * mean(g * z)) / s        means over the batch

has one term for each.
"""

from __future__ import annotations

import numpy as np

from minin.gradcheck.recognise.references.record import Array, Cache, Gradients, Params, Reference
from minin.gradcheck.recognise.references.values import UPSTREAM, Rng, distinct, lengths, upstream


def variance(x: Array) -> tuple[Array, Cache]:
    """Take the mean square distance from the mean, over the batch.

    Shapes: x (N, D) -> (D).
    """
    return np.asarray(x.var(axis=0)), x


def variance_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Multiply the distance from the mean by 2 / N."""
    x = cache
    count = len(x) - 1 if bug == "A10" else len(x)
    factor = {"A5": 1.0, "A5 double": 4.0}.get(bug or "", 2.0)
    return (upstream(grad_y, bug) * (factor / count) * (x - x.mean(axis=0)),)


def normalise(x: Array, *, eps: float = 1e-5) -> tuple[Array, Cache]:
    """Give each column the mean 0 and the variance 1.

    Shapes: x (N, D) -> (N, D).
    """
    s = np.sqrt(x.var(axis=0) + eps)
    z = (x - x.mean(axis=0)) / s
    return z, (z, s)


def normalise_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Subtract what the mean and the variance carry, then divide by s."""
    (z, s), grad = cache, upstream(grad_y, bug)
    n = len(z)
    through_mean = 0.0 if bug in ("C4", "C4 mean") else grad.mean(axis=0)
    squares = n - 1 if bug == "A10" else n
    through_variance = 0.0 if bug == "C4" else z * (grad * z).sum(axis=0) / squares
    return ((grad - through_mean - through_variance) / s,)


def draw_batch(rng: Rng) -> tuple[list[Array], Params]:
    """Draw a batch of vectors."""
    n, d = lengths(rng, 2, (3, 4, 5, 7))
    return [distinct(rng, (n, d))], {}


VARIANCE = Reference(
    "variance", ("x",), variance, variance_backward, draw_batch,
    dict.fromkeys((*UPSTREAM, "A5", "A5 double", "A10"), "x"),
)  # fmt: skip
NORMALISE = Reference(
    "normalise", ("x",), normalise, normalise_backward, draw_batch,
    dict.fromkeys((*UPSTREAM, "A10", "C4", "C4 mean"), "x"),
)  # fmt: skip
