"""The examination: measure, compare, explain; everything but the words of the report."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.crosswise import crosswise
from minin.gradcheck.diagnose.explain import explain
from minin.gradcheck.measure.compare import compare
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.differences import measure
from minin.gradcheck.measure.directions import along_directions, complex_agreement
from minin.gradcheck.measure.facts import Explanation, Fact
from minin.gradcheck.measure.kinks import judge_kinks
from minin.gradcheck.measure.purity import inspect
from minin.gradcheck.measure.steps import EPS, WORK, choose_step, pick_entries
from minin.gradcheck.measure.upstream import draw_upstream
from minin.gradcheck.recognise.match import Binding, find
from minin.gradcheck.recognise.other_inputs import (
    Sample,
    others,
    same_shapes,
    slopes_from_reference,
    unseen,
)
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.report.result import Result
from minin.gradcheck.subject import Subject
from minin.gradcheck.subject.call import Call, call_of, sizes
from minin.gradcheck.subject.functions import DECLINED, Code, Missing
from minin.gradcheck.subject.outcome import UnsteadyShapeError
from minin.sentences import sentence

COARSE = 4e-3  # the step where forward works in float32
FURTHER = 10  # the number of the first inputs that are not of the caller's shapes
LOOSE = 2e-3  # of the largest number of a gradient, there


def examine(
    subject: Subject,
    rng: np.random.Generator,
    op: str | None = None,
    sample: Sample | None = None,
    without: Collection[str] = (),
) -> Result:
    """Look at a subject from all sides.

    Args:
        subject: the functions and the arguments at which they are checked.
        rng: draws upstream gradients and further inputs.
        op: the name of the operation; None to recognise it.
        sample: draws other inputs.
        without: recognisers that are switched off.
    """
    started = time.perf_counter()
    result = Result(subject.names, subject=subject, given=sample is not None)
    outcome = subject.run(subject.base)
    result.output = outcome.output
    first = draw_upstream(outcome.output.shape, rng)
    result.facts = _inspect(subject, first)
    if not any(f.fatal for f in result.facts):
        try:
            _compare(subject, result, rng, first, op, sample, without)
        except UnsteadyShapeError as moved:
            result = _unsteady(result, moved)
    result.facts += _besides(subject)
    result.seconds = time.perf_counter() - started
    return result


def _compare(
    subject: Subject,
    result: Result,
    rng: np.random.Generator,
    first: Array,
    op: str | None,
    sample: Sample | None,
    without: Collection[str],
) -> None:
    """Measure, look further where it is wrong, and explain."""
    call = call_of(subject, np.asarray(result.output))
    comparisons = _compare_at_inputs(subject, result, rng, first)
    declined = _list_declined(comparisons)
    clean = all(_clean(s) for name, s in comparisons.items() if name not in declined)
    if op is not None or not clean or declined:
        result.binding = find(REFERENCES, call, op)
    _set_aside(subject, result, call, comparisons, declined)
    if clean and isinstance(subject, Code):
        clean = not _at_other_numbers(subject, comparisons, rng, op is not None)
    if not clean or sample is not None or result.binding is not None:
        wanted = 1 if clean and op is None else 3
        looked = _look_further(subject, result, comparisons, call, sample, rng, wanted)
        if op is not None and result.binding is not None and not looked:
            result.facts += _not_seen(result.binding, call)
    found = sorted(comparisons.items(), key=lambda item: _clean(item[1][:1]))
    result.evidence, result.verdicts = explain(
        subject, result.binding, result.slopes, dict(found), without
    )
    crosswise(result.evidence, result.verdicts)
    if not all(s.dense for s in result.slopes):
        known = {*declined, *result.verdicts}
        result.facts += list(along_directions(subject, first, rng, known))
    result.facts += judge_kinks(subject, result.slopes, first)
    result.complex_step = complex_agreement(subject, rng)


def _list_declined(comparisons: dict[str, list[Comparison]]) -> list[str]:
    """List the arguments whose gradient is None; none if there is no gradient beside them."""
    came = {name: s[0].analytic for name, s in comparisons.items()}
    if all(isinstance(grad, Missing) for grad in came.values()):
        return []
    return [name for name, grad in came.items() if grad is DECLINED]


def _unsteady(result: Result, moved: UnsteadyShapeError) -> Result:
    """Report an output that changes its shape, and nothing that was compared meanwhile."""
    fact = Fact("forward", Explanation("harness", "H8", str(moved)), fatal=True)
    facts = [f for f in result.facts if f.explanation.recogniser == "harness"]
    return Result(result.names, [*facts, fact], output=result.output, subject=result.subject)


def _besides(subject: Subject) -> Iterator[Fact]:
    """Yield what came beyond the arguments, and what was handed on without being judged."""
    if not isinstance(subject, Code):
        return
    if subject.surplus:
        layer = any(hasattr(f, "__self__") for f in (subject.forward, subject.backward))
        fix = sentence("gradcheck.surplus_fix")
        yield Fact("backward", Explanation("harness", None, subject.surplus, fix=fix), note=layer)
    for name, arrays in subject.unjudged.items():
        where = name if name == "params" else sentence("gradcheck.dictionary", name=name)
        what = sentence("gradcheck.not_judged", where=where, names=", ".join(arrays[:6]))
        fix = sentence("gradcheck.not_judged_fix")
        yield Fact(name, Explanation("harness", None, what, fix=fix), note=True)


def _set_aside(
    subject: Subject,
    result: Result,
    call: Call,
    comparisons: dict[str, list[Comparison]],
    declined: list[str],
) -> None:
    """Leave out arguments for which backward says None, unless they are known to have one."""
    binding = result.binding
    for name in declined:
        comparison = comparisons[name][0]
        if binding is not None:
            known = binding.gradients(call, comparison.grad_y, None).get(comparison.place)
            loss = comparison.output.size == 1
            target = isinstance(subject, Code) and subject.is_target(name, loss)
            if isinstance(known, np.ndarray) and not target:
                continue
        del comparisons[name]
        what = sentence("gradcheck.declined")
        said = Explanation("form", None, what, fix=sentence("gradcheck.declined_fix"))
        result.facts.append(Fact(name, said, note=True))


def _inspect(subject: Subject, grad_y: Array) -> list[Fact]:
    found: list[Fact] = []
    with contextlib.suppress(Exception):  # backward raises, or the shape moves: met again later
        found.extend(inspect(subject, grad_y))
    return found


def _clean(comparisons: list[Comparison]) -> bool:
    return all(s.fits and not s.wrong.any() for s in comparisons)


def _compare_at_inputs(
    subject: Subject, result: Result, rng: np.random.Generator, first: Array
) -> dict[str, list[Comparison]]:
    """Measure at the caller's inputs, and send two upstream gradients back."""
    chosen = pick_entries(subject.look, subject.base, WORK, rng)
    coarse = any(f.explanation.bug == "H4" for f in result.facts)
    step = COARSE if coarse else choose_step(subject.look, subject.base, rng)
    eps = float(np.finfo(np.float32).eps) if coarse else EPS
    result.slopes = [
        measure(subject.look, subject.base, place, entries, step, eps)
        for place, entries in enumerate(chosen)
    ]
    second = draw_upstream(first.shape, rng)
    comparisons = compare(subject, result.slopes, first, 0, answers=True)
    more = compare(subject, result.slopes, second, 0)
    if coarse:
        comparisons, more = (
            [replace(s, loose=LOOSE) for s in found] for found in (comparisons, more)
        )
    return {name: [a, b] for name, a, b in zip(subject.names, comparisons, more, strict=True)}


