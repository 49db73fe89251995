"""The smallest failing case is small, fails, and can be checked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.report.smallest_case import smallest
from minin.gradcheck.subject.functions import Code
from minin.gradcheck.subject.silence import quiet


def subject(op: str, bug: str | None) -> Code:
    reference = REFERENCES[op]
    inputs, params = reference.draw(np.random.default_rng(0))
    return Code(*reference.programs(bug), inputs, params, reference.arguments[: len(inputs)])


def shown(op: str, bug: str | None, name: str) -> Any:
    with quiet():
        return smallest(subject(op, bug), name)


def test_a_forgotten_sum_is_shown_with_its_arithmetic() -> None:
    lines = shown("linear", "C5 bias", "b")
    assert lines[0].startswith("smallest failing: x(2,")
    assert "right [" in lines[1]
    assert "slope times G" in lines[2]


def test_the_numbers_are_whole() -> None:
    lines = shown("matmul", "A6", "x")
    assert "." not in lines[1]
    assert "yours [-" in lines[1]


def test_right_code_has_no_failing_case_to_shrink_to() -> None:
    lines = shown("matmul", None, "x")
    assert (
        not lines
        or lines[1].split("yours")[0].split("[")[1]
        == lines[1].split("yours")[1].split("[")[1] + "   "
    )
