"""What other tests do not ask: each of these was written because a planted fault got by."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import minin
from minin import gradcheck, ops
from minin.gradcheck.diagnose import Verdict
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.diagnose.nearby_function import nearby
from minin.gradcheck.diagnose.permute import upstream
from minin.gradcheck.diagnose.scale import scale
from minin.gradcheck.diagnose.support import best_rule
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.differences import measure
from minin.gradcheck.recognise.match import find
from minin.gradcheck.recognise.other_inputs import others
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.report.result import Result
from minin.gradcheck.report.smallest_case import smallest
from minin.gradcheck.subject.call import Call, call_of
from minin.gradcheck.subject.functions import Code
from minin.gradcheck.subject.silence import quiet
from tests.gradcheck.made import comparison, evidence, wrong
from tools.confusion import overall

RNG = np.random.default_rng(2)


def test_rounding_is_no_kink() -> None:
    """Far from 0, both sides differ by rounding alone."""
    x = np.linspace(1.0, 2.0, 40)
    slopes = measure(lambda a: (a[0] + 1e9, None), [x], 0, np.arange(40))
    assert not slopes.kinks().any()


def test_a_kink_is_at_its_own_entry_when_only_some_are_moved() -> None:
    x = np.array([1.0, 2.0, 3.0, 0.0, 5.0])
    slopes = measure(lambda a: (np.abs(a[0]), None), [x], 0, np.array([2, 3, 4]))
    assert slopes.kinks().tolist() == [False, False, False, True, False]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", [0.0, 0.25])
def test_equals_that_get_too_little_together_are_seen(share: float, seed: int) -> None:
    """Each of two tied numbers may have any share, but the two shares make one whole."""

    def forward(x: Any) -> Any:
        return x.max(), x

    def backward(g: Any, x: Any) -> Any:
        return g * share * (x == x.max())

    inputs = [np.array([1.0, 4.0, 2.0, 4.0])]
    report = gradcheck.check_backward(forward, backward, inputs, seed=seed)
    assert "E4" in {f.bug for f in report.findings}


def test_other_inputs_on_which_the_forwards_differ_are_not_used() -> None:
    """At another number of samples, this forward is no convolution any more."""
    reference = REFERENCES["conv2d"]
    inputs, params = reference.draw(np.random.default_rng(1))
    plain, count, seen = reference.programs()[0], len(inputs[0]), set()

    def forward(*arrays: Any, **settings: Any) -> Any:
        seen.add(len(arrays[0]))
        y, cache = plain(*arrays, **settings)
        return y * (1.0 if len(arrays[0]) == count else 2.0), cache

    subject = Code(forward, lambda g, _: g, inputs, params)
    call = call_of(subject, subject.look(subject.base)[0])
    binding = find(REFERENCES, call, "conv2d")
    assert binding is not None
    found = list(others(subject, binding, call, None, np.random.default_rng(0), wanted=9))
    assert len(seen) > 1
    assert {len(moved.base[0]) for moved in found} <= {count}


@pytest.mark.parametrize("slope", [-0.5, 1.5])
def test_a_slope_on_neither_side_of_a_kink_is_wrong(slope: float) -> None:
    def backward(g: Any, x: Any) -> Any:
        return g * np.where(x == 0, slope, x > 0)

    inputs = [np.array([-1.0, 0.0, 2.0, 3.0, -4.0, 5.0, 6.0, 7.0])]
    report = gradcheck.check_backward(lambda x: (np.maximum(x, 0), x), backward, inputs)
    assert {f.bug for f in report.findings} == {"E3"}


@pytest.mark.parametrize("place", [pytest.param(0, marks=pytest.mark.thorough), 77_777])
def test_one_wrong_number_among_very_many_is_felt(place: int) -> None:
    """Too many to move one by one, so a random direction has to do."""
    x = RNG.normal(size=200_000)

    def backward(g: Any, x: Any) -> Any:
        d = 2 * g * x
        d[place] += 1.0
        return d

    assert not gradcheck.check_backward(lambda x: (x * x, x), backward, [x])
    assert gradcheck.check_backward(lambda x: (x * x, x), lambda g, x: 2 * g * x, [x])


@pytest.mark.parametrize("off", [2e-6, 1e-4])
def test_a_small_fault_is_a_fault(off: float) -> None:
    x = RNG.normal(size=(3, 4))
    report = gradcheck.check_backward(
        lambda x: (np.sin(x), x), lambda g, x: g * np.cos(x) * (1 + off), [x]
    )
    assert not report


def test_nan_is_wrong() -> None:
    came = np.array([1.0, np.nan, 3.0])
    good = comparison((3,))
    assert replace(good, analytic=good.numeric * came / came).wrong.tolist() == [False, True, False]


def test_what_is_wrong_at_a_later_probe_only_is_wrong() -> None:
    first, second = comparison(seed=1), wrong(comparison(seed=2), lambda s: -s.numeric)
    assert Evidence("x", None, (first, second)).wrong == (second,)

    def backward(g: Any, x: Any) -> Any:
        return 2 * g * x * (1.0 if (x > 0).all() else -1.0)

    report = gradcheck.check_backward(
        lambda x: (x * x, x), backward, [np.ones(5)], sample=lambda rng: [rng.normal(size=5) - 4]
    )
    assert not report


def test_a_shape_alone_makes_it_wrong() -> None:
    good = comparison((3, 4))
    bad = replace(good, analytic=good.numeric.T)
    assert Evidence("x", None, (bad, bad)).wrong == (bad, bad)


def test_one_probe_is_not_enough_for_a_cause() -> None:
    one = wrong(comparison(), lambda s: -s.numeric)
    assert scale(Evidence("x", None, (one,))) is None
    assert scale(Evidence("x", None, (one, replace(one)))) is not None


def test_r5_asks_every_probe() -> None:
    """Each probe's gradient follows from a moved upstream gradient, but moved otherwise."""

    def moved(axis: int) -> Any:
        def fault(s: Comparison) -> Any:
            assert s.jacobian is not None
            return (s.jacobian @ np.flip(s.grad_y, axis).ravel()).reshape(s.x.shape)

        return fault

    comparisons = [comparison((3, 4), (2, 3), seed=seed) for seed in (1, 2)]
    same = Evidence("x", None, tuple(wrong(s, moved(1)) for s in comparisons))
    other = Evidence("x", None, (wrong(comparisons[0], moved(1)), wrong(comparisons[1], moved(0))))
    assert upstream(same) is not None
    assert upstream(other) is None


