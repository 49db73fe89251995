"""The caller's functions: where they stand in their files, and code of the same form."""

from __future__ import annotations
import __future__

import ast
import copy
import linecache
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any

from minin.gradcheck.repair.walk import inner_codes, is_callers, reachable

FUTURE = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)


@dataclass(eq=False)
class Function:
    """One function of the caller's.

    Attributes:
        function: the function object whose code is exchanged.
        node: the definition in the syntax tree of its file; a lambda is one of ``def``.
        owner: the class that it stands in, if any.
        lines: of the file.
        forward: whether it ran in forward.
        backward: whether it ran in backward.
    """

    function: FunctionType
    node: ast.FunctionDef
    owner: str | None
    lines: Sequence[str]
    forward: bool
    backward: bool
    depth: int = 0  # how many others were called before it
    code: CodeType = field(init=False)

    def __post_init__(self) -> None:
        """Remember the code as it is."""
        self.code = self.function.__code__

    @property
    def file(self) -> str:
        """The name of its file."""
        return self.code.co_filename


def _contains(code: CodeType, wanted: CodeType) -> bool:
    return any(inner is wanted or _contains(inner, wanted) for inner in inner_codes(code))


def find_functions(
    roots: Sequence[Any], forward: Sequence[CodeType], backward: Sequence[CodeType]
) -> list[Function]:
    """Find the caller's functions whose codes ran, those of backward first."""
    objects = [f for f in reachable(roots) if isinstance(f, FunctionType)]
    found: dict[int, Function] = {}
    trees: dict[str, _File | None] = {}
    ran = list(dict.fromkeys([*backward, *forward]))
    for code in ran:
        around = [f for f in objects if f.__code__ in ran and _contains(f.__code__, code)]
        # what is made while a function runs is edited there
        holder = next(iter(around), None) or next((f for f in objects if f.__code__ is code), None)
        if holder is None or not is_callers(holder.__code__):
            continue
        ran_forward = code in forward or holder.__code__ in forward
        if id(holder) in found:
            found[id(holder)].forward |= ran_forward
            found[id(holder)].backward |= code in backward
            continue
        name = holder.__code__.co_filename
        if name not in trees:
            trees[name] = _File.read(name)
        file = trees[name]
        located = file.locate(holder.__code__) if file else None
        if located and file:
            node, owner = located
            found[id(holder)] = Function(
                holder, node, owner, file.lines, ran_forward, code in backward, len(found)
            )
    return list(found.values())


@dataclass
class _File:
    lines: list[str]
    tree: ast.Module

    @classmethod
    def read(cls, name: str) -> _File | None:
        """Read a file by way of linecache, which knows the cells of a notebook too."""
        lines = linecache.getlines(name)
        try:
            return cls(lines, ast.parse("".join(lines))) if lines else None
        except (SyntaxError, ValueError):
            return None

    def locate(self, code: CodeType) -> tuple[ast.FunctionDef, str | None] | None:
        """Find the definition whose code is this one; None if the file has changed since."""
        found = []
        imports = list(_imports(self.tree))
        for node, owner in _definitions(self.tree, None):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            if first != code.co_firstlineno:
                continue
            made = _as_def(node)
            if _same(compile_as(made, owner, code, imports=imports), code):
                found.append((made, owner))
        if len(found) > 1:
            starts = _starts(code)
            found = [f for f in found if (f[0].body[0].lineno, f[0].body[0].col_offset) in starts]
        return found[0] if len(found) == 1 else None


def _imports(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield from (a.asname or a.name.split(".")[0] for a in child.names if a.name != "*")
        elif not isinstance(child, (ast.FunctionDef, ast.ClassDef)):
            yield from _imports(child)


def _definitions(
    node: ast.AST, owner: str | None
) -> Iterator[tuple[ast.FunctionDef | ast.Lambda, str | None]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.Lambda)):
            yield child, owner
        inside = child.name if isinstance(child, ast.ClassDef) else owner
        yield from _definitions(child, None if isinstance(child, ast.FunctionDef) else inside)


