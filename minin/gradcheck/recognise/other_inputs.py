"""The same functions at other inputs, and what is true there.

A caller's inputs stay what they are. Others are tried only if the caller gives a way to draw
them, or if the operation is known and its forward agrees with the reference's on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.compare import gradients_of
from minin.gradcheck.measure.comparison import TOLERANCE
from minin.gradcheck.measure.differences import measure
from minin.gradcheck.recognise.layouts import LAYOUTS
from minin.gradcheck.recognise.match import SYNONYMS, Binding, keywords_of_run
from minin.gradcheck.subject import Subject
from minin.gradcheck.subject.call import Call, call_of, place_of

Sample = Callable[[np.random.Generator], Any]


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
            moved = _draw_again(subject, binding, call, rng)
            if moved is not None:
                found += 1
                yield moved
            if found == wanted:
                return


def _draw_again(
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


def redraw(binding: Binding, call: Call, rng: np.random.Generator) -> tuple[Any, Any] | None:
    """Draw other inputs and params for the caller's forward, or None where that is not sure.

    The reference's own drawing is used, under the caller's names and in the caller's forms;
    what the caller never gave (a dilation) has to be what it is by default.
    """
    if any(layout is not LAYOUTS["same"] for layout in (*binding.layouts, binding.out)):
        return None
    if binding.order != tuple(range(len(binding.order))):
        return None
    inputs, params = binding.reference.draw(rng)
    known = keywords_of_run(binding.reference)
    used: set[str] = set()

    def renew(name: str, value: Any) -> Any:
        for keyword in known:
            if name.lower() in (*SYNONYMS.get(keyword, ()), keyword):
                used.add(keyword)
                return params.get(keyword, known[keyword])
        return value

    fresh = {name: renew(name, value) for name, value in call.params.items()}
    rest = [
        {k: renew(k, v) for k, v in x.items()} if isinstance(x, Mapping) else renew(n, x)
        for n, x in list(zip(call.names, call.inputs, strict=True))[len(inputs) :]
    ]
    unused = {k: v for k, v in params.items() if k not in used}
    if not rest and not set(call.params) - set(known):
        fresh |= unused  # the caller's forward has the reference's own names
    elif any(v != known[k] for k, v in unused.items()):
        return None
    return [*inputs[: len(call.inputs)], *rest], fresh


@dataclass(frozen=True)
class Borrowed:
    """Slopes that a reference gave instead of a measurement; see `Slopes`."""

    gradient: Array
    kinked: Array
    jacobian: Array | None = None
    dense: bool = False

    def along(self, _: Array) -> Array:
        """Return the gradient, flat; it was taken for one upstream gradient."""
        return self.gradient.ravel()

    def kinks(self) -> Array:
        """Return a flat mask of the entries that are not judged."""
        return self.kinked.ravel()

    def error(self, _: Array) -> float:
        """Return 0: the reference computes, it does not measure."""
        return 0.0


def slopes_from_reference(
    subject: Subject, binding: Binding, y: Array, g: Array
) -> list[Any] | None:
    """Take the truth from the reference, whose forward agrees with the caller's here.

    Where yours differs from it, some entries are measured all the same: one on a kink is not
    judged, and if the reference should be wrong, nothing is taken from it.
    """
    grads, came = binding.gradients(call_of(subject, y), g, None), gradients_of(subject, g)
    found = []
    for leaf, x in enumerate(subject.base):
        grad = grads.get(place_of(subject, leaf))
        fits = isinstance(grad, np.ndarray) and grad.shape == x.shape
        truth = np.array(grad, dtype=float) if fits else np.full(x.shape, np.nan)
        kinked, mine = ~np.isfinite(truth), came[leaf]
        if isinstance(mine, np.ndarray) and mine.shape == x.shape and mine.dtype.kind in "fiu":
            scale = float(np.max(np.abs(truth), initial=0.0))
            differ = np.flatnonzero(np.abs(mine - truth) > TOLERANCE * scale)
            few = differ[:: max(1, len(differ) // 40)][:40]
            slopes = measure(subject.look, subject.base, leaf, few)
            kinked.ravel()[few[slopes.kink]] = True
            if slopes.kink.any() and len(few) < len(differ):
                kinked.ravel()[differ] = True  # those that were not measured may be on kinks too
            smooth, told = few[~slopes.kink], slopes.along(g)
            off = np.abs(told[smooth] - truth.ravel()[smooth])
            if np.any(off > 1e-5 * scale + 4 * slopes.error(g)):
                return None
        found.append(Borrowed(truth, kinked))
    return found
