"""Edits of statements: added up or written, with which sign, and what belongs in which place."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import combinations

from minin.gradcheck.repair.edit import Edit, expr, stmt
from minin.gradcheck.repair.operators import called, is_whole, numpy_in
from minin.gradcheck.repair.record import Program, Site, Statement
from minin.gradcheck.repair.values import SWAP


def added_up(_: Program, sites: Sequence[Site], statements: Sequence[Statement]) -> Iterator[Edit]:
    """Add up instead of writing, in one statement or in all of a block; or write."""
    adding: dict[int, list[tuple[Statement, list[ast.stmt]]]] = {}
    for s in statements:
        n = s.node
        if isinstance(n, ast.AugAssign) and isinstance(n.op, (ast.Add, ast.Sub)):
            yield Edit("", 1, blocks=[(s, [ast.Assign([n.target], n.value)])])
        if not isinstance(n, ast.Assign):
            continue
        target = n.targets[0]
        known = isinstance(target, ast.Name) and target.id in (s.scope or {}) and s.loops
        if isinstance(target, (ast.Subscript, ast.Name)) and (
            known or not isinstance(target, ast.Name)
        ):
            new: list[ast.stmt] = [ast.AugAssign(target, ast.Add(), n.value)]
            adding.setdefault(id(s.block), []).append((s, new))
            yield Edit("", 1, blocks=[(s, new)])
            yield from (Edit("", 1, [made], [(s, new)]) for made in _zeroed(s, target, sites))
        elif isinstance(target, ast.Name) and s.loops:  # nothing to add to yet
            added: list[ast.stmt] = [ast.AugAssign(target, ast.Add(), n.value)]
            loop = next(t for t in statements if t.node is s.loops[0])
            begun: list[ast.stmt] = [stmt(f"{target.id} = 0"), loop.node]
            yield Edit("", 1, blocks=[(s, added), (loop, begun)])
    yield from (Edit("", 1, blocks=alike) for alike in adding.values() if len(alike) > 1)


def _zeroed(
    s: Statement, target: ast.expr, sites: Sequence[Site]
) -> Iterator[tuple[Site, ast.expr]]:
    """Yield the places where the array that is written to is made, with zeros in it."""
    name = ast.unparse(target.value if isinstance(target, ast.Subscript) else target)
    for site in sites:
        node = site.statement.node
        if not isinstance(node, ast.Assign) or site.statement is s or not is_whole(site):
            continue
        zeros = called(site.node) in ("zeros", "zeros_like") or site.kind != "array"
        if any(ast.unparse(t) == name for t in node.targets) and not zeros:
            yield site, expr("N_.zeros_like(A_)", N_=numpy_in(s), A_=site.node)


def added_at(_: Program, sites: Sequence[Site], statements: Sequence[Statement]) -> Iterator[Edit]:
    """Add as often as an index occurs: np.add.at."""
    for s in statements:
        n = s.node
        target = n.targets[0] if isinstance(n, ast.Assign) else getattr(n, "target", None)
        if isinstance(n, (ast.Assign, ast.AugAssign)) and isinstance(target, ast.Subscript):
            index = target.slice
            if any(t.kind == "array" for t in sites if t.parent in (target, index)):
                base = expr(ast.unparse(target.value))
                text = "N_.add.at(B_, I_, V_)"
                added = stmt(text, N_=numpy_in(s), B_=base, I_=_as_value(index), V_=n.value)
                yield Edit("", 1, blocks=[(s, [added])])


def _as_value(index: ast.expr) -> ast.expr:
    """Write slices of an index as calls of slice, so that it can be handed over."""
    if isinstance(index, ast.Slice):
        ends = [e or ast.Constant(None) for e in (index.lower, index.upper, index.step)]
        return ast.Call(ast.Name("slice", ast.Load()), ends, [])
    if isinstance(index, ast.Tuple):
        return ast.Tuple([_as_value(e) for e in index.elts], ast.Load())
    return index


def other_sign(_: Program, __: Sequence[Site], statements: Sequence[Statement]) -> Iterator[Edit]:
    """Subtract instead of adding, or the like; do not multiply."""
    for s in statements:
        n = s.node
        if isinstance(n, ast.AugAssign) and type(n.op) in SWAP:
            text = f"x {SWAP[type(n.op)]}= 1"
            op = stmt(text).op  # type: ignore[attr-defined]
            yield Edit("", 1, blocks=[(s, [ast.AugAssign(n.target, op, n.value)])])
            if isinstance(n.op, (ast.Mult, ast.Div)):
                yield Edit("", 1, blocks=[(s, [])])


def exchanged(_: Program, sites: Sequence[Site], __: Sequence[Statement]) -> Iterator[Edit]:
    """Exchange two parts of a list, of a call, or of two statements that follow each other."""
    for a, b in combinations([s for s in sites if s.kind in ("array", "int", "number")], 2):
        beside = a.parent is b.parent and a.field == b.field and a.index is not None
        after = a.statement.block is b.statement.block and a.statement is not b.statement
        alike = after and (a.field, a.index, type(a.parent)) == (b.field, b.index, type(b.parent))
        alike = alike and (isinstance(a.node, ast.BinOp) or is_whole(a))
        if (beside or alike) and a.kind == b.kind and ast.dump(a.node) != ast.dump(b.node):
            yield Edit("", 1 if beside else 2, [(a, b.node), (b, a.node)])
