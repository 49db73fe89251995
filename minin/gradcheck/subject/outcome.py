"""One forward that ran: what came of it, read as numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin.backend import Array
from minin.errors import DtypeError
from minin.sentences import sentence

NEAR = 6e-3  # no difference moves an input further than that


@dataclass
class ForwardRun:
    """One forward that ran.

    Attributes:
        output: what it gave, in float64.
        dtype: the dtype that it gave.
        cache: what backward is handed; None if forward gave no cache.
        cached: whether forward gave one.
        branches: the branches that were taken, if they are known.
        arguments: the very objects that forward was given.
    """

    output: Array
    dtype: Any
    cache: Any = None
    cached: bool = False
    branches: tuple[bytes, ...] | None = None
    arguments: tuple[Any, ...] = ()


class UnsteadyShapeError(Exception):
    """The shape of forward's output is another one after the smallest of moves."""


def call_user(who: str, function: Callable[..., Any], *arguments: Any, **settings: Any) -> Any:
    """Call somebody's function; it may raise what it likes, but not end the program."""
    try:
        return function(*arguments, **settings)
    except SystemExit as stop:
        text = sentence("gradcheck.ends_program", who=who, code=repr(stop.code))
        raise RuntimeError(text) from stop


def steady(
    shape: tuple[int, ...] | None, y: Array, leaves: Sequence[Array], base: Sequence[Array]
) -> None:
    """Raise if the output has another shape though the inputs hardly moved."""
    if shape is None or y.shape == shape or [a.shape for a in leaves] != [b.shape for b in base]:
        return
    far = (
        np.max(np.abs(a - b) / np.maximum(1.0, np.abs(b)), initial=0.0)
        for a, b in zip(leaves, base, strict=True)
    )
    if max(far) <= NEAR:
        raise UnsteadyShapeError(sentence("gradcheck.shape_moves", first=shape, second=y.shape))


def as_output(y: Any, complex_too: bool = False) -> Array:
    """Read what forward gave as numbers.

    Raises:
        DtypeError: if it is none, or complex and only real numbers came in.
    """
    kind = getattr(y, "dtype", None)
    what = f"an array of {kind}" if isinstance(y, np.ndarray) else f"a {type(y).__name__}"
    if isinstance(y, (tuple, list)):
        what = f"a {type(y).__name__} of {len(y)}"
    if y is None or isinstance(y, (str, bytes, Mapping)) or getattr(kind, "kind", "f") in "USV":
        raise _no_output("None" if y is None else what)
    try:
        if not np.iscomplexobj(y):
            return np.array(y, dtype=np.float64)
        found = np.array(y, dtype=np.complex128)
    except (TypeError, ValueError) as error:
        raise _no_output(what) from error
    if not complex_too:
        raise _no_output(what if isinstance(y, np.ndarray) else "a complex number")
    return found


def _no_output(what: str) -> DtypeError:
    return DtypeError(
        f"forward must return an array of real numbers, or (array, cache); it returned {what}"
    )