def _at_other_numbers(
    subject: Code, comparisons: dict[str, list[Comparison]], rng: np.random.Generator, close: bool
) -> bool:
    """Add what is wrong at other numbers of the same shapes, as where a mask was kept."""
    for number, moved in enumerate(same_shapes(subject, close), 1):
        try:
            grad_y = draw_upstream(moved.look(moved.base)[0].shape, rng)
            if not list(along_directions(moved, grad_y, rng)):
                continue
            chosen = pick_entries(moved.look, moved.base, WORK // 3, rng)
            slopes = [measure(moved.look, moved.base, k, e) for k, e in enumerate(chosen)]
            found = compare(moved, slopes, grad_y, number)
        except Exception:  # forward, or what is measured of it, does not take such numbers
            continue
        judged = [(n, s) for n, s in zip(subject.names, found, strict=True) if n in comparisons]
        if not _clean([s for _, s in judged]):
            for name, comparison in judged:
                comparisons[name].append(comparison)
            return True
    return False


def _look_further(
    subject: Subject,
    result: Result,
    comparisons: dict[str, list[Comparison]],
    call: Call,
    sample: Sample | None,
    rng: np.random.Generator,
    wanted: int = 3,
) -> int:
    """Add comparisons at other inputs; where the operation is known its reference is the truth.

    Returns:
        How many other inputs were looked at.
    """
    further = others(subject, result.binding, call, sample, rng, wanted)
    # What keeps a state may stop at other shapes; that says nothing new about the state.
    shaky = any(not f.note for f in result.facts)
    stops: Fact | None = None
    looked = 0
    for number, moved in enumerate(further, FURTHER):
        y = moved.look(moved.base)[0]
        g = draw_upstream(y.shape, rng)
        slopes: list[Any] | None
        if sample is None and result.binding is not None:
            slopes = slopes_from_reference(moved, result.binding, y, g)
        else:
            chosen = pick_entries(moved.look, moved.base, WORK // 3, rng)
            slopes = [measure(moved.look, moved.base, k, e) for k, e in enumerate(chosen)]
        if slopes is None:
            continue
        found = compare(moved, slopes, g, number)
        stop = next((s.analytic for s in found if isinstance(s.analytic, Exception)), None)
        if stop is not None and sample is None:
            stops = stops or _stops(moved, stop)
            continue
        looked += 1
        for name, comparison in zip(subject.names, found, strict=True):
            if name in comparisons and (comparison.fits or not shaky):
                comparisons[name].append(comparison)
    if stops is not None and _runs(comparisons):
        result.facts.append(stops)
    return looked


def _not_seen(binding: Binding, call: Call) -> Iterator[Fact]:
    """Note what the caller's inputs cannot show, where no others could be tried."""
    missing = unseen(binding, call)
    if missing:
        what = sentence("gradcheck.not_seen", missing=missing)
        said = Explanation("harness", None, what, fix=sentence("gradcheck.not_seen_fix"))
        yield Fact("forward", said, note=True)


def _runs(comparisons: Mapping[str, list[Comparison]]) -> bool:
    """Tell whether backward does not stop at the caller's own inputs."""
    return not any(isinstance(s[0].analytic, Exception) for s in comparisons.values())


def _stops(moved: Subject, error: Exception) -> Fact:
    """Note that backward stops at inputs that nobody gave: that is no verdict on those given."""
    at = sizes(moved.arguments, moved.inputs, moved.params)
    raised = f"{type(error).__name__}: {error!s:.70}"
    what, fix = sentence("gradcheck.stops", sizes=at, error=raised), sentence("gradcheck.stops_fix")
    return Fact("backward", Explanation("harness", None, what, fix=fix), note=True)
