"""Every option is checked when it is given, not when it is used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from minin import train
from minin.errors import ArgumentError, UnknownNameError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", 1.5),
        ("batch_size", 0),
        ("batch_size", True),
        ("seed", -1),
        ("lr", 0),
        ("lr", -0.1),
        ("lr", float("nan")),
        ("lr", "fast"),
        ("clip", -1),
        ("bias_lr", -1),
        ("factor", 0),
        ("nesterov", 1),
        ("preprocess", "scale"),
        ("freeze", [1]),
        ("label_smoothing", 1.0),
        ("momentum", 1.0),
        ("warm_up", 1),
        ("validation", -0.1),
        ("validation", 1.0),
        ("weight_decay", float("inf")),
        ("weight_decay", -1),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ArgumentError, match=f"^{name} must be"):
        train.Options(**{name: value})


def test_an_unknown_option_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError, match="'epoch'; did you mean 'epochs'"):
        train.Options().changed(epoch=3)


def test_changing_leaves_the_rest_and_the_original() -> None:
    before = train.Options(lr=0.5)
    after = before.changed(seed=3)
    assert (after.lr, after.seed, before.seed) == (0.5, 3, 0)


def test_json_keeps_every_value() -> None:
    options = train.Options(lr=0.1, epochs=7)
    assert train.Options(**json.loads(json.dumps(options.to_dict()))) == options


@pytest.mark.parametrize(
    "changes", [{"optimiser": "rms"}, {"schedule": "wave"}, {"preprocess": ["blur"]}]
)
def test_an_unknown_name_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UnknownNameError):
        train.Options(**changes)
