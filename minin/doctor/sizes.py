"""Illnesses of size: numbers that grow or shrink from layer to layer, or are none at all."""

from __future__ import annotations

from minin.doctor import thresholds
from minin.doctor.case import Case, Diagnosis
from minin.doctor.vitals import ParameterVitals


def not_finite(case: Case) -> Diagnosis | None:
    """NaN or infinity somewhere; everything after it is infected."""
    where = case.vitals.not_finite
    if not where:
        return None
    key = "images_not_finite" if where == "the images" else ""
    return case.diagnosis("not_finite", key, where=where)


def not_normalised(case: Case) -> Diagnosis | None:
    """Pixels far larger than the weights were made for, in a network that does not learn."""
    size = case.vitals.pixels.rms
    if size <= thresholds.LARGE_INPUT or case.learns:
        return None
    return case.diagnosis("images_not_normalised", rms=f"{size:.3g}")


def exploding_activations(case: Case) -> Diagnosis | None:
    """Layer after layer, numbers grow."""
    size = max(case.vitals.pixels.rms, 1e-12)
    largest = max(case.vitals.layers, key=lambda layer: layer.rms, default=None)
    poor = case.vitals.loss > case.vitals.guessing
    if largest is None or not poor or largest.rms <= thresholds.EXPLODED * size:
        return None
    return case.diagnosis(
        "exploding_activations",
        layer=largest.path,
        rms=f"{largest.rms:.3g}",
        times=f"{largest.rms / size:.3g}",
        loss=f"{case.vitals.loss:.4g}",
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
    return case.diagnosis(
        "vanishing_activations",
        layer=smallest.path,
        rms=f"{smallest.rms:.2g}",
        times=f"{smallest.rms / size:.1g}",
    )


def exploding_gradients(case: Case) -> Diagnosis | None:
    """One weight's gradient is far larger than the weight."""
    ratios = [(_ratio(p), p) for p in case.vitals.weights if p.rms > 0]
    if case.is_untrained or case.learns or not ratios:
        return None
    ratio, worst = max(ratios, key=lambda found: found[0])
    if ratio <= thresholds.STEEP:
        return None
    return case.diagnosis("exploding_gradients", weight=worst.path, times=f"{ratio:.3g}")


def vanishing_gradients(case: Case) -> Diagnosis | None:
    """On the way back to the first layer the gradient fades."""
    weights = [p for p in case.vitals.weights if p.rms > 0]
    if len(weights) < 2 or case.is_untrained or case.learns:
        return None
    first, last = weights[0], weights[-1]
    if _ratio(last) == 0 or _ratio(first) >= thresholds.FADED * _ratio(last):
        return None
    return case.diagnosis(
        "vanishing_gradients",
        first=first.path,
        last=last.path,
        first_ratio=f"{_ratio(first):.1g}",
        last_ratio=f"{_ratio(last):.1g}",
        share=f"{_ratio(first) / _ratio(last):.1g}",
    )


def _ratio(p: ParameterVitals) -> float:
    return (p.gradient or 0.0) / p.rms
