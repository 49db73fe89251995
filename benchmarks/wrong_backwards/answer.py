"""What a checker says about one program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What a checker says about one program.

    Attributes:
        ok: whether it finds backward right.
        argument: the inputs whose gradient it calls wrong; empty if it does not say.
        line: the line of the file that it calls wrong; None if it does not say.
        words: its report, as a person would read it; readers judge the cause by it.
    """

    ok: bool
    argument: Sequence[str] = ()
    line: int | None = None
    words: str = ""
