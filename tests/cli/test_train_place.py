"""Where a run is saved: nothing that is there is lost, unless somebody said so."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from minin import train
from minin.cli import train_place
from minin.train import folder as names
from tests.cli.conftest import Trained, assert_error, call
from tests.cli.test_train import quick

QUICK = ("train", "--quiet", "--epochs", "1")


@pytest.fixture(autouse=True)
def _few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)


def content(folder: str) -> dict[str, bytes]:
    """Everything that lies in a folder."""
    paths = Path(folder).rglob("*")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.is_file()}


@pytest.fixture
def finished(trained: Trained) -> dict[str, bytes]:
    """A finished run in the folder `a`."""
    shutil.copytree(trained.folder, "a")
    return content("a")


def crash(*_: Any) -> None:
    raise MemoryError("planted")


def test_every_run_without_a_folder_gets_its_own() -> None:
    for wanted in ("runs/nin-digits", "runs/nin-digits-2", "runs/nin-digits-3"):
        assert f"saved     {wanted}\n" in call(*QUICK).out
    assert len({Path(path, "model.safetensors") for path in Path("runs").iterdir()}) == 3


def test_an_unfinished_run_is_told_of_and_gone_on_with() -> None:
    for _ in range(2):
        assert call(*QUICK).code == 0
    Path("runs/nin-digits/summary.json").unlink()
    assert_error(call(*QUICK), "'runs/nin-digits' holds an unfinished run", "--resume")
    assert "saved     runs/nin-digits\n" in call("train", "--quiet", "--resume").out


def test_again_means_the_latest_run() -> None:
    for _ in range(2):
        assert call(*QUICK).code == 0
    first = content("runs/nin-digits")
    assert "saved     runs/nin-digits-2\n" in call(*QUICK, "--restart", "--seed", "5").out
    assert content("runs/nin-digits") == first
    assert not Path("runs/nin-digits-3").exists()


def test_two_that_start_at_once_do_not_share_a_folder() -> None:
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda _: train_place.claim(train.RECIPES["nin-digits"]), range(40)))
    assert len(set(paths)) == 40


def test_a_folder_that_is_taken_meanwhile_is_left_to_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def then_another_starts(*_: Any) -> Any:
        Path("runs/nin-digits").mkdir(parents=True)
        return train.Proof("0.0.weight[0]", backward=1.0, differences=1.0)

    monkeypatch.setattr(train, "prove", then_another_starts)
    assert "saved     runs/nin-digits-2\n" in call("train", "--epochs", "1").out
    assert content("runs/nin-digits") == {}


@pytest.mark.parametrize("more", [(), ("--seed", "9")])
def test_a_finished_run_is_kept(finished: dict[str, bytes], more: tuple[str, ...]) -> None:
    assert_error(call(*QUICK, "--out", "a", *more), "'a' holds a run already", "--restart", "--out")
    assert content("a") == finished


def test_restart_replaces_a_finished_run(finished: dict[str, bytes]) -> None:
    Path("a/notes.txt").write_text("mine")
    assert call(*QUICK, "--out", "a", "--restart", "--seed", "9").code == 0
    after = content("a")
    assert set(after) == {*finished, "notes.txt"} - ({"curves.png"} - set(after))
    assert after["model.safetensors"] != finished["model.safetensors"]


def test_a_restart_that_fails_before_its_first_checkpoint_is_undone(
    finished: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minin.cli.progress.ProgressPrinter.on_step", crash)
    with pytest.raises(MemoryError, match="planted"):
        call(*QUICK, "--out", "a", "--restart")
    assert content("a") == finished


def test_a_restart_that_is_killed_leaves_the_run_aside(
    finished: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("minin.cli.progress.ProgressPrinter.on_step", crash)
        patch.setattr(names.RunFolder, "put_back", lambda _: None)  # as if killed
        with pytest.raises(MemoryError, match="planted"):
            call(*QUICK, "--out", "a", "--restart")
    assert content(f"a/{names.ASIDE}") == finished
    for more in ((), ("--resume",)):
        assert_error(call(*QUICK, "--out", "a", *more), f"a/{names.ASIDE}' holds a run already")
    assert content(f"a/{names.ASIDE}") == finished
    assert call(*QUICK, "--out", "a", "--restart").code == 0
    assert not Path("a", names.ASIDE).exists()


@pytest.mark.parametrize("moved", [1, 3])
def test_a_move_aside_that_was_killed_loses_nothing(
    finished: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, moved: int
) -> None:
    move, moves = Path.replace, iter(range(moved))

    def killed(path: Path, target: Path) -> Path:
        next(moves)  # it ends, and with it the move
        return move(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(StopIteration):
            call(*QUICK, "--out", "a", "--restart")
    assert_error(call(*QUICK, "--out", "a"), "holds a run already")
    monkeypatch.setattr("minin.cli.progress.ProgressPrinter.on_step", crash)
    with pytest.raises(MemoryError, match="planted"):
        call(*QUICK, "--out", "a", "--restart")
    assert content("a") == finished


def test_a_folder_of_somebody_else_named_as_the_one_aside_is_no_run() -> None:
    theirs = Path("a", names.ASIDE, "theirs.txt")
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    for more in ((), ("--restart",)):
        assert call(*QUICK, "--out", "a", *more).code == 0
        assert theirs.read_text() == "mine"


def test_a_finished_run_without_its_checkpoint_is_kept_too(finished: dict[str, bytes]) -> None:
    Path("a/last.safetensors").unlink()
    assert_error(call(*QUICK, "--out", "a", "--resume"), "'a' holds a run already", "--restart")
    assert content("a") == {n: c for n, c in finished.items() if n != "last.safetensors"}


@pytest.mark.parametrize("more", [(), ("--resume",), ("--restart",)])
@pytest.mark.parametrize("name", [names.RECIPE, *names.RESULTS])
def test_a_strangers_file_is_never_written_over(name: str, more: tuple[str, ...]) -> None:
    Path("a").mkdir()
    Path("a", name).write_text('{"mine": 1}')
    assert_error(call(*QUICK, "--out", "a", *more), f"'a/{name}' is there already", "Move it away")
    assert content("a") == {name: b'{"mine": 1}'}


def test_a_folder_with_other_files_is_taken_and_they_stay() -> None:
    Path("a").mkdir()
    Path("a/notes.txt").write_text("mine")
    assert call(*QUICK, "--out", "a").code == 0
    assert Path("a/notes.txt").read_text() == "mine"


def test_a_recipe_that_was_put_there_is_kept() -> None:
    Path("a").mkdir()
    text = "# why it is so\n" + call("train", "--show", "--epochs", "1").out
    Path("a/recipe.toml").write_text(text)
    done = call(*QUICK, "--seed", "9", "--out", "a")
    assert_error(done, "holds the recipe of another run", "--recipe a/recipe.toml")
    assert call("train", "--quiet", "--recipe", "a/recipe.toml", "--out", "a").code == 0
    assert Path("a/recipe.toml").read_text() == text


def write_png(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n, drawn by hand")


def write_words(path: Path) -> None:
    path.write_text('{"mine": 1}')


@pytest.mark.parametrize(
    ("name", "write", "words"),
    [
        ("p/confusion.png", write_png, ("evaluate", "RUN", "--pictures", "p")),
        ("p/mistakes.png", write_png, ("evaluate", "RUN", "--pictures", "p")),
        ("p/x.png", write_png, ("bench", "--quick", "--plot", "p/x.png")),
        ("p/x.json", write_words, ("bench", "--quick", "--json", "p/x.json")),
    ],
)
def test_other_commands_keep_a_strangers_file(
    trained: Trained, name: str, write: Callable[[Path], None], words: tuple[str, ...]
) -> None:
    Path("p").mkdir()
    write(Path(name))
    before = content("p")
    done = call(*(str(trained.folder) if word == "RUN" else word for word in words))
    assert_error(done, f"'{name}' is there already", "Move it away")
    assert content("p") == before


@pytest.mark.plots
def test_a_picture_of_minin_is_drawn_again(trained: Trained) -> None:
    for _ in range(2):
        assert call("evaluate", str(trained.folder), "--pictures", "p").code == 0
