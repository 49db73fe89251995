"""Fifty wrong backward passes as students write them, each with a right forward.

They came about without any look at how the checker recognises a mistake. So they are a fair
test of it: what it says about them is what it would say to a student.
"""

from __future__ import annotations

from tests.gradcheck.student_programs.conv_columns import CONV_COLUMNS
from tests.gradcheck.student_programs.conv_loops import CONV_LOOPS
from tests.gradcheck.student_programs.conv_windows import CONV_WINDOWS
from tests.gradcheck.student_programs.dense import DENSE
from tests.gradcheck.student_programs.pointwise import POINTWISE
from tests.gradcheck.student_programs.pooling import POOLING
from tests.gradcheck.student_programs.student_program import Array, StudentProgram

__all__ = ["STUDENT_PROGRAMS", "Array", "StudentProgram"]

STUDENT_PROGRAMS: tuple[StudentProgram, ...] = (
    *CONV_LOOPS,
    *CONV_COLUMNS,
    *CONV_WINDOWS,
    *DENSE,
    *POOLING,
    *POINTWISE,
)
