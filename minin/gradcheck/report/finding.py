"""What a report is made of: findings, notes, and the error that carries a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minin.backend import Array
from minin.errors import MininError
from minin.gradcheck.measure.facts import Explanation
from minin.sentences import sentence


class GradientError(MininError, AssertionError):
    """A gradient is wrong; the message is the report."""


@dataclass(frozen=True)
class Finding:
    """One gradient that is wrong, or one thing that forward or backward does wrong.

    Attributes:
        argument: whose gradient it is, or "forward" or "backward".
        bug: the stable id of the likeliest cause, or None if no known pattern fits.
        candidates: all ids that fit or nearly fit, the likeliest first.
        what: what was seen.
        fix: what it means and how to fix it.
        wrong: mask of the wrong entries, None where the shape itself is wrong.
        judged: how many entries were judged.
        where: the rule that all wrong entries follow, if one was found.
        truth: the true gradient, NaN where it was not judged.
        came: the gradient that came.
        case: lines about the smallest failing case.
        recogniser: which recogniser spoke, as `minin.gradcheck.diagnose.ranks` lists them.
        runner_up: what else it may be, in a line.
        certain: whether the cause itself was seen; if not, what was seen only looks like it.
        unmeasured: whether nothing can be said, because no slope could be measured.
        said: what every recogniser said, what is told first.
        seen: at how many probes it is wrong, in a line.
        elsewhere: where it is right at the caller's inputs, the others at which it is wrong.
    """

    argument: str
    bug: str | None
    candidates: tuple[str, ...]
    what: str
    fix: str = ""
    wrong: Array | None = None
    judged: int = 0
    where: str = ""
    truth: Array | None = None
    came: Any = None
    case: tuple[str, ...] = ()
    recogniser: str = ""
    runner_up: str = ""
    certain: bool = True
    unmeasured: bool = False
    said: tuple[Explanation, ...] = ()
    seen: str = ""
    elsewhere: str = ""

    @property
    def shapes(self) -> tuple[str, str] | None:
        """The gradient's shape and the argument's as a report says them, if they differ."""
        if self.truth is None or not isinstance(self.came, np.ndarray):
            return None
        came, want = (str(x.shape).replace(" ", "") for x in (self.came, self.truth))
        return (came, want) if came != want else None

    @property
    def sentence(self) -> str:
        """What was seen and what it means, in one line."""
        return f"{self.what}: {self.fix}" if self.fix else self.what

    @property
    def count(self) -> int:
        """The number of wrong entries."""
        return 0 if self.wrong is None else int(self.wrong.sum())

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain Python values, ready for JSON."""
        wrong = [] if self.wrong is None else np.argwhere(self.wrong)[:200].tolist()
        return {
            "argument": self.argument, "bug": self.bug, "candidates": list(self.candidates),
            "sentence": self.sentence, "what": self.what, "fix": self.fix, "where": self.where,
            "wrong_count": self.count, "judged": self.judged, "wrong": wrong,
            "case": list(self.case), "recogniser": self.recogniser, "certain": self.certain,
        }  # fmt: skip


@dataclass(frozen=True)
class Note:
    """Something worth knowing that is no failure: a convention, a kink, a number's kind."""

    argument: str
    bug: str | None
    sentence: str

    def __str__(self) -> str:
        """Return the sentence."""
        return self.sentence


@dataclass(frozen=True)
class Line:
    """One argument in the table of verdicts."""

    argument: str
    ok: bool
    judged: int
    size: int
    kinks: int
    error: float


@dataclass(frozen=True)
class Measurement:
    """How far the measurements can be trusted."""

    step: float
    bend: float
    kinks: int
    dense: bool
    deterministic: bool = True
    complex_step: float | None = None
    entries: int | None = None  # that were measured by themselves, where not all were
    unmeasured: str = ""

    def __str__(self) -> str:
        """Return it as the report says it."""
        if self.unmeasured or not self.deterministic:
            why = self.unmeasured or sentence("gradcheck.forward_moves")
            return sentence("gradcheck.no_slope", why=why)
        step, error = f"{self.step:.0e}", f"{self.bend:.0e}"
        agreement = sentence("gradcheck.agreement", error=error)
        if self.complex_step is not None:
            agreement = sentence(
                "gradcheck.agreement_complex", error=error, complex_error=f"{self.complex_step:.0e}"
            )
        if self.entries is None:
            return sentence("gradcheck.measured", step=step, agreement=agreement, kinks=self.kinks)
        return sentence(
            "gradcheck.measured_partly",
            step=step,
            agreement=agreement,
            kinks=self.kinks,
            entries=self.entries,
        )
