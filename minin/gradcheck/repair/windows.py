"""Edits of windows: where they begin and end, how far loops run, what is cut off at the rim.

2-d code repeats a mistake along each axis; so one edit changes all slices of a subscript alike.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from minin.gradcheck.repair.edit import Change, Edit, expr
from minin.gradcheck.repair.operators import Expressions, called, is_whole, site_of
from minin.gradcheck.repair.record import Program, Site, Statement, kind
from minin.gradcheck.repair.values import numbers_at

SHIFTED = ("L_ + 1:U_ + 1", "L_ - 1:U_ - 1", "L_:U_ + 1", "L_:U_ - 1", "L_:-L_", "L_:L_ + U_")
BY = ("L_ + K_:U_ + K_", "L_ - K_:U_ - K_", "L_:U_:K_", "K_:K_ + U_", "L_:L_ + K_")


def stepped(
    program: Program, sites: Sequence[Site], statements: Sequence[Statement]
) -> Iterator[Edit]:
    """Multiply the counters of loops by a step: all of a statement, of a subscript, or one."""
    for s in statements:
        mine = [
            t for t in sites
            if t.statement is s and isinstance(t.node, ast.Name) and t.node.id in s.counters
        ]  # fmt: skip
        groups = [mine, *_grouped(mine, s), *([t] for t in mine)]
        steps = [t for t in ints_at(program, s) if t not in s.counters]
        for step in steps if mine else ():
            for group in groups:
                yield Edit("", 1, [(t, expr("A_ * B_", A_=t.node, B_=expr(step))) for t in group])


def _grouped(mine: Sequence[Site], s: Statement) -> list[list[Site]]:
    """Group counters by the subscript that they are in, and by their names."""
    found: dict[object, list[Site]] = {}
    subscripts = [n for n in ast.walk(s.node) if isinstance(n, ast.Subscript)]
    for site in mine:
        found.setdefault(ast.unparse(site.node), []).append(site)
        for number, node in enumerate(subscripts):
            if any(n is site.node for n in ast.walk(node.slice)):
                found.setdefault(number, []).append(site)
    return list(found.values())


def ints_at(program: Program, s: Statement) -> list[str]:
    """List the names of whole numbers at a statement."""
    return [t for t, v, more in numbers_at(program, s) if kind(v) == "int" and not more]


def moved(program: Program, sites: Sequence[Site], _: Sequence[Statement]) -> Iterator[Edit]:
    """Give all slices of a subscript, or one of them, the same other start, end or step."""
    for site in sites:
        if not isinstance(site.node, ast.Subscript):
            continue
        inside = site.node.slice
        slices = [n for n in getattr(inside, "elts", [inside]) if isinstance(n, ast.Slice)]
        slices = [n for n in slices if n.lower is not None or n.upper is not None]
        ints = ints_at(program, site.statement)[:10]
        for group in [slices, *([n] for n in slices if len(slices) > 1)]:
            for form in (*SHIFTED, *(f.replace("K_", k) for k in ints for f in BY)):
                new = _resliced(site.node, group, form) if group else None
                if new is not None:
                    yield Edit("", 1, [(site, new)])


def _resliced(node: ast.Subscript, group: Sequence[ast.Slice], form: str) -> ast.expr | None:
    if any((n.lower is None and "L_" in form) or (n.upper is None and "U_" in form) for n in group):
        return None

    def one(part: ast.expr) -> ast.expr:
        if not isinstance(part, ast.Slice) or part not in group:
            return part
        ends = {"L_": part.lower, "U_": part.upper}
        made = expr(f"x[{form}]", **{k: v for k, v in ends.items() if v is not None})
        return made.slice  # type: ignore[attr-defined, no-any-return]

    elts = getattr(node.slice, "elts", None)
    index = one(node.slice) if elts is None else ast.Tuple([one(e) for e in elts], ast.Load())
    return ast.Subscript(node.value, index, node.ctx)


def further(_: Program, sites: Sequence[Site], __: Sequence[Statement]) -> Iterator[Edit]:
    """Let loops run one further or one less, one of them or all of a function."""
    ranges = [s for s in sites if called(s.node) == "range"]
    functions = {id(s.statement.function): s.statement.function for s in ranges}.values()
    all_of = [[s for s in ranges if s.statement.function is f] for f in functions]
    for group in [*all_of, *([s] for s in ranges)]:
        for by in ("A_ + 1", "A_ - 1"):
            changes: list[Change] = []
            for s in group:
                ends = list(s.node.args)  # type: ignore[attr-defined]
                place = min(1, len(ends) - 1)
                ends[place] = expr(by, A_=ends[place])
                changes.append((s, ast.Call(expr("range"), ends, [])))
            yield Edit("", 1, changes)


def rounded_up(_: Program, site: Site) -> Expressions:
    """Divide and round up."""
    if isinstance(site.node, ast.BinOp) and isinstance(site.node.op, ast.FloorDiv):
        yield expr("-(-A_ // B_)", A_=site.node.left, B_=site.node.right)


def cropped(program: Program, site: Site) -> Expressions:
    """Cut a padded gradient to the size of the argument."""
    base = site.node.value if isinstance(site.node, ast.Subscript) else site.node
    inner = site_of(program, base)
    shape = inner.shape if inner is not None and is_whole(site) else ()
    for text, value, more in program.atoms(site.statement):
        if kind(value) != "array" or len(shape) < 2 or value.ndim != len(shape):
            continue
        cut = [a for a in range(len(shape)) if value.shape[a] < shape[a]]
        if cut and all(n <= m for n, m in zip(value.shape, shape, strict=True)):
            for k in ["0", *ints_at(program, site.statement)]:
                ends = [
                    f"{k}:{k} + {text}.shape[{a}]" if a in cut else ":" for a in range(len(shape))
                ]
                yield expr(f"A_[{', '.join(ends)}]", A_=base), more
