"""A question from start to file: what is written, what is kept, what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.harness.errors import MismatchError
from benchmarks.harness.options import Options
from benchmarks.harness.part import Check, Part
from benchmarks.harness.peers import Entrant
from benchmarks.harness.question import Question, put
from benchmarks.harness.record import read_all
from tests.benchmarks.fakes import FAKE, FakeMeter, answered, entrant

MISSING = Entrant("C", FAKE, {}, environment={"FAKE_MISSING": "1"})


def question(
    entrants: Sequence[Entrant], check: Check | None = None, more: Part | None = None
) -> Question:
    def parts(_: Path) -> Iterator[Part]:
        yield Part("fakes", tuple(entrants), {"batch": 1}, check)
        if more is not None:
            yield more

    return Question("training_step", parts)


def result(folder: Path) -> Any:
    return json.loads((folder / "training_step-test.json").read_text("utf-8"))


def test_a_whole_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = question([entrant("A", seconds=1.0), entrant("B", seconds=2.0), MISSING])
    assert answered(asked, tmp_path) == 0
    assert list(read_all("training_step", tmp_path)) == ["training_step-test.json"]
    (part,) = result(tmp_path)["parts"]
    first, second = part["peers"]
    # The fakes get slower with every turn; the first turn was the warm-up.
    assert first["measures"]["step"]["values"]["rounds"] == [2.0, 3.0, 4.0, 5.0, 6.0]
    assert second["measures"]["step"]["values"]["median"] == 8.0
    (ratio,) = part["ratios"]
    assert (ratio["peer"], ratio["against"]) == ("A", "B")
    assert ratio["values"]["rounds"] == [0.5] * 5
    assert part["skipped"] == [{"name": "C", "reason": "fake is not installed"}]
    said = capsys.readouterr()
    assert "skipped C: fake is not installed" in said.err
    assert "  B, step: 8.00 s (6.00 s to 10.0 s)" in said.out


def test_a_smoke_run_has_no_numbers_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = Options(smoke=True, rounds=2, warm_up=1, turn_seconds=0.0, results=tmp_path)
    # The meter would refuse; a smoke run does not ask it.
    assert put(question([entrant("A"), MISSING]), options, FakeMeter([9.0] * 9)) == 0
    said = capsys.readouterr().out
    assert "ran A" in said
    assert "skipped C: fake is not installed" in said
    assert "no numbers" in said
    assert "second" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_busy_machine_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = Options(rounds=5, warm_up=1, turn_seconds=0.0, results=tmp_path, machine="test")
    assert put(question([entrant("A")]), options, FakeMeter([0.6])) == 1
    assert "compiler (7) 60%" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_peer_that_dies_ends_the_run_and_what_was_measured_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = question([entrant("A"), entrant("B", **{"killed at": 4})])
    assert answered(asked, tmp_path) == 1
    assert "B was killed by SIGKILL" in capsys.readouterr().err
    assert read_all("training_step", tmp_path) == {}
    kept = json.loads((tmp_path / "training_step-test.incomplete.json").read_text("utf-8"))
    assert kept["complete"] is False
    assert kept["unfinished"][0]["numbers"] == {
        "A": {"step": [2.0, 3.0]},
        "B": {"step": [2.0, 3.0]},
    }


class Interrupting(FakeMeter):
    """Ctrl-C, pressed in the middle of some round."""

    def stop(self) -> Any:
        if self.looks == 4:
            raise KeyboardInterrupt
        return super().stop()


def test_ctrl_c_keeps_what_was_measured_and_the_result_of_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answered(question([entrant("A", seconds=3.0)]), tmp_path) == 0
    before = result(tmp_path)
    options = Options(rounds=5, warm_up=1, turn_seconds=0.0, results=tmp_path, machine="test")
    assert put(question([entrant("A", seconds=1.0)]), options, Interrupting()) == 130
    assert "stopped by Ctrl-C" in capsys.readouterr().err
    assert result(tmp_path) == before
    assert list(read_all("training_step", tmp_path)) == ["training_step-test.json"]
    incomplete = tmp_path / "training_step-test.incomplete.json"
    kept = json.loads(incomplete.read_text("utf-8"))
    assert kept["unfinished"][0]["numbers"] == {"A": {"step": [2.0, 3.0]}}
    # A complete run takes it away.
    assert answered(question([entrant("A")]), tmp_path) == 0
    assert not incomplete.exists()


def test_whole_parts_survive_what_comes_after(tmp_path: Path) -> None:
    more = Part("more", (entrant("A", **{"fails at": 2}),))
    assert answered(question([entrant("A")], more=more), tmp_path) == 1
    kept = json.loads((tmp_path / "training_step-test.incomplete.json").read_text("utf-8"))
    assert [part["name"] for part in kept["parts"]] == ["fakes"]


def test_another_network_is_never_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def same(found: Any) -> dict[str, float]:
        if len({said["parameters"] for said in found.values()}) > 1:
            raise MismatchError("B is another network")
        return {}

    asked = question([entrant("A"), entrant("B", parameters=2)], check=same)
    assert answered(asked, tmp_path) == 1
    assert "B is another network" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_too_few_to_compare_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = Part("more", (entrant("A"), MISSING), least=2)
    assert answered(question([entrant("A")], more=more), tmp_path) == 1
    assert "too few are there to be measured (C: fake is not installed)" in capsys.readouterr().err


def test_who_was_chosen_takes_part_and_the_first_always(tmp_path: Path) -> None:
    family = [
        Entrant("minin", FAKE, {}, family="minin"),
        Entrant("minin-plain", FAKE, {}, None, {"MININ_RULES": "plain"}, "minin"),
        Entrant("torch-default", FAKE, {}, family="torch"),
        Entrant("jax", FAKE, {}, family="jax"),
    ]
    assert answered(question(family), tmp_path, only=("torch",)) == 0
    (part,) = result(tmp_path)["parts"]
    assert [peer["name"] for peer in part["peers"]] == ["minin", "minin-plain", "torch-default"]
    assert [peer["settings"]["rules"] for peer in part["peers"]] == ["", "plain", ""]


def test_each_goes_to_its_own_environment() -> None:
    part = Part("fakes", (Entrant("minin", FAKE, {}), Entrant("jax-nchw", FAKE, {}, family="jax")))
    chosen = part.chosen(Options(pythons={"jax": "/somewhere/python"}))
    assert [one.python for one in chosen.entrants] == [None, "/somewhere/python"]
