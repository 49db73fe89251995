"""Which names and keywords of CuPy the source uses, and which of them CuPy does not have.

`faults` takes the text of a module and the real namespace and returns a sentence for every use
that would fail on a GPU. Nothing is run: an array library is whatever `namespace(...)` was
assigned to, `xp` by convention, or an imported CuPy. Importing CuPy needs no GPU.
"""

from __future__ import annotations

import ast
import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minin.errors import pip_install

ROOT = Path(__file__).resolve().parents[2]

# Made by calls: `xp = namespace(x)`, `cupy = _import_cupy()`.
MAKERS = {"namespace": "cupy", "_import_cupy": "cupy", "__array_namespace__": "cupy"}
BY_NAME = {"xp": "cupy", "cupy": "cupy", "cupyx": "cupyx"}
UFUNC_KEYWORDS = {"out", "dtype", "casting"}

# Attributes that CuPy's ufuncs have and that raise when they are called.
REDUCED = {"add", "multiply"}
SCATTERED = {"add", "maximum", "minimum"}  # subtract.at takes no floats


def demand_cupy() -> Any:
    """Import CuPy; skip the test where it is missing, or fail it if MININ_REQUIRE_CUPY=1."""
    try:
        import cupy
        import cupyx  # noqa: F401  # for names such as cupyx.profiler
    except ImportError as error:
        skip_or_fail(f"CuPy is not installed ({error}): {pip_install('cupy-cuda13x')}")
    return cupy


def skip_or_fail(reason: str) -> None:
    """Skip, or fail where the environment says that nothing may be skipped."""
    if os.environ.get("MININ_REQUIRE_CUPY") == "1":
        pytest.fail(f"MININ_REQUIRE_CUPY=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def sources() -> dict[str, str]:
    """Read every module of minin that may meet CuPy's arrays."""
    paths = sorted((ROOT / "minin").rglob("*.py"))
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in paths}


def faults(where: str, text: str, libraries: dict[str, Any]) -> list[str]:
    """Say what in a module's text CuPy does not have.

    Args:
        where: the module's path, for the sentences.
        text: its source.
        libraries: "cupy" and "cupyx", imported.
    """
    return [f"{where}:{line}: {sentence}" for line, sentence in _faults(text, libraries)]


def uses(text: str) -> list[tuple[ast.Attribute | ast.Call, list[str]]]:
    """List every use of a library: the whole chain of names, and the call if it is called."""
    tree = ast.parse(text)
    names = _bound(tree)
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found: list[tuple[ast.Attribute | ast.Call, list[str]]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            chain = _chain(node, names)
            if chain is not None:
                found.append((called.get(id(node), node), chain))
    return found


def _bound(tree: ast.AST) -> dict[str, str]:
    """Find the names that hold a library."""
    names = dict(BY_NAME)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets: list[ast.expr] = (
                node.targets if isinstance(node, ast.Assign) else [node.target]
            )
            for target, value in _pairs(targets, node.value):
                library = _made(value)
                if library and isinstance(target, (ast.Name, ast.Attribute)):
                    names[target.id if isinstance(target, ast.Name) else target.attr] = library
    return names


def _pairs(targets: list[ast.expr], value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    for target in targets:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            yield from zip(target.elts, value.elts, strict=False)
        else:
            yield target, value


def _made(value: ast.expr) -> str | None:
    """Name the library that a call such as `backend.namespace(x)` returns."""
    if not isinstance(value, ast.Call):
        return None
    name = getattr(value.func, "attr", None) or getattr(value.func, "id", None)
    return MAKERS.get(str(name))


def _chain(node: ast.expr, names: dict[str, str]) -> list[str] | None:
    """Spell `xp.cuda.Device` as ["cupy", "cuda", "Device"]; None if no library is at its root."""
    if isinstance(node, ast.Name):
        return [names[node.id]] if node.id in names else None
    if isinstance(node, ast.Call):
        library = _made(node)
        return [library] if library else None
    if isinstance(node, ast.Attribute):
        before = _chain(node.value, names)
        if before is not None:
            return [*before, node.attr]
        return [names[node.attr]] if node.attr == "xp" and node.attr in names else None
    return None


def _faults(text: str, libraries: dict[str, Any]) -> Iterator[tuple[int, str]]:
    for node, chain in uses(text):
        if len(chain) < 2 or chain[-1].startswith("__"):
            continue
        spelt = ".".join(chain)
        thing, missing = _resolved(libraries[chain[0]], chain[1:])
        if missing:
            yield node.lineno, f"CuPy has no {spelt}"
        elif denied := _denied(chain):
            yield node.lineno, f"{spelt} {denied}"
        elif isinstance(node, ast.Call):
            for sentence in _misused(spelt, thing, node):
                yield node.lineno, sentence


def _resolved(thing: Any, names: list[str]) -> tuple[Any, bool]:
    for name in names:
        if not hasattr(thing, name):
            return None, True
        thing = getattr(thing, name)
    return thing, False


def _denied(chain: list[str]) -> str | None:
    """Say why a ufunc's method that is there cannot be used."""
    *_, ufunc, method = chain
    if method == "at" and ufunc not in SCATTERED:
        return "raises: CuPy scatters for add, maximum and minimum only"
    if method in {"reduce", "reduceat"} and ufunc not in REDUCED:
        return "raises: CuPy reduces by add and multiply only"
    if method == "accumulate":
        return "raises for most functions; use cumulative_sum"
    return None


def _misused(spelt: str, thing: Any, call: ast.Call) -> Iterator[str]:
    """Say which arguments of a call the library's function does not take."""
    given = [word.arg for word in call.keywords if word.arg is not None]
    if "device" in given:
        yield f"{spelt}: CuPy's functions take no device="
        return
    signature = _signature(thing)
    if signature is None:
        known = UFUNC_KEYWORDS if type(thing).__name__ == "ufunc" else _documented(thing)
        for name in given:
            if known is not None and name not in known:
                yield f"{spelt} takes no {name}="
        return
    positional = [a for a in call.args if not isinstance(a, ast.Starred)]
    try:
        signature.bind_partial(*positional, **dict.fromkeys(given))
    except TypeError as error:
        yield f"{spelt}: {error}"


def _signature(thing: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(thing)
    except (TypeError, ValueError):
        return None


def _documented(thing: Any) -> set[str] | None:
    """Read the parameters from the first line of a docstring, as Cython writes it."""
    first = (getattr(thing, "__doc__", None) or "").split("\n")[0]
    if "(" not in first:
        return None
    inside = first.partition("(")[2].rpartition(")")[0]
    return set(re.findall(r"(\w+)\s*(?:=|,|$)", inside))
