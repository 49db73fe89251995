"""Fifty wrong backwards by somebody who had not read the checker: rejected, and named.

Their author knew the catalogue of bugs and nothing of the recognisers. At the first scoring, before
anything was changed on account of it, all fifty were rejected and 43 of the causes were right.
"""

from __future__ import annotations

import numpy as np
import pytest

from minin import gradcheck
from tests.gradcheck.student_programs import STUDENT_PROGRAMS
from tests.gradcheck.student_programs.student_program import StudentProgram

pytestmark = pytest.mark.thorough


def report_on(program: StudentProgram) -> gradcheck.Report:
    inputs, params = program.inputs(np.random.default_rng(5))
    return gradcheck.check_backward(program.forward, program.backward, inputs, params=params)


@pytest.fixture(scope="module")
def reports() -> dict[str, gradcheck.Report]:
    return {program.name: report_on(program) for program in STUDENT_PROGRAMS}


def test_every_stranger_is_rejected(reports: dict[str, gradcheck.Report]) -> None:
    assert len(reports) == 50
    assert [name for name, report in reports.items() if report.ok] == []


def test_the_cause_is_right_for_85_percent(reports: dict[str, gradcheck.Report]) -> None:
    missed = [
        program.name
        for program in STUDENT_PROGRAMS
        if not {f.bug for f in reports[program.name].findings} & {program.bug, *program.also}
    ]
    assert len(missed) <= 0.15 * len(STUDENT_PROGRAMS), missed
