"""Somebody's forward and backward on plain arrays, seen as a subject of the checker.

Courses write pairs of functions in several shapes, and all of them are served as they are:
``forward(x, w, b, settings) -> (out, cache)`` with ``backward(grad, cache)``, a layer object's
``forward(x) -> out`` with ``backward(grad)``, gradients as a tuple, a list, one array, or a
dictionary by name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin.backend import Array
from minin.errors import ArgumentError, DtypeError
from minin.gradcheck.subject.arguments import (
    arrays_inside,
    float64,
    is_float,
    is_integer,
    kept,
    put_floats,
    spread,
)
from minin.gradcheck.subject.outcome import ForwardRun, as_output, call_user, steady
from minin.sentences import sentence


class Missing:
    """Stands where a gradient should be and none came."""

    def __repr__(self) -> str:
        """Return the word that a report says."""
        return "missing"


@dataclass(frozen=True)
class NotNumbers:
    """Stands where an array came that holds no real numbers."""

    dtype: Any


MISSING = Missing()
DECLINED = Missing()  # backward said None: not differentiated
TARGETS = ("y", "t", "target", "targets", "label", "labels", "y_true", "truth", "onehot", "one_hot")
DATA = ("x", "data", "images", "inputs")


class Code:
    """A pair of functions and the arguments at which they are checked.

    Args:
        forward: ``forward(*inputs, **params)`` gives the output, or (output, cache).
        backward: ``backward(grad, cache)``, or ``backward(grad)`` if there is no cache.
        inputs: the arguments of forward; float arrays are differentiated.
        params: keyword arguments of forward.
        names: of the inputs; None for the names in forward's signature.

    Raises:
        DtypeError: if there is no float array among the inputs.
        ArgumentError: if there are not as many names as inputs.
    """

    graph = False

    def __init__(
        self,
        forward: Callable[..., Any],
        backward: Callable[..., Any],
        inputs: Sequence[Any],
        params: Mapping[str, Any] | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        self.forward, self.backward = forward, backward
        self.integers = _data_as_integers(forward, inputs, params or {})
        self.shape: tuple[int, ...] | None = None
        self.surplus = ""
        self.inputs = [
            x.astype(np.float64) if i in self.integers else x for i, x in enumerate(inputs)
        ]
        self.params = dict(params or {})
        self.arguments = list(names) if names else names_of(forward, len(self.inputs))
        if len(self.arguments) != len(self.inputs):
            raise ArgumentError(
                f"names must have one name an input: {len(self.inputs)}, "
                f"got {len(self.arguments)}: {self.arguments}"
            )
        found = spread(self.inputs, self.arguments)
        if not found:
            kinds = ", ".join(type(x).__name__ for x in inputs) or "nothing"
            raise DtypeError(
                f"gradcheck needs at least one float array among the inputs, got {kinds}; "
                "convert with numpy.asarray(x, dtype=float)"
            )
        self.names = tuple(name for name, _ in found)
        self.base = [float64(x) for _, x in found]

    def at(self, inputs: Sequence[Any], params: Mapping[str, Any] | None = None) -> Code:
        """Return the same functions at other arguments."""
        params = self.params if params is None else params
        return Code(self.forward, self.backward, inputs, params, self.arguments)

    def run(self, leaves: Sequence[Array], strange: bool = False) -> ForwardRun:
        """Call forward with ``leaves`` in the places of the float arrays.

        Args:
            leaves: float64 arrays; forward gets copies.
            strange: hand over the same numbers in an uncommon order of memory.
        """
        make = _strange if strange else _copy
        arguments = put_floats(self.inputs, leaves, make)
        out = call_user("forward", self.forward, *arguments, **kept(self.params))
        cached = isinstance(out, (tuple, list)) and len(out) == 2
        y, cache = out if cached else (out, None)
        dtype = getattr(y, "dtype", np.dtype(type(y)) if isinstance(y, float) else None)
        found = as_output(y)
        self.shape = found.shape if self.shape is None else self.shape
        return ForwardRun(found, dtype, cache, cached, arguments=(*arguments, self.params))

    def look(self, leaves: Sequence[Array]) -> tuple[Array, tuple[bytes, ...] | None]:
        """Call forward for its output alone."""
        arguments = put_floats(self.inputs, leaves, _copy)
        out = call_user("forward", self.forward, *arguments, **kept(self.params))
        if isinstance(out, (tuple, list)) and len(out) == 2:
            out = out[0]
        y = as_output(out, any(np.iscomplexobj(leaf) for leaf in leaves))
        steady(self.shape, y, leaves, self.base)
        return y, None

    def run_backward(self, outcome: ForwardRun, grad_y: Array) -> list[Any]:
        """Call backward; return what it gave for each leaf, `MISSING` where nothing came."""
        if outcome.cached:
            given = call_user("backward", self.backward, grad_y, outcome.cache)
        else:
            given = call_user("backward", self.backward, grad_y)
        return self._in_input_order(given, outcome.output.size == 1)

    def is_target(self, name: str, loss: bool, data_too: bool = False) -> bool:
        """Tell whether an argument is a label or a mask, for which nobody computes a gradient.

        Args:
            name: of the argument.
            loss: whether the output is one number, so that names tell which argument is a target.
            data_too: whether the data need no gradient either.
        """
        x: Any = self.inputs[self.arguments.index(name)] if name in self.arguments else None
        mask = is_float(x) and set(np.unique(x)) == {0.0, 1.0}
        return mask or (loss and name.lower() in TARGETS + (DATA if data_too else ()))

    @property
    def unjudged(self) -> dict[str, list[str]]:
        """Float arrays that are no inputs, by where they are: handed on, and not judged."""
        found = {n: arrays_inside(x) for n, x in zip(self.arguments, self.inputs, strict=True)}
        return {
            n: names
            for n, names in {**found, "params": arrays_inside(self.params)}.items()
            if names
        }

    def _in_input_order(self, given: Any, loss: bool) -> list[Any]:
        """Bring gradients of any arrangement into the order of the leaves.

        Labels may have none; nor needs a loss's dictionary of its parameters' one of the data.
        """
        floats = [i for i, x in enumerate(self.inputs) if spread([x], ["x"])]
        if isinstance(given, Mapping):
            entries = [_by_name(given, self.arguments[i]) for i in floats]
        elif given is None:
            entries = [None] * len(floats)
        else:
            entries = self._in_order(given, floats)
        flat: list[Any] = []
        by_name = isinstance(given, Mapping)
        for place, entry in zip(floats, entries, strict=True):
            if entry is MISSING and self.is_target(self.arguments[place], loss, by_name):
                entry = None
            flat += _laid(entry, self.inputs[place])
        return [DECLINED if entry is None else _number(entry) for entry in flat]

    def _in_order(self, given: Any, floats: list[int]) -> list[Any]:
        """Return what came for each float argument: backward may name the others or not."""
        came = list(given) if isinstance(given, (tuple, list)) else [given]
        alone = len(floats) == 1 and not is_float(self.inputs[floats[0]])
        flat = len(came) == len(self.names) and not any(isinstance(e, (list, tuple)) for e in came)
        if flat and (alone or len(came) > len(floats)):  # a list's gradients without the list
            return _regroup(came, [self.inputs[i] for i in floats])
        self._count(len(came))
        if len(came) > len(floats) and len(floats) < len(self.inputs):
            return [came[i] if i < len(came) else MISSING for i in floats]
        return (came + [MISSING] * len(floats))[: len(floats)]

    def _count(self, came: int) -> None:
        """Remember that more gradients came than there are arguments."""
        known = len(self.inputs) + sum(len(names) for names in self.unjudged.values())
        if came > known:
            inputs = len(self.inputs)
            self.surplus = sentence("gradcheck.surplus", came=came, inputs=inputs)
            if inputs == 1:
                self.surplus = sentence("gradcheck.surplus_one", came=came)


def _number(entry: Any) -> Any:
    """Make an array of a gradient that is one number; keep nothing that is no numbers."""
    if isinstance(entry, np.ma.MaskedArray):  # what is masked is no number
        entry = np.ma.filled(entry.astype(float), np.nan)
    if isinstance(entry, np.ndarray) and entry.dtype.kind not in "fiu":
        return NotNumbers(entry.dtype)
    number = isinstance(entry, (np.number, float, int)) and not isinstance(entry, bool)
    return np.asarray(entry) if number else entry


def _laid(entry: Any, argument: Any) -> list[Any]:
    """Spread what came for one argument over the float arrays in it."""
    if is_float(argument):
        return [entry]
    parts = [part for part in argument if spread([part], ["x"])]
    came = list(entry) if isinstance(entry, (list, tuple)) else []
    if len(came) == len(argument):
        came = [e for e, part in zip(came, argument, strict=True) if spread([part], ["x"])]
    came = (came + [MISSING] * len(parts))[: len(parts)]
    return [x for e, part in zip(came, parts, strict=True) for x in _laid(e, part)]


def _regroup(came: list[Any], arguments: Sequence[Any]) -> list[Any]:
    """Put gradients that came in one row into the lists of their arguments."""
    rest = iter(came)
    return [_take(rest, argument) for argument in arguments]


def _take(rest: Iterator[Any], argument: Any) -> Any:
    if is_float(argument):
        return next(rest)
    return [_take(rest, part) for part in argument if spread([part], ["x"])]


def _copy(new: Array, _: Any) -> Array:
    return np.array(new, order="C")


def _strange(new: Array, _: Any) -> Array:
    """Return the numbers of ``new`` as a view that is neither row-major nor without gaps."""
    if new.ndim == 0:
        return new.copy()
    spaced = np.zeros(tuple(2 * n for n in reversed(new.shape)))
    view = spaced.transpose()[tuple(slice(None, None, 2) for _ in new.shape)]
    view[...] = new
    return view


def names_of(forward: Callable[..., Any], count: int) -> list[str]:
    """Read the names of the first ``count`` arguments from a signature, if it has them."""
    try:
        known = list(inspect.signature(forward).parameters.values())
    except (TypeError, ValueError):
        known = []
    plain = [p.name for p in known if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return (plain + [f"input{i}" for i in range(len(plain), count)])[:count]


def _data_as_integers(
    forward: Callable[..., Any], inputs: Sequence[Any], params: Mapping[str, Any]
) -> frozenset[int]:
    """Find integer arrays that stand where data should: no float array is before them."""
    if any(spread([x], ["x"]) for x in inputs):
        data: Any = inputs[0]
        fits = is_integer(data) and data.ndim >= 2 and _moves(forward, inputs, params)
        return frozenset([0]) if fits else frozenset()
    return frozenset(i for i, x in enumerate(inputs) if is_integer(x))


def _moves(forward: Callable[..., Any], inputs: Sequence[Any], params: Mapping[str, Any]) -> bool:
    """Tell whether forward takes floats in first place and follows them without a jump."""
    try:
        here, near, far = (_try(forward, inputs, params, by) for by in (0.0, 1e-7, 0.3))
    except Exception:  # an index, a table of tokens: it has to stay an integer
        return False
    if not here.shape == near.shape == far.shape:
        return False
    slack = 1e-4 * max(1.0, float(np.max(np.abs(here), initial=0.0)))
    return bool(np.allclose(here, near, rtol=0, atol=slack)) and not np.array_equal(here, far)


def _try(
    forward: Callable[..., Any], inputs: Sequence[Any], params: Mapping[str, Any], by: float
) -> Array:
    floats = [float64(x) for _, x in spread(inputs, ["x"] * len(inputs))]
    rest = put_floats(inputs[1:], floats, _copy)
    out = call_user("forward", forward, inputs[0] + by, *rest, **kept(dict(params)))
    return as_output(out[0] if isinstance(out, (tuple, list)) and len(out) == 2 else out)


def _by_name(given: Mapping[Any, Any], name: str) -> Any:
    """Look a gradient up under the spellings that people use."""
    spellings = (name, f"d{name}", f"grad_{name}", f"{name}_grad", f"d_{name}", f"g{name}")
    folded = {str(key).lower(): value for key, value in given.items()}
    return next((folded[s.lower()] for s in spellings if s.lower() in folded), MISSING)
