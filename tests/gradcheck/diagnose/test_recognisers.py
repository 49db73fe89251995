"""Each recogniser alone: what it must see, and that it stays silent about right gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minin.gradcheck.diagnose import RECOGNISERS, choose
from minin.gradcheck.diagnose.additive import additive
from minin.gradcheck.diagnose.choose import rank_explanations
from minin.gradcheck.diagnose.compose import composition
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.diagnose.known import known
from minin.gradcheck.diagnose.linearity import linearity
from minin.gradcheck.diagnose.paths import reduction
from minin.gradcheck.diagnose.permute import permutation, upstream
from minin.gradcheck.diagnose.scale import scale
from minin.gradcheck.diagnose.structure import structure
from minin.gradcheck.diagnose.support import rule_of_place
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.gradcheck.subject.functions import MISSING
from tests.gradcheck.made import comparison, evidence, wrong

LABELS = np.array([1, 3, 0])


def one_hot(s: Comparison) -> Any:
    d = np.zeros(s.x.shape)
    d[np.arange(len(LABELS)), LABELS] = 1.0
    return d


def bug(explanation: Explanation | None) -> str | None:
    assert explanation is not None
    return explanation.bug


@pytest.mark.parametrize("recogniser", [r for _, r in RECOGNISERS] + [composition])
@pytest.mark.parametrize(
    ("shape", "out"), [((3, 4), None), ((4,), (3, 4)), ((2, 3, 4, 5), (2, 2, 3, 2)), ((9,), ())]
)
def test_no_recogniser_explains_a_right_gradient(recogniser: Any, shape: Any, out: Any) -> None:
    assert recogniser(evidence(None, shape=shape, out=out)) is None


@pytest.mark.parametrize("recogniser", [r for _, r in RECOGNISERS] + [composition])
def test_no_recogniser_explains_noise(recogniser: Any) -> None:
    """A gradient of random numbers has no cause that could be named."""
    noise = np.random.default_rng(7)
    found = recogniser(evidence(lambda s: noise.normal(size=s.x.shape), shape=(3, 4)))
    assert found is None or found.bug is None


@pytest.mark.parametrize(
    ("came", "shape", "out", "expected"),
    [
        (lambda _: MISSING, (3, 4), None, "H10"),
        (lambda s: 0 * s.x, (3, 4), None, "H10"),
        (lambda s: s.numeric.T, (3, 4), None, "B1"),
        (lambda s: np.where(s.x > 0, np.nan, s.numeric), (3, 4), None, "F6"),
        (lambda _: np.zeros((5, 4)), (4,), (5, 4), "G2"),
        (lambda _: np.zeros((5, 5)), (5,), (5,), "G4"),
        (lambda _: np.zeros((4, 3)), (1, 3), (4, 3), "G3"),
        (lambda _: np.zeros((2, 3, 0, 0)), (2, 3, 4, 5), None, "D4"),
        (lambda _: np.zeros((3, 2, 4, 5)), (2, 3, 4, 5), None, "B9"),
        (lambda _: np.zeros((2, 3, 5, 4)), (2, 3, 4, 5), None, "B7"),
        (lambda _: np.zeros((2, 3, 6, 7)), (2, 3, 4, 5), None, "D3"),
    ],
)
def test_r1_reads_the_form(came: Any, shape: Any, out: Any, expected: str) -> None:
    assert bug(structure(evidence(came, shape=shape, out=out))) == expected


def test_r1_says_what_an_exception_said() -> None:
    error = ValueError("operands could not be broadcast together")
    found = structure(evidence(lambda _: error))
    assert found is not None
    assert "operands could not be broadcast" in found.what


@pytest.mark.parametrize(
    ("c", "out", "expected"),
    [(-1.0, None, "A6"), (2.0, None, "A5"), (0.5, None, "A5"), (1 / 7, (), "A2"), (7.0, (), "A1")],
)
def test_r2_names_a_factor(c: float, out: Any, expected: str) -> None:
    assert bug(scale(evidence(lambda s: c * s.numeric, shape=(7, 3), out=out))) == expected


def test_r2_says_so_when_a_factor_has_no_name() -> None:
    found = scale(evidence(lambda s: 0.7321 * s.numeric, shape=(7, 3)))
    assert found is not None
    assert found.bug is None
    assert "0.7321" in found.what


def test_r2_sees_one_thousandth() -> None:
    found = scale(evidence(lambda s: 1.001 * s.numeric, shape=(7, 3)))
    assert found is not None


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (lambda s: s.numeric + one_hot(s) * s.grad_y, "F3"),
        (lambda s: s.numeric + 0.3 * s.x, "A5"),
        (lambda s: s.numeric + 0.5, "A5"),
    ],
)
def test_r4_finds_what_was_added(fault: Any, expected: str) -> None:
    x = np.zeros((3, 4))
    arguments = (x, LABELS)
    assert bug(additive(evidence(fault, out=(), arguments=arguments))) == expected


@pytest.mark.parametrize(
    ("fault", "shape", "place", "expected"),
    [
        (lambda s: s.numeric.T, (4, 4), 1, "B1"),
        (lambda s: s.numeric[:, ::-1], (3, 4), 0, "B12"),
        (lambda s: s.numeric[:, :, ::-1, ::-1], (2, 3, 4, 3), 1, "B3"),
        (lambda s: np.roll(s.numeric, (1, 1), (2, 3)), (2, 3, 4, 5), 0, "D3"),
        (lambda s: np.roll(s.numeric, 1, 3), (2, 3, 4, 5), 0, "D9"),
        (lambda s: s.numeric.swapaxes(2, 3), (2, 3, 4, 4), 0, "B7"),
        (lambda s: s.numeric.swapaxes(0, 1), (3, 3, 2, 5), 1, "B9"),
        (lambda s: s.numeric.transpose(0, 2, 3, 1).reshape(s.x.shape), (2, 3, 4, 5), 0, "B5"),
    ],
)
def test_r5_finds_moved_numbers(fault: Any, shape: Any, place: int, expected: str) -> None:
    found = evidence(fault, shape=shape, out=(3,), place=place)
    assert bug(permutation(found)) == expected


def test_r5_finds_a_moved_upstream_gradient() -> None:
    def fault(s: Comparison) -> Any:
        assert s.jacobian is not None
        return (s.jacobian @ s.grad_y[:, ::-1].ravel()).reshape(s.x.shape)

    assert bug(upstream(evidence(fault, out=(2, 3)))) == "B12"


def relu_jacobian(shape: tuple[int, ...]) -> Any:
    x = evidence(None, shape=shape).seen.x
    return np.diag((x > 0).ravel().astype(float))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (lambda s: s.grad_y, "E3"),
        (lambda s: s.grad_y * (s.grad_y > 0), "E2"),
    ],
)
def test_r7_finds_a_rule_of_place(fault: Any, expected: str) -> None:
    shape = (4, 5)
    found = evidence(fault, shape=shape, jacobian=relu_jacobian(shape))
    said = [e for e in (rule_of_place(found), reduction(found)) if e is not None]
    assert expected in {e.bug for e in said}


def test_r8_names_the_axes() -> None:
    jacobian = np.tile(np.eye(4), (1, 6))
    made: dict[str, Any] = {"shape": (4,), "out": (6, 4), "jacobian": jacobian}
    mean = reduction(evidence(lambda s: s.grad_y.mean(0), **made))
    assert bug(mean) == "G5"
    assert mean is not None
    assert "needed: the sum over (0,)" in mean.what
    square: dict[str, Any] = {"shape": (4,), "out": (4, 4), "jacobian": np.tile(np.eye(4), (1, 4))}
    assert bug(reduction(evidence(lambda s: s.grad_y.sum(1), **square))) == "G1"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (lambda s: np.full(s.x.shape, 2.5), "A11"),
        (lambda s: s.numeric * s.grad_y, "A12"),
    ],
)
def test_r10_asks_how_it_follows(fault: Any, expected: str) -> None:
    assert bug(linearity(evidence(fault))) == expected


def test_r12_needs_every_probe() -> None:
    made = evidence(lambda s: 3 * s.numeric)
    both = tuple({"C1": s.analytic, "D1": s.numeric} for s in made.comparisons)
    first = ({"C1": made.comparisons[0].analytic}, {"C1": made.comparisons[1].numeric})
    assert bug(known(Evidence("x", "conv2d", made.comparisons, both))) == "C1"
    assert known(Evidence("x", "conv2d", made.comparisons, first)) is None


def test_r13_takes_two_apart() -> None:
    found = composition(evidence(lambda s: 2 * s.numeric[:, ::-1]))
    assert found is not None
    assert {found.bug, *found.also} == {"B12", "A5"}


def test_the_simplest_is_told_and_the_next_is_named() -> None:
    simple, involved = (
        Explanation("scaled", "A6", ""),
        Explanation("place", "C5", ""),
    )
    verdict = rank_explanations([involved, simple])
    assert (verdict.bug, verdict.candidates) == ("A6", ("A6", "C5"))


def test_what_is_proved_is_chosen_among_by_the_others() -> None:
    proof = Explanation("known_bug", "C1", "", also=("C2",))
    other = Explanation("place", "C2", "")
    assert rank_explanations([proof, other]).bug == "C2"
    assert rank_explanations([proof, Explanation("scaled", "A6", "")]).bug == "C1"


def test_a_recogniser_can_be_switched_off() -> None:
    made = evidence(lambda s: -s.numeric)
    assert choose(made).bug == "A6"
    assert choose(made, {"scaled"}).bug != "A6"


@pytest.mark.parametrize("recogniser", [r for _, r in RECOGNISERS] + [composition])
def test_probes_of_other_forms_do_no_harm(recogniser: Any) -> None:
    """Right at the caller's inputs, wrong at drawn ones with other numbers of axes."""
    own = [comparison((3, 4), seed=seed) for seed in (1, 2)]
    drawn = [comparison((5,), seed=3, base=1), comparison((2, 3, 2), seed=4, base=2)]
    faulty = [wrong(s, lambda s: s.numeric + 1) for s in drawn]
    recogniser(Evidence("x", None, (*own, *faulty)))
