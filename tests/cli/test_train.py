"""`minin train`: what it prints, what it writes, and what it refuses before it starts."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minin import backend, data, train
from tests.cli.conftest import Trained, assert_error, call
from tests.data.idx_writer import idx_bytes


def labels(out: str) -> list[str]:
    return [line.split()[0] for line in out.splitlines() if line and not line.startswith(" ")]


def test_it_prints_about_twenty_lines_that_fit(trained: Trained) -> None:
    assert (trained.code, trained.err) == (0, "")
    lines = trained.out.splitlines()
    assert max(map(len, lines)) <= 78
    assert 15 <= len(lines) <= 26
    assert trained.out.isascii()
    order = ["data", "model", "machine", "proof", "test", "mistake", "saved", "next"]
    assert labels(trained.out) == order


def test_the_lines_say_what_they_should(trained: Trained) -> None:
    text = " ".join(trained.out.split())
    assert "digits: 1,437 training and 360 test images, 1x8x8, 10 classes" in text
    assert "nin-digits: 52,394 parameters, 536,448 MACs an image" in text
    assert f"NumPy {np.__version__}" in text
    assert "seed 0" in text
    assert "by backward" in text
    assert "by finite differences" in text
    assert "DISAGREE" not in text
    assert "epoch loss train valid. images/s 1/1 " in text
    assert "by guessing 10.28 %" in text
    assert f"saved {trained.folder}" in text
    assert f"minin predict {trained.folder} --index " in text


def test_the_run_is_complete(trained: Trained) -> None:
    names = sorted(path.name for path in trained.folder.iterdir())
    assert set(names) - {"curves.png"} == {
        "best.safetensors",
        "last.safetensors",
        "metrics.jsonl",
        "model.safetensors",
        "recipe.toml",
        "summary.json",
    }
    summary = json.loads((trained.folder / "summary.json").read_text())
    assert f"{100 * summary['test_accuracy']:.2f} %" in trained.out
    assert summary["params"] == 52394
    assert summary["macs"] == 536448
    assert summary["guessing_accuracy"] == pytest.approx(37 / 360)


def test_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    quick(monkeypatch)
    done = call("train", "--epochs", "2", "--out", "a")
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 40


def test_quiet_prints_the_result_and_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    done = call("train", "--epochs", "1", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert labels(done.out) == ["test", "saved"]
    assert Path("runs/nin-digits/summary.json").is_file()


def test_options_reach_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    words = "--epochs 2 --batch-size 20 --lr 0.01 --seed 5 --device cpu --quiet --out a"
    assert call("train", *words.split()).code == 0
    options = json.loads(Path("a/summary.json").read_text())["options"]
    wanted = {"epochs": 2, "batch_size": 20, "lr": 0.01, "seed": 5}
    assert {name: options[name] for name in wanted} == wanted


def test_the_same_seed_saves_the_same_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    for folder in ("a", "b"):
        assert call("train", "--epochs", "1", "--seed", "3", "--quiet", "--out", folder).code == 0
    one, other = (Path(folder, "model.safetensors").read_bytes() for folder in ("a", "b"))
    assert one == other


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    monkeypatch.setattr("minin.cli.bars._on_terminal", lambda: True)
    monkeypatch.setenv("TQDM_MININTERVAL", "0")
    done = call("train", "--epochs", "2", "--out", "a")
    assert done.code == 0
    assert "epoch 1/2: " in done.out
    assert "\r" in done.out
    assert done.err == ""


def test_a_terminal_without_tqdm_gets_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    monkeypatch.setattr("minin.cli.bars._on_terminal", lambda: True)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    done = call("train", "--epochs", "2", "--out", "a")
    assert (done.code, done.err) == (0, "")
    assert "\r" not in done.out


def test_fashion_mnist_finds_its_network_and_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sets" / "fashion-mnist"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for half in ("train", "t10k"):
        write_idx(folder / f"{half}-images-idx3-ubyte", pixels(rng, 20))
        write_idx(folder / f"{half}-labels-idx1-ubyte", np.arange(20, dtype=np.uint8) % 10)
    monkeypatch.setenv("MININ_DATA", str(tmp_path / "sets"))
    done = call("train", "--data", "fashion-mnist", "--epochs", "1")
    assert (done.code, done.err) == (0, "")
    assert "nin-mnist: 349,674 parameters" in done.out
    assert max(map(len, done.out.splitlines())) <= 78
    summary = json.loads(Path("runs/fashion-mnist-nin-mnist/summary.json").read_text())
    assert summary["model"]["options"]["final_relu"] is False


def stop_in_epoch_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl-C at the first step of the second epoch."""

    def press(self: Any, step: train.StepRecord) -> None:
        self.last = step
        if step.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("minin.cli.progress.ProgressPrinter.on_step", press)


