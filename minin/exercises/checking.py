"""Judging one answer: values, gradients, slopes, ties; the verdict.

The answer's functions run in a child (`child`); here is what they sent compared with the truth,
which is computed when an answer has come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from minin import gradcheck
from minin.autograd import rules
from minin.exercises.child import AnswerProcess
from minin.exercises.comparing import (
    WrongValuesError,
    bug_line,
    called,
    compare,
    in_order,
    is_array,
    output_and_cache,
)
from minin.exercises.marks import FaultError, Line, Tally
from minin.exercises.remote import remote, slopes_of
from minin.exercises.source import Exercise
from minin.exercises.tasks import TASKS, Pair, SlopeCheck, Task, Value
from minin.gradcheck.catalogue import BUGS
from minin.gradcheck.report.report import Report
from minin.gradcheck.subject.silence import quiet
from minin.sentences import sentence

_NEAR = 1e-6  # of a gradient's largest number; slopes, which are closer, are measured after it


class Judge:
    """One answer, and what was found out about it.

    Values are compared with independent references, the smallest cases first; gradients with
    theirs, from a cache that another forward has followed; if all is right so far, slopes are
    measured on the reference and held against the answer's gradients. If values are wrong
    the likeliest bug is named by them. Where pixels tie there is no slope, and values decide.

    Attributes:
        tally: what is right and wrong.
        counts: how many cases, by their marks, and entries at slopes were found right.
    """

    def __init__(self, exercise: Exercise, child: AnswerProcess, feedback: str, seed: int) -> None:
        self.task: Task = TASKS[exercise.name]
        self.child, self.feedback, self.seed = child, feedback, seed
        self.functions = {name: remote(child, name) for name in self.task.functions}
        self.tally = Tally(exercise.marks)
        self.counts: Counter[str] = Counter()

    def run(self) -> None:
        """Judge all that is asked.

        Raises:
            GoneError: if the child ends meanwhile.
        """
        for name in self.task.functions:
            if not self.child.has(name):
                text = sentence("exercises.must_define", function=name)
                fault = FaultError("crashed", [("verdict", sentence("labels.missing"), text)])
                self.tally.fail(fault, *self.tally.scheme)
                return
        rng = np.random.default_rng(self.seed)
        with quiet(), rules("plain"):
            self._values(self.task.values(rng), rng)
            pairs = list(self.task.pairs(rng))
            for pair in pairs:
                self._gradients(pair)
            self._values(self.task.ties(rng), rng)
            if not self.tally.faults:
                self._slopes(pairs, rng)

    def _values(self, values: Iterator[Value], rng: np.random.Generator) -> None:
        """Compare values; of each mark, up to the first fault."""
        for value in values:
            if value.mark in self.tally.wrong:
                continue
            self.tally.judged |= {value.mark, "shapes", "unchanged"}
            try:
                self._value(value)
                self.counts[value.mark] += 1
            except WrongValuesError as fault:
                checks = self.task.slopes(self.functions, rng)
                self.tally.fail(_named(fault, value, checks, self.seed), value.mark)
            except FaultError as fault:
                self.tally.fail(fault, value.mark)

    def _value(self, value: Value) -> None:
        """Call once and compare with the right result."""
        about = sentence("exercises.case", function=value.function, about=value.about)
        case = ("where", sentence("labels.case"), about)
        arguments = value.arguments
        if value.before is not None:
            first, given = value.before
            made = called(self.child, first, *given, keep=True)[0]
            arguments = (*arguments, output_and_cache(first, made, case)[1])
        came, changed = called(self.child, value.function, *arguments, keep=value.cached)
        if changed:
            self._blame_change(value.function, case)
        if value.cached:
            came = output_and_cache(value.function, came, case)[0]
        right = value.right()
        if is_array(came) and came.shape != right.shape:
            self.tally.wrong.add("shapes")
        compare(value, right, came, case)

    # ---- gradients

    def _gradients(self, pair: Pair) -> None:
        """Compare the gradients of a pair, each for two inputs whose forwards ran in a row."""
        marks = {f"grad_{name}" for name in pair.names}
        self.tally.judged |= marks | {"shapes", "unchanged"}
        if marks <= self.tally.wrong:
            return
        rng = np.random.default_rng(self.seed)
        moved = [rng.permuted(x.ravel()).reshape(x.shape) for x in pair.inputs]
        try:
            runs = [(inputs, self._forward(pair, inputs)) for inputs in (pair.inputs, moved)]
            wrong: set[str] = set()
            for inputs, cache in runs:
                right, kept = pair.run(*inputs, **pair.params)
                grad_y = rng.standard_normal(right.shape)
                came, changed = called(self.child, pair.backward, grad_y, cache)
                if changed:
                    self._blame_change(pair.backward)
                truth = pair.gradients(grad_y, kept)
                wrong |= self._wrong(pair.names, in_order(came, pair.names), truth)
        except FaultError as fault:
            self.tally.fail(fault, *marks)
            return
        if wrong - self.tally.wrong:
            self.tally.fail(self._explained(pair, wrong), *wrong)

    def _forward(self, pair: Pair, inputs: list[Any]) -> Any:
        """Run the answer's forward; return the cache, if the values are right."""
        about = ", ".join(f"{n} {x.shape}" for n, x in zip(pair.names, inputs, strict=True))
        case = ("where", sentence("labels.case"), f"{pair.forward}: {about}")
        settings = pair.params.values()
        came, _ = called(self.child, pair.forward, *inputs, *settings, keep=True)
        y, cache = output_and_cache(pair.forward, came, case)
        right = pair.run(*inputs, **pair.params)[0]
        if "values" not in self.tally.wrong:  # else a backward that is right may still be so
            value = Value(pair.forward, tuple(inputs), lambda: right, about)
            try:
                compare(value, right, y, case)
            except FaultError as fault:
                self.tally.fail(fault, "values")
        return cache

    def _blame_change(self, function: str, *case: Line) -> None:
        if "unchanged" not in self.tally.wrong:
            text = sentence("exercises.changes_input", function=function)
            line = ("verdict", sentence("labels.changed"), text)
            self.tally.fail(FaultError("wrong", [line, *case], "H2"), "unchanged")

    def _wrong(self, names: Iterable[str], came: list[Any], truth: list[Any]) -> set[str]:
        """Return the marks of the gradients that differ from the truth."""
        wrong = set()
        for name, mine, right in zip(names, came, truth, strict=True):
            if not is_array(mine) or mine.dtype.kind not in "fiu":
                wrong.add(f"grad_{name}")
            elif mine.shape != right.shape:
                wrong.add(f"grad_{name}")
                self.tally.wrong.add("shapes")
            elif not np.allclose(mine, right, rtol=_NEAR, atol=_NEAR * np.abs(right).max()):
                wrong.add(f"grad_{name}")
        return wrong

    def _explained(self, pair: Pair, wrong: set[str]) -> FaultError:
        """Let the gradient checker say why gradients are wrong; at least say which are."""
        report = _report(slopes_of(self.child, pair), pair.names, self.feedback, self.seed)
        if not report.ok:
            return FaultError("wrong", [("verdict", "", str(report))], _bug(report))
        names = ", ".join(sorted(wrong))
        text = sentence("exercises.wrong_gradients", function=pair.backward, names=names)
        return FaultError("wrong", [("verdict", sentence("labels.where"), text)])

    # ---- slopes

    def _slopes(self, pairs: list[Pair], rng: np.random.Generator) -> None:
        """Measure slopes and hold every gradient against them."""
        checks = [(slopes_of(self.child, p), p.names) for p in pairs if p.measured]
        checks += [(check, ()) for check in self.task.slopes(self.functions, rng)]
        for check, names in checks:
            report = _report(check, names, self.feedback, self.seed)
            self.counts["slopes"] += sum(line.judged for line in report.lines)
            if not report.ok:
                marks = [f"grad_{n}" for n in names] or ["values"]
                told = {f"grad_{f.argument}" for f in report.findings}
                costs = told if told <= set(marks) else marks
                fault = FaultError("wrong", [("verdict", "", str(report))], _bug(report))
                self.tally.fail(fault, *costs)
                return


def _report(slopes: SlopeCheck, names: Iterable[str], feedback: str, seed: int) -> Report:
    return gradcheck.check_backward(
        slopes.forward,
        slopes.backward,
        slopes.inputs,
        op=slopes.op,
        params=slopes.params,
        names=list(names) or None,
        seed=seed,
        feedback=feedback,
        repair=False,  # the answer is the learner's to find
    )


def _bug(report: Report) -> str | None:
    return next((f.bug for f in report.findings if f.bug), None)


def _named(fault: FaultError, value: Value, checks: Iterable[SlopeCheck], seed: int) -> FaultError:
    """Name the bug behind wrong values, where the function is the backward of another.

    im2col and col2im are each other's backward, so the gradient checker can judge them as such.
    """
    found: Counter[str] = Counter()
    for slopes in checks:
        bug = _bug(_report(slopes, (), "fix", seed)) if slopes.function == value.function else None
        if bug is not None:
            found[bug] += 1
            if found[bug] == 2:  # one geometry may fit two causes, two hardly do
                break
    if not found:
        return fault
    bug = found.most_common(1)[0][0]
    fix = ("fix", sentence("labels.fix"), BUGS[bug].text)
    return FaultError("wrong", [*fault.lines, bug_line(bug), fix], bug)
