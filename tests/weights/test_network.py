"""A network comes back from its file alone; a forged or foreign file is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minin
from minin import models, nn, weights
from minin.errors import DataError

pytest.importorskip("safetensors.numpy")


def test_a_network_comes_back_from_its_file(tmp_path: Path) -> None:
    model = models.build(
        "nin-digits", 3, 2, rng=0, final_relu=True, dropout=0.25, init="xavier", dtype="float64"
    )
    minin.save(model, tmp_path / "net")
    again = weights.open(tmp_path / "net")
    assert repr(again) == repr(model)
    assert again.description == model.description
    assert (again.name, again.input_shape, again.num_classes) == ("nin-digits", (2, 8, 8), 3)
    x = np.random.default_rng(0).standard_normal((4, 2, 8, 8))
    np.testing.assert_array_equal(again.eval()(x).numpy(), model.eval()(x).numpy())


def test_words_of_others_in_the_description_are_kept(tmp_path: Path) -> None:
    model = models.build("nin-digits", rng=0)
    model.description = {**(model.description or {}), "trained_on": "digits"}
    minin.save(model, tmp_path / "net")
    assert weights.open(tmp_path / "net").description == model.description
    other = models.build("nin-digits", rng=1)
    minin.load(other, tmp_path / "net")
    assert other.description == model.description


def test_an_unnamed_module_takes_no_description_over(tmp_path: Path) -> None:
    model = models.build("nin-digits", rng=0)
    minin.save(model, tmp_path / "net")
    plain = nn.Sequential(*models.build("nin-digits", rng=1))
    minin.load(plain, tmp_path / "net")
    assert plain.description is None


def test_a_file_without_a_recipe_cannot_be_opened(tmp_path: Path) -> None:
    minin.save(nn.Linear(2, 2, rng=0), tmp_path / "net")
    with pytest.raises(DataError, match=r"does not say which network.*minin.load"):
        weights.open(tmp_path / "net")


def test_a_missing_file_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no file"):
        weights.open(tmp_path / "net")


@pytest.mark.parametrize(
    "words",
    [
        {"name": "nin-unknown"},
        {"name": "nin-mnist"},
        {"num_classes": "11"},
        {"num_classes": "ten"},
        {"num_classes": "1000000000000"},
        {"in_channels": "1000000000000"},
        {"in_channels": "-1"},
        {"options": "{"},
        {"options": "[]"},
        {"options": '{"colour": 1}'},
        {"options": '{"dropout": "much"}'},
        {"options": "[" * 20_000},
        {"options": '{"init": {}}'},
        {"options": '{"dtype": [1]}'},
        {"options": '{"rng": "x", "name": "y"}'},
    ],
)
def test_a_forged_recipe_is_a_data_error(tmp_path: Path, words: dict[str, Any]) -> None:
    model = models.build("nin-digits", rng=0)
    model.description = {**(model.description or {}), **words}
    minin.save(model, tmp_path / "net")
    if words.get("options") == '{"rng": "x", "name": "y"}':
        assert weights.open(tmp_path / "net").name == "nin-digits"  # the recipe's own words win
        return
    with pytest.raises(DataError, match="net"):
        weights.open(tmp_path / "net")


@pytest.mark.parametrize("word", ["num_classes", "in_channels", "options"])
def test_a_recipe_with_a_word_missing_is_a_data_error(tmp_path: Path, word: str) -> None:
    model = models.build("nin-digits", rng=0)
    model.description = {k: v for k, v in (model.description or {}).items() if k != word}
    minin.save(model, tmp_path / "net")
    with pytest.raises(DataError, match="cannot build"):
        weights.open(tmp_path / "net")
