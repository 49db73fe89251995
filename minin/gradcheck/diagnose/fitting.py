"""Which bugs an operation can have: a pool has no bias, and axis 0 of a matrix is no batch.

What is known of the operation decides; where nothing is, its arrays and slopes do. A bug that does
not fit is not named, whatever the numbers look like.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minin.gradcheck.diagnose.additive import labels_of
from minin.gradcheck.diagnose.dims import KEEP_NAMES, setting
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.diagnose.scale import averages
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.recognise.references.table import REFERENCES

ANYWHERE = ("A5", "A6", "A9", "A11", "A12", "A13", "C4", "C6", "C7")


def fits(bug: str, evidence: Evidence) -> bool:
    """Tell whether the operation can have a bug, by what is known of it."""
    if bug in ANYWHERE or bug[0] == "H":
        return True
    if evidence.op is not None and bug[0] != "G":
        return any(switch.split()[0] == bug for switch in REFERENCES[evidence.op].switches)
    kind = next(kind for kind, bugs in BUGS.items() if bug in bugs)
    return KINDS[kind](evidence.seen)


def _samples(s: Comparison) -> bool:
    data = next((a for a in s.arguments if isinstance(a, np.ndarray)), s.x)
    return bool(data.ndim > 1 and data.shape[0] > 1)


def _indices(s: Comparison) -> bool:
    return any(isinstance(a, np.ndarray) and a.dtype.kind in "iu" for a in s.arguments)


def _kernel(s: Comparison) -> bool:
    return any(isinstance(a, np.ndarray) and a.ndim == 4 for a in s.arguments[1:])


def _winners(s: Comparison) -> bool:
    j = np.asarray(0.5 if s.jacobian is None else s.jacobian)
    return s.x.ndim > 2 and bool(np.all((np.abs(j) < 1e-7) | (np.abs(j - 1) < 1e-6)))


def _softmax(s: Comparison) -> bool:
    y = s.output
    if y.shape != s.x.shape:
        return bool(s.x.ndim == 2 and y.size <= len(s.x))  # a loss of rows of scores
    sums = [np.allclose(y.sum(axis), 1) for axis in range(y.ndim)]
    return bool(np.all(y >= 0) and np.any(sums))


KINDS: dict[str, Callable[[Comparison], bool]] = {
    "any": lambda s: s.x.ndim >= 0,
    "samples": _samples,
    "averages": lambda s: averages((s,)),
    "dropout": lambda s: setting(s, KEEP_NAMES) is not None,
    "kernel": _kernel,
    "image": lambda s: s.x.ndim > 2,
    "maps": lambda s: max(s.x.ndim, s.output.ndim) > 3,
    "winners": _winners,
    "labels": lambda s: labels_of(s) is not None,
    "indices": _indices,
    "softmax": _softmax,
    "shared": lambda s: s.x.size < s.output.size,
}
BUGS: dict[str, tuple[str, ...]] = {
    "any": ("A10", "B1", "B2", "B5", "C1", "E1", "E2", "E3", "E7", "E8", "F6", "G2", "G3", "G4"),
    "samples": ("A1", "A2", "A14", "C5"),
    "averages": ("A3", "A4"),
    "dropout": ("A7", "A8"),
    "kernel": ("B3", "B4", "B6", "B8", "B9"),
    "image": ("D1", "D2", "D3", "D4", "D5", "D6", "D8", "D9"),
    "maps": ("B7", "B12"),
    "winners": ("B10", "C3", "D7", "D10", "E4", "E5", "E6"),
    "labels": ("B11", "F3", "F4"),
    "indices": ("C2",),
    "softmax": ("F1", "F2", "F5", "F7"),
    "shared": ("G1", "G5"),
}
