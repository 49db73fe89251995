"""One repair: the edit, where it stands, and what was proved about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from minin.sentences import sentence
from minin.text import columns, fit

KINDS = {
    "accumulate": "repair.accumulate", "reduce": "repair.reduce", "call": "repair.call",
    "scalar": "repair.scalar", "array": "repair.array", "axes": "repair.axes",
    "index": "repair.index", "window": "repair.window", "term": "repair.term",
    "factor": "repair.factor", "name": "repair.name", "number": "repair.number",
    "reverse": "repair.reverse", "path": "repair.path",
}  # fmt: skip


@dataclass(frozen=True)
class Repair:
    """A change of one place that makes wrong gradients right.

    Attributes:
        arguments: whose gradients it makes right.
        file: where the place is.
        line: likewise, from 1.
        old: the line as it is.
        new: the line as it becomes.
        family: what kind of edit it is.
        tried: how many changes were tried in all.
        proved_on: the shapes of the inputs on which the gradients are right then.
        sizes_only: whether that holds at the caller's sizes only.
        same_line: whether other edits do as well, so that only the line is certain.
        frame: names of forward's own that ``new`` uses and the cache has not.
        held: an expression of forward in that line, where no edit was found: the gradient that
            came is right if its value is taken for a constant.
    """

    arguments: tuple[str, ...]
    file: str
    line: int
    old: str
    new: str
    family: str
    tried: int
    proved_on: tuple[str, ...]
    sizes_only: bool = False
    same_line: bool = False
    frame: tuple[str, ...] = ()
    held: str = ""

    @property
    def place(self) -> str:
        """The file and the line, as ``conv.py:41``."""
        return f"{Path(self.file).name}:{self.line}"

    @property
    def gradients(self) -> str:
        """The names of the gradients that it makes right."""
        names = [n if len(n) > 2 else f"d{n}" for n in self.arguments]
        return ", ".join(names)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain Python values, ready for JSON."""
        return asdict(self)

    def where(self) -> str:
        """Say which line it is, and nothing of the edit."""
        if self.held:
            return sentence("repair.where_path", place=self.place, gradients=self.gradients)
        return sentence(
            "repair.where_sizes" if self.sizes_only else "repair.where",
            place=self.place, gradients=self.gradients,
        )  # fmt: skip

    def question(self) -> str:
        """Say what kind of edit it is, without its operands."""
        return f"{self.place}: {sentence(KINDS[self.family])}"

    def short(self) -> str:
        """Say the edit in a line."""
        if self.held:
            return sentence("repair.short_path", place=self.place, held=self.held)
        return f"{self.place}: {self.new or sentence('repair.without')}"

    def proof(self) -> str:
        """Say what was proved, and how much was tried."""
        if self.held:
            return sentence("repair.proved_path", held=self.held, gradients=self.gradients)
        return sentence(
            "repair.proved_sizes" if self.sizes_only else "repair.proved",
            place=self.place, gradients=self.gradients, count=len(self.proved_on),
            sizes=", ".join(dict.fromkeys(self.proved_on)), tried=self.tried,
        )  # fmt: skip

    def diff(self, width: int) -> list[str]:
        """Write the old line, the new one, and a mark below what is new in it."""
        if self.held:
            return [_cut(f"{self.place}: {self.old}", 0, width)]
        new = self.new or sentence("repair.without")
        first, last = changed(self.old, new)
        start = max(0, last - width + 6) if last > width - 6 else 0
        old, new = (_cut(text, start, width - 2) for text in (self.old, new))
        marks = " " * (first - start + (4 if start else 0)) + "^" * max(1, last - first)
        return [f"- {old}", f"+ {new}", f"  {fit(marks, width - 2)}"]


def changed(old: str, new: str) -> tuple[int, int]:
    """Return where the new text begins and ends to differ from the old one.

    Example:
        >>> changed("dx = dy", "dx += dy")
        (3, 4)
    """
    first = _common(old, new)
    return first, len(new) - _common(old[first:][::-1], new[first:][::-1])


def _common(one: str, two: str) -> int:
    """Return how many letters two texts begin with alike."""
    pairs = zip(one, two, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(two)))


def _cut(text: str, start: int, width: int) -> str:
    text = f"... {text[start:]}" if start else text
    return text if columns(text) <= width else f"{fit(text, width - 4)} ..."


def rows(repairs: Sequence[Repair], level: int, width: int) -> list[str]:
    """Say repairs in at most four rows: the line at level 1, the kind at 2, the edit at 3."""
    if len(repairs) > 1 or level < 3:
        said = (Repair.where, Repair.question, Repair.short)[level - 1]
        return [_cut(said(r), 0, width) for r in repairs[:4]]
    return [line for r in repairs for line in [*r.diff(width), _cut(_remarks(r), 0, width)]]


def _remarks(repair: Repair) -> str:
    if repair.frame:
        names = sentence("repair.frame", names=", ".join(repair.frame))
        return f"{names}; {repair.proof()}"
    if repair.same_line:
        return f"{repair.place}: {sentence('repair.one_of_several')}"
    return repair.proof()
