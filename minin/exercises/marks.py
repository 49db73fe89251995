"""Marks: each gradient, the values and two properties count by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from minin.sentences import sentence

# They count only where something else is right: an answer of zeros has the right shapes too.
PROPERTIES = ("shapes", "unchanged")

Line = tuple[str, str, str]  # from which level of feedback on it is told, label, text


class FaultError(Exception):
    """Something is wrong with an answer; carries the outcome's state, lines and bug."""

    def __init__(self, state: str, lines: Iterable[Line], bug: str | None = None) -> None:
        super().__init__(state)
        self.state, self.lines, self.bug = state, list(lines), bug


class Tally:
    """What was found right and wrong so far, and the faults in the order in which they were met.

    Args:
        scheme: what each mark is worth, as the exercise's file says.
    """

    def __init__(self, scheme: Mapping[str, float]) -> None:
        self.scheme = dict(scheme)
        self.judged: set[str] = set()
        self.wrong: set[str] = set()
        self.faults: list[FaultError] = []

    def fail(self, fault: FaultError, *marks: str) -> None:
        """Note a fault, and which marks it costs: all, if there is none for what is wrong."""
        self.faults.append(fault)
        self.wrong.update(marks)
        if not self.wrong.intersection(self.scheme):
            self.wrong.update(self.scheme)

    def earned(self) -> dict[str, float]:
        """Return what each mark has earned.

        Example:
            >>> tally = Tally({"values": 1, "shapes": 0.5})
            >>> tally.judged = {"values", "shapes"}
            >>> tally.wrong = {"values"}
            >>> tally.earned()
            {'values': 0.0, 'shapes': 0.0}
        """
        right = {m for m in self.scheme if m in self.judged and m not in self.wrong}
        if not right.difference(PROPERTIES):
            right = set()
        return {m: float(worth) * (m in right) for m, worth in self.scheme.items()}

    def told(self) -> str:
        """Say what was earned, mark by mark.

        Example:
            >>> Tally({"values": 1.0, "shapes": 0.5}).told()
            'values 0/1, shapes 0/0.5: 0 of 1.5 points'
        """
        earned = self.earned()
        each = ", ".join(f"{m} {earned[m]:g}/{worth:g}" for m, worth in self.scheme.items())
        total, most = f"{sum(earned.values()):g}", f"{sum(self.scheme.values()):g}"
        return sentence("exercises.marks", each=each, total=total, most=most)
