"""A run that was stopped goes on as if it had not been: the same bits, wherever it stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minin import data, models, train, weights
from minin.errors import ArgumentError, DataError, StoppedError
from minin.train import folder as names
from minin.train import loop
from tests.train.conftest import few_digits

HOW: dict[str, Any] = {
    "epochs": 2,
    "batch_size": 16,
    "validation": 0.25,
    "augment": ["translate:1"],
    "last_layer_lr": 0.1,
}
STEPS = 10  # two epochs of five


class CrashError(Exception):
    """What a power cut would be."""


def build() -> models.Network:
    return models.build("nin-digits", rng=0)


def run(folder: Path | None = None, **more: Any) -> tuple[models.Network, train.History]:
    model = build()
    return model, train.fit(model, few_digits(), **HOW, folder=folder, **more)


@pytest.fixture(scope="module")
def peace() -> tuple[models.Network, train.History]:
    return run()


def crash_after(steps: int) -> Any:
    seen = 0

    def on_step(_: train.StepRecord) -> None:
        nonlocal seen
        seen += 1
        if seen == steps:
            raise CrashError

    return on_step


def facts(history: train.History) -> list[tuple[Any, ...]]:
    return [(r.epoch, r.loss, r.train_accuracy, r.validation_accuracy, r.lr) for r in history]


def assert_same(one: tuple[Any, train.History], other: tuple[Any, train.History]) -> None:
    assert facts(one[1]) == facts(other[1])
    for name, value in one[0].state_dict().items():
        np.testing.assert_array_equal(value, other[0].state_dict()[name], err_msg=name)


def test_a_folder_changes_nothing(peace: Any, tmp_path: Path) -> None:
    assert_same(run(tmp_path), peace)
    found = {path.name for path in tmp_path.iterdir()}
    assert found == {names.LAST, names.BEST, names.METRICS}


@pytest.mark.parametrize("steps", range(1, STEPS + 1))
def test_a_crash_after_any_step(steps: int, peace: Any, tmp_path: Path) -> None:
    with pytest.raises(CrashError):
        run(tmp_path, on_step=crash_after(steps), save_every=0)
    assert_same(run(tmp_path, resume=True), peace)


@pytest.mark.parametrize("write", ["save_rows", "save_last"])
def test_a_crash_just_before_the_first_checkpoint(
    write: str, peace: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> None:
        raise CrashError

    with monkeypatch.context() as patch:
        patch.setattr(names.RunFolder, write, crash)
        with pytest.raises(CrashError):
            run(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == ({names.BEST} if write == "save_rows" else {names.BEST, names.METRICS})
    with pytest.raises(ArgumentError, match="holds a run already"):
        run(tmp_path)
    assert_same(run(tmp_path, resume=True), peace)


def test_a_crash_long_after_the_last_checkpoint(peace: Any, tmp_path: Path) -> None:
    with pytest.raises(CrashError):
        run(tmp_path, on_step=crash_after(8), save_every=1e9)
    assert_same(run(tmp_path, resume=True), peace)


@pytest.mark.parametrize("steps", range(1, STEPS + 1))
def test_a_stop_after_any_step_is_saved(steps: int, peace: Any, tmp_path: Path) -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked == steps

    with pytest.raises(StoppedError, match=rf"step {(steps - 1) % 5 + 1} of 5; saved in"):
        run(tmp_path, stop=stop)
    saved = train.checkpoint.read(tmp_path / names.LAST).progress
    assert 5 * (saved.epoch - 1) + saved.step == steps
    assert_same(run(tmp_path, resume=True), peace)


def test_stopped_again_and_again(peace: Any, tmp_path: Path) -> None:
    for _ in range(STEPS):
        with pytest.raises(StoppedError):
            run(tmp_path, resume=True, stop=lambda: True)
    assert_same(run(tmp_path, resume=True), peace)


def test_a_stop_without_a_folder_says_that_nothing_was_saved() -> None:
    with pytest.raises(StoppedError, match="epoch 1 of 2, step 1 of 5; nothing was saved"):
        run(stop=lambda: True)


def test_a_finished_run_is_resumed_without_another_step(peace: Any, tmp_path: Path) -> None:
    run(tmp_path)
    steps: list[Any] = []
    assert_same(run(tmp_path, resume=True, on_step=steps.append), peace)
    assert steps == []


def test_the_best_network_is_that_of_the_best_epoch(tmp_path: Path) -> None:
    model, history = run(tmp_path)
    best = history.best
    assert best is not None
    assert best.validation_accuracy == max(r.validation_accuracy or 0 for r in history)
    kept = weights.open(tmp_path / names.BEST)
    images, labels = few_digits().train_images, few_digits().train_labels
    _, held = data.split(labels, 0.25, np.random.default_rng(0))
    found = train.evaluate(kept, images[held], labels[held])
    assert found.accuracy == best.validation_accuracy
    if best is history[-1]:
        np.testing.assert_array_equal(
            next(kept.parameters()).numpy(), next(model.parameters()).numpy()
        )


def test_the_rows_are_on_disk_after_every_epoch(tmp_path: Path) -> None:
    with pytest.raises(CrashError):
        run(tmp_path, on_step=crash_after(7))
    rows = (tmp_path / names.METRICS).read_text().splitlines()
    assert [json.loads(row)["epoch"] for row in rows] == [1]


def test_an_unfinished_run_is_not_thrown_away_by_accident(peace: Any, tmp_path: Path) -> None:
    with pytest.raises(CrashError):
        run(tmp_path, on_step=crash_after(7))
    with pytest.raises(ArgumentError, match=r"unfinished run.*--resume.*--restart"):
        run(tmp_path)
    assert_same(run(tmp_path, restart=True), peace)


def test_resuming_what_was_never_begun_begins_it(peace: Any, tmp_path: Path) -> None:
    assert_same(run(tmp_path / "new", resume=True), peace)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lr": 0.01}, "other options: lr was 0.1 and is 0.01"),
        ({"seed": 1}, "other options: seed was 0 and is 1"),
        ({"epochs": 3}, "other options: epochs was 2 and is 3"),
    ],
)
def test_another_run_is_not_gone_on_with(
    changes: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(CrashError):
        run(tmp_path, on_step=crash_after(7))
    with pytest.raises(DataError, match=words):
        train.fit(build(), few_digits(), **{**HOW, **changes}, folder=tmp_path, resume=True)


def test_other_images_are_not_gone_on_with(tmp_path: Path) -> None:
    with pytest.raises(CrashError):
        run(tmp_path, on_step=crash_after(7))
    with pytest.raises(DataError, match="other data: fingerprint was"):
        train.fit(build(), few_digits(95), **HOW, folder=tmp_path, resume=True)


def test_another_network_is_not_gone_on_with(tmp_path: Path) -> None:
    with pytest.raises(CrashError):
        run(tmp_path, on_step=crash_after(7))
    other = models.build("nin-digits", rng=0, dropout=0.1)
    with pytest.raises(DataError, match="other model: options was"):
        train.fit(other, few_digits(), **HOW, folder=tmp_path, resume=True)


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "another file"])
def test_a_damaged_checkpoint_is_named(damage: str, tmp_path: Path) -> None:
    with pytest.raises(CrashError):
        run(tmp_path, on_step=crash_after(7))
    last = tmp_path / names.LAST
    content = last.read_bytes()
    flipped = content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]
    best = (tmp_path / names.BEST).read_bytes()
    made = {"cut": content[:-9], "flipped": flipped, "empty": b"", "another file": best}
    last.write_bytes(made[damage])
    with pytest.raises(DataError, match=names.LAST):
        run(tmp_path, resume=True)


def test_resume_and_restart_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="cannot be used together"):
        run(tmp_path, resume=True, restart=True)
    with pytest.raises(ArgumentError, match="need a folder"):
        run(resume=True)


def test_a_full_disk_leaves_the_last_checkpoint(
    peace: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from minin.files import arrays, atomic

    whole, count = atomic.write_atomically, 0

    def full(path: Any, content: bytes) -> None:
        nonlocal count
        count += 1
        if count > 4:
            raise DataError(f"{path} could not be written: No space left on device")
        whole(path, content)

    monkeypatch.setattr(arrays, "write_atomically", full)
    with pytest.raises(DataError, match="No space left"):
        run(tmp_path, save_every=0)
    monkeypatch.undo()
    assert_same(run(tmp_path, resume=True), peace)


@pytest.mark.parametrize("late", [2, 3, 20])
def test_losses_that_are_read_late_change_nothing(
    peace: Any, late: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a GPU: nothing is waited for between two steps, and stopping loses no loss."""
    monkeypatch.setattr(loop, "_late", lambda _: late)
    told: list[train.StepRecord] = []
    assert_same(run(on_step=told.append), peace)
    assert [step.step for step in told] == [*range(1, 6), *range(1, 6)]
    for steps in (1, 2, 4, 7):
        asked = iter(range(1, STEPS + 1))
        with pytest.raises(StoppedError):
            run(tmp_path / str(steps), stop=lambda: next(asked) == steps)  # noqa: B023
        assert_same(run(tmp_path / str(steps), resume=True), peace)
