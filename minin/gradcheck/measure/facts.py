"""What is said of a gradient, or of the functions around it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """What a recogniser says.

    Attributes:
        kind: what was seen: one of `minin.gradcheck.diagnose.ranks.RANKS`.
        bug: the id of the catalogue that fits best, or None.
        what: what was seen, in one line.
        also: other ids that would look the same, the likelier first.
        fix: what to do where no bug is named; the catalogue has it for each bug.
    """

    kind: str
    bug: str | None
    what: str
    also: tuple[str, ...] = ()
    fix: str = ""

    @property
    def recogniser(self) -> str:
        """The recogniser that said it: the first word of the kind."""
        return self.kind.split("/")[0]


@dataclass(frozen=True)
class Fact:
    """Something found beside the comparison of numbers.

    Attributes:
        argument: whose gradient it concerns, or "forward" or "backward".
        explanation: what it is.
        fatal: whether comparing numbers makes no sense any more.
        note: whether it is worth saying but no failure.
        unmeasured: whether it says that nothing can be said.
    """

    argument: str
    explanation: Explanation
    fatal: bool = False
    note: bool = False
    unmeasured: bool = False
