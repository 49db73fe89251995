"""The walk back: from a loss to the leaves, once through every operation.

Forward leaves a graph of nodes, one for each operation, that point at what they were computed
from: other nodes, or leaf tensors. `run_backward` visits the nodes in reverse order of their
making, which is a reverse topological order, because an operation can only use what exists.
There is no recursion, so a graph may be as deep as memory allows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from operator import attrgetter
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from minin import backend
from minin.backend import Array, Shape
from minin.errors import ChangedInPlaceError, GraphError, GraphFreedError

if TYPE_CHECKING:
    from minin.autograd.tape import Step
    from minin.autograd.tensors import Op

_serials = itertools.count()


class Node:
    """One operation that ran: how to pull a gradient back, and what it was computed from.

    Attributes:
        serial: counts the nodes in the order of their making.
        op: the operation, for messages.
        backward: the rule's function; None once it has run and been freed.
        sources: for each array argument the node or leaf tensor it came from, or None.
        seen: each source's `changes` when forward saw it.
        nested: for each argument the length of its list, or -1 where it is no list.
        shape: of the output, and so of the gradient that arrives.
        dtype: likewise.
        changes: how often the output was changed in place since.
        changed: the array that was changed, to see whether a rule had kept it.
        step: the tape's entry for this operation, or None.
    """

    __slots__ = (
        "backward", "changed", "changes", "dtype", "nested", "op", "seen", "serial", "shape",
        "sources", "step",
    )  # fmt: skip
    requires_grad = True

    def __init__(
        self,
        op: Op,
        backward: Callable[[Array], Any],
        sources: list[Any],
        seen: list[int],
        nested: list[int] | None,
        shape: Shape,
        dtype: Any,
        step: Step | None,
    ) -> None:
        self.serial = next(_serials)
        self.op = op
        self.backward: Callable[[Array], Any] | None = backward
        self.sources = sources
        self.seen = seen
        self.nested = nested
        self.shape = shape
        self.dtype = dtype
        self.changes = 0
        self.changed: Array = None
        self.step = step


def run_backward(root: Node, grad: Array, retain_graph: bool) -> list[tuple[Any, Array]]:
    """Pull ``grad`` back from ``root``; return each leaf with its gradient.

    Nothing is written to a leaf here: if a rule fails half-way, no gradient is half-made.
    Each node is freed as soon as it has run, so memory falls while the walk goes on.
    """
    order = _oldest_first(root)
    cotangents: dict[Any, Array] = {root: grad}
    while order:
        node = order.pop()
        grad_out = cotangents.pop(node, None)
        if grad_out is not None:
            _pull(node, grad_out, cotangents)
        if not retain_graph:
            node.backward, node.sources = None, []  # let go of all that the rule kept
    return list(cotangents.items())  # every node was popped: only leaves are left


def _oldest_first(root: Node) -> list[Node]:
    """Collect the nodes that ``root`` was computed from, oldest first; check each."""
    found, known = [root], {root}
    for node in found:  # grows while it is walked
        if node.backward is None:
            raise GraphFreedError(
                f"backward has already run through {node.op.__name__}, and what it kept was "
                "freed; compute the loss anew, or call backward(retain_graph=True) the first time"
            )
        if node.changes:
            _demand_unchanged(node, "its output", node.changed)
        for place, source in enumerate(node.sources):
            if source is None:
                continue
            if source.changes != node.seen[place]:
                _demand_unchanged(node, argument_name(node, place), _changed_array(source))
            if type(source) is Node and source not in known:
                known.add(source)
                found.append(source)
    found.sort(key=attrgetter("serial"))
    return found


def _pull(node: Node, grad_out: Array, cotangents: dict[Any, Array]) -> None:
    """Run one rule backwards and hand its gradients on to where its arguments came from."""
    if node.step is not None:
        node.step.cotangent = grad_out
    entries = node.backward(grad_out)  # type: ignore[misc]  # checked by _oldest_first
    if type(entries) is not tuple or node.nested is not None or len(entries) != len(node.sources):
        entries = _flatten(node, entries)
    for place, source in enumerate(node.sources):
        if source is None or not source.requires_grad:
            continue
        entry = entries[place]
        if type(entry) is FunctionType:
            entry = entry()
        if entry is None:
            continue
        known = type(entry) is np.ndarray or backend.is_array(entry)
        if not known or entry.shape != source.shape or entry.dtype != source.dtype:
            _refuse(node, place, source, entry, known)
        held = cotangents.get(source)
        cotangents[source] = entry if held is None else held + entry


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


def _refuse(node: Node, place: int, source: Any, entry: Any, known: bool) -> None:
    came = f"{tuple(entry.shape)} {entry.dtype}" if known else type(entry).__name__
    raise GraphError(
        f"{node.op.__name__}: the gradient of {argument_name(node, place)} must have its shape "
        f"and dtype, {tuple(source.shape)} {source.dtype}; the rule returned "
        f"{came}"
    )


# ---- in-place changes: an error only where a rule had kept what was changed -----------------


def _changed_array(source: Any) -> Array:
    return source.changed if type(source) is Node else source.data


def _demand_unchanged(node: Node, name: str, changed: Array) -> None:
    if name in _kept_names(node) or _keeps(node.backward, changed, depth=6):
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


def _keeps(kept: Any, changed: Array, depth: int) -> bool:
    """Tell whether memory of ``changed`` is among what a closure keeps alive."""
    if changed is None or depth < 0:
        return False
    if isinstance(kept, FunctionType):
        cells = [cell.cell_contents for cell in kept.__closure__ or ()]
        return any(_keeps(content, changed, depth - 1) for content in cells)
    if isinstance(kept, (list, tuple)):
        return any(_keeps(content, changed, depth - 1) for content in kept)
    return backend.is_array(kept) and backend.may_share_memory(kept, changed)
