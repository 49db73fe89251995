"""Recognise an operation by what its forward computes, whatever its arguments are called.

A `Binding` says how a caller's arguments become those of a reference: in which order, under
which names, in which layout (channels last, weights transposed). It is accepted only if both
forwards give the same numbers, so a wrong guess costs a little time and nothing else.
"""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.recognise.layouts import Layout, layouts_of
from minin.gradcheck.subject.call import Call

SYNONYMS: dict[str, tuple[str, ...]] = {
    "stride": ("stride", "strides", "s"),
    "pad": ("pad", "padding", "pads", "p"),
    "kernel_size": ("kernel_size", "kernel", "k", "size", "pool_size", "pool", "window", "f"),
    "output_size": ("output_size", "size", "shape", "image_size", "hw"),
    "p": ("p", "drop_prob", "drop", "rate", "p_drop"),
    "axis": ("axis", "dim"),
    "decay": ("decay", "weight_decay", "reg", "lam", "l2"),
    "bound": ("bound", "delta", "threshold", "limit", "c"),
}
PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "kernel_size": (("pool_height", "pool_width"), ("kh", "kw"), ("hh", "ww"), ("h", "w")),
    "stride": (("stride_h", "stride_w"), ("sh", "sw")),
    "pad": (("pad_h", "pad_w"), ("ph", "pw")),
    "output_size": (("h", "w"), ("height", "width")),
}
GUESSES: dict[str, tuple[Any, ...]] = {
    "stride": (1, 2, 3),
    "pad": (0, 1, 2),
    "kernel_size": (2, 3),
    "ceil_mode": (False, True),
    "count_include_pad": (True, False),
    "reduction": ("mean", "sum", "none"),
    "axis": (-1, 1, 0),
    "out_first": (False, True),
    "bound": (1.0, 5.0, 0.5),
}
MOST = 400  # tries for one operation


@dataclass(frozen=True)
class Binding:
    """How a caller's call becomes a call of a reference.

    Attributes:
        reference: of the operation.
        order: for each argument of the reference the place among the caller's inputs, or -1.
        layouts: for each argument how its axes are arranged.
        out: how the output is arranged.
        keywords: for the reference: where each comes from, a name of the caller's or a value.
    """

    reference: Any
    order: tuple[int, ...]
    layouts: tuple[Layout, ...]
    out: Layout
    keywords: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The operation's name."""
        return str(self.reference.name)

    def inputs(self, call: Call) -> list[Any]:
        """Return the reference's inputs for a call."""
        found: list[Any] = []
        for place, layout in zip(self.order, self.layouts, strict=True):
            x = call.inputs[place] if place >= 0 else None
            found.append(layout.into(x) if isinstance(x, np.ndarray) else x)
        return found

    def params(self, call: Call) -> dict[str, Any]:
        """Return the reference's keyword arguments for a call."""
        read = dict(self.keywords) | keywords_of(self.reference, call)
        if "mask" in keywords_of_run(self.reference):
            read["mask"] = self.out.into(call.output) != 0
        return read

    def agrees(self, call: Call) -> bool:
        """Tell whether both forwards give the same numbers."""
        try:
            y, _ = self.reference.forward(*self.inputs(call), **self.params(call))
            mine = self.out.into(call.output)
        except Exception:  # the guess does not fit these arguments at all
            return False
        if y.size != mine.size or (y.shape != mine.shape and y.size != 1):
            return False
        scale = float(np.max(np.abs(y), initial=0.0))
        return bool(np.isfinite(scale)) and bool(
            np.allclose(mine.reshape(y.shape), y, rtol=0, atol=1e-7 * scale + 1e-12)
        )

    def gradients(self, call: Call, grad_y: Array, switch: str | None) -> dict[int, Any]:
        """Return, for each of the caller's inputs, the reference's gradient with one bug."""
        inputs, params = self.inputs(call), self.params(call)
        try:
            y, cache = self.reference.forward(*inputs, **params)
            g = self.out.into(grad_y).reshape(y.shape)
            grads = self.reference.backward(g, cache, switch)
        except Exception as error:  # a bug that raises, at these shapes
            return {place: error for place in self.order if place >= 0}
        found: dict[int, Any] = {}
        for place, layout, grad in zip(self.order, self.layouts, grads, strict=False):
            if place >= 0:
                found[place] = _back(grad, layout, call.inputs[place])
        return found


