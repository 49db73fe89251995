"""Lists of arrays as arguments: spread into one row for the engine, and put together again.

``lengths`` has for each argument the length of its list, or -1 where it is no list; it is None
where there is no list at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from minin.errors import GraphError


def spread(args: Sequence[Any]) -> tuple[list[Any], list[int] | None]:
    """Return the arguments in one row, and the lengths of the lists among them."""
    lengths = [len(x) if isinstance(x, (list, tuple)) else -1 for x in args]
    if all(length < 0 for length in lengths):
        return list(args), None
    parts = ([x] if n < 0 else x for x, n in zip(args, lengths, strict=True))
    return list(chain.from_iterable(parts)), lengths


def gather(row: list[Any], lengths: list[int] | None) -> list[Any]:
    """Undo `spread`."""
    if lengths is None:
        return row
    rest = iter(row)
    return [next(rest) if n < 0 else [next(rest) for _ in range(n)] for n in lengths]


def names(arguments: Sequence[str], lengths: list[int] | None) -> list[str]:
    """Name every array of the row, as in "weights[1]"."""
    pairs = zip(arguments, lengths or [-1] * len(arguments), strict=True)
    parts = ([name] if n < 0 else [f"{name}[{place}]" for place in range(n)] for name, n in pairs)
    return list(chain.from_iterable(parts))


def spread_gradients(node: Any, gradients: Any) -> list[Any]:
    """Spread what a rule's backward returned, as forward spread the arguments."""
    op, lengths = node.op.__name__, node.lengths or [-1] * len(node.sources)
    gradients = gradients if type(gradients) is tuple else (gradients,)
    _demand_count(op, "a tuple with one entry an array argument", len(lengths), len(gradients))
    row: list[Any] = []
    for length, gradient in zip(lengths, gradients, strict=True):
        parts = [gradient] if length < 0 else [None] * length if gradient is None else gradient
        if not isinstance(parts, (list, tuple)):
            raise GraphError(
                f"{op}: backward must return a list for a list argument, or None, "
                f"not {type(gradient).__name__}"
            )
        _demand_count(op, "one entry for each array of a list", abs(length), len(parts))
        row.extend(parts)
    return row


def _demand_count(op: str, what: str, wanted: int, came: int) -> None:
    if wanted != came:
        raise GraphError(f"{op}: backward must return {what}: {wanted}, not {came}")
