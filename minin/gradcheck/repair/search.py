"""The search: which change of the caller's own code makes a wrong gradient right?

An edit counts for an argument only if its gradient then is the measured one in every trial, and
no gradient that was right becomes wrong. How long is searched is counted in lines of Python, so
that the same program gets the same words on a busy machine.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import CodeType
from typing import Any

import numpy as np

from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.recognise.other_inputs import Sample
from minin.gradcheck.repair.accepted import Accepted, choose, covers, told
from minin.gradcheck.repair.child import OutsideError, can_fork, guarded, in_child
from minin.gradcheck.repair.edit import Edit, line_of
from minin.gradcheck.repair.held import paths_left_out
from minin.gradcheck.repair.order import edits
from minin.gradcheck.repair.record import Program
from minin.gradcheck.repair.result import Repair
from minin.gradcheck.repair.run import Bench, Prepared, exchanged, functions_made, undisturbed
from minin.gradcheck.repair.sizes import other_sizes
from minin.gradcheck.repair.source import Function, compile_as, find_functions, meaning
from minin.gradcheck.repair.trials import (
    Trial,
    at_callers_inputs,
    elsewhere,
    other_numbers,
)
from minin.gradcheck.repair.walk import codes_of_run, reachable
from minin.gradcheck.subject.functions import Code
from minin.gradcheck.subject.silence import quiet

WORK = 20_000_000  # lines of Python in all runs of one search
TRIED, RIGHT = ".", "+"  # what a child tells of its edits
MOST = 10_000  # runs
FURTHER = 150  # runs after the first success, and as many again as that took
PAIRED, SECOND, NEARER = 4, 1_200, 0.05  # first edits, runs on top of each, what counts
UNSURE = 1_500  # and if that is right at the caller's sizes only
ROUNDS = 3  # independent mistakes


def search(
    subject: Code,
    wrong: Mapping[str, Sequence[Comparison]],
    right: Mapping[str, Sequence[Comparison]],
    sample: Sample | None = None,
) -> tuple[Repair, ...] | str:
    """Search changes that make wrong gradients right; or say by a sentence's key why not.

    Args:
        subject: the caller's functions at the caller's inputs.
        wrong: what was compared, for each argument whose gradient is wrong.
        right: likewise, for each other argument.
        sample: draws other inputs.
    """

    def work(sign: Callable[[str], None], told: str) -> tuple[Repair, ...] | str:
        made = _Search(subject, wrong, right, sample, sign, _letters(told))
        try:
            with undisturbed(), guarded():
                return made.run()
        finally:
            made.bench.leave()

    try:
        if can_fork():
            found = in_child(work)
            return "repair.no_child" if found is None else found
        with quiet():
            return work(lambda _: None, "")
    except (OSError, OutsideError):
        return "repair.no_child"


@dataclass
class _Search:
    subject: Code
    wrong: Mapping[str, Sequence[Comparison]]
    right: Mapping[str, Sequence[Comparison]]
    sample: Sample | None
    sign: Callable[[str], None]
    told: str  # for each edit that was tried before in another child, whether it is right
    tried: int = 0
    came: dict[str, Any] | None = None  # of the last run
    fixed: list[tuple[Function, CodeType]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the place where programs run."""
        self.bench = Bench(self.subject)

    def run(self) -> tuple[Repair, ...] | str:
        """Find the caller's functions, run them observed, and try edits."""
        subject = self.subject
        self.bench.hold(list(reachable([subject.forward, subject.backward])))
        try:
            forward, _, run = codes_of_run(lambda: subject.run(subject.base))
            backward = self._codes_of_backward(run)
        except OutsideError:
            return "repair.outside"
        roots = [subject.forward, subject.backward, run.cache, run.arguments]
        functions = find_functions(roots, forward, backward)
        if not functions:
            return "repair.no_source"
        self.bench.functions = functions
        self.bench.rerun = functions_made(run.cache, roots[:2])
        self.trials = [self.bench.prepare(t) for t in self._trials()]
        self.bench.bound(self.trials)
        found: list[Repair] = []
        left = dict(self.wrong)
        for _ in range(ROUNDS):
            self.near: list[tuple[float, Edit]] = []
            accepted = self._sweep(functions, left, MOST)
            chosen = choose(accepted)
            found += [told(a, accepted, self.tried) for a in chosen]
            left = {n: c for n, c in left.items() if all(n not in a.arguments for a in chosen)}
            if not chosen or not left:
                break
            self._keep([a.edit for a in chosen])
        found += self._pairs(functions, left) if left else []
        found += paths_left_out(self.bench, functions, self.trials, list(left))
        return tuple(found)

    def _codes_of_backward(self, run: Any) -> list[CodeType]:
        grad = next(iter({**self.wrong, **self.right}.values()))[0].grad_y
        seen: list[CodeType] = []

        def again() -> None:
            with contextlib.suppress(Exception):  # it may stop: that is what is wrong
                self.subject.run_backward(run, grad.copy())

        seen, _, _ = codes_of_run(again)
        return seen

    def _trials(self) -> Iterator[Trial]:
        rng, subject = np.random.default_rng(0), self.subject
        comparisons = {**self.wrong, **self.right}
        yield from at_callers_inputs(subject, comparisons, rng)
        names = list(comparisons)
        with contextlib.suppress(Exception):
            near = elsewhere(other_numbers(subject, rng), names, rng, grown=False)
            if near is not None:
                yield near
        drawn: list[Code | None] = []
        with contextlib.suppress(Exception):
            if self.sample is not None:
                given = self.sample(rng)
                drawn.append(subject.at(given if isinstance(given, (list, tuple)) else [given]))
            drawn += [other_sizes(subject, list(self.right), rng, more) for more in (0, 2)]
        for far in drawn:
            trial = elsewhere(far, names, rng, grown=True) if far is not None else None
            if trial is not None:
                yield trial

    def _judge(self, place: Prepared, names: Sequence[str], rerun: bool) -> set[str] | None:
        """Return which gradients are right in a trial; None if it does not run."""
        came = self.came = self.bench.gradients(place, rerun)
        if came is None:
            return None
        return {n for n in names if place.trial.truths[n].holds(came[n])}

    def _pairs(self, functions: Sequence[Function], left: Mapping[str, Any]) -> list[Repair]:
        """Try single edits on top of those that brought a wrong gradient nearer to the truth."""
        fixed = self.fixed
        for _, edit in sorted(self.near, key=lambda near: -near[0])[:PAIRED]:
            self._keep([edit])
            most = self.tried + SECOND
            accepted = [a for a in self._sweep(functions, left, most) if a.grown]
            for one in choose(accepted)[:1]:
                second = told(one, accepted, self.tried)
                number, old, new = line_of(edit)
                first = replace(second, line=number, old=old, new=new, family=edit.family)
                return [second] if number == second.line else [first, second]
            edit.undo()
            self.fixed = fixed
        return []

    def _sweep(
        self, functions: Sequence[Function], left: Mapping[str, Any], most: int
    ) -> list[Accepted]:
        """Try single edits, one kind after the other, ``most`` at most."""
        everything = [*self.wrong, *self.right]
        program = Program(list(functions))
        self._observe(program)
        with exchanged(self.fixed):
            before = [self._judge(p, everything, False) or set() for p in reversed(self.trials)]
        before.reverse()
        self.nearness = {n: self._nearness(n) for n in left}  # the first trial came last
        accepted: list[Accepted] = []
        tried: set[Any] = set()
        first = 0
        for edit in edits(program):
            if self.tried >= most or self.bench.lines + self.bench.each * self.tried > WORK:
                break
            sure = covers([a for a in accepted if a.grown and a.edit.cost <= 1], left)
            enough = 2 * first + FURTHER if sure else 4 * first + UNSURE
            if covers(accepted, left) and self.tried > enough:
                break
            function = edit.function
            with edit.applied():
                code = compile_as(function.node, function.owner, function.code, mention=True)
            if code is None:
                continue
            key = (id(function), meaning(code))
            if key in tried:
                continue
            tried.add(key)
            self.tried += 1
            self.sign(TRIED)
            result = None
            if self.told[self.tried - 1 : self.tried] != TRIED:
                with exchanged([*self.fixed, (function, code)]):
                    result = self._accept(edit, before, left, everything)
            if result is not None:
                self.sign(RIGHT)
                first = first or self.tried
                accepted.append(result)
        return accepted

    def _accept(
        self, edit: Edit, before: list[set[str]], left: Mapping[str, Any], names: Sequence[str]
    ) -> Accepted | None:
        """Run an edit in all trials, the caller's own inputs first."""
        good = set(left)
        grown, proved = [], []
        for place, was in zip(self.trials, before, strict=True):
            now = self._judge(place, names, edit.function.forward)
            if place.trial.grown:  # where it may stop: forward may take what backward does not
                grown += [] if now is None else [was <= now and good <= now]
                if not grown or not grown[-1]:
                    continue
            else:
                good &= now or set()
                if now is None or not was <= now or not good:
                    self._note(edit, left, now is not None and was <= now)
                    return None
            proved.append(place.trial.sizes)
        try:
            line = line_of(edit)
        except (ValueError, IndexError):
            return None
        order = self.tried
        return Accepted(
            edit,
            tuple(n for n in left if n in good),
            bool(grown) and all(grown),
            order,
            line,
            tuple(proved),
        )

    def _nearness(self, name: str) -> float:
        return self.trials[0].trial.truths[name].nearness(self.came[name]) if self.came else 0.0

    def _note(self, edit: Edit, left: Mapping[str, Any], harmless: bool) -> None:
        """Remember an edit that is not right but nearer; another one may have to come to it."""
        gain = max(self._nearness(n) - self.nearness[n] for n in left) if harmless else 0.0
        if gain > NEARER:
            self.near.append((gain / edit.cost, edit))

    def _observe(self, program: Program) -> None:
        """Run backward once with every expression observed."""
        observers = program.observers()
        changes = list(self.fixed)
        for f in program.functions:
            code = compile_as(program.recorder(f), f.owner, f.code, mention=True)
            if code is not None:
                changes.append((f, code))
        spaces = [f.function.__globals__ for f in program.functions]
        program.frame = dict(self.trials[0].frame)
        try:
            for space in spaces:
                space.update(observers)
            self.bench.slack = 50
            with exchanged(changes):
                rerun = any(f.forward and not f.backward for f in program.functions)
                self.bench.gradients(self.trials[0], rerun)
            self.bench.slack = 1
        finally:
            for space in spaces:
                for name in observers:
                    space.pop(name, None)

    def _keep(self, chosen: Sequence[Edit]) -> None:
        """Leave edits in the tree, and go on from there."""
        for edit in chosen:
            edit.apply()
            f = edit.function
            code = compile_as(f.node, f.owner, f.code, mention=True)
            if code is not None:
                self.fixed = [c for c in self.fixed if c[0] is not f] + [(f, code)]


def _letters(told: str) -> str:
    """Return one letter for each edit: RIGHT comes after its TRIED."""
    return told.replace(TRIED + RIGHT, RIGHT)