def _back(grad: Any, layout: Layout, x: Any) -> Any:
    if not isinstance(grad, np.ndarray) or not isinstance(x, np.ndarray):
        return grad
    try:
        back = layout.back(grad, x.shape)
    except Exception:  # another shape than the argument's: leave it as it is
        return grad
    return back


def keywords_of_run(reference: Any) -> dict[str, Any]:
    """List the keyword arguments of a reference's forward, with their defaults."""
    found = inspect.signature(reference.run).parameters.values()
    return {p.name: p.default for p in found if p.kind is p.KEYWORD_ONLY}


def keywords_of(reference: Any, call: Call) -> dict[str, Any]:
    """Read the reference's keywords from the caller's settings, by their usual names."""
    settings, found = call.settings, {}
    for keyword in keywords_of_run(reference):
        value = _read(keyword, settings)
        if value is not None:
            found[keyword] = value
    if "p" in found and "keep_prob" in settings:
        found["p"] = 1 - settings["keep_prob"]
    return found


def _read(keyword: str, settings: Mapping[str, Any]) -> Any:
    for name in (*SYNONYMS.get(keyword, ()), keyword):
        if name in settings:
            return settings[name]
    for names in PARTS.get(keyword, ()):
        if all(name in settings for name in names):
            return tuple(settings[name] for name in names)
    return None


def find(references: Mapping[str, Any], call: Call, op: str | None) -> Binding | None:
    """Find a binding of the operation ``op``, or, if it is None, of any operation."""
    names = list(references) if op is None else [op] if op in references else []
    with np.errstate(all="ignore"):
        for stage in (0, 1, 2, 3):
            for name in names:
                tries = candidates(references[name], call, stage)
                tried = itertools.islice(tries, MOST if op else MOST // 4)
                found = next((b for b in tried if b.agrees(call)), None)
                if found is not None:
                    return found
    return None


def candidates(reference: Any, call: Call, stage: int) -> Iterator[Binding]:
    """Yield the bindings worth trying.

    Args:
        reference: of the operation.
        call: what the caller's forward was given.
        stage: 0 takes everything as it is; 1 guesses the settings that are nowhere named; 2
            tries other orders and layouts; 3 both.
    """
    arrays = [i for i, x in enumerate(call.inputs) if isinstance(x, np.ndarray)]
    wanted = len(reference.arguments)
    if len(arrays) > wanted or (len(arrays) < wanted and reference.arguments[-1] != "b"):
        return
    padded = [*arrays, *[-1] * (wanted - len(arrays))]
    plain = stage < 2
    for keywords in _keyword_sets(reference, call, stage in (0, 2)):
        for order in _orders(padded, plain):
            xs = [call.inputs[i] if i >= 0 else None for i in order]
            choices = [layouts_of(reference.name, k, x, plain) for k, x in enumerate(xs)]
            for layouts in itertools.product(*choices):
                for out in layouts_of(reference.name, -1, call.output, plain):
                    yield Binding(reference, order, layouts, out, keywords)


def _orders(places: Sequence[int], plain: bool) -> Iterator[tuple[int, ...]]:
    yield tuple(places)
    if not plain and len(places) <= 3:
        for order in itertools.permutations(places):
            if order != tuple(places):
                yield order


def _keyword_sets(reference: Any, call: Call, plain: bool) -> Iterator[dict[str, Any]]:
    """Yield what is left open by the caller's settings: nothing, then guesses."""
    read, known = keywords_of(reference, call), keywords_of_run(reference)
    missing = [
        k for k, default in known.items() if default is inspect.Parameter.empty and k not in read
    ]
    if not missing:
        yield {}
    if plain:
        return
    open_ = [k for k in known if k not in read and k in GUESSES]
    if math.prod(len(GUESSES[k]) for k in open_) <= 120:
        for values in itertools.product(*(GUESSES[k] for k in open_)):
            yield dict(zip(open_, values, strict=True))
