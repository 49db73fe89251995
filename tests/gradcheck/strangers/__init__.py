"""Fifty wrong backward passes as students write them, each with a right forward.

They came about without any look at how the checker recognises a mistake. So they are a fair
test of it: what it says about them is what it would say to a student.
"""

from __future__ import annotations

from tests.gradcheck.strangers.conv_columns import CONV_COLUMNS
from tests.gradcheck.strangers.conv_loops import CONV_LOOPS
from tests.gradcheck.strangers.conv_windows import CONV_WINDOWS
from tests.gradcheck.strangers.dense import DENSE
from tests.gradcheck.strangers.pointwise import POINTWISE
from tests.gradcheck.strangers.pooling import POOLING
from tests.gradcheck.strangers.stranger import Array, Stranger

__all__ = ["STRANGERS", "Array", "Stranger"]

STRANGERS: tuple[Stranger, ...] = (
    *CONV_LOOPS,
    *CONV_COLUMNS,
    *CONV_WINDOWS,
    *DENSE,
    *POOLING,
    *POINTWISE,
)
