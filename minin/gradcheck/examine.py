"""The examination: measure, compare, explain; everything but the words of the report."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.catalogue import BUGS
from minin.gradcheck.diagnose import Verdict, choose
from minin.gradcheck.diagnose.evidence import Evidence, Explanation, Sight
from minin.gradcheck.diagnose.nearby_function import nearby
from minin.gradcheck.measure.comparisons import borrowed, call_of, sights_of
from minin.gradcheck.measure.cotangents import Sample, cotangent, others
from minin.gradcheck.measure.differences import (
    EPS,
    WORK,
    Slopes,
    choose_step,
    measure,
    pick_entries,
)
from minin.gradcheck.measure.directions import along_directions, complex_agreement
from minin.gradcheck.measure.kinks import judge_kinks
from minin.gradcheck.measure.purity import Fact, Subject, inspect
from minin.gradcheck.recognise.match import Binding, Call, find
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.subject.functions import DECLINED, Code, Missing, UnsteadyShapeError

COARSE = 4e-3  # the step where forward works in float32
CATALOGUE = {name: bug.sentence for name, bug in BUGS.items()}


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
        rng: draws cotangents and further inputs.
        op: the name of the operation; None to recognise it.
        sample: draws other inputs.
        without: recognisers that are switched off.
    """
    started = time.perf_counter()
    result = Result(subject.names, subject=subject, given=sample is not None)
    outcome = subject.run(subject.base)
    result.output = outcome.output
    first = cotangent(outcome.output.shape, rng)
    result.facts = _inspected(subject, first)
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
    sights = _sights_at(subject, result, rng, first)
    declined = _declined(sights)
    clean = all(_clean(s) for name, s in sights.items() if name not in declined)
    if op is not None or not clean or declined:
        result.binding = find(REFERENCES, call, op)
    _set_aside(result, call, sights, declined)
    if not clean or sample is not None or result.binding is not None:
        _look_further(subject, result, sights, call, sample, rng, 1 if clean else 3)
    _explain(subject, result, sights, without)
    if not all(s.dense for s in result.slopes) and not result.verdicts:
        result.facts += list(along_directions(subject, first, rng))
    result.facts += judge_kinks(subject, result.slopes, first)
    result.complex_step = complex_agreement(subject, rng)


def _declined(sights: dict[str, list[Sight]]) -> list[str]:
    """List the arguments whose gradient is None; none if there is no gradient beside them."""
    came = {name: s[0].analytic for name, s in sights.items()}
    if all(isinstance(grad, Missing) for grad in came.values()):
        return []
    return [name for name, grad in came.items() if grad is DECLINED]


def _unsteady(result: Result, moved: UnsteadyShapeError) -> Result:
    """Report an output that changes its shape, and nothing that was compared meanwhile."""
    so = "there is no slope across a change of shape: keep it fixed for the check"
    fact = Fact("forward", Explanation("R0", "H8", str(moved), so, weight=0.0), fatal=True)
    facts = [f for f in result.facts if f.explanation.recogniser == "R0"]
    return Result(result.names, [*facts, fact], output=result.output, subject=result.subject)


def _besides(subject: Subject) -> Iterator[Fact]:
    """Yield what came beyond the arguments, and what was handed on without being judged."""
    if not isinstance(subject, Code):
        return
    if subject.surplus:
        layer = any(hasattr(f, "__self__") for f in (subject.forward, subject.backward))
        so = "one for each input, in their order; pass weights as inputs of their own"
        yield Fact("backward", Explanation("R0", None, subject.surplus, so), note=layer)
    for name, arrays in subject.unjudged.items():
        where = name if name == "params" else f"the dictionary {name}"
        what = f"float arrays inside {where} are not judged: {', '.join(arrays[:6])}"
        so = "pass them as inputs of their own"
        yield Fact(name, Explanation("R0", None, what, so), note=True)


def _set_aside(
    result: Result, call: Call, sights: dict[str, list[Sight]], declined: list[str]
) -> None:
    """Leave out arguments for which backward says None, unless they are known to have one."""
    binding = result.binding
    for name in declined:
        sight = sights[name][0]
        if binding is not None:
            known = binding.gradients(call, sight.cotangent, None).get(sight.place)
            if isinstance(known, np.ndarray):
                continue
        del sights[name]
        what = "None came for its gradient, so it is not judged"
        said = Explanation("R1", None, what, "return an array to have it checked")
        result.facts.append(Fact(name, said, note=True))


def _inspected(subject: Subject, cotangent: Array) -> list[Fact]:
    try:
        return list(inspect(subject, cotangent))
    except UnsteadyShapeError:
        return []  # the comparison meets it again
    except Exception:  # backward raises: the comparison reports it for each argument
        return []


def _clean(sights: list[Sight]) -> bool:
    return all(s.fits and not s.wrong.any() for s in sights)


