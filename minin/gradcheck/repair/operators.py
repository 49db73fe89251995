"""What an operator is: it looks at expressions or statements, and yields what could stand there.

`order.py` says in which order they are tried.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from minin.gradcheck.repair.edit import Edit
from minin.gradcheck.repair.record import Program, Site, Statement

Expressions = Iterator[ast.expr | tuple[ast.expr, float]]


WRAPPING, BARE = ("term", "factor"), 0.5  # better where something is computed than at a name


@dataclass(frozen=True)
class Operator:
    """One way of changing an expression.

    Attributes:
        family: the kind of change, as the report calls it.
        find: yields what could stand in an expression's place, with what it costs more.
        kinds: of the values that it looks at.
        whole: only where the expression is all that is assigned or returned; None for all.
        alike: whether all equal expressions of a statement are changed together too.
    """

    family: str
    find: Callable[[Program, Site], Expressions]
    kinds: Sequence[str] = ("array",)
    whole: bool | None = None
    alike: bool = False

    def edits(
        self, program: Program, sites: Sequence[Site], _: Sequence[Statement]
    ) -> Iterator[Edit]:
        """Yield the edits of all sites."""
        for site in sites:
            if site.kind not in self.kinds or self.whole not in (None, is_whole(site)):
                continue
            group = _alike(site, sites) if self.alike else []
            for found in self.find(program, site):
                new, more = found if isinstance(found, tuple) else (found, 0)
                cost = 1 + more + BARE * (self.family in WRAPPING and is_bare(site.node))
                yield Edit(self.family, cost, [(site, new)])
                if len(group) > 1:
                    yield Edit(self.family, cost, [(s, new) for s in group])


@dataclass(frozen=True)
class Rewriting:
    """One way of changing statements, or several expressions at once."""

    family: str
    find: Callable[[Program, Sequence[Site], Sequence[Statement]], Iterator[Edit]]

    def edits(
        self, program: Program, sites: Sequence[Site], statements: Sequence[Statement]
    ) -> Iterator[Edit]:
        """Yield the edits."""
        for edit in self.find(program, sites, statements):
            edit.family = self.family
            yield edit


def _alike(site: Site, sites: Sequence[Site]) -> list[Site]:
    written = ast.dump(site.node)
    return [t for t in sites if t.statement is site.statement and ast.dump(t.node) == written]


def is_whole(site: Site) -> bool:
    """Tell whether an expression is all that is assigned, or one of the things returned."""
    node, parent = site.statement.node, site.parent
    value = getattr(node, "value", None)
    within = isinstance(parent, (ast.Tuple, ast.List, ast.Dict)) and parent is value
    return (parent is node or within) and site.field in ("value", "elts", "values")


def is_bare(node: ast.expr) -> bool:
    """Tell whether an expression only takes what is there already."""
    return isinstance(node, (ast.Name, ast.Subscript, ast.Attribute))


def inside(site: Site) -> bool:
    """Tell whether an expression is part of a computation, and no index or shape."""
    return is_whole(site) or isinstance(site.parent, (ast.BinOp, ast.Call, ast.UnaryOp))


def called(node: ast.AST) -> str:
    """Return the name of the function that an expression calls, "" if it calls none."""
    return (
        getattr(node.func, "attr", getattr(node.func, "id", ""))
        if isinstance(node, ast.Call)
        else ""
    )


def site_of(program: Program, node: ast.AST | None) -> Site | None:
    """Return what is known of an expression; None for one that was not there."""
    number = getattr(node, "_number", None)
    return program.sites[number] if number is not None and isinstance(node, ast.expr) else None


def operand(program: Program, call: ast.expr) -> Site | None:
    """Return the array that a call such as np.sum(a) or a.sum() works on."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    for node in (call.func.value, *call.args[:1]):
        inner = site_of(program, node)
        if inner is not None and inner.kind == "array":
            return inner
    return None


def numpy_in(place: Site | Statement) -> ast.expr:
    """Return the name by which a function knows NumPy."""
    statement = place.statement if isinstance(place, Site) else place
    known = statement.function.function.__globals__
    return ast.Name(next((n for n in ("np", "numpy") if known.get(n) is np), "np"), ast.Load())
