"""One edit: what it puts in which places of the tree, and how the line reads then."""

from __future__ import annotations

import ast
import contextlib
import copy
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from minin.gradcheck.repair.record import FRAME, Site, Statement
from minin.gradcheck.repair.source import Function

Change = tuple[Site, ast.expr]
Block = tuple[Statement, Sequence[ast.stmt]]


@dataclass(eq=False)
class Edit:
    """A change of one function of the caller's.

    Attributes:
        family: what kind of edit it is; its sentences are in ``repair.toml``.
        cost: how far it is from what stands there; the cheapest are believed first.
        changes: expressions, and what comes in their places.
        blocks: statements, and what comes in their places.
    """

    family: str
    cost: float
    changes: Sequence[Change] = ()
    blocks: Sequence[Block] = ()

    @property
    def statement(self) -> Statement:
        """The statement that it changes, the first if there are several."""
        if self.blocks:
            return self.blocks[0][0]
        return min((site.statement for site, _ in self.changes), key=lambda s: s.node.lineno)

    @property
    def function(self) -> Function:
        """The function that it changes."""
        return self.statement.function

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Keep the tree changed while a block lasts."""
        try:
            self.apply()
            yield
        finally:
            self.undo()

    def apply(self) -> None:
        """Change the tree."""
        for site, node in self.changes:
            _place(node, site.node)
            site.put(node)
        for statement, nodes in self.blocks:
            for made in nodes:
                _place(made, statement.node)
            place = statement.block.index(statement.node)
            statement.block[place : place + 1] = nodes or [ast.Pass()]

    def undo(self) -> None:
        """Change the tree back."""
        for statement, nodes in reversed(self.blocks):
            put = list(nodes)
            first = next((n for n in statement.block if n in put or isinstance(n, ast.Pass)), None)
            if first is not None:
                place = statement.block.index(first)
                statement.block[place : place + max(1, len(put))] = [statement.node]
        for site, _ in reversed(self.changes):
            site.put(site.node)


def _place(new: ast.AST, old: ast.AST) -> None:
    if not hasattr(new, "lineno"):
        ast.copy_location(new, old)


@functools.cache
def _parsed(text: str) -> ast.Module:
    """Parse a template; its parts get the positions of what they replace."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            vars(node).pop(name, None)
    return tree


class _Filled(ast.NodeTransformer):
    def __init__(self, parts: dict[str, ast.expr]) -> None:
        self.parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.parts.get(node.id, node)


def expr(text: str, **parts: ast.expr) -> ast.expr:
    """Write an expression; names in it that are among ``parts`` stand for those.

    Example:
        >>> ast.unparse(expr("A_.sum(axis=0)", A_=expr("x * y")))
        '(x * y).sum(axis=0)'
    """
    return stmt(text, **parts).value  # type: ignore[attr-defined, no-any-return]


def stmt(text: str, **parts: ast.expr) -> ast.stmt:
    """Write a statement, as `expr` does."""
    tree: ast.stmt = _Filled(parts).visit(copy.deepcopy(_parsed(text).body[0]))
    return tree


def line_of(edit: Edit) -> tuple[int, str, str]:
    """Return the line that an edit changes, as it is and as it becomes; its first, if several.

    Only what is changed is written again; the rest of the line stays as its author wrote it.
    """
    lines, statement = edit.function.lines, edit.statement
    node, head = statement.node, _head(statement.node)
    old_rows = _text(lines, node, head).split("\n")
    new_rows = _new_text(edit, lines, node, head).split("\n")
    pairs = [*zip(old_rows, new_rows, strict=False), (old_rows[0], " ".join(new_rows))]
    offset = next((n for n, (old, new) in enumerate(pairs[:-1]) if old != new), None)
    if offset is None or len(old_rows) < len(new_rows):
        offset = 0
    old, new = pairs[offset]
    return node.lineno + offset, old.strip(), _named(new.strip())


def _new_text(edit: Edit, lines: Sequence[str], node: ast.stmt, head: int) -> str:
    """Return the text of a changed statement, as near to the old one as still means the same."""
    new = next((nodes for statement, nodes in edit.blocks if statement.node is node), None)
    if new is not None and not new:
        return ""
    with edit.applied():
        want = new[0] if new else _headed(node)
        plain, meant = ast.unparse(want), ast.dump(want)
    texts = [_other_sign(lines, node, new[0])] if new else []
    if new is None:
        texts += [_replaced(lines, node, head, edit.changes, how) for how in range(4)]
    for text in texts:
        with contextlib.suppress(SyntaxError, ValueError, IndexError):
            if ast.dump(_headed(ast.parse(_as_statement(text)).body[0])) == meant:
                return text
    return plain.replace("\n    pass", "")


