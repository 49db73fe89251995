"""Edits that make gradients right: which is believed, and what is told of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from minin.gradcheck.repair.edit import Edit
from minin.gradcheck.repair.record import FRAME
from minin.gradcheck.repair.result import Repair


@dataclass
class Accepted:
    """An edit that makes gradients right."""

    edit: Edit
    arguments: tuple[str, ...]
    grown: bool  # right at other sizes too
    order: int
    line: tuple[int, str, str]
    proved: tuple[str, ...]

    @property
    def rank(self) -> tuple[Any, ...]:
        """What is believed first."""
        function = self.edit.function
        return (
            -len(self.arguments),
            not self.grown,
            self.edit.cost + function.forward,
            -function.depth,
            self.order,
        )


def covers(accepted: Sequence[Accepted], left: Collection[str]) -> bool:
    """Tell whether there is an edit for every gradient that is still wrong."""
    return {n for a in accepted for n in a.arguments} >= set(left)


def choose(accepted: Sequence[Accepted]) -> list[Accepted]:
    """Take the best edit, then the best of those for other arguments."""
    chosen: list[Accepted] = []
    done: set[str] = set()
    for one in sorted(accepted, key=lambda a: a.rank):
        if not done & set(one.arguments):
            chosen.append(one)
            done |= set(one.arguments)
    return chosen


def told(one: Accepted, others: Sequence[Accepted], tried: int) -> Repair:
    """Return what is told of an edit; others that do as well leave only the line certain."""
    number, old, new = one.line
    equal = [o for o in others if o is not one and o.rank[:3] == one.rank[:3]]
    same = [o for o in equal if o.line[2] != new and o.edit.family != one.edit.family]
    nodes = [n for _, n in one.edit.changes] + [n for _, many in one.edit.blocks for n in many]
    text = " ".join(map(ast.unparse, nodes))
    frame = tuple(dict.fromkeys(re.findall(FRAME + r"\['(\w+)'\]", text)))
    return Repair(
        one.arguments, one.edit.function.file, number, old, new, one.edit.family, tried,
        one.proved, sizes_only=not one.grown, same_line=bool(same), frame=frame,
    )  # fmt: skip
