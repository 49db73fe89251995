"""What one run shows of the caller's functions: the value of each expression, each local name.

Edits are made by kind and shape: an array is replaced by an array of its shape, and an axis is
one that is there. Without this there would be a hundred times as many of them.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minin.gradcheck.repair.source import Function, complete

SITE, SCOPE, FRAME = "minin_site_", "minin_scope_", "minin_forward_"
UNSET: Any = object()


def kind(value: Any) -> str:
    """Say what kind of thing a value is, as edits distinguish it.

    Example:
        >>> kind(np.ones(3)), kind(2), kind(np.float64(0.5)), kind(True), kind((2, 3))
        ('array', 'int', 'number', 'bool', 'sizes')
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return "array"
    if isinstance(value, (bool, np.bool_)):
        return "bool"
    if isinstance(value, (int, np.integer)):
        return "int"
    if isinstance(value, (float, np.ndarray, np.floating)):
        return "number"
    if isinstance(value, tuple) and value and all(kind(v) == "int" for v in value):
        return "sizes"
    return "str" if isinstance(value, str) else "other"


@dataclass(eq=False)
class Statement:
    """A statement: the list that it stands in, the loops around it, the names that it sees."""

    node: ast.stmt
    function: Function
    block: list[ast.stmt]
    loops: tuple[ast.For, ...]
    scope: dict[str, Any] | None = None
    numbers: list[tuple[str, float, int]] | None = None

    @property
    def counters(self) -> list[str]:
        """The names that the loops around it count with."""
        found = [n for loop in self.loops for n in ast.walk(loop.target)]
        return [n.id for n in found if isinstance(n, ast.Name)]


@dataclass(eq=False)
class Site:
    """An expression: where it hangs in the tree, and the value that it had first."""

    node: ast.expr
    parent: ast.AST
    field: str
    index: int | None
    statement: Statement
    value: Any = UNSET

    @property
    def kind(self) -> str:
        """The kind of its value; "" if it did not run."""
        return "" if self.value is UNSET else kind(self.value)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its value, if that is an array."""
        return np.shape(self.value) if self.kind == "array" else ()

    def put(self, node: ast.expr) -> None:
        """Put another expression in its place."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


@dataclass(eq=False)
class Program:
    """All statements and expressions of the caller's functions, with what one run showed."""

    functions: list[Function]
    statements: list[Statement] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    frame: dict[str, Any] = field(default_factory=dict)  # forward's own names

    def __post_init__(self) -> None:
        """Walk all bodies."""
        for function in self.functions:
            self._block(function, function.node.body, ())

    def _block(self, function: Function, block: list[ast.stmt], loops: tuple[ast.For, ...]) -> None:
        for node in block:
            statement = Statement(node, function, block, loops)
            self.statements.append(statement)
            node._number = len(self.statements) - 1  # type: ignore[attr-defined]
            self._expressions(node, statement)
            inner = (*loops, node) if isinstance(node, ast.For) else loops
            for name in ("body", "orelse", "finalbody"):
                if isinstance(getattr(node, name, None), list):
                    self._block(function, getattr(node, name), inner)
            for handler in getattr(node, "handlers", []):
                self._block(function, handler.body, inner)

    def _expressions(self, parent: ast.AST, statement: Statement) -> None:
        for name, value in ast.iter_fields(parent):
            if name in ("annotation", "decorator_list", "args", "returns") and (
                name != "args" or isinstance(value, ast.arguments)
            ):
                continue
            for index, child in enumerate(value if isinstance(value, list) else [value]):
                if not isinstance(child, ast.AST) or isinstance(child, ast.stmt):
                    continue
                place = index if isinstance(value, list) else None
                if isinstance(child, ast.expr) and not isinstance(child, ast.Starred):
                    site = Site(child, parent, name, place, statement)
                    if isinstance(child, ast.Constant):
                        site.value = child.value
                    child._number = len(self.sites)  # type: ignore[attr-defined]
                    self.sites.append(site)
                if not isinstance(child, (ast.JoinedStr, ast.excepthandler)):
                    self._expressions(child, statement)

    def recorder(self, function: Function) -> ast.FunctionDef:
        """Return the definition with every expression and statement observed."""
        node = copy.deepcopy(function.node)
        node.body = _Observed().block(node.body)
        complete(node, function.node)
        return node

    def observers(self) -> dict[str, Callable[..., Any]]:
        """Return the functions that an observed definition calls."""

        def site(number: int, value: Any) -> Any:
            found = self.sites[number]
            if found.value is UNSET:
                found.value = value.copy() if type(value) is np.ndarray else value
            return value

        def scope(number: int, names: dict[str, Any]) -> None:
            statement = self.statements[number]
            if statement.scope is None:
                statement.scope = dict(names)

        return {SITE: site, SCOPE: scope}

    def atoms(self, statement: Statement) -> Iterator[tuple[str, Any, int]]:
        """Yield what can be written at a statement: its text, its value, what it costs more."""
        scope = statement.scope or {}
        named = [(name, v) for name, v in scope.items() if name.isidentifier() and name[:2] != "__"]
        parts = [part for name, value in named for part in _parts(name, value)]
        inner = [p for name, value in parts if kind(value) == "sizes" for p in _parts(name, value)]
        yield from ((name, value, 0) for name, value in [*named, *parts, *inner])
        if statement.function.backward:
            yield from (
                (f"{FRAME}[{name!r}]", value, 1)
                for name, value in self.frame.items()
                if not any(value is v for v in scope.values())
            )


def _parts(name: str, value: Any) -> list[tuple[str, Any]]:
    """List what a name leads to: elements, entries, attributes of self."""
    if isinstance(value, (tuple, list)) and len(value) < 12:
        return [(f"{name}[{i}]", v) for i, v in enumerate(value)]
    if isinstance(value, dict):
        return [(f"{name}[{k!r}]", v) for k, v in value.items() if isinstance(k, str)]
    if name == "self" and hasattr(value, "__dict__"):
        return [(f"self.{k}", v) for k, v in vars(value).items()]
    return []


class _Observed(ast.NodeTransformer):
    """Wraps expressions in calls that note their values."""

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for node in body:
            number = ast.Constant(getattr(node, "_number", None))
            names = ast.Call(ast.Name("locals", ast.Load()), [], [])
            made.append(ast.Expr(ast.Call(ast.Name(SCOPE, ast.Load()), [number, names], [])))
            made.append(self.visit(node))
        return made

    def generic_visit(self, node: ast.AST) -> ast.AST:
        called = node.func if isinstance(node, ast.Call) else None
        for name, value in ast.iter_fields(node):
            if name in ("body", "orelse", "finalbody") and isinstance(value, list):
                setattr(node, name, self.block(value))
            elif isinstance(value, list):
                value[:] = [self.visit(v) if isinstance(v, ast.AST) else v for v in value]
            elif value is called and isinstance(called, ast.Name):
                continue  # super, locals
            elif isinstance(value, ast.AST) and name not in ("annotation", "args", "returns"):
                setattr(node, name, self.visit(value))
        whole = isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        skip = (ast.Slice, ast.Starred, ast.JoinedStr, ast.FormattedValue, ast.Constant)
        sliced = isinstance(node, ast.Tuple) and any(isinstance(e, skip[:2]) for e in node.elts)
        number = getattr(node, "_number", None)
        if not isinstance(node, ast.expr) or number is None or not whole or sliced:
            return node
        if isinstance(node, skip):
            return node
        arguments = [ast.Constant(number), node]
        return ast.copy_location(ast.Call(ast.Name(SITE, ast.Load()), arguments, []), node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node