def _other_sign(lines: Sequence[str], node: ast.stmt, new: ast.stmt) -> str:
    """Write another sign of assignment into a statement, as ``+=`` for ``=``."""
    if not isinstance(node, (ast.Assign, ast.AugAssign)):
        return ""
    target = node.targets[-1] if isinstance(node, ast.Assign) else node.target
    rows = _text(lines, node).encode().split(b"\n")
    last, end = (target.end_lineno or 0) - node.lineno, target.end_col_offset or 0
    sign = "="
    if isinstance(new, ast.AugAssign):
        sign = ast.unparse(ast.AugAssign(ast.Name("a"), new.op, ast.Name("b"))).split()[1]
    rows[last] = rows[last][:end] + re.sub(
        rb"^(\s*)\S*=", rb"\1" + sign.encode(), rows[last][end:], count=1
    )
    return b"\n".join(rows).decode()


def _named(text: str) -> str:
    """Write a value of forward's own by its name."""
    return re.sub(FRAME + r"\['(\w+)'\]", r"\1", text)


def _head(node: ast.stmt) -> int:
    """Return the last line of a statement without the block that belongs to it."""
    body = getattr(node, "body", None)
    if isinstance(body, list) and body:
        return max(node.lineno, int(body[0].lineno) - 1)
    return node.end_lineno or node.lineno


def _headed(node: ast.stmt) -> ast.stmt:
    """Return a statement with an empty block in the place of its own."""
    if not isinstance(getattr(node, "body", None), list):
        return node
    made = copy.copy(node)
    made.body = [ast.Pass()]  # type: ignore[attr-defined]
    if hasattr(made, "orelse"):
        made.orelse = []
    return made


def _as_statement(text: str) -> str:
    text = text.strip()
    return f"{text} pass" if text.endswith(":") else text


def _text(lines: Sequence[str], node: ast.stmt, last: int | None = None) -> str:
    last = (node.end_lineno or node.lineno) if last is None else last
    return "".join(lines[node.lineno - 1 : last]).rstrip("\n")


def _replaced(
    lines: Sequence[str], node: ast.stmt, last: int, changes: Sequence[Change], how: int
) -> str:
    """Write new expressions into the text: with old parts as they stood, or all in one style."""
    rows = [row.rstrip("\n").encode() for row in lines[node.lineno - 1 : last]]
    ordered = sorted(changes, key=lambda c: (c[0].node.lineno, c[0].node.col_offset), reverse=True)
    for site, new in ordered:
        old = site.node
        first, end = old.lineno - node.lineno, (old.end_lineno or 0) - node.lineno
        if not 0 <= first <= end < len(rows):
            continue
        written = _with_old_parts(lines, new, how == 1) if how < 2 else ast.unparse(new)
        if isinstance(new, ast.Tuple) and site.field == "slice":
            written = written[1:-1]
        if how == 3:
            written = f"({written})"
        joined = rows[first][: old.col_offset] + written.encode() + rows[end][old.end_col_offset :]
        rows[first : end + 1] = [joined]
    return b"\n".join(rows).decode()


def _with_old_parts(lines: Sequence[str], new: ast.expr, brackets: bool) -> str:
    """Write an expression in which the parts that were there stand as they stood."""
    parts: list[str] = []

    def marked(node: ast.AST) -> ast.AST:
        if hasattr(node, "_number") and isinstance(node, ast.expr):
            segment = ast.get_source_segment("".join(lines), node) or ast.unparse(node)
            joined = isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Compare, ast.IfExp, ast.Tuple))
            parts.append(f"({segment})" if joined and brackets else segment)
            return ast.Name(f"part_{len(parts) - 1}_", ast.Load())
        made = copy.copy(node)
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                setattr(made, name, [marked(v) if isinstance(v, ast.AST) else v for v in value])
            elif isinstance(value, ast.AST):
                setattr(made, name, marked(value))
        return made

    text = ast.unparse(marked(new))
    return re.sub(r"part_(\d+)_", lambda found: parts[int(found[1])], text)
