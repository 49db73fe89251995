"""Illnesses of size: numbers that grow or shrink from layer to layer, or are none at all."""

from __future__ import annotations

from minin.doctor import thresholds
from minin.doctor.case import Case, Diagnosis
from minin.doctor.vitals import ParameterVitals

_HE = "start weights as He et al. (init='he')"


def not_finite(case: Case) -> Diagnosis | None:
    """NaN or infinity somewhere; everything after it is infected."""
    where = case.vitals.not_finite
    if not where:
        return None
    if where == "the images":
        return Diagnosis(
            "not finite",
            "the images hold NaN or infinity, before any layer saw them",
            "look for a division by 0 in their preparation: an image or channel without contrast",
        )
    return Diagnosis(
        "not finite",
        f"{where} holds NaN or infinity, the first to do so; the images are finite",
        f"train anew with {case.lower()} and clip=1.0; these weights are lost",
    )


def not_normalised(case: Case) -> Diagnosis | None:
    """Pixels far larger than the weights were made for, in a network that does not learn."""
    size = case.vitals.pixels.rms
    if size <= thresholds.LARGE_INPUT or case.learns:
        return None
    return Diagnosis(
        "images not normalised",
        f"what the network is given has an rms of {size:.3g}, where about 1 is usual; loss"
        f" {case.loss:.3f}, {case.guess()}",
        'standardise the images: data.Preprocess.fit(["standardise"], training_images)',
    )


def exploding_activations(case: Case) -> Diagnosis | None:
    """Layer after layer, numbers grow."""
    size = max(case.vitals.pixels.rms, 1e-12)
    largest = max(case.vitals.layers, key=lambda layer: layer.rms, default=None)
    poor = case.vitals.loss > case.vitals.guessing
    if largest is None or not poor or largest.rms <= thresholds.EXPLODED * size:
        return None
    return Diagnosis(
        "exploding activations",
        f"layer {largest.path} gives an rms of {largest.rms:.3g}, {largest.rms / size:.3g} times"
        f" that of the images; loss {case.vitals.loss:.4g}",
        f"{_HE} and train anew, with {case.lower()} if it was the rate that blew them up",
    )


def vanishing_activations(case: Case) -> Diagnosis | None:
    """Layer after layer, numbers shrink, until nothing of the image is left."""
    size = case.vitals.pixels.rms
    alive = [layer for layer in case.vitals.layers if layer.rms > 0]
    smallest = min(alive, key=lambda layer: layer.rms, default=None)
    if case.is_untrained or smallest is None or not case.at_guessing:
        return None
    if any(layer.is_dead for layer in case.vitals.layers):
        return None  # what follows a dead layer is made of biases alone
    if smallest.rms >= thresholds.VANISHED * size:
        return None
    return Diagnosis(
        "vanishing activations",
        f"layer {smallest.path} gives an rms of {smallest.rms:.2g}, {smallest.rms / size:.1g} times"
        f" that of the images; loss {case.loss:.3f}, {case.guess()}",
        f"{_HE} and train anew: from weights this small the first epochs see nothing but the"
        " biases",
    )


def exploding_gradients(case: Case) -> Diagnosis | None:
    """One weight's gradient is far larger than the weight."""
    ratios = [(_ratio(p), p) for p in case.vitals.weights if p.rms > 0]
    if case.is_untrained or case.learns or not ratios:
        return None
    ratio, worst = max(ratios, key=lambda found: found[0])
    if ratio <= thresholds.STEEP:
        return None
    return Diagnosis(
        "exploding gradients",
        f"the gradient of {worst.path} is {ratio:.3g} times the weights themselves, both rms",
        f"clip gradients (clip=1.0); if {worst.path} is small beside its neighbours, {_HE};"
        f" else {case.lower()}",
    )


def vanishing_gradients(case: Case) -> Diagnosis | None:
    """On the way back to the first layer the gradient fades."""
    weights = [p for p in case.vitals.weights if p.rms > 0]
    if len(weights) < 2 or case.is_untrained or case.learns:
        return None
    first, last = weights[0], weights[-1]
    if _ratio(last) == 0 or _ratio(first) >= thresholds.FADED * _ratio(last):
        return None
    return Diagnosis(
        "vanishing gradients",
        f"gradient by weight is {_ratio(first):.1g} in {first.path} and {_ratio(last):.1g} in"
        f" {last.path}: {_ratio(first) / _ratio(last):.1g} of it arrives; loss {case.loss:.3f}",
        f"ReLU instead of sigmoid or tanh between the layers; {_HE}; fewer layers",
    )


def _ratio(p: ParameterVitals) -> float:
    return (p.gradient or 0.0) / p.rms
