"""The commands that take a network which comes with minin."""

from __future__ import annotations

from pathlib import Path

import pytest

from minin.cli import main
from minin.models.trained import FOLDER
from tests.cli.conftest import assert_error, call

pytest.importorskip("safetensors.numpy")
DIGITS = ("--pretrained", "nin-digits:digits")


def test_evaluate_finds_what_the_card_says() -> None:
    done = call("evaluate", *DIGITS)
    card = (FOLDER / "nin-digits.digits.md").read_text("utf-8")
    wrong = done.out.split(" right, ")[1].split(" wrong")[0]
    assert (done.code, done.err) == (0, "")
    assert f"| test images right | {360 - int(wrong)} of 360 |" in card


def test_predict_takes_an_image_beside_it() -> None:
    import numpy as np

    from minin import data

    np.save("one.npy", data.load("digits").test_images[0])
    by_file = call("predict", *DIGITS, "one.npy")
    by_index = call("predict", *DIGITS, "--index", "0")
    assert (by_file.code, by_index.code) == (0, 0)
    assert by_file.out.splitlines()[1:] == by_index.out.splitlines()[1:]


@pytest.mark.parametrize("kind", ["maps", "filters", "receptive-field"])
def test_explain_draws_it(kind: str) -> None:
    assert call("explain", kind, *DIGITS).code == 0
    assert Path(f"{kind}.svg").is_file()


@pytest.mark.parametrize("words", [("evaluate",), ("predict", "--index", "0"), ("explain", "maps")])
def test_no_network_and_an_unknown_one_are_errors(words: tuple[str, ...]) -> None:
    assert_error(call(*words), "--pretrained NETWORK:DATA")
    assert_error(call(*words, "--pretrained", "nin-digits:letters"), "nin-digits:digits")


def test_two_networks_are_one_too_many() -> None:
    assert_error(call("evaluate", "runs/a", *DIGITS), "name one network")


def test_training_starts_from_it() -> None:
    done = call("train", "--from", "nin-digits:digits", "--epochs", "1", "--lr", "1e-6")
    assert done.code == 0
    assert "weights   from nin-digits:digits\n" in done.out
    last = done.out.split("test      ")[1]
    assert float(last.split(" %")[0]) > 95  # one epoch of nothing: the weights it began with


def test_training_another_network_from_it_is_an_error() -> None:
    words = ("train", "--model", "nin-mnist", "--data", "digits", "--from", "nin-digits:digits")
    assert_error(call(*words), "--from must name a nin-mnist", "holds a nin-digits")


def test_class_maps_of_other_classes_stay_fresh() -> None:
    from minin import models
    from minin.cli.saved import start_from

    model = models.build("nin-digits", num_classes=3, rng=0)
    before = model.state_dict()
    assert start_from(model, "nin-digits:digits") == (
        "from nin-digits:digits; 6.4.weight, 6.4.bias fresh"
    )
    same = [name for name, value in model.state_dict().items() if (value == before[name]).all()]
    assert same == ["6.4.weight", "6.4.bias"]


def test_help_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--help"]) == 0
    assert "NETWORK:DATA" in capsys.readouterr().out
