"""What is sent through forward and backward, so that a bug has nowhere to hide.

A cotangent is never ones: a backward that ignores it, sums it or permutes it would pass. All
its numbers differ, in size and sign. A caller's inputs stay what they are; others are tried
only if the caller gives a way to draw them, or if the operation is known and its forward
agrees with the reference's on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.purity import Subject
from minin.gradcheck.recognise.match import Binding, Call, redraw

Sample = Callable[[np.random.Generator], Any]


def cotangent(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Draw a cotangent: distinct sizes from 0.5 to 1.5 in random order, signs mixed.

    Example:
        >>> g = cotangent((4,), np.random.default_rng(0))
        >>> bool(len(set(np.abs(g))) == 4 and g.min() < 0 < g.max())
        True
    """
    size = int(np.prod(shape, dtype=int))
    sizes = rng.permutation(0.5 + (np.arange(size) + rng.uniform(0.1, 0.9)) / max(size, 1))
    signs = rng.permutation(np.where(np.arange(size) % 2 == 0, 1.0, -1.0))
    return np.asarray(sizes * signs).reshape(shape)


def others(
    subject: Subject,
    binding: Binding | None,
    call: Call | None,
    sample: Sample | None,
    rng: np.random.Generator,
    wanted: int = 3,
) -> Iterator[Subject]:
    """Yield the same functions at other inputs, where that is allowed."""
    if sample is not None:
        for _ in range(wanted):
            drawn = sample(rng)
            yield subject.at(drawn if isinstance(drawn, (list, tuple)) else [drawn])
    elif binding is not None and call is not None:
        found = 0
        for _ in range(4 * wanted):
            moved = _redrawn(subject, binding, call, rng)
            if moved is not None:
                found += 1
                yield moved
            if found == wanted:
                return


def _redrawn(
    subject: Subject, binding: Binding, call: Call, rng: np.random.Generator
) -> Subject | None:
    """Draw once, and keep it only if both forwards agree on it."""
    try:
        drawn = redraw(binding, call, rng)
        if drawn is None or subject.graph:
            return None
        moved = subject.at(*drawn)
        if len(moved.base) != len(subject.base):
            return None
        again = Call(call.names, tuple(moved.inputs), moved.params, moved.look(moved.base)[0])
    except Exception:  # the caller's forward does not take such inputs
        return None
    return moved if binding.agrees(again) else None