def _sights_at(
    subject: Subject, result: Result, rng: np.random.Generator, first: Array
) -> dict[str, list[Sight]]:
    """Measure at the caller's inputs, and send two cotangents back."""
    chosen = pick_entries(subject.look, subject.base, WORK, rng)
    coarse = any(f.explanation.bug == "H4" for f in result.facts)
    step = COARSE if coarse else choose_step(subject.look, subject.base, rng)
    eps = float(np.finfo(np.float32).eps) if coarse else EPS
    result.slopes = [
        measure(subject.look, subject.base, place, entries, step, eps)
        for place, entries in enumerate(chosen)
    ]
    second = cotangent(first.shape, rng)
    sights = sights_of(subject, result.slopes, first, 0, answers=True)
    more = sights_of(subject, result.slopes, second, 0)
    if coarse:
        sights, more = ([replace(s, loose=0.02) for s in found] for found in (sights, more))
    return {name: [a, b] for name, a, b in zip(subject.names, sights, more, strict=True)}


def _look_further(
    subject: Subject,
    result: Result,
    sights: dict[str, list[Sight]],
    call: Call,
    sample: Sample | None,
    rng: np.random.Generator,
    wanted: int = 3,
) -> None:
    """Add sights at other inputs; where the operation is known its reference is the truth."""
    further = others(subject, result.binding, call, sample, rng, wanted)
    # What keeps a state may stop at other shapes; that says nothing new about the state.
    shaky = any(not f.note for f in result.facts)
    stops: Fact | None = None
    for number, moved in enumerate(further, 1):
        y = moved.look(moved.base)[0]
        g = cotangent(y.shape, rng)
        slopes: list[Any] | None
        if sample is None and result.binding is not None:
            slopes = borrowed(moved, result.binding, y, g)
        else:
            chosen = pick_entries(moved.look, moved.base, WORK // 3, rng)
            slopes = [measure(moved.look, moved.base, k, e) for k, e in enumerate(chosen)]
        if slopes is None:
            continue
        found = sights_of(moved, slopes, g, number)
        stop = next((s.analytic for s in found if isinstance(s.analytic, Exception)), None)
        if stop is not None and sample is None:
            stops = stops or _stops(moved, stop)
            continue
        for name, sight in zip(subject.names, found, strict=True):
            if name in sights and (sight.fits or not shaky):
                sights[name].append(sight)
    if stops is not None and _runs(sights):
        result.facts.append(stops)


def _runs(sights: Mapping[str, list[Sight]]) -> bool:
    """Tell whether backward does not stop at the caller's own inputs."""
    return not any(isinstance(s[0].analytic, Exception) for s in sights.values())


def _stops(moved: Subject, error: Exception) -> Fact:
    """Note that backward stops at inputs that nobody gave: that is no verdict on those given."""
    at = sizes(moved.arguments, moved.inputs, moved.params)
    what = f"at other sizes, {at}, it stops: {type(error).__name__}: {error!s:.70}"
    return Fact("backward", Explanation("R0", None, what, "at yours it runs"), note=True)


def sizes(names: Sequence[str], inputs: Sequence[Any], params: Mapping[str, Any]) -> str:
    """Name inputs by their shapes and settings.

    Example:
        >>> sizes(["x", "w"], [np.zeros((2, 3)), None], {"stride": 2})
        'x(2,3) stride 2'
    """
    shapes = [
        f"{n}({','.join(map(str, x.shape))})"
        for n, x in zip(names, inputs, strict=True)
        if hasattr(x, "shape")
    ]
    settings = []
    for key, value in [*zip(names, inputs, strict=True), *params.items()]:
        pairs = value.items() if isinstance(value, dict) else [(key, value)]
        settings += [f"{k} {v}" for k, v in pairs if isinstance(v, (int, float, str, tuple))]
    return f"{' '.join(shapes)} {' '.join(settings)}".rstrip()


def _explain(
    subject: Subject, result: Result, sights: dict[str, list[Sight]], without: Collection[str]
) -> None:
    """Judge every argument, and ask for the cause where it is wrong."""
    for name, found in sights.items():
        kept = tuple(found)
        evidence = Evidence(
            name, result.binding.name if result.binding else None, kept, catalogue=CATALOGUE
        )
        if evidence.wrong:
            matches = () if "R12" in without else tuple(_matches(result.binding, kept))
            evidence = Evidence(name, evidence.op, kept, matches, CATALOGUE)
            verdict = choose(evidence, without)
            if not verdict.explanations or verdict.explanations[0].weight > 3:
                near = nearby(subject.look, subject.base, subject.names.index(name), kept)
                evidence = replace(evidence, nearby=near)
                verdict = choose(evidence, without) if near else verdict
            result.verdicts[name] = verdict
        result.evidence[name] = evidence


def _matches(binding: Binding | None, sights: tuple[Sight, ...]) -> Iterator[Mapping[str, Any]]:
    """Compute the gradient of every known bug, for each sight."""
    if binding is None:
        return
    for sight in sights:
        yield {
            switch: binding.gradients(sight.call, sight.cotangent, switch).get(sight.place)
            for switch in binding.reference.bugs
        }
