"""The source of an answer that lives in a kernel: its functions, and what they are made of.

The judge sits outside, so it needs text. In a notebook each function's text is asked for, and
that of everything it mentions; a file that runs as a program is its own text.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from minin.exercises.which import read_answer


def source_of(functions: Iterable[str], namespace: Mapping[str, Any]) -> bytes:
    r"""Return the source of functions, with what they need.

    Args:
        functions: their names; those that are missing are left out.
        namespace: where they are, as in ``globals()``.

    Raises:
        OSError: if the source of one is not known.

    Example:
        >>> import math
        >>> source_of(["area"], {"area": 3, "math": math})
        b'area = 3\n'
    """
    file = namespace.get("__file__")
    if isinstance(file, str) and "get_ipython" not in namespace and Path(file).suffix == ".py":
        return read_answer(file)
    own = {"__main__", namespace.get("__name__")}
    own |= {getattr(namespace.get(name), "__module__", None) for name in functions}
    found: dict[str, str] = {}
    for name in functions:
        _gather(name, namespace, found, own)
    return "".join(f"{text}\n" for text in found.values() if text).encode()


def _gather(
    name: str, namespace: Mapping[str, Any], found: dict[str, str], own: Collection[Any]
) -> None:
    """Add the text that defines a name, after those of all names in it."""
    if name not in namespace or name in found:
        return
    value = namespace[name]
    text, found[name] = _text(name, value, own), ""
    for used in _names_in(text):
        _gather(used, {**getattr(value, "__globals__", {}), **namespace}, found, own)
    del found[name]  # and behind those it needs
    found[name] = text


def _text(name: str, value: Any, own: Collection[Any]) -> str:
    if isinstance(value, ModuleType):
        return f"import {value.__name__} as {name}"
    if not callable(value):
        return f"{name} = {value!r}"
    if value.__module__ not in own:
        return f"from {value.__module__} import {value.__name__} as {name}"
    text = textwrap.dedent(inspect.getsource(value))
    return text if value.__name__ in (name, "<lambda>") else f"{text}\n{name} = {value.__name__}"


def _names_in(text: str) -> Iterator[str]:
    """Yield the names that a text mentions; none if it does not stand alone."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    yield from sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
