"""`minin evaluate`: the figures of the run, and what it refuses."""

from __future__ import annotations

import json
import re
import shutil
import sys
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
    assert "by guessing 10.28 %" in done.out
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
    import minin
    from minin import models

    minin.save(models.build("nin-digits", rng=0), tmp_path / "raw.safetensors")
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


def test_confusion_mistakes_and_health(trained: Trained) -> None:
    words = ["evaluate", str(trained.folder), "--confusion", "--mistakes", "4", "--doctor"]
    done = call(*words)
    assert done.err == ""
    assert max(map(len, done.out.splitlines())) <= 78
    assert "rows are the truth, columns the answers" in done.out
    assert "the 4 it was surest of" in done.out
    assert len(re.findall(r"said \d, +>?\d+ %", done.out)) == 4
    assert (done.code == 0) == ("healthy; nothing is wrong" in done.out)


@pytest.mark.plots
def test_pictures_are_written(trained: Trained, tmp_path: Path) -> None:
    done = call("evaluate", str(trained.folder), "--pictures", "pictures")
    assert (done.code, done.err) == (0, "")
    found = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    assert found == ["confusion.png", "mistakes.png"]


def test_a_sick_network_is_told_and_code_1(trained: Trained, tmp_path: Path) -> None:
    import numpy as np

    import minin
    from minin import train

    model = train.load_run(trained.folder)
    for name, parameter in model.named_parameters():
        if name == "3.2.bias":
            parameter.data = parameter.data - np.float32(1000)
    minin.save(model, tmp_path / "sick.safetensors")
    done = call("evaluate", "sick.safetensors", "--doctor")
    assert (done.code, done.err) == (1, "")
    text = " ".join(done.out.split())
    assert "first dead layer seen: layer 3.2, " in text
    assert " help: " in text


@pytest.mark.parametrize("columns", ["24", "40", "60", "120"])
def test_tables_and_pictures_fit_the_terminal(
    trained: Trained, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = call("evaluate", str(trained.folder), "--confusion", "--mistakes")
    assert (done.code, done.err) == (0, "")
    start = done.out.index("confusion ")  # what stands above has words that are not cut
    assert max(map(len, done.out[start:].splitlines())) <= min(int(columns), 78)
    assert len(re.findall(r"\d+ is \d\b", done.out)) == 20


def test_the_mistakes_are_those_of_the_matrix(trained: Trained) -> None:
    done = call("evaluate", str(trained.folder), "--confusion", "--mistakes", "360")
    rows = [
        line.split()[1:] for line in done.out.splitlines() if re.match(r" +\d( +[\d.]+){10}$", line)
    ]
    counts = {
        (truth, answer): int(cell)
        for truth, row in enumerate(rows)
        for answer, cell in enumerate(row)
        if cell != "." and truth != answer
    }
    wrong = re.search(r"right, (\d+) wrong", done.out)
    assert wrong
    assert len(rows) == 10
    truths = re.findall(r"\d+ is (\d)\b", done.out)
    answers = re.findall(r"said (\d), ", done.out)
    assert sum(counts.values()) == int(wrong[1]) == len(truths) == len(answers)
    pairs = [(int(a), int(b)) for a, b in zip(truths, answers, strict=True)]
    assert {pair: pairs.count(pair) for pair in pairs} == counts


def test_without_wishes_nothing_is_added(trained: Trained) -> None:
    done = call("evaluate", str(trained.folder))
    assert [line.split()[0] for line in done.out.splitlines()] == ["data", "test", "saved"]


def test_pictures_need_matplotlib_and_say_so_first(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    done = call("evaluate", str(trained.folder), "--pictures", "pictures")
    assert_error(done, "pip install 'matplotlib>=3.8'")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_for_pictures_that_is_a_file_is_named(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "pictures").write_text("mine")
    done = call("evaluate", str(trained.folder), "--pictures", "pictures")
    assert_error(done, "'pictures' must be a folder")
    assert (tmp_path / "pictures").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--mistakes", "0"], "--mistakes must be at least 1; got 0"),
        (["--mistakes", "101", "--pictures", "p"], "at most 100 with --pictures"),
        (["--mistakes", "many"], "invalid int value"),
    ],
)
def test_a_count_of_mistakes_must_make_sense(
    trained: Trained, tmp_path: Path, words: list[str], part: str
) -> None:
    done = call("evaluate", str(trained.folder), *words)
    assert (done.code, done.out) == (2, "")
    assert part in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("columns", [24, 40, 80])
@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 224, 224), (1, 4, 40)])
def test_mistakes_of_any_size_fit(
    shape: tuple[int, int, int],
    columns: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import numpy as np

    from minin import explain
    from minin.cli.mistake import show_mistakes

    monkeypatch.setenv("COLUMNS", str(columns))
    images = np.full((3, *shape), 255, dtype=np.uint8)
    found = [explain.Mistake(2, 0, 1, 0.999), explain.Mistake(0, 1, 0, 0.5)]
    show_mistakes(found, images, ("a long name of a class", "b"))
    lines = capsys.readouterr().out.splitlines()[1:]
    assert max(map(len, lines)) <= min(columns, 78)
    assert any("@@@@" in line for line in lines)


def test_the_course_of_a_run_is_drawn(trained: Trained) -> None:
    done = call("evaluate", str(trained.folder), "--curves")
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 78
    assert "loss" in done.out
    assert "epoch" in done.out
    assert_error(
        call("evaluate", str(trained.folder / "model.safetensors"), "--curves"), "--curves"
    )
