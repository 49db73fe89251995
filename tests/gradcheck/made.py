"""Evidence made up by hand, for testing one recogniser at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.measure.comparison import Comparison

Array = npt.NDArray[Any]
Fault = Callable[[Comparison], Any]


def distinct(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    size = int(np.prod(shape, dtype=int))
    return np.asarray(rng.permutation(np.arange(size) - size // 2 + 0.3)).reshape(shape) / 3


def comparison(
    shape: tuple[int, ...] = (3, 4),
    out: tuple[int, ...] | None = None,
    seed: int = 0,
    *,
    jacobian: Array | None = None,
    arguments: tuple[Any, ...] | None = None,
    params: dict[str, Any] | None = None,
    place: int = 0,
    base: int = 0,
) -> Comparison:
    """A comparison whose gradient is right; the truth follows from the Jacobian."""
    rng = np.random.default_rng(seed)
    out = shape if out is None else out
    x = distinct(np.random.default_rng(99 + base), shape)
    inputs = np.random.default_rng(5 + base)
    j = distinct(inputs, (x.size, int(np.prod(out, dtype=int)))) if jacobian is None else jacobian
    g = np.asarray(distinct(rng, out) + 0.05)
    truth = (j @ g.ravel()).reshape(shape)
    return Comparison(
        x, truth, truth.copy(), np.zeros(shape, dtype=bool), 0.0, g, np.zeros(out),
        (x,) if arguments is None else arguments, place, params or {}, j, {}, base,
    )  # fmt: skip


def wrong(good: Comparison, fault: Fault) -> Comparison:
    """The same comparison with another gradient, and its answers to other upstream gradients."""

    def at(g: Array) -> Any:
        assert good.jacobian is not None
        truth = (good.jacobian @ g.ravel()).reshape(good.x.shape)
        return fault(_replaced(good, numeric=truth, grad_y=g))

    answers = {"zero": at(0 * good.grad_y), "double": at(2 * good.grad_y)}
    return _replaced(good, analytic=fault(good), answers=answers)


def _replaced(good: Comparison, **changes: Any) -> Comparison:
    names = (
        "x", "numeric", "analytic", "kinks", "error", "grad_y", "output", "arguments", "place",
        "params", "jacobian", "answers", "base", "loose",
    )  # fmt: skip
    return Comparison(**{**{n: getattr(good, n) for n in names}, **changes})


def evidence(fault: Fault | None, op: str | None = None, **how: Any) -> Evidence:
    """Two comparisons of one argument at the same inputs, with a fault or without."""
    comparisons = [comparison(seed=seed, **how) for seed in (1, 2)]
    if fault is not None:
        comparisons = [wrong(s, fault) for s in comparisons]
    return Evidence("x", op, tuple(comparisons))
