"""What every operation of a network answers to some images, as the tape of `record` has it."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from minin import backend
from minin.autograd import record
from minin.data.transforms import Preprocess
from minin.doctor.inputs import Images, prepared
from minin.doctor.judge import in_use
from minin.nn import Module


def activations(
    model: Module, images: Images, preprocess: Preprocess | None = None
) -> list[tuple[str, npt.NDArray[Any]]]:
    """Return the output of each operation, in the order in which they run.

    **Shapes:** images (N, C, H, W) -> the outputs, as in (N, O, OH, OW).

    Args:
        model: the network; it is left as it was.
        images: bytes as loaded, or floats that are prepared already.
        preprocess: how bytes become floats; left out, as `fit` noted it in the network.

    Example:
        >>> from minin import data, models
        >>> digits = data.load("digits")
        >>> preprocess = data.Preprocess.fit(["standardise"], digits.train_images)
        >>> model = models.build("nin-digits", rng=0)
        >>> for name, values in activations(model, digits.test_images[:5], preprocess)[:2]:
        ...     print(name, values.shape)
        mlpconv (5, 24, 8, 8)
        max_pool2d (5, 24, 4, 4)
    """
    with in_use(model), record() as tape:
        model(prepared(model, images, preprocess))
    return [(step.op.__name__, backend.to_numpy(step.output)) for step in tape.steps]