def test_ctrl_c_saves_and_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    words = ["train", "--epochs", "3", "--quiet", "--out"]
    assert call(*words, "peace").code == 0
    with monkeypatch.context() as patch:
        stop_in_epoch_two(patch)
        done = call(*words, "a b")
    assert done.code == 130
    going_on = "go on with: minin train --resume --out 'a b'"
    assert done.err == f"minin: stopped by Ctrl-C in epoch 2 of 3; {going_on}\n"
    assert not Path("a b/summary.json").exists()
    done = call("train", "--resume", "--out", "a b")
    assert (done.code, done.err) == (0, "")
    assert "resumed" in labels(done.out)
    for name in ("model.safetensors", "best.safetensors"):
        assert Path("a b", name).read_bytes() == Path("peace", name).read_bytes()


def test_an_unfinished_run_is_kept_until_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    words = ["train", "--epochs", "3", "--quiet", "--out", "a"]
    with monkeypatch.context() as patch:
        stop_in_epoch_two(patch)
        assert call(*words).code == 130
    before = Path("a/last.safetensors").read_bytes()
    assert_error(call(*words), "'a' holds an unfinished run", "--resume", "--restart", "--out")
    assert Path("a/last.safetensors").read_bytes() == before
    assert_error(
        call("train", "--resume", "--lr", "0.5", "--epochs", "9", "--out", "a"),
        "was started with epochs 3, not 9; lr 0.1, not 0.5",
        "--restart",
    )
    assert_error(
        call(*words, "--resume", "--restart"), "--resume and --restart cannot be used together"
    )
    assert call(*words, "--restart").code == 0
    assert Path("a/summary.json").is_file()


def test_what_was_never_begun_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    done = call("train", "--resume", "--epochs", "1", "--out", "new")
    assert (done.code, done.err) == (0, "")
    assert "there is no run to go on with in new: it begins here" in " ".join(done.out.split())


def test_a_finished_run_is_only_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    assert call("train", "--epochs", "2", "--out", "a").code == 0
    before = Path("a/model.safetensors").read_bytes()
    Path("a/summary.json").unlink()
    Path("a/model.safetensors").unlink()
    done = call("train", "--resume", "--out", "a")
    assert (done.code, done.err) == (0, "")
    assert Path("a/model.safetensors").read_bytes() == before
    assert Path("a/summary.json").is_file()


def test_a_recipe_is_shown_changed_and_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    done = call("train", "--recipe", "nin-digits", "--epochs", "2", "--seed", "4", "--show")
    assert (done.code, done.err) == (0, "")
    Path("mine.toml").write_text(done.out.replace('name = "nin-digits"', 'name = "mine"'))
    assert list(Path().iterdir()) == [Path("mine.toml")]
    done = call("train", "--recipe", "mine.toml")
    assert (done.code, done.err) == (0, "")
    assert "recipe" in labels(done.out)
    summary = json.loads(Path("runs/mine/summary.json").read_text())
    assert (summary["recipe"], summary["options"]["epochs"], summary["seed"]) == ("mine", 2, 4)
    assert train.read_recipe("runs/mine/recipe.toml") == train.read_recipe("mine.toml")


@pytest.mark.parametrize("name", train.RECIPES)
def test_every_recipe_can_be_shown(name: str) -> None:
    done = call("train", "--recipe", name, "--show")
    assert (done.code, done.err) == (0, "")
    assert f'name = "{name}"' in done.out


def test_a_failed_proof_stops_with_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    wrong = train.Proof("0.0.weight[0]", backward=1.0, differences=2.0)
    monkeypatch.setattr(train, "prove", lambda *_: wrong)
    done = call("train", "--out", "a")
    assert done.code == 1
    assert "they DISAGREE" in " ".join(done.out.split())
    assert not Path("a").exists()


def test_a_lost_loss_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    done = call("train", "--lr", "1e30", "--epochs", "3", "--out", "a")
    assert done.code == 2
    assert done.err.startswith("minin: error: the loss became ")
    assert done.err.count("\n") == 1
    assert not Path("a/summary.json").exists()
    assert not Path("a/model.safetensors").exists()


