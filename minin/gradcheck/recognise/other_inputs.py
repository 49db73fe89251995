"""The same functions at other inputs, and what is true there.

A caller's inputs stay what they are. Others are tried only if the caller gives a way to draw
them, or if the operation is known and its forward agrees with the reference's on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.compare import gradients_of
from minin.gradcheck.measure.comparison import TOLERANCE
from minin.gradcheck.measure.differences import measure
from minin.gradcheck.recognise.layouts import LAYOUTS
from minin.gradcheck.recognise.match import PARTS, SYNONYMS, Binding, keywords_of_run
from minin.gradcheck.subject import Code, Subject
from minin.gradcheck.subject.arguments import put_floats
from minin.gradcheck.subject.call import Call, call_of, place_of
from minin.sentences import sentence

DRAWINGS = 12  # most of them ask for something that the caller's forward has no setting for
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
        drawn = [redraw(binding, call, rng) for _ in range(DRAWINGS * wanted)]
        # What shows most comes first: windows that overlap.
        tries = sorted((d for d in drawn if d is not None), key=lambda d: not d.overlap)
        moved = (_if_it_fits(subject, binding, call, d) for d in tries)
        yield from islice((m for m in moved if m is not None), wanted)


def unseen(binding: Binding, call: Call) -> str:
    """Say what the caller's own inputs cannot show; nothing if they show it."""
    inputs, params = binding.inputs(call), binding.params(call)
    found = []
    if "stride" in keywords_of_run(binding.reference) and not _overlap(params, inputs):
        found.append(sentence("gradcheck.no_overlap"))
    sides = {x.shape[-2:] for x in inputs if getattr(x, "ndim", 0) == 4}
    if sides and all(h == w for h, w in sides):
        found.append(sentence("gradcheck.square"))
    return ", ".join(found)


def _overlap(params: Mapping[str, Any], inputs: Sequence[Any]) -> bool:
    """Tell whether windows share pixels along some axis; nothing else has a stride."""
    images = [x.shape[2:] for x in inputs if getattr(x, "ndim", 0) == 4]
    kernel = params.get("kernel_size") or (images[1] if len(images) > 1 else 1)
    stride = params.get("stride") or (1 if len(images) > 1 else kernel)
    return bool(np.any(np.atleast_1d(stride) < np.atleast_1d(kernel)))


def same_shapes(subject: Code, close: bool) -> Iterator[Code]:
    """Yield the functions at other numbers of the caller's own shapes.

    The first have the caller's numbers in another order along the last axis: sums over it, such
    as those of probabilities, stay. Whole numbers (masks, one-hot labels) stay as they are.

    Args:
        subject: at the caller's inputs.
        close: whether numbers that lie closely together are wanted as well.
    """
    for make in (_turned, _close)[: 2 if close else 1]:
        leaves = [x if np.array_equal(x, np.round(x)) else make(x) for x in subject.base]
        yield subject.at(put_floats(subject.inputs, leaves, lambda new, _: new.copy()))


def _turned(x: Array) -> Array:
    axis = next((k for k in reversed(range(x.ndim)) if x.shape[k] > 1), None)
    return x.copy() if axis is None else np.roll(np.flip(x, axis), 1, axis)


def _close(x: Array) -> Array:
    ranks = np.argsort(np.argsort(x, axis=None)).reshape(x.shape)
    return np.asarray((ranks - x.size / 3 + 0.5) / 1000)


class Drawn(NamedTuple):
    """Inputs and params for the caller's forward, and whether windows overlap there."""

    inputs: list[Any]
    params: dict[str, Any]
    overlap: bool


def _if_it_fits(subject: Subject, binding: Binding, call: Call, drawn: Drawn) -> Subject | None:
    """Go to other inputs, only if both forwards agree there."""
    if subject.graph:
        return None
    try:
        moved = subject.at(drawn.inputs, drawn.params)
        if len(moved.base) != len(subject.base):
            return None
        again = Call(call.names, tuple(moved.inputs), moved.params, moved.look(moved.base)[0])
    except Exception:  # the caller's forward does not take such inputs
        return None
    return moved if binding.agrees(again) else None


def redraw(binding: Binding, call: Call, rng: np.random.Generator) -> Drawn | None:
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
    new = _Renewed(known | params)
    fresh = {name: new.value(name, value) for name, value in call.params.items()}
    rest = [
        {k: new.value(k, v) for k, v in x.items()} if isinstance(x, Mapping) else new.value(n, x)
        for n, x in list(zip(call.names, call.inputs, strict=True))[len(inputs) :]
    ]
    unused = {k: v for k, v in params.items() if k not in new.used}
    if not rest and not set(call.params) - set(known):
        fresh |= unused  # the caller's forward has the reference's own names
    elif any(v != known[k] for k, v in unused.items()):
        return None
    return Drawn([*inputs[: len(call.inputs)], *rest], fresh, _overlap(params, inputs))


class _Renewed:
    """The caller's settings with drawn values, under the caller's names for them."""

    def __init__(self, drawn: Mapping[str, Any]) -> None:
        self.drawn, self.used = drawn, set[str]()

    def value(self, name: str, given: Any) -> Any:
        """Return what was drawn for a setting; what is no setting stays as given."""
        for keyword, drawn in self.drawn.items():
            if name.lower() in (*SYNONYMS.get(keyword, ()), keyword):
                self.used.add(keyword)
                return drawn
            for parts in PARTS.get(keyword, ()):
                if name.lower() in parts and drawn is not None:
                    self.used.add(keyword)
                    pair = drawn if isinstance(drawn, tuple) else (drawn, drawn)
                    return pair[parts.index(name.lower())]
        return given


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