def test_r7_tells_no_rule_that_leaves_a_wrong_entry_out() -> None:
    def fault(s: Comparison) -> Any:
        d = s.numeric.copy()
        d[-1] = 0.0
        d[0, 0] = 0.0
        return d

    rule = best_rule(evidence(fault, shape=(4, 5), out=(3,)))
    assert rule is None


def test_r14_does_not_tell_what_explains_nothing() -> None:
    """A factor of ones is the same when it is turned, so turning it cannot be the cause."""
    x, w = RNG.normal(size=(3, 4)), np.ones((4, 4))
    jacobian = np.kron(np.eye(3), w)
    made = comparison((3, 4), (3, 4), jacobian=jacobian)
    comparisons = [
        replace(made, x=x, grad_y=g, numeric=g @ w.T, analytic=g @ w.T + barely(g))
        for g in (RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4)))
    ]
    assert nearby(lambda a: (a[0] @ a[1], None), [x, w], 0, comparisons, "xw", [0, 0]) is None


def barely(g: Any) -> Any:
    """One number that is wrong, but by less than the comparison with a nearby function feels."""
    return np.where(np.arange(g.size).reshape(g.shape) == 5, 1e-5 * np.abs(g).max() / 4, 0.0)


def test_of_two_wrong_rules_the_first_on_the_way_back_is_named() -> None:
    @minin.differentiable
    def early(x: Any) -> Any:
        return x * 2, lambda g: (g * 3,)

    @minin.differentiable
    def late(x: Any) -> Any:
        return x * 5, lambda g: (g * 7,)

    report = gradcheck.check(lambda x: late(ops.exp(early(x))), RNG.normal(size=(2, 3)))
    assert "late" in report.localised
    assert "early" not in report.localised


