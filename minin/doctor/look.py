"""`look`: take a network's vitals on one batch, and leave it exactly as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from minin import ops
from minin.autograd import Tensor, no_grad, record
from minin.backend import to_numpy
from minin.data import batches
from minin.data.transforms import Preprocess
from minin.doctor import thresholds
from minin.doctor.classes import class_vitals
from minin.doctor.gradients import Floats, halves, untouched
from minin.doctor.inputs import Images, prepared
from minin.doctor.judge import Labels, count_right, to_targets
from minin.doctor.layers import layer_vitals, outputs, rms
from minin.doctor.pixels import pixel_vitals
from minin.doctor.vitals import LayerVitals, ParameterVitals, Vitals
from minin.errors import ShapeError
from minin.nn import Module


def look(
    model: Module, images: Images, labels: Labels, preprocess: Preprocess | None = None
) -> Vitals:
    """Measure logits, class maps, activations and gradients on one labelled batch.

    The network runs in eval mode. Its gradients, modes and random states are afterwards what
    they were.

    **Shapes:** images (N, C, H, W), labels (N,).

    Args:
        model: a network that returns logits (N, classes).
        images: training images, 64 to 256 are enough: bytes, or floats that are prepared.
        labels: the class of each.
        preprocess: how bytes become floats; left out, as `fit` noted it in the network.

    Raises:
        ShapeError: if images and labels differ in number, or the network gives no logits.
        DtypeError: if the images are bytes and nobody says how to make floats of them.
        ArgumentError: if a label is no class of the network.

    Example:
        >>> from minin import models
        >>> images = np.random.default_rng(0).normal(size=(8, 1, 8, 8)).astype(np.float32)
        >>> vitals = look(models.build("nin-digits", rng=0), images, np.arange(8))
        >>> round(vitals.guessing, 3), vitals.untrained
        (2.303, True)
    """
    # Checked, and copied in one piece.
    images, labels = next(iter(batches(images, labels, max(len(labels), 1), shuffle=False)))
    with untouched(model):
        x = prepared(model, images, preprocess)
        with no_grad(), record() as tape:
            logits = model(x)
            _demand_logits(logits, len(labels))
            loss = ops.cross_entropy(logits, to_targets(logits, labels)).item()
        labels = labels.astype(np.int64)
        gradients, agreement = halves(model, x, labels)
        found = list(outputs(model, tape))
        z = to_numpy(logits.data).astype(np.float64)  # (N, classes)
        return Vitals(
            count=len(labels),
            loss=loss,
            accuracy=count_right(logits, labels) / len(labels),
            logit_rms=rms(z),
            logit_spread=float(np.mean(np.std(z, axis=0))),
            probabilities=_are_probabilities(z),
            agreement=agreement,
            pixels=pixel_vitals(to_numpy(x.data), labels),
            layers=(layers := tuple(layer_vitals(output) for output in found)),
            parameters=(parameters := _parameters(model, gradients)),
            classes=class_vitals(z, labels, tape, found[-1:], gradients),
            not_finite=_not_finite(to_numpy(x.data), parameters, layers, loss),
        )


def _demand_logits(logits: Tensor, count: int) -> None:
    if logits.ndim != 2 or logits.shape[0] != count:
        raise ShapeError(
            f"the network must return logits of shape ({count}, classes); got {logits.shape}."
            " End it in GlobalAvgPool2d or Flatten and Linear"
        )


def _are_probabilities(z: Floats) -> bool:
    with np.errstate(all="ignore"):
        return bool(
            z.shape[1] > 1 and np.all(z >= 0) and np.all(abs(z.sum(1) - 1) < thresholds.ADDS_UP)
        )


def _parameters(model: Module, gradients: dict[str, Floats]) -> tuple[ParameterVitals, ...]:
    return tuple(
        ParameterVitals(
            name,
            rms(to_numpy(parameter.data)),
            rms(gradients[name]) if name in gradients else None,
        )
        for name, parameter in model.named_parameters()
    )


def _not_finite(
    x: npt.NDArray[Any],
    parameters: tuple[ParameterVitals, ...],
    layers: tuple[LayerVitals, ...],
    loss: float,
) -> str:
    """Name the first thing that is NaN or infinite: an image, a parameter, a layer."""
    if not np.all(np.isfinite(x)):
        return "the images"
    named = [(p.path, p.rms) for p in parameters]
    named += [(f"the output of layer {layer.path}", layer.rms) for layer in layers]
    named += [("the loss", loss)]
    named += [(f"the gradient of {p.path}", p.gradient or 0.0) for p in parameters]
    return next((name for name, value in named if not np.isfinite(value)), "")
