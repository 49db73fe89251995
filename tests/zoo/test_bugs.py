"""The catalogue is complete, and its records read well."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from minin import gradcheck
from minin.gradcheck.catalogue import BUGS, Bug
from minin.gradcheck.diagnose.ranks import RANKS
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.zoo.mutants import MUTANTS


def test_there_are_74_bugs_in_eight_groups() -> None:
    counts = {"A": 14, "B": 12, "C": 7, "D": 10, "E": 8, "F": 7, "G": 5, "H": 11}
    assert list(BUGS) == [f"{letter}{k + 1}" for letter, n in counts.items() for k in range(n)]


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_record_has_a_short_name_and_one_sentence(bug: Bug) -> None:
    assert BUGS[bug.id] is bug
    assert 4 < len(bug.name) <= 45
    for part in (bug.sentence, bug.fix):
        assert 3 < len(part) <= 120
        assert not part.endswith(".")
        assert part.isascii()
        assert "obviously" not in part
    assert bug.text == f"{bug.sentence}; {bug.fix}"
    assert len(bug.text) <= 175


def test_names_and_sentences_differ() -> None:
    assert len({bug.name for bug in BUGS.values()}) == len(BUGS)
    assert len({bug.sentence for bug in BUGS.values()}) == len(BUGS)


def test_every_kind_of_explanation_has_its_rank_and_every_rank_a_kind() -> None:
    rooms = Path(gradcheck.__file__).parent.rglob("*.py")
    calls = [
        node
        for path in rooms
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Explanation", "Law")
    ]
    kinds = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    assert kinds | {"place", "place/loose"} == set(RANKS)
    assert len(RANKS) == len(set(RANKS))


def test_every_bug_has_a_mutant() -> None:
    assert {mutant.bug.id for mutant in MUTANTS} == set(BUGS)


def test_mutants_are_told_apart_by_op_bug_and_variant() -> None:
    counts = Counter((mutant.op, mutant.bug.id, mutant.variant) for mutant in MUTANTS)
    assert max(counts.values()) == 1


def test_mutants_name_an_op_and_one_of_its_arguments() -> None:
    for mutant in MUTANTS:
        assert mutant.argument in (None, *REFERENCES[mutant.op].arguments)


def test_switches_are_an_id_and_perhaps_a_word() -> None:
    for reference in REFERENCES.values():
        for switch, bug in reference.bugs.items():
            assert re.fullmatch(rf"{bug.id}( [a-z]+)?", switch, re.IGNORECASE), switch
