"""From the numbers of an examination to the words of a report."""

from __future__ import annotations

from typing import Any

import numpy as np

from minin.gradcheck.catalogue import BUGS
from minin.gradcheck.diagnose import Verdict
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.diagnose.support import best_rule
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation, Fact
from minin.gradcheck.recognise.references.record import Reference
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.report.finding import Finding, Line, Measurement, Note
from minin.gradcheck.report.report import Report
from minin.gradcheck.report.result import Result
from minin.gradcheck.report.smallest_case import smallest
from minin.gradcheck.subject.call import sizes
from minin.sentences import language, sentence

UNMEASURED = {
    "H8": "gradcheck.forward_moves",
    "F6": "gradcheck.not_finite",
    "A8": "gradcheck.backward_moves",
    "H11": "gradcheck.backward_moves",
}
# What these see is the cause itself. The others see a ratio, a place or an order of numbers, which
# more than one slip can leave behind.
OBSERVED = ("harness", "form", "reduced", "upstream")


def write_report(result: Result, name: str, feedback: str = "fix") -> Report:
    """Write an examination down as a report."""
    findings = [_of_fact(f) for f in result.facts if not f.note]
    for number, (argument, verdict) in enumerate(result.verdicts.items()):
        findings.append(_of_verdict(result, argument, verdict, first=number == 0))
    notes = [
        Note(f.argument, f.explanation.bug, _note_text(f.explanation))
        for f in result.facts
        if f.note
    ]
    notes += [
        Note(result.names[0], "H6", sentence("gradcheck.integers")) for _ in result.subject.integers
    ]
    lines = [_line(result, argument) for argument in result.names if argument in result.evidence]
    op = result.binding.name if result.binding else None
    return Report(
        _title(result, op or name), tuple(findings), tuple(notes), tuple(lines),
        _measurement(result), op, feedback, result.seconds, language=language(),
    )  # fmt: skip


def _title(result: Result, name: str) -> str:
    subject = result.subject
    told = sizes(subject.arguments, subject.inputs, subject.params)
    return f"{name}.backward   {told}".rstrip()


def _note_text(e: Explanation) -> str:
    fix = BUGS[e.bug].fix if e.bug else e.fix
    return sentence("gradcheck.what_and_fix", what=e.what, fix=fix)


def _of_fact(fact: Fact) -> Finding:
    e = fact.explanation
    candidates = tuple(b for b in (e.bug, *e.also) if b)
    return Finding(
        fact.argument, e.bug, candidates, e.what, _fix(e),
        recogniser=e.recogniser, unmeasured=fact.unmeasured, said=(e,),
    )  # fmt: skip


def _of_verdict(result: Result, argument: str, verdict: Verdict, first: bool) -> Finding:
    evidence = result.evidence[argument]
    comparison = evidence.seen
    told = verdict.explanations[0] if verdict.explanations else None
    case = _case(result, comparison, argument) if first else ()
    bug, candidates = verdict.bug, verdict.candidates
    what, fix = _words(told, bug, evidence)
    about = _about(evidence, told)
    if told is not None and about.base and not result.given:
        what = _at(result, about, what)
    certain = _certain(verdict, told, evidence)
    if not certain and fix:
        if bug in BUGS:
            fix = sentence("gradcheck.like_bug", bug=BUGS[bug].name, fix=fix)
        else:
            fix = sentence("gradcheck.like", fix=fix)
    return Finding(
        argument, bug, candidates, what, fix,
        wrong=comparison.wrong if comparison.fits else None, judged=int(comparison.trusted.sum()),
        where=_where(evidence), came=comparison.analytic, case=case,
        truth=np.where(comparison.trusted, comparison.numeric, np.nan),
        recogniser=told.recogniser if told else "place", runner_up=_runner_up(bug, candidates),
        certain=certain, said=verdict.explanations, seen=_seen(evidence),
        elsewhere=_sizes(result, comparison) if comparison.base and not result.given else "",
    )  # fmt: skip


def _seen(evidence: Evidence) -> str:
    own = sum(s.base == 0 for s in evidence.wrong)
    wrong, count = len(evidence.wrong), len(evidence.comparisons)
    return sentence("gradcheck.seen", wrong=wrong, count=count, own=own)


def _about(evidence: Evidence, told: Explanation | None) -> Comparison:
    """Return the comparison that a sentence is about: a shape may be wrong elsewhere alone."""
    elsewhere = (s for s in evidence.comparisons if not s.fits)
    if told is not None and told.recogniser == "form" and evidence.seen.fits:
        return next(elsewhere, evidence.seen)
    return evidence.seen


