"""Each diagnosis on vitals written by hand: when it is made, when not, and what it says."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin import models
from minin.doctor import (
    NAMES,
    ClassVitals,
    Examination,
    LayerVitals,
    ParameterVitals,
    Pixels,
    Vitals,
    diagnose,
    examine,
)
from minin.errors import ArgumentError

LN10 = math.log(10)
LAYERS = tuple(LayerVitals(f"{b}.{i}", "relu", 0.5, 1.0) for b in (0, 3, 6) for i in (0, 2, 4))
DEAD = ClassVitals(25, 0.0, True, 0.0, -3.0)


def parameters(weight: float = 0.2, bias: float = 0.1, gradient: float = 0.01) -> Any:
    return tuple(
        ParameterVitals(f"{layer.path}.{kind}", rms, gradient)
        for layer in LAYERS
        for kind, rms in (("weight", weight), ("bias", bias))
    )


def healthy(**changes: Any) -> Vitals:
    """A network that has learnt half of what there is to learn."""
    normal: dict[str, Any] = {
        "count": 256,
        "loss": 0.8,
        "accuracy": 0.75,
        "logit_rms": 2.0,
        "logit_spread": 1.5,
        "probabilities": False,
        "agreement": 0.7,
        "pixels": Pixels(1.0, True, 0.8, 0.1, 256),
        "layers": LAYERS,
        "parameters": parameters(),
        "classes": (ClassVitals(25, 1.0, False, 0.01, 2.0),) * 10,
    }
    return Vitals(**{**normal, **changes})


def at_guessing(**changes: Any) -> Vitals:
    return healthy(**{"loss": LN10, "accuracy": 0.1, "agreement": 0.1, **changes})


def names(vitals: Vitals, *args: Any, **kwargs: Any) -> list[str]:
    return [diagnosis.name for diagnosis in diagnose(vitals, *args, **kwargs)]


def dead(*numbers: int) -> tuple[ClassVitals, ...]:
    return tuple(DEAD if k in numbers else healthy().classes[0] for k in range(10))


def layers(path: str, **changes: Any) -> tuple[LayerVitals, ...]:
    return tuple(replace(one, **changes) if one.path == path else one for one in LAYERS)


# ---- who is healthy --------------------------------------------------------------------------


@pytest.mark.parametrize("losses", [None, [], [2.4], [2.4, 2.2, 1.9, 1.4, 0.9]])
@pytest.mark.parametrize("lr", [None, 0.1])
def test_a_healthy_network_has_nothing(losses: Any, lr: Any) -> None:
    assert diagnose(healthy(), losses, lr, 0.7, 0.75) == []


def test_tiny_gradients_at_a_loss_of_nearly_nothing_are_no_illness() -> None:
    done = healthy(loss=1e-4, accuracy=1.0, parameters=parameters(gradient=1e-9))
    assert diagnose(done, [2.3, 1.0, 0.1, 0.01, 1e-4, 1e-4], 0.01, 0.98, 1.0) == []


def test_nothing_is_said_of_training_that_was_not_begun() -> None:
    fresh = at_guessing(
        classes=dead(3),
        parameters=parameters(bias=0.0, gradient=1e-9),
        layers=layers("6.0", rms=1e-5),
    )
    assert fresh.untrained
    assert diagnose(fresh) == []
    assert diagnose(fresh, [], 0.1) == []


@pytest.mark.parametrize("losses", [[2.6], [2.6, 2.31], [2.9, 2.4, 2.32], [2.31] * 4])
def test_a_few_epochs_at_guessing_are_no_illness(losses: list[float]) -> None:
    assert diagnose(at_guessing(), losses, 0.05) == []


# ---- classes and layers ----------------------------------------------------------------------


def test_dead_class_maps_are_named() -> None:
    (found,) = diagnose(healthy(classes=dead(2, 5)), [2.4, 1.5, 1.1], 0.1)
    assert found.name == "dead class maps"
    assert "2 of 10: 2, 5." in found.evidence
    assert "final_relu=False" in found.remedy
    assert "lr 0.01" in found.remedy
    letters = "abcdefghij"
    (found,) = diagnose(healthy(classes=dead(2, 5)), [2.4, 1.5, 1.1], classes=letters)
    assert "2 of 10: c, f." in found.evidence


@pytest.mark.parametrize(
    "one",
    [
        replace(DEAD, constant=False),
        replace(DEAD, gradient=1e-9),
        replace(DEAD, images=4),  # too few to know
    ],
)
def test_a_class_that_may_yet_speak_is_not_dead(one: ClassVitals) -> None:
    assert diagnose(healthy(classes=(one, *dead()[1:])), [2.4, 1.5, 1.1]) == []


def test_a_map_that_is_just_below_zero_is_dead_only_after_a_few_epochs() -> None:
    near = healthy(classes=(replace(DEAD, reach=-0.4), *dead()[1:]))
    assert names(near, [2.4]) == names(near, [2.4, 2.1]) == []
    assert names(near, [2.4, 2.1, 1.8]) == ["dead class maps"]
    assert names(healthy(classes=dead(0)), [2.4]) == ["dead class maps"]


def test_without_a_history_a_trained_network_is_judged_by_what_it_is() -> None:
    assert names(healthy(classes=dead(0))) == ["dead class maps"]


def test_all_classes_dead_is_frozen_and_not_slow() -> None:
    last = layers("6.4", zero=1.0, rms=0.0)
    still = at_guessing(
        classes=(DEAD,) * 10, layers=last, parameters=parameters(gradient=0.0), agreement=math.nan
    )
    (found,) = diagnose(still, [2.39, *[LN10] * 8], 0.1)
    assert found.name == "frozen"
    assert "2.3026" in found.evidence
    assert "final_relu=False" in found.remedy


def test_images_that_are_all_alike_prove_no_death() -> None:
    alike = at_guessing(classes=(DEAD,) * 10, pixels=Pixels(1.0, False, 0.1, 0.1, 256))
    assert "frozen" not in names(alike, [LN10] * 3)


@pytest.mark.parametrize("path", [layer.path for layer in LAYERS[:-1]])
def test_the_first_dead_layer_is_named_and_its_consequences_are_not(path: str) -> None:
    silent = [layer.path for layer in LAYERS].index(path)
    gone = tuple(
        replace(one, zero=1.0, rms=0.0) if i >= silent else one for i, one in enumerate(LAYERS)
    )
    patient = at_guessing(layers=gone, classes=(DEAD,) * 10, parameters=parameters(gradient=0.0))
    (found,) = diagnose(patient, [2.31, *[LN10] * 7], 0.1)
    assert found.name == "first dead layer"
    assert f"layer {path}," in found.evidence
    assert f"{path}.bias" in found.remedy


def test_zeros_without_a_relu_are_no_dead_layer() -> None:
    zeros = layers("3.2", zero=1.0, activation="sigmoid")
    assert names(healthy(layers=zeros)) == []


# ---- sizes -----------------------------------------------------------------------------------


def test_not_finite_says_where_and_nothing_else() -> None:
    ill = at_guessing(not_finite="3.0.weight", classes=dead(1), probabilities=True, loss=math.nan)
    (found,) = diagnose(ill, [2.4, math.nan], 1.0)
    assert (found.name, found.evidence.split()[0]) == ("not finite", "3.0.weight")
    assert "lr 0.1" in found.remedy
    (found,) = diagnose(replace(ill, not_finite="the images"), [2.4, math.nan], 1.0)
    assert "preparation" in found.remedy


def test_exploding_activations_name_the_largest_layer() -> None:
    huge = at_guessing(layers=layers("6.2", rms=5e5), loss=4e4, parameters=parameters(gradient=1e4))
    (found,) = diagnose(huge, [9e5, 8e5, 7e5], 0.001)
    assert found.name == "exploding activations"
    assert "6.2" in found.evidence
    assert names(healthy(layers=layers("6.2", rms=50.0))) == []


def test_vanishing_activations_name_the_smallest_layer() -> None:
    faint = at_guessing(layers=layers("6.0", rms=1e-5))
    (found,) = diagnose(faint, [2.3] * 6, 0.1)
    assert found.name == "vanishing activations"
    assert "6.0" in found.evidence
    assert "init='he'" in found.remedy
    assert names(healthy(layers=layers("6.0", rms=1e-5)), [2.3, 1.0]) == []


def test_exploding_gradients_name_the_weight() -> None:
    steep = list(parameters())
    steep[6] = replace(steep[6], rms=1e-5, gradient=1.0)
    (found,) = diagnose(at_guessing(parameters=tuple(steep)), [2.3, 2.31], 0.1)
    assert found.name == "exploding gradients"
    assert steep[6].path in found.evidence
    assert names(healthy(parameters=tuple(steep)), [2.3, 0.8], 0.1) == []  # it learns all the same


def test_vanishing_gradients_compare_first_and_last_layer() -> None:
    faded = tuple(
        replace(one, gradient=0.01 * 0.1**i) for i, one in enumerate(reversed(parameters()))
    )[::-1]
    (found,) = diagnose(at_guessing(parameters=faded), [2.33, 2.31, 2.32, 2.31, 2.31, 2.31], 0.1)
    assert found.name == "vanishing gradients"
    assert "0.0.weight" in found.evidence
    assert names(healthy(parameters=faded, loss=0.05), [2.0, 0.5, 0.05]) == []


def test_large_images_matter_only_to_a_network_that_does_not_learn() -> None:
    raw = Pixels(110.0, True, 0.8, 0.1, 256)
    (found,) = diagnose(at_guessing(pixels=raw, layers=layers("0.0", rms=1e5)), [200.0, 4.0, 2.4])
    assert found.name == "images not normalised"
    assert "standardise" in found.remedy
    assert names(healthy(pixels=raw), [9.0, 1.5, 0.8]) == []


# ---- the course of the loss ------------------------------------------------------------------


def test_double_softmax_knows_its_floor() -> None:
    (found,) = diagnose(healthy(probabilities=True, loss=1.9), [2.3, 2.2, 2.1, 2.0, 1.9])
    assert found.name == "double softmax"
    assert "1.461" in found.evidence
    assert "remove the softmax" in found.remedy


@pytest.mark.parametrize(
    "losses",
    [
        [2.3, 1.2, 0.9, 1.6],
        [2.4, 1.9, 2.5, 2.0, 1.9],
        [2.47, 2.43, 2.45, 2.41, 2.44],
        [0.5, 0.4, 30.0],
        [0.5, 0.4, math.nan],  # fit stopped there, and the weights are those before
    ],
)
def test_a_loss_that_jumps_or_hovers_is_a_rate_too_high(losses: list[float]) -> None:
    (found,) = diagnose(at_guessing(), losses, 0.4)
    assert found.name == "learning rate too high"
    assert "lr 0.04" in found.remedy
    assert "a plain step changes weights by 0.02" in found.evidence


@pytest.mark.parametrize(
    "losses",
    [
        [2.3, 1.2, 0.9, 1.0],
        [4.7, 2.5, 2.32, 2.31],
        [2.303, 2.306, 2.302, 2.304],
        [0.2, 0.15, 0.21],
        [2.3, 0.9, 1.6, 0.8, 0.6, 0.5, 0.4, 0.35],  # long ago, and survived
    ],
)
def test_a_little_up_and_down_is_not(losses: list[float]) -> None:
    assert names(healthy(), losses, 0.1) == []


def test_a_rate_far_too_low_is_no_rate_too_high() -> None:
    flat = [3.43, 3.45, 3.41, 3.44, 3.42, 3.43]
    (found,) = diagnose(at_guessing(loss=3.4), flat, 1e-6)
    assert found.name == "slow start"
    assert "lr 0.02" in found.remedy


def test_a_slow_start_is_told_from_a_frozen_one() -> None:
    (found,) = diagnose(at_guessing(), [2.3031, *[2.3027] * 7], 0.1)
    assert found.name == "slow start"
    assert "gradients flow" in found.evidence
    assert names(at_guessing(accuracy=0.3), [2.303] * 8, 0.1) == []  # it has begun to learn


SHUFFLED = Pixels(1.0, True, 0.11, 0.1, 256)


def test_labels_in_another_order_at_guessing() -> None:
    (found,) = diagnose(at_guessing(pixels=SHUFFLED), [2.4, 2.31, 2.303, 2.301], 0.05, 0.09, 0.12)
    assert found.name == "labels shuffled against images"
    assert "0.11 of the images, and guessing for 0.10" in found.evidence
    assert "beside their labels" in found.remedy


def test_labels_in_another_order_learnt_by_heart() -> None:
    heart = healthy(pixels=SHUFFLED, loss=0.1, accuracy=0.99)
    (found,) = diagnose(heart, [2.3, 2.0, 1.0, 0.1], 0.05, 0.1, 0.99)
    assert found.name == "labels shuffled against images"
    assert "0.99 but 0.10 on images held back" in found.evidence


@pytest.mark.parametrize(
    "changes",
    [
        {"pixels": Pixels(1.0, True, 0.3, 0.1, 256)},  # pixels tell: the labels fit
        {"pixels": Pixels(1.0, True, 0.1, 0.1, 40)},  # too few to ask
        {"validation": 0.6},  # what was learnt holds elsewhere
        {"losses": [2.3, 0.1]},  # too early
    ],
)
def test_labels_are_not_suspected_without_need(changes: dict[str, Any]) -> None:
    heart = healthy(pixels=changes.get("pixels", SHUFFLED), loss=0.1, accuracy=0.99)
    losses = changes.get("losses", [2.3, 2.0, 1.0, 0.1])
    assert names(heart, losses, 0.05, changes.get("validation", 0.1), 0.99) == []


@pytest.mark.parametrize("bad", [{"losses": ["2.3"]}, {"losses": [None]}, {"lr": 0}, {"lr": "1"}])
def test_what_is_no_number_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=next(iter(bad))):
        diagnose(healthy(), **bad)


# ---- laws ------------------------------------------------------------------------------------

numbers = st.floats(0, 1e6) | st.sampled_from([0.0, math.nan, math.inf])


@given(
    loss=numbers,
    losses=st.lists(numbers, max_size=8),
    lr=st.none() | st.floats(1e-9, 10),
    gradient=numbers,
    silent=st.sets(st.integers(0, 9)),
    layer=st.integers(0, 9),
    zero=st.sampled_from([0.0, 0.5, 1.0]),
    rms=numbers,
)
def test_whatever_comes_each_cause_is_known_and_named_once(
    loss: float, losses: list[float], lr: Any, gradient: float, silent: set[int], layer: int,
    zero: float, rms: float,
) -> None:  # fmt: skip
    path = LAYERS[layer].path if layer < 9 else ""
    patient = healthy(
        loss=loss,
        parameters=parameters(gradient=gradient),
        classes=dead(*silent),
        layers=layers(path, zero=zero, rms=rms),
    )
    found = diagnose(patient, losses, lr)
    said = [one.name for one in found]
    assert len(set(said)) == len(said)
    assert set(said) <= set(NAMES)
    assert said == sorted(said, key=NAMES.index)
    text = str(Examination(tuple(found), patient))
    assert all(len(line) <= 78 for line in text.splitlines())
    assert text.isascii()


def test_the_report_is_plain_and_narrow_whatever_the_classes_are_called() -> None:
    images = np.random.default_rng(0).normal(size=(80, 1, 8, 8)).astype(np.float32)
    labels = np.arange(80) % 10
    model = models.build("nin-digits", rng=0, final_relu=True)
    bias = dict(model.named_parameters())["6.4.bias"]
    bias.data += np.float32(20)
    bias.data[[1, 8]] -= np.float32(100)
    classes = [f"Stra\xdfe Nummer {k}" for k in range(10)]
    report = examine(model, images, labels, [2.4, 2.1, 2.0], 0.1, classes)
    text = str(report)
    assert not report.healthy
    assert "1. dead class maps" in text
    assert "Nummer 8" in text
    assert text.isascii()
    assert max(len(line) for line in text.splitlines()) <= 78
    with pytest.raises(ArgumentError, match="classes"):
        examine(model, images, labels, classes=classes[:3])


def test_many_images_are_thinned_out_evenly() -> None:
    images = np.random.default_rng(0).normal(size=(1000, 1, 8, 8)).astype(np.float32)
    report = examine(models.build("nin-digits", rng=0), images, np.repeat(np.arange(10), 100))
    assert report.vitals.count == 256
    assert all(one.images >= 25 for one in report.vitals.classes)
    assert report.healthy
    assert "not trained yet" in str(report)
