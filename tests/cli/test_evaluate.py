"""`minin evaluate`: the figures of the run, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Trained, assert_error, call


@pytest.mark.parametrize("name", ["", "model.safetensors"])
def test_it_finds_the_accuracy_of_the_run(trained: Trained, name: str) -> None:
    done = call("evaluate", str(trained.folder / name))
    assert (done.code, done.err) == (0, "")
    summary = json.loads((trained.folder / "summary.json").read_text())
    assert f"test      {100 * summary['test_accuracy']:.2f} % right" in done.out
    assert "digits: 360 test images, 1x8x8" in done.out
    assert "guessing gets 10.28 %" in done.out
    assert ("saved as" in done.out) == (name == "")


def test_a_narrow_terminal(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    done = call("evaluate", str(trained.folder))
    assert max(map(len, done.out.splitlines())) <= 40


def test_a_missing_run_is_named() -> None:
    assert_error(call("evaluate", "runs/none"), "runs/none")


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    assert_error(call("evaluate", str(tmp_path)), "model.safetensors is missing")


def test_a_damaged_network_is_named(trained: Trained, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes((trained.folder / "model.safetensors").read_bytes()[:-100])
    assert_error(call("evaluate", str(path)), "model.safetensors", "damaged")


def test_a_network_without_a_note_is_named(tmp_path: Path) -> None:
    from minin import models, nn

    nn.save(models.build("nin-digits", rng=0), tmp_path / "raw.safetensors")
    assert_error(call("evaluate", "raw.safetensors"), "does not say how its images")


def test_another_kind_of_data_is_refused(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.data.idx_writer import write_set

    write_set(tmp_path / "sets" / "mnist", train=10, test=10, size=28)
    monkeypatch.setenv("MININ_DATA", str(tmp_path / "sets"))
    done = call("evaluate", str(trained.folder), "--data", "mnist")
    assert_error(done, "trained on 1x8x8 images of 10 classes (digits); mnist has 1x28x28")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--data", "digit"], "did you mean 'digits'"),
        (["--batch-size", "0"], "batch_size must be"),
        (["--device", "tpu"], "device must be"),
    ],
)
def test_wrong_arguments_are_refused(trained: Trained, words: list[str], part: str) -> None:
    assert_error(call("evaluate", str(trained.folder), *words), part)


def test_a_damaged_summary_is_named(trained: Trained, tmp_path: Path) -> None:
    shutil.copytree(trained.folder, tmp_path / "run")
    (tmp_path / "run" / "summary.json").write_text("{}")
    assert_error(call("evaluate", "run"), "summary.json must hold a test_accuracy")