def _at(result: Result, comparison: Comparison, what: str) -> str:
    """Say that something was seen at inputs of minin's own."""
    told = _sizes(result, comparison)
    if told == sizes(result.subject.arguments, result.subject.inputs, result.subject.params):
        return sentence("gradcheck.other_numbers", what=what)
    return sentence("gradcheck.other_sizes", sizes=told, what=what)


def _sizes(result: Result, comparison: Comparison) -> str:
    """Say at which inputs of minin's own something was seen."""
    call = comparison.call
    return sizes(result.subject.arguments, call.inputs, call.params)


def _certain(verdict: Verdict, told: Explanation | None, evidence: Evidence) -> bool:
    """Tell whether the cause was seen itself, in an operation that can have it."""
    bug = verdict.bug
    if told is None:
        return True  # nothing is claimed
    if bug and any(
        e.recogniser == "known_bug" and bug in (e.bug, *e.also) for e in verdict.explanations
    ):
        return _unequal(evidence)
    at_home = [op for op, reference in REFERENCES.items() if bug in _ids(reference)]
    seen = told.recogniser in OBSERVED and (told.recogniser != "form" or not told.also)
    return seen and (bug is None or bug[0] != "D" or evidence.op in at_home)


def _unequal(evidence: Evidence) -> bool:
    """Tell whether lengths that might be mixed up differ somewhere."""
    shapes = {s.x.shape for s in evidence.comparisons}
    longer = [[n for n in shape if n > 1] for shape in shapes]
    return len(shapes) > 1 or any(len(ns) == len(set(ns)) for ns in longer)


def _ids(reference: Reference) -> set[str]:
    return {switch.split()[0] for switch in reference.switches}


def _words(told: Explanation | None, bug: str | None, evidence: Evidence) -> tuple[str, str]:
    if told is None:
        return sentence("gradcheck.no_pattern"), sentence("gradcheck.compare")
    if bug is None and told.fix and told.kind != "contributions/table":
        return told.what, told.fix
    if bug is None:
        return sentence("gradcheck.but_no_pattern", what=told.what), told.fix
    if told.recogniser == "known_bug":
        what = sentence("gradcheck.identical", op=evidence.op, bug=BUGS[bug].name)
        return what, BUGS[bug].text
    return told.what, told.fix or BUGS[bug].text


def _fix(e: Explanation) -> str:
    return BUGS[e.bug].text if e.bug else e.fix


def _where(evidence: Evidence) -> str:
    comparison = evidence.seen
    if not comparison.fits or not 0 < int(comparison.wrong.sum()) < int(comparison.trusted.sum()):
        return ""
    rule = best_rule(evidence)
    right = int(comparison.trusted.sum()) - int(comparison.wrong.sum())
    if rule is None:
        return sentence("gradcheck.no_rule", right=right)
    return sentence("gradcheck.rule", rule=rule, right=right)


def _case(result: Result, comparison: Comparison, argument: str) -> tuple[str, ...]:
    subject, call = result.subject, comparison.call
    try:
        return smallest(subject.at(call.inputs, call.params) if call else subject, argument)
    except Exception:  # a report without a case is better than none
        return ()


def _runner_up(bug: str | None, candidates: tuple[str, ...]) -> str:
    other = next((b for b in candidates if b != bug and b in BUGS), None)
    if other is None or not bug:
        return ""
    return sentence("gradcheck.runner_up", bug=other, name=BUGS[other].name)


def _line(result: Result, argument: str) -> Line:
    evidence = result.evidence[argument]
    comparisons = [s for s in evidence.comparisons if s.base == 0]
    error = 0.0
    for s in comparisons:
        if s.fits and s.trusted.any():
            largest = float(np.max(np.abs(s.numeric[s.trusted]), initial=0.0)) or 1.0
            off: Any = np.abs(s.analytic - s.numeric)[s.trusted]
            error = max(error, float(np.max(off, initial=0.0)) / largest)
    first = comparisons[0]
    told = {f.argument for f in result.facts if not f.note} | set(result.verdicts)
    return Line(
        argument, argument not in told, int(first.trusted.sum()), first.x.size,
        int(first.kinks.sum()), error,
    )  # fmt: skip


def _measurement(result: Result) -> Measurement:
    slopes = result.slopes
    if not slopes:
        bug = next((f.explanation.bug for f in result.facts if f.fatal), None) or "H8"
        why = UNMEASURED.get(bug, UNMEASURED["H8"])
        return Measurement(0.0, 0.0, 0, False, deterministic=bug == "F6", unmeasured=sentence(why))
    kinks = sum(int(s.kink.sum()) for s in slopes)
    dense = all(s.dense for s in slopes)
    entries = None if dense else sum(len(s.entries) for s in slopes)
    return Measurement(
        slopes[0].step, max(s.bend for s in slopes), kinks, dense,
        complex_step=result.complex_step, entries=entries,
    )  # fmt: skip