def test_what_explains_all_comes_before_what_explains_one() -> None:
    verdicts = {
        "x": Verdict("B1", ("B1", "A2"), ()),
        "w": Verdict("A2", ("A2", "B7"), ()),
    }
    assert overall(Result(("x", "w"), verdicts=verdicts))[0] == "A2"


@pytest.mark.parametrize("off", [1e-5, 1e-2])
def test_nearly_a_convolution_is_none(off: float) -> None:
    x, w, b = RNG.normal(size=(2, 3, 5, 4)), RNG.normal(size=(4, 3, 3, 2)), RNG.normal(size=4)
    y, _ = REFERENCES["conv2d"].forward(x, w, b)
    assert find(REFERENCES, Call(("x", "w", "b"), (x, w, b), {}, y * (1 + off)), "conv2d") is None


@pytest.mark.parametrize("factor", [0.5, 2.0, -1.0])
def test_what_is_too_large_is_shrunk_as_what_is_too_small(factor: float) -> None:
    subject = Code(lambda x: (x * x, x), lambda g, x: factor * 2 * g * x, [RNG.normal(size=(6, 7))])
    with quiet():
        lines = smallest(subject, "x")
    assert lines[0].startswith("smallest: x(1,1)")


def test_a_forward_that_draws_anew_gets_no_points() -> None:
    draw = np.random.default_rng(0)
    report = gradcheck.check_backward(
        lambda x: (x * draw.random(), None), lambda g, _: g, [np.ones(4)]
    )
    assert report.points(3) == 0.0


def test_backward_that_changes_its_upstream_gets_no_points() -> None:
    def backward(g: Any, _: Any) -> Any:
        g *= 2
        return g.copy()

    report = gradcheck.check_backward(lambda x: (x * 2, None), backward, [np.ones(4)])
    assert report.points(3) == 0.0


def test_of_two_wrong_gradients_both_are_told() -> None:
    report = gradcheck.check_backward(
        lambda x, w: (x @ w, (x, w)),
        lambda g, cache: (-g @ cache[1].T, 2 * cache[0].T @ g),
        [RNG.normal(size=(3, 4)), RNG.normal(size=(4, 5))],
    )
    assert [(f.argument, f.bug) for f in report.findings] == [("x", "A6"), ("w", "A5")]
    assert report.points(2) == 0.0


def test_a_gradient_that_is_not_returned_is_missing() -> None:
    """None would mean that it is not differentiated; nothing at all means that it was forgotten."""
    report = gradcheck.check_backward(
        lambda x, w: (np.sin(x) * w**3, (x, w)),
        lambda g, cache: (g * np.cos(cache[0]) * cache[1] ** 3,),
        [RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))],
    )
    assert [(f.argument, f.bug) for f in report.findings] == [("w", "H10")]


def test_the_list_has_not_rotted() -> None:
    from tools.planted_faults import FAULTS, occurrences

    assert len(FAULTS) >= 30
    assert max(Counter(FAULTS).values()) == 1
    for fault in FAULTS:
        assert occurrences(fault) == 1, f"{fault.file}: {fault.old}"
        assert fault.old != fault.new


@pytest.mark.slow
def test_every_planted_fault_is_noticed() -> None:
    from tools.planted_faults import FAULTS, noticed, sound

    assert sound()
    assert [fault for fault in FAULTS if not noticed(fault)] == []
