"""What is wrong before a single number is compared: nothing came, or the wrong form of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from minin.gradcheck.diagnose.dims import padding, stride
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.gradcheck.subject.functions import Missing


def structure(evidence: Evidence) -> Explanation | None:
    """Nothing, no array, another shape, NaN, or zeros everywhere."""
    comparison = next((s for s in evidence.comparisons if not s.fits), None)
    if comparison is not None:
        return _form(comparison)
    bad = next((s for s in evidence.comparisons if not np.isfinite(s.analytic).all()), None)
    if bad is not None:
        return _not_finite(bad)
    if all(not s.analytic.any() for s in evidence.comparisons) and evidence.wrong:
        return _found("H10", "every number is 0, and the true gradient is not")
    return _does_not_move(evidence)


def _does_not_move(evidence: Evidence) -> Explanation | None:
    if evidence.wrong and all(not np.any(s.numeric[s.trusted]) for s in evidence.comparisons):
        return _found("H6", "the output does not move at all when this argument does")
    return None


def _found(bug: str, what: str, also: tuple[str, ...] = ()) -> Explanation:
    return Explanation("form", bug, what, also)


def _form(comparison: Comparison) -> Explanation | None:
    came: Any = comparison.analytic
    if isinstance(came, Missing):
        return _found("H10", "no gradient came for this argument")
    if isinstance(came, Exception):
        return _exception(came)
    if not isinstance(came, np.ndarray):
        came = np.asarray(came) if np.isscalar(came) else came
    if not isinstance(came, np.ndarray) or came.dtype.kind not in "fiu":
        return _found("H10", f"{_kind(comparison.analytic)} came, not an array of real numbers")
    return shapes(came.shape, comparison)


def _kind(came: Any) -> str:
    dtype = getattr(came, "dtype", None)
    return f"an array of dtype {dtype}" if dtype else f"a {type(came).__name__}"


def _exception(error: Exception) -> Explanation:
    said = f"{type(error).__name__}: {error}".replace("\n", " ")
    if "broadcast" in said or "shape" in said or "align" in said or "mismatch" in said:
        return Explanation(
            "form",
            None,
            f"backward stops: {said:.110}",
            fix="two shapes do not fit: print both, and compare with the forward",
        )
    return Explanation("form", None, f"backward stops: {said:.110}")


def shapes(came: tuple[int, ...], comparison: Comparison) -> Explanation:
    """Explain a gradient whose shape is not the argument's."""
    want, out = comparison.x.shape, comparison.output.shape
    text = f"shape {came} came, {want} is wanted"
    if 0 in came and 0 not in want:
        return _found("D4", f"{text}: an empty array")
    if came == want[::-1] and len(want) == 2:
        return _found("B1", f"{text}: transposed")
    if sorted(came) == sorted(want) and len(came) == len(want):
        return _swap(came, want, text)
    outer = len(want) <= 1 and len(came) == 2 and came[0] == came[1] == (want or (0,))[0]
    if outer:
        return _found("G4", f"{text}: a table of all pairs")
    return _stretch(came, want, out, text) or _sizes(came, want, text, comparison)


def _swap(came: tuple[int, ...], want: tuple[int, ...], text: str) -> Explanation:
    moved = [k for k in range(len(want)) if came[k] != want[k]]
    if len(want) == 4 and moved == [0, 1]:
        return _found("B9", f"{text}: axes 0 and 1 changed places")
    if len(want) == 4 and moved == [2, 3]:
        return _found("B7", f"{text}: axes 2 and 3 changed places", ("B8",))
    return _found("B5", f"{text}: the axes are in another order", ("B9", "B7"))


def _stretch(
    came: tuple[int, ...], want: tuple[int, ...], out: tuple[int, ...], text: str
) -> Explanation | None:
    tail = came[len(came) - len(want) :] if len(came) >= len(want) else None
    if tail is not None and len(came) > len(want) and tail == want:
        return _found("G2", f"{text}: axes that broadcasting added are still there", ("G3",))
    if len(came) == len(want) and came != want:
        wider = [k for k, (a, b) in enumerate(zip(came, want, strict=True)) if a != b]
        if all(want[k] == 1 for k in wider):
            return _found(
                "G3", f"{text}: axis {wider[0]} of length 1 was stretched and not summed", ("G2",)
            )
    if came == out and len(came) != len(want):
        return _found("G2", f"{text}: that is the shape of the output", ("G3",))
    return None


def _sizes(
    came: tuple[int, ...], want: tuple[int, ...], text: str, comparison: Comparison
) -> Explanation:
    if len(came) != len(want):
        if tuple(n for n in want if n != 1) == tuple(n for n in came if n != 1):
            return _found("G3", f"{text}: an axis of length 1 is lost", ("B5", "G2"))
        if np.prod(came) == np.prod(want):
            return _found("B5", f"{text}: the same count, another arrangement", ("G2",))
        return _found("G1", f"{text}: another number of axes", ("G2",))
    off = [a - b for a, b in zip(came, want, strict=True) if a != b]
    if len(want) != 4:
        return _found("G1", text, ("G3",))
    return _image_sizes(off, text, comparison)


def _image_sizes(off: list[int], text: str, comparison: Comparison) -> Explanation:
    """Tell by how much an image's gradient is too large or too small."""
    pads, steps = max(padding(comparison)), max(stride(comparison))
    if all(d > 0 for d in off) and (pads > 0 or max(off) > 1):
        return _found("D3", f"{text}: the padding is still on it", ("D10", "D8"))
    if all(-steps < d < 0 for d in off) and steps > 1:
        return _found("D6", f"{text}: the pixels after the last window are missing", ("D10", "D2"))
    if all(abs(d) == 1 for d in off):
        return _found("D10", f"{text}: off by one", ("D8", "D3"))
    return _found("D2", f"{text}: too small", ("D8", "D6"))


def _not_finite(comparison: Comparison) -> Explanation:
    bad = ~np.isfinite(comparison.analytic)
    kind = "NaN" if np.isnan(comparison.analytic).any() else "infinite"
    return _found("F6", f"{int(bad.sum())} of {bad.size} numbers are {kind}, the true ones are not")
