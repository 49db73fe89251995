"""The trained networks that come with minin do what their cards say."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

import minin
from minin import data, models, train
from minin.errors import ShapeError, UnknownNameError
from minin.models.trained import FOLDER

pytest.importorskip("safetensors.numpy")


def card(name: str) -> str:
    return (FOLDER / f"{name.replace(':', '.')}.md").read_text("utf-8")


def right(name: str) -> tuple[int, int]:
    """Read how many test images the card says are right, and of how many."""
    found = re.search(r"\| test images right \| ([\d,]+) of ([\d,]+) \|", card(name))
    assert found is not None
    return int(found[1].replace(",", "")), int(found[2].replace(",", ""))


def judged(name: str) -> tuple[int, int]:
    model_name, _, data_name = name.partition(":")
    dataset = data.load(data_name)
    found = train.evaluate(
        models.build(model_name, pretrained=data_name), dataset.test_images, dataset.test_labels
    )
    count = len(dataset.test_labels)
    return round(found.accuracy * count), count


def test_the_digits_are_recognised_as_the_card_says() -> None:
    assert judged("nin-digits:digits") == right("nin-digits:digits")


@pytest.mark.data
@pytest.mark.thorough
@pytest.mark.parametrize("name", [n for n in models.trained() if n != "nin-digits:digits"])
def test_real_data_are_recognised_as_the_card_says(name: str) -> None:
    assert judged(name) == right(name)


@pytest.mark.parametrize("name", models.trained())
def test_each_has_a_card_for_these_very_weights(name: str) -> None:
    content = (FOLDER / f"{name.replace(':', '.')}.safetensors").read_bytes()
    assert hashlib.sha256(content).hexdigest() in card(name)
    for head in ("Data", "Recipe", "What it confuses", "Limits", "Licence"):
        assert f"\n## {head}\n" in card(name)


def test_together_they_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 4e6


def test_one_that_is_not_there_is_an_error_that_names_those_that_are() -> None:
    with pytest.raises(UnknownNameError, match=r"'nin-d2l:digits'.*nin-digits:digits"):
        models.build("nin-d2l", pretrained="digits")


def test_other_classes_do_not_fit() -> None:
    with pytest.raises(ShapeError, match=r"must be \(3,"):
        models.build("nin-digits", num_classes=3, pretrained="digits")


def test_it_comes_ready_for_use_and_is_saved_with_its_preprocessing(tmp_path: Path) -> None:
    model = models.build("nin-digits", pretrained="digits", dtype="float64", rng=0)
    image = data.load("digits").test_images[:1]
    shares = train.probabilities(model, image)
    np.testing.assert_array_equal(train.probabilities(model, image), shares)  # nothing drops
    minin.save(model, tmp_path / "net")
    again = minin.weights.open(tmp_path / "net").eval()
    np.testing.assert_array_equal(train.probabilities(again, image), shares)