def _as_def(node: ast.FunctionDef | ast.Lambda) -> ast.FunctionDef:
    """Return a definition without its decorators; that of a lambda returns its expression."""
    if isinstance(node, ast.FunctionDef):
        made = copy.copy(node)
        made.decorator_list = []
        return made
    body: list[ast.stmt] = [ast.copy_location(ast.Return(node.body), node.body)]
    made = ast.FunctionDef("lambda_", node.args, body, [], lineno=node.lineno, col_offset=0)
    made.type_params = []  # type: ignore[attr-defined]
    return ast.copy_location(made, node)


def compile_as(
    node: ast.FunctionDef,
    owner: str | None,
    like: CodeType,
    mention: bool = False,
    imports: Sequence[str] = (),
) -> CodeType | None:
    """Compile a definition to a code that can stand in the place of ``like``.

    Args:
        node: what to compile.
        owner: the class that it stands in: names with two underscores carry its name.
        like: the code that it replaces; its free variables stay free.
        mention: name all free variables in dead code, so that none is lost by an edit.
        imports: names that the file imports: calls of what is in them are compiled otherwise.
    """
    outer = [n for n in like.co_freevars if n != "__class__"]
    body = copy.copy(node)
    body.args = copy.copy(node.args)
    body.args.defaults, body.args.kw_defaults = [], [None] * len(node.args.kwonlyargs)
    body.returns = None
    if mention and like.co_freevars:
        names: list[ast.stmt] = [ast.Expr(ast.Name(n, ast.Load())) for n in like.co_freevars]
        body.body = [ast.If(ast.Constant(0), names, []), *node.body]
    within: ast.stmt = body
    if owner is not None:
        within = ast.ClassDef(owner, [], [], [body], [])
        within.type_params = []  # type: ignore[attr-defined]
    parameters = ast.arguments([], [ast.arg(n) for n in outer], None, [], [], None, [])
    wrapper = ast.FunctionDef("outer_", parameters, [within], [])
    wrapper.type_params = []  # type: ignore[attr-defined]
    known: list[ast.stmt] = [ast.Import([ast.alias(name)]) for name in imports]
    module = ast.Module([*known, wrapper], [])
    complete(module, node)
    try:
        code = compile(module, like.co_filename, "exec", like.co_flags & FUTURE, dont_inherit=True)
    except (SyntaxError, ValueError, TypeError, RecursionError):
        return None
    made = _search(code, node.name, node.lineno)
    return made if made is not None and made.co_freevars == like.co_freevars else None


def meaning(code: CodeType) -> tuple[Any, ...]:
    """Return what a code does, without its positions: two edits may come to the same."""
    constants = (meaning(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts)
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, tuple(constants)


def complete(tree: ast.AST, like: ast.AST) -> None:
    """Give every new node a position."""
    ast.fix_missing_locations(ast.copy_location(tree, like))


def _search(code: CodeType, name: str, line: int) -> CodeType | None:
    for inner in inner_codes(code):
        if inner.co_name == name and inner.co_firstlineno == line:
            return inner
        deeper = _search(inner, name, line)
        if deeper is not None:
            return deeper
    return None


def _same(made: CodeType | None, code: CodeType) -> bool:
    return made is not None and (
        made.co_code == code.co_code
        and made.co_names == code.co_names
        and made.co_varnames == code.co_varnames
        and _plain(made) == _plain(code)
    )


def _starts(code: CodeType) -> set[tuple[int | None, int | None]]:
    """Return where its instructions stand: two lambdas on one line differ in this alone."""
    if not hasattr(code, "co_positions"):
        return set()
    return {(p[0], p[2]) for p in code.co_positions() if p[2]}


def _plain(code: CodeType) -> list[Any]:
    return [c for c in code.co_consts if not isinstance(c, (CodeType, str))]