@pytest.mark.parametrize(("columns", "part"), [("80", "step/s]"), ("40", " left")])
def test_the_bar_fits(columns: str, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TQDM_MININTERVAL", "0")
    monkeypatch.setattr("minin.cli.bars._on_terminal", lambda: True)
    out = call("train", "--epochs", "1", "--out", "a").out
    bars = [bar for bar in out.replace("\n", "\r").split("\r") if bar.startswith("epoch 1/1")]
    assert any(part in bar for bar in bars)
    assert max(map(len, bars)) <= int(columns)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--data", "digit"], ["unknown data set 'digit'; did you mean 'digits'?"]),
        (["--model", "nin-digit"], ["unknown network 'nin-digit'; did you mean 'nin-digits'?"]),
        (["--data", "mnist"], ["mnist is not bundled", "MININ_DATA"]),
        (["--data", "mnist", "--data-root", "nowhere"], ["'nowhere'"]),
        (["--epochs", "0"], ["epochs must be an int of at least 1; got 0"]),
        (["--batch-size", "-3"], ["batch_size must be an int of at least 1"]),
        (["--lr", "nan"], ["lr must be a finite number above 0; got nan"]),
        (["--seed", "-1"], ["seed must be an int of at least 0"]),
        (["--device", "gpu"], ["device must be auto, cpu, cuda or cuda:NUMBER, got 'gpu'"]),
        (
            ["--model", "nin-imagenet", "--data", "digits"],
            ["nin-imagenet does not fit the 1x8x8 images of digits"],
        ),
        (["--model", "nin-imagenet"], ["names no data set", "--data"]),
        (["--recipe", "nin-digit"], ["unknown recipe 'nin-digit'; did you mean 'nin-digits'?"]),
        (["--recipe", "none.toml"], ["none.toml cannot be read"]),
        (["--resume", "--restart"], ["--resume and --restart cannot be used together"]),
    ],
)
def test_wrong_arguments_are_refused_and_nothing_is_written(
    words: list[str], parts: list[str], tmp_path: Path
) -> None:
    assert_error(call("train", *words), *parts)
    assert list(tmp_path.iterdir()) == []


def test_cuda_without_cupy_gives_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_cupy() -> Any:
        raise ImportError("No module named 'cupy'")

    monkeypatch.setattr("minin.backend.devices._import_cupy", no_cupy)
    backend.why_no_cuda.cache_clear()
    try:
        assert_error(call("train", "--device", "cuda"), "CuPy is not installed", "pip install")
    finally:
        backend.why_no_cuda.cache_clear()
    assert list(tmp_path.iterdir()) == []


def test_a_file_as_folder_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    assert_error(call("train", "--out", "taken"), "'taken' must be a folder")
    assert (tmp_path / "taken").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize("damage", ["swapped", "cut", "other labels"])
def test_damaged_data_files_are_named(damage: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    folder = tmp_path / "mnist"
    folder.mkdir()
    for half in ("train", "t10k"):
        write_idx(folder / f"{half}-images-idx3-ubyte", pixels(rng, 12))
        write_idx(folder / f"{half}-labels-idx1-ubyte", np.arange(12, dtype=np.uint8) % 10)
    images, classes = (folder / f"t10k-{n}-ubyte" for n in ("images-idx3", "labels-idx1"))
    if damage == "swapped":
        content = images.read_bytes()
        images.write_bytes(classes.read_bytes())
        classes.write_bytes(content)
    elif damage == "cut":
        images.write_bytes(images.read_bytes()[:-1])
    else:
        write_idx(classes, np.full(12, 10, dtype=np.uint8))
    done = call("train", "--data", "mnist", "--data-root", str(tmp_path))
    assert_error(done, "labels" if damage == "other labels" else "t10k-")
    assert not Path("runs").exists()


def write_idx(path: Path, array: Any) -> None:
    path.write_bytes(idx_bytes(array))


def pixels(rng: np.random.Generator, count: int) -> Any:
    return rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command find a few digits only."""
    whole = data.load("digits")
    few = data.Dataset(
        whole.train_images[:100],
        whole.train_labels[:100],
        whole.test_images[:40],
        whole.test_labels[:40],
        whole.classes,
        whole.name,
    )
    monkeypatch.setattr(data, "load", lambda *_: few)


@pytest.mark.data
@pytest.mark.slow
def test_one_epoch_of_mnist_reaches_98_percent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    done = call("train", "--data", "mnist", "--model", "nin-mnist", "--epochs", "1")
    assert done.code == 0
    summary = json.loads(Path("runs/nin-mnist/summary.json").read_text())
    assert summary["test_accuracy"] >= 0.98


@pytest.mark.slow
def test_five_seeds_reach_98_percent() -> None:
    found = []
    for seed in range(5):
        assert call("train", "--seed", str(seed), "--quiet", "--out", f"{seed}").code == 0
        summary = json.loads(Path(f"{seed}/summary.json").read_text())
        found.append(summary["test_accuracy"])
    assert np.mean(found) >= 0.98, found
    assert min(found) >= 0.97, found
