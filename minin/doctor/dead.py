"""Illnesses in which a ReLU lets nothing pass: of some classes, of all, of a whole layer."""

from __future__ import annotations

from minin.doctor import thresholds
from minin.doctor.case import Case, Diagnosis
from minin.doctor.classes import is_far_below
from minin.doctor.vitals import LayerVitals

_REVIVE = "build the network with final_relu=False and train it anew"


def dead_class_maps(case: Case) -> Diagnosis | None:
    """Some classes say the same whatever they see, and no gradient tells them otherwise."""
    dead = _dead(case)
    if not dead or len(dead) == len(case.vitals.classes):
        return None
    return Diagnosis(
        "dead class maps",
        f"{len(dead)} of {len(case.vitals.classes)}: {case.names(dead)}. Their maps are 0 at every"
        f" pixel of all {case.vitals.count} images, no gradient reaches them; loss"
        f" {case.vitals.loss:.3f}",
        f"{_REVIVE}; or keep the ReLU with a lower rate ({case.lower()}), a warm-up, and the last"
        " layer at a tenth of it",
    )


def frozen(case: Case) -> Diagnosis | None:
    """All classes are dead: the loss is ln K for ever."""
    dead = _dead(case)
    if case.is_untrained or not dead or len(dead) < len(case.vitals.classes):
        return None
    by_relu = case.vitals.layers and case.vitals.layers[-1].activation == "relu"
    maps = "class maps are dead" if by_relu else "classes are dead"
    cure = _REVIVE if by_relu else "start the weights as He et al. and train it anew"
    return Diagnosis(
        "frozen",
        f"loss {case.vitals.loss:.4f}, {case.guess()}: all {len(dead)} {maps}, every image gets the"
        " same logits and no weight of the last layer has a gradient",
        f"more epochs cannot help: {cure}, with {case.lower()} if it was the rate that did it",
    )


def first_dead_layer(case: Case) -> Diagnosis | None:
    """A whole layer gives 0 for every image: nothing below it learns, all above see nothing."""
    layer = _dead_layer(case)
    if layer is None:
        return None
    paths = [one.path for one in case.vitals.layers]
    place = paths.index(layer.path) + 1
    return Diagnosis(
        "first dead layer",
        f"layer {layer.path}, number {place} of {len(paths)}: its ReLU gives 0 everywhere for all"
        f" {case.vitals.count} images, so no gradient gets past it; loss {case.vitals.loss:.3f},"
        f" {case.guess()}",
        f"train anew with {case.lower()} and gradients clipped; look at {layer.path}.bias (far"
        " below 0?), start it at 0 and the weights as He et al.",
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
