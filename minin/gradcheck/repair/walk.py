"""What runs, and what the caller's functions lead to."""

from __future__ import annotations

import functools
import linecache
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

OWN = str(Path(__file__).parents[2])  # minin itself is not repaired
LIBRARIES = tuple(sysconfig.get_paths()[kind] for kind in ("stdlib", "purelib", "platlib"))
LEADING: dict[type, tuple[str, ...]] = {
    MethodType: ("__func__", "__self__"), functools.partial: ("func", "args"),
    staticmethod: ("__func__",), classmethod: ("__func__",), property: ("fget",),
}  # fmt: skip
MOST = 4000  # objects that are looked at for functions


def is_callers(code: CodeType) -> bool:
    """Tell whether a code stands in a file of the caller's, not in a library."""
    return _is_callers_file(code.co_filename)


@functools.cache
def _is_callers_file(name: str) -> bool:
    if name.startswith("<"):  # a cell of a notebook has lines, what a library makes has none
        return bool(linecache.getlines(name))
    return not (name.startswith((OWN, *LIBRARIES)) or "-packages" in name)


def codes_of_run(run: Callable[[], Any]) -> tuple[list[CodeType], list[dict[str, Any]], Any]:
    """Run; return the caller's codes that ran, the locals each returned with, and the result."""
    found: dict[CodeType, None] = {}
    kept: list[dict[str, Any]] = []

    def profile(frame: Any, event: str, _: Any) -> None:
        code = frame.f_code
        if event in ("call", "return") and is_callers(code):
            found.setdefault(code)
            if event == "return" and len(kept) < MOST:
                kept.append(dict(frame.f_locals))

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        result = run()
    finally:
        sys.setprofile(before if callable(before) else None)
    return list(found), kept, result


def reachable(roots: Sequence[Any]) -> Iterator[Any]:
    """Yield functions, arrays, and objects of the caller's classes, that the roots lead to."""
    seen: set[int] = set()
    queue = list(roots)
    while queue and len(seen) < MOST:
        thing = queue.pop(0)
        if id(thing) in seen or isinstance(thing, (str, int, float, type(None))):
            continue
        seen.add(id(thing))
        queue += _next(thing)
        if isinstance(thing, (FunctionType, np.ndarray)) or _is_object(thing):
            yield thing


def _next(thing: Any) -> list[Any]:
    """List what a thing leads to by one step."""
    if isinstance(thing, FunctionType):
        return _from_function(thing)
    if isinstance(thing, type):
        ours = _is_callers_module(sys.modules.get(thing.__module__))
        return [*vars(thing).values(), *thing.__bases__] if ours else []
    if isinstance(thing, (Mapping, list, tuple)):
        return list(thing.values() if isinstance(thing, Mapping) else thing)[:50]
    inner = [getattr(thing, name) for name in LEADING.get(type(thing), ())]
    return [*inner, *vars(thing).values(), type(thing)] if _is_object(thing) else inner


def _from_function(thing: FunctionType) -> list[Any]:
    wrapped = [thing.__wrapped__] if hasattr(thing, "__wrapped__") else []
    if not is_callers(thing.__code__):
        return wrapped
    cells = [c.cell_contents for c in thing.__closure__ or () if _is_full(c)]
    names = set(_names(thing.__code__))
    known = [thing.__globals__[n] for n in names if n in thing.__globals__]
    modules = [m for m in known if isinstance(m, ModuleType) and _is_callers_module(m)]
    inner = [vars(m)[n] for m in modules for n in names if n in vars(m)]
    return [*cells, *known, *inner, *(thing.__defaults__ or ()), *wrapped]


def _is_object(thing: Any) -> bool:
    """Tell whether a thing is of one of the caller's classes, and keeps attributes."""
    module = sys.modules.get(type(thing).__module__)
    return hasattr(thing, "__dict__") and not isinstance(thing, type) and _is_callers_module(module)


def _is_full(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # not filled yet
        return False


def _is_callers_module(module: ModuleType | None) -> bool:
    if module is None:  # run by exec, or not kept
        return True
    name = getattr(module, "__file__", None)
    if name is None:
        return module.__name__ == "__main__"
    return not name.startswith((OWN, *LIBRARIES)) and "-packages" not in name


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in inner_codes(code):
        yield from _names(inner)


def inner_codes(code: CodeType) -> Iterator[CodeType]:
    """Yield the codes of functions that are made within one."""
    return (c for c in code.co_consts if isinstance(c, CodeType))
