"""What an examination found, before it is put into words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from minin.backend import Array
from minin.gradcheck.diagnose import Verdict
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.measure.facts import Fact
from minin.gradcheck.measure.slopes import Slopes
from minin.gradcheck.recognise.match import Binding


@dataclass
class Result:
    """What an examination found.

    Attributes:
        names: of the arguments that were differentiated.
        facts: about the harness, failures and notes.
        evidence: for each argument.
        verdicts: for each argument whose gradient is wrong.
        binding: the operation, if it was recognised.
        slopes: the measurements at the caller's inputs.
        seconds: how long it took.
        given: whether the caller gave a way to draw other inputs.
    """

    names: tuple[str, ...]
    facts: list[Fact] = field(default_factory=list)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    binding: Binding | None = None
    slopes: list[Slopes] = field(default_factory=list)
    seconds: float = 0.0
    output: Array | None = None
    subject: Any = None
    complex_step: float | None = None
    given: bool = False
