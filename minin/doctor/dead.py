"""Illnesses in which a ReLU lets nothing pass: of some classes, of all, of a whole layer."""

from __future__ import annotations

from minin.doctor import thresholds
from minin.doctor.case import Case, Diagnosis
from minin.doctor.classes import is_far_below
from minin.doctor.vitals import LayerVitals


def dead_class_maps(case: Case) -> Diagnosis | None:
    """Some classes say the same whatever they see, and no gradient tells them otherwise."""
    dead = _dead(case)
    if not dead or len(dead) == len(case.vitals.classes):
        return None
    return case.diagnosis(
        "dead_class_maps",
        dead=len(dead),
        classes=len(case.vitals.classes),
        names=case.names(dead),
        loss=f"{case.vitals.loss:.3f}",
    )


def frozen(case: Case) -> Diagnosis | None:
    """All classes are dead: the loss is ln K for ever."""
    dead = _dead(case)
    if case.is_untrained or not dead or len(dead) < len(case.vitals.classes):
        return None
    by_relu = case.vitals.layers and case.vitals.layers[-1].activation == "relu"
    key = "frozen_by_relu" if by_relu else ""
    return case.diagnosis("frozen", key, loss=f"{case.vitals.loss:.4f}", dead=len(dead))


def first_dead_layer(case: Case) -> Diagnosis | None:
    """A whole layer gives 0 for every image: nothing below it learns, all above see nothing."""
    layer = _dead_layer(case)
    if layer is None:
        return None
    paths = [one.path for one in case.vitals.layers]
    return case.diagnosis(
        "first_dead_layer",
        layer=layer.path,
        place=paths.index(layer.path) + 1,
        layers=len(paths),
        loss=f"{case.vitals.loss:.3f}",
    )


def _dead(case: Case) -> list[int]:
    """Return the dead classes, if it is their own maps that died and not a layer below."""
    vitals = case.vitals
    if not vitals.pixels.varies or _dead_layer(case) is not None:
        return []
    dead = [k for k, one in enumerate(vitals.classes) if one.is_dead]
    if len(dead) == len(vitals.classes):
        return dead
    dead = [k for k in dead if vitals.classes[k].images >= thresholds.OWN_IMAGES]
    early = case.is_untrained or 0 < len(case.losses) <= thresholds.EARLY_EPOCHS
    if case.is_untrained or (early and not any(is_far_below(vitals.classes[k]) for k in dead)):
        return []
    return dead


def _dead_layer(case: Case) -> LayerVitals | None:
    """Return the first dead layer that is not the one that makes the class maps."""
    hidden = case.vitals.layers[:-1]
    return next((layer for layer in hidden if layer.is_dead), None)
