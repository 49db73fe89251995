"""From all that was compared to a verdict on each wrong gradient.

What a known bug or the form of the gradient proves is settled first. For the others both
Jacobians are measured, then longer axes and nearby functions are tried, as far as they are needed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.choose import Verdict, choose
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.diagnose.nearby_function import nearby
from minin.gradcheck.diagnose.ranks import is_weak
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.differences import measure
from minin.gradcheck.measure.jacobians import Contributions, both_jacobians
from minin.gradcheck.measure.slopes import Slopes
from minin.gradcheck.measure.steps import WORK, pick_entries
from minin.gradcheck.recognise.grown import at_grown, at_shorter
from minin.gradcheck.recognise.match import Binding
from minin.gradcheck.recognise.other_inputs import same_shapes
from minin.gradcheck.subject import Subject
from minin.gradcheck.subject.functions import Code


def explain(
    subject: Subject,
    binding: Binding | None,
    slopes: Sequence[Slopes],
    comparisons: Mapping[str, Sequence[Comparison]],
    without: Collection[str] = (),
) -> tuple[dict[str, Evidence], dict[str, Verdict]]:
    """Judge every argument, and ask for the cause where it is wrong; the clearest goes first.

    Args:
        subject: the functions, for more measurements where they are needed.
        binding: the operation, if it is known.
        slopes: what was measured at the caller's inputs.
        comparisons: for each argument, those of the caller's inputs first.
        without: recognisers that are switched off.
    """
    evidence: dict[str, Evidence] = {}
    verdicts: dict[str, Verdict] = {}
    for name, found in comparisons.items():
        kept = tuple(found)
        if kept[0].fits and kept[0].wrong.any():  # a stop or a shape elsewhere is no cause here
            kept = tuple(s for s in found if s.fits or s.base == 0)
        evidence[name] = Evidence(name, binding.name if binding else None, kept)
        if evidence[name].wrong:
            matches = () if "known_bug" in without else tuple(_matches(binding, kept))
            evidence[name] = replace(evidence[name], matches=matches)
            verdicts[name] = choose(evidence[name], without)
    open_ = [name for name, verdict in verdicts.items() if not verdict.proved]
    pairs = _pairs(subject, slopes, [evidence[n] for n in open_ if "contributions" not in without])
    for name in open_:
        evidence[name], verdicts[name] = _look_closer(
            subject, slopes, replace(evidence[name], pairs=pairs), without
        )
    # what was explained best is told first: the others may follow from it
    return evidence, dict(sorted(verdicts.items(), key=lambda item: item[1].unexplained))


def _look_closer(
    subject: Subject, slopes: Sequence[Slopes], evidence: Evidence, without: Collection[str]
) -> tuple[Evidence, Verdict]:
    """Measure more, as the first answer asks for it."""
    verdict = choose(evidence, without)
    place = subject.names.index(evidence.argument)
    if verdict.explanations and verdict.explanations[0].recogniser == "scaled":
        grown = at_grown(subject, place, np.random.default_rng(3))
        evidence = replace(evidence, grown=grown)
        verdict = choose(evidence, without)
    if not verdict.explanations or is_weak(verdict.explanations[0].kind):
        filters = [_filters(x, s) for x, s in zip(subject.base, slopes, strict=True)]
        near = nearby(
            subject.look, subject.base, place, evidence.comparisons, subject.names, filters
        )
        evidence = replace(evidence, nearby=near)
        verdict = choose(evidence, without) if near else verdict
    return evidence, verdict


def _filters(x: Array, slopes: Slopes) -> int:
    """Return the axis of a kernel's output channels: the last where its slopes say so, or 0."""
    if x.ndim != 4 or not slopes.dense or x.shape[0] == x.shape[3] == 1:
        return 0
    used = np.abs(slopes.jacobian) > 1e-9 * np.abs(slopes.jacobian).max(initial=1e-300)
    some = used[:, : used.shape[1]].reshape(*x.shape, -1)
    first = some.any(axis=(1, 2, 3)).sum(axis=0).max()  # indices that move one output number
    last = some.any(axis=(0, 1, 2)).sum(axis=0).max()
    return 3 if last == 1 < x.shape[3] and first > 1 else 0


def _pairs(
    subject: Subject, slopes: Sequence[Slopes], found: Sequence[Evidence]
) -> tuple[Mapping[str, Contributions], ...]:
    """Measure the contributions to each argument that is wrong, here and at other numbers."""
    wrong = [
        subject.names.index(e.argument)
        for e in found
        if e.usable and any(s.base == 0 for s in e.wrong)
    ]
    here: Mapping[str, Contributions] = both_jacobians(subject, slopes, wrong) if wrong else {}
    if here or not wrong:
        return (here, *_at_other_numbers(subject, wrong)) if here else ()
    for moved in at_shorter(subject):  # where all of it would cost too much
        here = _measured(moved, wrong, WORK)
        if any(not c.right.all() for c in here.values()):
            return here, *_at_other_numbers(moved, wrong)
    return ()


def _at_other_numbers(
    subject: Subject, wrong: Sequence[int]
) -> Iterator[Mapping[str, Contributions]]:
    """Yield the contributions at other numbers of the same shapes, where forward takes them."""
    with contextlib.suppress(Exception):  # whatever somebody's functions say to them
        if isinstance(subject, Code):
            yield _measured(next(same_shapes(subject, close=False)), wrong, WORK // 2)


def _measured(subject: Subject, wrong: Sequence[int], work: int) -> Mapping[str, Contributions]:
    """Measure both Jacobians, if all of the wrong arguments can be."""
    chosen = pick_entries(subject.look, subject.base, work, np.random.default_rng(3))
    if any(len(chosen[k]) < subject.base[k].size for k in wrong):
        return {}
    slopes = [measure(subject.look, subject.base, k, e) for k, e in enumerate(chosen)]
    return both_jacobians(subject, slopes, wrong, work)


def _matches(
    binding: Binding | None, comparisons: tuple[Comparison, ...]
) -> Iterator[Mapping[str, Any]]:
    """Compute the gradient of every known bug, for each comparison."""
    if binding is None:
        return
    for comparison in comparisons:
        yield {
            switch: binding.gradients(comparison.call, comparison.grad_y, switch).get(
                comparison.place
            )
            for switch in binding.reference.bugs
        }
