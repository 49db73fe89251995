"""How far to step, along what, and which entries to move one by one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minin.backend import Array

Branches = tuple[bytes, ...] | None
Look = Callable[[Sequence[Array]], tuple[Array, Branches]]

STEP = float(np.finfo(np.float64).eps) ** (1 / 3)  # 6e-6: rounding and bending in balance
EPS = float(np.finfo(np.float64).eps)
CELLS = 4_000_000  # of a Jacobian that is kept
ENTRIES = 1300  # numbers that are moved one by one, of all arguments together
# How much is measured is counted and never timed: the verdict must not depend on what else the
# machine is doing. A look costs the lines of Python that it runs and the numbers it handles: where
# forward is slow, fewer numbers are moved one by one, or none, and directions judge all together.
WORK = 3_000_000  # lines of Python, for all differences at one set of inputs: about a second
HANDLED = 20  # numbers that take as long as a line


def along(look: Look, arrays: Sequence[Array], directions: Sequence[Array], step: float) -> Array:
    """Return the slope of every output number when all arrays move along ``directions``."""
    ahead, _ = look([a + step * d for a, d in zip(arrays, directions, strict=True)])
    behind, _ = look([a - step * d for a, d in zip(arrays, directions, strict=True)])
    return np.asarray((ahead - behind) / (2 * step))


def complex_along(look: Look, arrays: Sequence[Array], directions: Sequence[Array]) -> Array | None:
    """Return the same slope by a complex step, exact to rounding; None where it does not work.

    f(x + ih) = f(x) + ih f'(x) + ...: nothing is subtracted, so h can be 1e-20. It needs a
    function that computes with complex numbers as with real ones.
    """
    try:
        out, _ = look([a + 1e-20j * d for a, d in zip(arrays, directions, strict=True)])
    except Exception:  # whatever somebody's function says to complex numbers
        return None
    return np.asarray(out.imag / 1e-20) if np.iscomplexobj(out) else None


def choose_step(look: Look, arrays: Sequence[Array], rng: np.random.Generator) -> float:
    """Find a step at which h and h/2 agree along a random direction.

    The usual step serves nearly always; a function that bends sharply gets a smaller one.
    """
    directions = [rng.choice([-1.0, 1.0], size=a.shape) for a in arrays]
    best, chosen = np.inf, STEP
    for step in (STEP, STEP / 8, STEP / 64):
        coarse = along(look, arrays, directions, step)
        fine = along(look, arrays, directions, step / 2)
        scale = max(float(np.max(np.abs(fine), initial=0.0)), 1e-300)
        off = float(np.max(np.abs(coarse - fine), initial=0.0)) / scale
        if np.isfinite(off) and off < best:
            best, chosen = off, step
        if best < 1e-7:
            break
    return float(chosen)


def pick_entries(
    look: Look, arrays: Sequence[Array], work: int, rng: np.random.Generator
) -> list[Array]:
    """Choose which entries to move: all, if work and memory allow, else corners and some more."""
    (y, _), lines = count_lines(lambda: look(arrays))
    total = sum(a.size for a in arrays)
    each = 2 * (1 + lines + (total + y.size) // HANDLED)  # both sides of an entry
    most = min(work // each, CELLS // max(1, y.size), ENTRIES)
    if most < 8 * len(arrays) and total > most:
        return [np.arange(0) for _ in arrays]  # random directions have to do
    if total <= most:
        return [np.arange(a.size) for a in arrays]
    small = sorted(a.size for a in arrays)
    share, left = most, len(small)
    for size in small:  # what a small argument does not need, the larger ones get
        if size <= share // left:
            share, left = share - size, left - 1
    return [_some(a.size, max(4, share // max(left, 1)), rng) for a in arrays]


def count_lines(run: Callable[[], Any]) -> tuple[Any, int]:
    """Run something once; return what it gave, and its work in lines of Python.

    A few lines may handle millions of numbers: those in the arrays that a function has made when
    it returns count as well.
    """
    lines, before = 0, sys.gettrace()

    def tracer(frame: Any, event: str, _arg: Any) -> Any:
        nonlocal lines
        if event == "return":
            own = list(frame.f_locals.values())[frame.f_code.co_argcount :]
            made = (x for x in own if isinstance(x, np.ndarray) and x.base is None)
            lines += sum(x.size for x in made) // HANDLED
        lines += event == "line"
        return tracer

    sys.settrace(tracer)
    try:
        given = run()
    finally:
        sys.settrace(before)
    return given, lines


def _some(size: int, count: int, rng: np.random.Generator) -> Array:
    if size <= count:
        return np.arange(size)
    ends = np.array([0, size - 1])
    rest = rng.choice(size, size=count - 2, replace=False)
    return np.unique(np.concatenate([ends, rest]))
