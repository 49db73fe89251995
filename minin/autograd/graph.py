"""The walk back: from a loss to the leaves, once through every operation.

Forward leaves a graph of nodes, one for each operation, that point at what they were computed
from: other nodes, or leaf tensors. `run_backward` visits the nodes that a gradient reaches, the
youngest first. That is a reverse topological order, because an operation can only use what is
older than itself; so when a node's turn comes, all its users have had theirs. There is no
recursion: a graph may be as deep as memory allows.
"""

from __future__ import annotations

import itertools
import weakref
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from types import FunctionType
from typing import TYPE_CHECKING, Any

from numpy import ndarray

from minin import backend
from minin.backend import Array, Shape
from minin.errors import ChangedInPlaceError, GraphError, GraphFreedError

if TYPE_CHECKING:
    from minin.autograd.op import Op
    from minin.autograd.tape import Step

_clock = itertools.count(1)  # ticks for every operation that is noted and every change in place
_changes: deque[tuple[int, Any]] = deque(maxlen=10_000)  # (time, weak reference to the array)


def note_change(array: Array) -> int:
    """Note that an array is being changed in place; return the time, which is now."""
    _changes.append((next(_clock), weakref.ref(array)))
    return _changes[-1][0]


class Node:
    """One operation that ran: how to pull a gradient back, and what it was computed from.

    Attributes:
        time: when it ran; an operation is always younger than what it uses.
        op: the operation, for messages.
        backward: the rule's function; None once it has run and been freed.
        sources: for each array argument the node or leaf tensor it came from, or None.
        nested: for each argument the length of its list, or -1 where it is no list.
        shape: of the output, and so of the gradient that arrives.
        dtype: likewise.
        changed_at: when the output was last changed in place, or 0.
        step: the tape's entry for this operation, or None.
    """

    __slots__ = (
        "backward", "changed_at", "dtype", "nested", "op", "shape", "sources", "step",
        "time",
    )  # fmt: skip
    requires_grad = True

    def __init__(
        self,
        op: Op,
        backward: Callable[[Array], Any],
        sources: list[Any],
        nested: list[int] | None,
        shape: Shape,
        dtype: Any,
        step: Step | None,
    ) -> None:
        self.time = next(_clock)
        self.op = op
        self.backward: Callable[[Array], Any] | None = backward
        self.sources = sources
        self.nested = nested
        self.shape = shape
        self.dtype = dtype
        self.changed_at = 0
        self.step = step


def run_backward(root: Node, grad: Array, retain_graph: bool) -> list[tuple[Any, Array]]:
    """Pull ``grad`` back from ``root``; return each leaf with its gradient.

    Nothing is written to a leaf here: if a rule fails half-way, no gradient is half-made.
    Each node is freed as soon as it has run, so memory falls while the walk goes on.
    """
    cotangents: dict[Any, Array] = {root: grad}
    waiting = [(-root.time, root)]  # a heap: the youngest node comes first
    while waiting:
        node = heappop(waiting)[1]
        if node.backward is None or (_changes and _changes[-1][0] > node.time):
            _demand_usable(node)
        grad_out = cotangents.pop(node)
        if node.step is not None:
            node.step.cotangent = backend.as_array(grad_out)
        _pull(node, grad_out, cotangents, waiting)
        if not retain_graph:
            node.backward, node.sources = None, []  # let go of all that the rule kept
    return list(cotangents.items())  # every node was popped: only leaves are left


def _pull(
    node: Node, grad_out: Array, cotangents: dict[Any, Array], waiting: list[tuple[int, Node]]
) -> None:
    """Run one rule backwards and hand its gradients on to where its arguments came from."""
    entries = node.backward(grad_out)  # type: ignore[misc]  # it is there: _demand_usable
    sources = node.sources
    if type(entries) is not tuple or len(entries) != len(sources) or node.nested is not None:
        entries = _flatten(node, entries)
    for place, source in enumerate(sources):
        entry = entries[place]
        if source is None or entry is None or not source.requires_grad:
            continue
        if type(entry) is FunctionType:
            entry = entry()
        if type(entry) is not ndarray or entry.shape != source.shape or entry.dtype != source.dtype:
            _demand_fit(node, place, source, entry)
        held = cotangents.get(source)
        cotangents[source] = entry if held is None else held + entry
        if held is None and type(source) is Node:
            heappush(waiting, (-source.time, source))


