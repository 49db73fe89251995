"""What is wrong before a single number is compared: nothing came, or the wrong form of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from minin.gradcheck.diagnose.dims import padding, stride
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.gradcheck.subject.functions import Missing
from minin.sentences import Phrase, phrase, sentence


def structure(evidence: Evidence) -> Explanation | None:
    """Nothing, no array, another shape, NaN, or zeros everywhere."""
    comparison = next((s for s in evidence.comparisons if not s.fits), None)
    if comparison is not None:
        return _form(comparison)
    bad = next((s for s in evidence.comparisons if not np.isfinite(s.analytic).all()), None)
    if bad is not None:
        return _not_finite(bad)
    if all(not s.analytic.any() for s in evidence.comparisons) and evidence.wrong:
        return _found("H10", sentence("diagnose.zeros"))
    return _does_not_move(evidence)


def _does_not_move(evidence: Evidence) -> Explanation | None:
    if evidence.wrong and all(not np.any(s.numeric[s.trusted]) for s in evidence.comparisons):
        return _found("H6", sentence("diagnose.does_not_move"))
    return None


def _found(bug: str, what: str, also: tuple[str, ...] = ()) -> Explanation:
    return Explanation("form", bug, what, also)


def _form(comparison: Comparison) -> Explanation | None:
    came: Any = comparison.analytic
    if isinstance(came, Missing):
        return _found("H10", sentence("diagnose.none_came"))
    if isinstance(came, Exception):
        return _exception(came)
    if not isinstance(came, np.ndarray):
        came = np.asarray(came) if np.isscalar(came) else came
    if not isinstance(came, np.ndarray) or came.dtype.kind not in "fiu":
        return _found("H10", sentence("diagnose.no_array", kind=_kind(comparison.analytic)))
    return shapes(came.shape, comparison)


def _kind(came: Any) -> str:
    dtype = getattr(came, "dtype", None)
    if dtype:
        return sentence("diagnose.of_dtype", dtype=dtype)
    return sentence("diagnose.of_type", type=type(came).__name__)


def _exception(error: Exception) -> Explanation:
    said = f"{type(error).__name__}: {error}".replace("\n", " ")
    shapes = any(word in said for word in ("broadcast", "shape", "align", "mismatch"))
    fix = sentence("diagnose.stops_fix") if shapes else ""
    return Explanation("form", None, sentence("diagnose.stops", error=said[:110]), fix=fix)


def shapes(came: tuple[int, ...], comparison: Comparison) -> Explanation:
    """Explain a gradient whose shape is not the argument's."""
    why = _why(came, comparison.x.shape, comparison)
    if why is None:
        what = sentence("diagnose.shape", came=came, want=comparison.x.shape)
        return _found("G1", what, ("G3",))
    what = sentence("diagnose.shape_why", came=came, want=comparison.x.shape, why=why)
    bug, *also = _BUGS[why.key]
    return _found(bug, what, tuple(also))


# The bug that a shape betrays, then those that look the same.
_BUGS: dict[str, tuple[str, ...]] = {
    "diagnose.empty": ("D4",),
    "diagnose.transposed": ("B1",),
    "diagnose.swapped_0_1": ("B9",),
    "diagnose.swapped_2_3": ("B7", "B8"),
    "diagnose.other_order": ("B5", "B9", "B7"),
    "diagnose.all_pairs": ("G4",),
    "diagnose.still_broadcast": ("G2", "G3"),
    "diagnose.stretched": ("G3", "G2"),
    "diagnose.of_output": ("G2", "G3"),
    "diagnose.lost_axis": ("G3", "B5", "G2"),
    "diagnose.same_count": ("B5", "G2"),
    "diagnose.other_axes": ("G1", "G2"),
    "diagnose.still_padded": ("D3", "D10", "D8"),
    "diagnose.last_missing": ("D6", "D10", "D2"),
    "diagnose.off_by_one": ("D10", "D8", "D3"),
    "diagnose.too_small": ("D2", "D8", "D6"),
}


def _why(came: tuple[int, ...], want: tuple[int, ...], comparison: Comparison) -> Phrase | None:
    if 0 in came and 0 not in want:
        return phrase("diagnose.empty")
    if came == want[::-1] and len(want) == 2:
        return phrase("diagnose.transposed")
    if sorted(came) == sorted(want):
        return _swap(came, want)
    if len(want) <= 1 and len(came) == 2 and came[0] == came[1] == (want or (0,))[0]:
        return phrase("diagnose.all_pairs")
    if len(came) != len(want):
        return _other_axes(came, want, comparison.output.shape)
    wider = [k for k, (a, b) in enumerate(zip(came, want, strict=True)) if a != b]
    if all(want[k] == 1 for k in wider):
        return phrase("diagnose.stretched", axis=wider[0])
    return _sizes([came[k] - want[k] for k in wider], comparison) if len(want) == 4 else None


def _swap(came: tuple[int, ...], want: tuple[int, ...]) -> Phrase:
    moved = [k for k in range(len(want)) if came[k] != want[k]]
    if len(want) == 4 and moved == [0, 1]:
        return phrase("diagnose.swapped_0_1")
    if len(want) == 4 and moved == [2, 3]:
        return phrase("diagnose.swapped_2_3")
    return phrase("diagnose.other_order")


def _other_axes(came: tuple[int, ...], want: tuple[int, ...], out: tuple[int, ...]) -> Phrase:
    """Tell how a shape with more or fewer axes came about."""
    if len(came) > len(want) and came[len(came) - len(want) :] == want:
        return phrase("diagnose.still_broadcast")
    if came == out:
        return phrase("diagnose.of_output")
    if [n for n in want if n != 1] == [n for n in came if n != 1]:
        return phrase("diagnose.lost_axis")
    same = np.prod(came) == np.prod(want)
    return phrase("diagnose.same_count" if same else "diagnose.other_axes")


def _sizes(off: list[int], comparison: Comparison) -> Phrase:
    """Tell by how much an image's gradient is too large or too small."""
    pads, steps = max(padding(comparison)), max(stride(comparison))
    if all(d > 0 for d in off) and (pads > 0 or max(off) > 1):
        return phrase("diagnose.still_padded")
    if all(-steps < d < 0 for d in off) and steps > 1:
        return phrase("diagnose.last_missing")
    near = all(abs(d) == 1 for d in off)
    return phrase("diagnose.off_by_one" if near else "diagnose.too_small")


def _not_finite(comparison: Comparison) -> Explanation:
    bad = ~np.isfinite(comparison.analytic)
    key = "diagnose.nan" if np.isnan(comparison.analytic).any() else "diagnose.infinite"
    count, total = int(bad.sum()), bad.size
    what = sentence("diagnose.not_finite", count=count, total=total, kind=sentence(key))
    return _found("F6", what)
