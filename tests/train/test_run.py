"""A run on disk: complete, readable, and never half there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minin import models, train
from minin.errors import DataError
from minin.train import run
from tests.train.conftest import Trained

TEST = train.Evaluation(accuracy=0.75, loss=0.5)


@pytest.fixture
def saved(trained: Trained, tmp_path: Path) -> Path:
    train.save_run(tmp_path / "runs" / "a", trained.model, trained.history, TEST, macs=5)
    return tmp_path / "runs" / "a"


def test_the_three_files(saved: Path, trained: Trained) -> None:
    names = sorted(path.name for path in saved.iterdir())
    assert set(names) - {"curves.png"} == {"metrics.jsonl", "model.safetensors", "summary.json"}
    rows = [json.loads(line) for line in (saved / "metrics.jsonl").read_text().splitlines()]
    assert [row["loss"] for row in rows] == trained.history.losses
    summary = json.loads((saved / "summary.json").read_text())
    assert summary == train.read_summary(saved)
    assert summary["test_accuracy"] == 0.75
    assert summary["test_error"] == 0.25
    assert summary["params"] == sum(p.numpy().size for p in trained.model.parameters())
    assert summary["seed"] == 0
    assert set(summary["versions"]) == {"python", "numpy", "minin"}
    assert summary["data"]["data"] == "digits"
    assert summary["model"]["name"] == "nin-digits"
    assert summary["model"]["num_classes"] == 10
    assert summary["model"]["options"]["final_relu"] is False
    assert train.Options(**summary["options"]) == trained.history.options
    assert summary["machine"]["device"] == "cpu"
    assert summary["macs"] == 5
    assert summary["seconds"] > 0


@pytest.mark.parametrize("name", ["", "model.safetensors"])
def test_the_network_comes_back_ready_for_use(saved: Path, trained: Trained, name: str) -> None:
    model = train.load_run(saved / name)
    assert not model.training
    images, labels = trained.dataset.test_images, trained.dataset.test_labels
    assert train.evaluate(model, images, labels) == train.evaluate(trained.model, images, labels)


def test_a_run_replaces_an_earlier_one(saved: Path, trained: Trained) -> None:
    better = train.Evaluation(accuracy=1.0, loss=0.0)
    train.save_run(saved, trained.model, trained.history, better)
    summary = train.read_summary(saved)
    assert summary is not None
    assert summary["test_accuracy"] == 1


def test_a_failure_leaves_no_summary_to_vouch_for_it(
    saved: Path, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise DataError("the disk is full")

    monkeypatch.setattr(run, "write_atomically", full)
    with pytest.raises(DataError, match="full"):
        train.save_run(saved, trained.model, trained.history, TEST)
    assert train.read_summary(saved) is None
    assert not list(saved.glob("*.part"))


def test_a_file_in_the_way_is_named_before_training(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    for folder in ("taken", "taken/deeper/still"):
        with pytest.raises(DataError, match="must be a folder"):
            train.check_folder(tmp_path / folder)
    assert (tmp_path / "taken").read_text() == "mine"


def test_checking_writes_nothing(tmp_path: Path) -> None:
    assert train.check_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert list(tmp_path.iterdir()) == []


def test_no_permission_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(DataError, match="no permission"):
        train.check_folder(tmp_path / "a")


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no run: model\.safetensors is missing"):
        train.load_run(tmp_path)


def test_a_damaged_network_is_named(saved: Path) -> None:
    path = saved / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        train.load_run(saved)


@pytest.mark.parametrize("text", ["{", "[]", "{}", "\xff"])
def test_a_damaged_summary_is_named(saved: Path, text: str) -> None:
    (saved / "summary.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match=r"summary\.json"):
        train.read_summary(saved)


def test_no_number_in_the_summary_is_numpys(trained: Trained) -> None:
    summary = run.summarise(trained.model, trained.history, TEST)
    assert not [v for v in summary.values() if isinstance(v, np.generic)]


def test_a_network_of_another_make_is_summarised(trained: Trained) -> None:
    model = models.build("nin-digits", rng=0)
    assert run.summarise(model, trained.history, TEST)["data"] is None