def _flatten(node: Node, entries: Any) -> tuple[Any, ...]:
    """Spread the entries of list arguments, as forward spread the lists."""
    entries = entries if type(entries) is tuple else (entries,)
    nested = node.nested or [-1] * len(node.sources)
    _demand_count(node, "a tuple with one entry an array argument", len(nested), len(entries))
    flat: list[Any] = []
    for length, entry in zip(nested, entries, strict=True):
        parts = [entry] if length < 0 else [None] * length if entry is None else entry
        if not isinstance(parts, (list, tuple)):
            raise GraphError(
                f"{node.op.__name__}: backward must return a list for a list argument, or None, "
                f"not {type(entry).__name__}"
            )
        _demand_count(node, "one entry for each array of a list", abs(length), len(parts))
        flat.extend(parts)
    return tuple(flat)


def _demand_count(node: Node, what: str, wanted: int, came: int) -> None:
    if wanted != came:
        raise GraphError(f"{node.op.__name__}: backward must return {what}: {wanted}, not {came}")


def argument_name(node: Node, place: int) -> str:
    """Name the array argument behind a place in ``sources``, as in "weights[1]"."""
    if node.nested is None:
        return node.op.arrays[place]
    for name, length in zip(node.op.arrays, node.nested, strict=True):
        if place < abs(length):
            return name if length < 0 else f"{name}[{place}]"
        place -= abs(length)
    raise AssertionError("a place beyond the arguments")


def _demand_fit(node: Node, place: int, source: Any, gradient: Any) -> None:
    """Check, at leisure, that a gradient has its argument's shape and dtype."""
    came = type(gradient).__name__
    if backend.is_array(gradient):
        if gradient.shape == source.shape and gradient.dtype == source.dtype:
            return
        came = f"{tuple(gradient.shape)} {gradient.dtype}"
    raise GraphError(
        f"{node.op.__name__}: the gradient of {argument_name(node, place)} must have its shape "
        f"and dtype, {tuple(source.shape)} {source.dtype}; the rule returned {came}"
    )


# ---- in-place changes: an error only where a rule had kept what was changed -----------------


def _demand_usable(node: Node) -> None:
    """Check that a node has not been freed, and that what its rule kept is as it was."""
    if node.backward is None:
        raise GraphFreedError(
            f"backward has already run through {node.op.__name__}, and what it kept was "
            "freed; compute the loss anew, or call backward(retain_graph=True) the first time"
        )
    changed = _changed_since(node.time)
    for place, source in enumerate(node.sources):
        if source is not None and source.changed_at > node.time:
            name = argument_name(node, place)
            if name in _kept_names(node) or _keeps(node.backward, changed):
                _refuse_change(node, name)
    if _keeps(node.backward, changed):
        _refuse_change(node, "its output" if node.changed_at else "an array that it shares")


def _changed_since(time: int) -> list[Array]:
    arrays = [reference() for when, reference in _changes if when > time]
    return [array for array in arrays if array is not None]


def _refuse_change(node: Node, name: str) -> None:
    raise ChangedInPlaceError(
        f"{node.op.__name__}: {name} was changed in place after forward used it, and "
        "backward needs the old numbers; run backward before the change (an optimiser's "
        "step is one), or compute the loss anew"
    )


def _kept_names(node: Node) -> list[str]:
    """Name the arguments that the rule's backward mentions, and so keeps."""
    names = getattr(getattr(node.backward, "__code__", None), "co_freevars", ())
    cells = getattr(node.backward, "__closure__", None) or ()
    kept = zip(names, cells, strict=True)
    return [name for name, cell in kept if cell.cell_contents is not None]


def _keeps(kept: Any, changed: list[Array]) -> bool:
    """Tell whether memory of a changed array is among what a closure keeps alive."""
    if isinstance(kept, FunctionType):
        cells = [cell.cell_contents for cell in kept.__closure__ or ()]
        return any(_keeps(content, changed) for content in cells if content is not kept)
    if isinstance(kept, (list, tuple)):
        return any(_keeps(content, changed) for content in kept)
    return backend.is_array(kept) and any(backend.may_share_memory(kept, x) for x in changed)
