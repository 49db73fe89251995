"""The page of evidence says what is recorded, and what is recorded happens again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.wrong_backwards.programs import truths
from minin.gradcheck.catalogue import BUGS
from minin.zoo.mutants import MUTANTS
from tests.choice import mostly_thorough
from tools.who_catches_what import others, styles
from tools.who_catches_what.measure import RECORD, STYLES, answers, installed, read, write
from tools.who_catches_what.page import PAGE, caught, page
from tools.who_catches_what.program import DRAWS, Program, name_of, programs, wrong_programs

RECORDED = read()
AGAIN = (
    *("A1 softmax_cross_entropy", "C3 max_pool2d", "D1 conv2d", "G5 linear", "H1 input relu"),
    *("A11 relu", "E2 relu", "B1 linear", "E1 relu", "right relu", "right linear"),
)


def test_the_page_is_what_the_record_renders() -> None:
    assert PAGE.read_text("utf-8") == page(RECORDED)


def test_the_record_has_every_check_and_every_program() -> None:
    assert set(RECORDED) >= set(STYLES) - {"jax"}
    for found in RECORDED.values():
        assert list(found["answers"]) == list(programs())
        assert all(len(a) == DRAWS for a in found["answers"].values())


def test_the_page_has_a_row_for_every_bug() -> None:
    text = PAGE.read_text("utf-8")
    for bug in BUGS:
        assert f"\n| {bug} " in text or f"\n| {bug}* " in text


@pytest.mark.parametrize("style", mostly_thorough(STYLES, lambda style: style != "minin"))
def test_what_is_recorded_happens_again(style: str) -> None:
    if installed(STYLES[style]) is None or style not in RECORDED:
        pytest.skip(f"{STYLES[style].needs} is not installed")
    for name in AGAIN:
        assert answers(style, name) == RECORDED[style]["answers"][name], name


def test_minin_catches_every_wrong_program_and_accuses_no_right_one() -> None:
    found = RECORDED["minin"]["answers"]
    wrong = {name_of(m) for m in MUTANTS if not m.convention}
    assert [name for name in programs() if caught(found[name]) != (name in wrong)] == []


def test_every_check_tells_right_from_wrong_where_it_is_plain() -> None:
    for style, found in RECORDED.items():
        assert not caught(found["answers"]["right linear"]), style
        assert caught(found["answers"]["A6 linear"]), style


def test_inputs_are_drawn_alike_each_time() -> None:
    mutant = next(m for m in MUTANTS if name_of(m) == "C1 conv2d")
    for first, second in zip(wrong_programs(mutant), wrong_programs(mutant), strict=True):
        assert first.params == second.params
        for x, y in zip(first.inputs, second.inputs, strict=True):
            np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize(
    "check", [styles.cs231n, styles.cs231n_sparse, styles.dlsys, styles.minitorch, styles.coursera]
)
def test_a_course_check_leaves_its_inputs_alone(check: object) -> None:
    mutant = next(m for m in MUTANTS if name_of(m) == "A6 linear")
    program: Program = next(wrong_programs(mutant))
    before = [x.copy() for x in program.inputs]
    assert callable(check)
    assert check(program, np.random.default_rng(0))
    for x, y in zip(program.inputs, before, strict=True):
        np.testing.assert_array_equal(x, y)


def test_the_record_is_written_in_the_order_of_the_page(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.who_catches_what.measure.RECORD", tmp_path / RECORD.name)  # type: ignore[operator]
    write({"minin": {}, "cs231n": {}})
    assert list(read()) == ["cs231n", "minin"]


def test_other_peoples_programs_are_counted_from_the_answers(tmp_path: Path) -> None:
    found = list(truths("a"))
    wrong = [truth for truth in found if truth.wrong]
    answers = [
        {"file": t.file, "ok": not t.wrong, "argument": list(t.argument[:1]), "line": None}
        for t in found
    ]
    answers[0] = {"file": found[0].file, "error": "stopped"}
    half = [{t.file: "right" if i < n else "none" for i, t in enumerate(wrong)} for n in (45, 30)]
    result = {"checker": "minin", "set": "a", "answers": answers, "labels": half}
    (tmp_path / "minin-a.json").write_text(json.dumps(result), "utf-8")
    text = others.section(others.read(tmp_path))
    row = next(line for line in text.splitlines() if line.startswith("| minin check_backward"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:5] == ["60 of 60", "0 of 25, stopped at 1", "60 of 60", "none"]
    assert cells[5:] == ["45 and 30 (75 % and 50 %)", "0 and 0", "15 and 30", "0 and 0"]
    assert "gave 75 % of them the same label" in " ".join(text.split())
    assert "Set B" not in text
    assert others.section(others.read(tmp_path / "nothing")) == ""
