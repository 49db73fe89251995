"""One cause for several wrong gradients, where one cause explains them."""

from __future__ import annotations

from collections.abc import Iterable

from minin.gradcheck.examine import Result


def overall(result: Result) -> tuple[str, ...]:
    """Return the ids that explain a result, the likeliest first.

    What was seen of the harness comes first, because it makes everything after it doubtful.
    An id that explains every wrong argument comes before one that explains a single one.
    """
    facts = [f.explanation for f in result.facts if not f.note]
    found = [b for e in facts for b in (e.bug,) if b]
    lists = [v.candidates for v in result.verdicts.values()]
    common = [b for b in _merged(lists) if all(b in c for c in lists)] if lists else []
    first = [c[0] for c in lists if c]
    shared = [b for b in common if b in first]
    rest = [b for e in facts for b in e.also]
    return tuple(dict.fromkeys([*found, *shared, *first, *_merged(lists), *rest]))


def _merged(lists: Iterable[tuple[str, ...]]) -> list[str]:
    """Interleave lists: all firsts, then all seconds."""
    rows = list(lists)
    longest = max((len(row) for row in rows), default=0)
    return list(dict.fromkeys(row[k] for k in range(longest) for row in rows if k < len(row)))
