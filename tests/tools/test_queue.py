"""The queue of long runs, on short ones: it can be killed, and writes down what it did."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minin import train
from tests.choice import examples
from tools import queue, run_record

TINY = 'name = "tiny"\nmodel = "nin-digits"\ndata = "digits"\n[options]\nepochs = 4\n'
ROOT = Path(queue.__file__).parent.parent
CLOCK = ("seconds", "machine", "source")  # what differs between two runs to the same bits


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """Lay out a queue of two short runs; return the arguments that name it."""
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(TINY, encoding="utf-8")
    rows = [f'[[run]]\nrecipe = "{recipe.as_posix()}"\nseed = {seed}\n' for seed in (0, 1)]
    (tmp_path / "queue.toml").write_text("\n".join(rows), encoding="utf-8")
    named = {"--table": "queue.toml", "--runs": "runs", "--records": "records"}
    return [word for key, name in named.items() for word in (key, str(tmp_path / name))]


def runs_of(tmp_path: Path) -> list[queue.Run]:
    return queue.read_runs(tmp_path / "queue.toml", tmp_path / "runs", tmp_path / "records")


def start(words: list[str], said: Path) -> subprocess.Popen[bytes]:
    """Start a queue in a group of processes of its own; what it says goes to a file.

    A pipe would be held open by the run of a queue that was killed.
    """
    with said.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "tools.queue", *words],
            cwd=ROOT,
            start_new_session=True,
            stdout=file,
            stderr=file,
        )


def wait_for(path: Path) -> None:
    """Wait until a file is there; a run that takes minutes to write it is broken."""
    for _ in range(6000):
        if path.is_file():
            return
        time.sleep(0.02)
    raise AssertionError(f"{path} was never written")


def records(folder: Path) -> list[dict[str, Any]]:
    """Read the records without what depends on the clock."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
    for each in found:
        each["curve"] = [
            {k: v for k, v in row.items() if k not in ("seconds", "images_per_second")}
            for row in each["curve"]
        ]
    return [{k: v for k, v in each.items() if k not in CLOCK} for each in found]


@given(st.integers(1, 10_000), st.data())
@settings(max_examples=examples(100))
def test_wilson_interval_ends_where_the_share_is_as_far_as_chance_goes(
    count: int, draw: st.DataObject
) -> None:
    wrong = draw.draw(st.integers(0, count))
    low, high = run_record.wilson(wrong, count)
    assert 0 <= low <= wrong / count <= high <= 1
    for end in (low, high):
        if 0 < end < 1:  # (share - p)^2 = z^2 p (1 - p) / n is what the interval is made from
            left = (wrong / count - end) ** 2
            assert left == pytest.approx(1.959963984540054**2 * end * (1 - end) / count, abs=1e-12)


def test_a_queue_that_was_not_begun_waits(words: list[str], capsys: Any) -> None:
    assert queue.main([*words, "--list"]) == 0
    assert capsys.readouterr().out.split() == ["tiny-seed0", "waiting", "tiny-seed1", "waiting"]


def test_a_folder_of_another_recipe_is_refused(tmp_path: Path, words: list[str]) -> None:
    run = runs_of(tmp_path)[0]
    run.folder.mkdir(parents=True)
    (run.folder / "recipe.toml").write_text(run.recipe.changed(epochs=5).to_toml())
    with pytest.raises(ValueError, match="another recipe"):
        queue.main(words)


def test_the_queue_of_the_project_can_be_read() -> None:
    names = [run.name for run in queue.read_runs(queue.TABLE, Path("runs"), run_record.RECORDS)]
    assert len(names) == len(set(names))


@pytest.mark.usefixtures("words")
def test_a_record_is_committed_once_and_alone(tmp_path: Path) -> None:
    run = runs_of(tmp_path)[0]
    run.record.parent.mkdir()
    run.record.write_text("{}\n")
    (tmp_path / "other.txt").write_text("staged by somebody")
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    for key in ("user.name", "user.email"):
        subprocess.run([*git, "config", key, "nobody"], check=True)
    subprocess.run([*git, "add", "other.txt"], check=True)
    queue.commit(run)
    queue.commit(run)
    said = subprocess.run(
        [*git, "log", "--format=%s", "--name-only"], capture_output=True, text=True, check=True
    )
    assert said.stdout.split("\n") == ["Result: tiny, seed 0", "", "records/tiny-seed0.json", ""]


@pytest.mark.thorough
@pytest.mark.parametrize("stop", ["all", "queue", "ctrl-c"])
def test_a_queue_that_was_stopped_goes_on_to_the_same_bits(
    stop: str, tmp_path: Path, words: list[str]
) -> None:
    peace = [*words[:2], "--runs", str(tmp_path / "p"), "--records", str(tmp_path / "peace")]
    assert queue.main(peace) == 0
    right = records(tmp_path / "peace")
    process = start(words, tmp_path / "said.txt")
    folder = tmp_path / "runs" / "tiny-seed0"
    wait_for(folder / "metrics.jsonl")
    wait_for(folder / "last.safetensors")
    if stop == "all":  # both the queue and its run
        os.killpg(process.pid, signal.SIGKILL)
    elif stop == "queue":  # its run is left behind: the next queue waits for it
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=300)
    if stop == "ctrl-c":
        assert process.returncode in (0, queue.INTERRUPTED)
        assert "Traceback" not in (tmp_path / "said.txt").read_text("utf-8")
    first = (folder / "metrics.jsonl").read_text("utf-8").splitlines()[0]
    ended = stop == "queue" or (folder / "summary.json").is_file()
    assert queue.main(words) == 0
    assert records(tmp_path / "records") == right
    # it went on, and did not start again: even the seconds of the first epoch are the same
    assert (folder / "metrics.jsonl").read_text("utf-8").splitlines()[0] == first
    assert len(run_record.starts(folder)) == (1 if ended else 2)


@pytest.mark.thorough
def test_a_record_holds_what_was_done_and_what_came_of_it(
    tmp_path: Path, words: list[str], capsys: Any
) -> None:
    assert queue.main(words) == 0
    run = runs_of(tmp_path)[1]
    found = json.loads(run.record.read_text("utf-8"))
    assert train.Recipe.from_dict(found["recipe"]) == run.recipe
    assert (found["name"], found["seed"], len(found["curve"])) == ("tiny", 1, 4)
    assert sum(map(sum, found["confusions"])) == found["test"]["images"] == 360
    right = sum(row[k] for k, row in enumerate(found["confusions"]))
    assert found["test"]["wrong"] == 360 - right
    held = found["validation"]
    assert held["error"] == pytest.approx(1 - found["curve"][-1]["validation_accuracy"])
    assert found["source"][0]["minin"] == found["versions"]["minin"]
    capsys.readouterr()
    assert queue.main([*words, "--list"]) == 0
    assert f"done, {found['test']['wrong']} of 360" in capsys.readouterr().out
    # weights that are not those that were judged are noticed
    first = runs_of(tmp_path)[0]
    (first.folder / "model.safetensors").replace(run.folder / "model.safetensors")
    with pytest.raises(ValueError, match="make"):
        run_record.record(run.folder)
