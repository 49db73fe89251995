"""Every mutant is really wrong, where its draw puts it, by differences that know no cause."""

from __future__ import annotations

import numpy as np
import pytest

from minin.gradcheck.recognise.references.record import Gradients
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.zoo.equivalence import equivalent, same
from minin.zoo.mutant import Mutant
from minin.zoo.mutants import MUTANTS
from tests.zoo.cases import Drawn, copied, drawings, gradients, name_of, named, slope, slope_at

# Right at the first call, and wrong in what they do beside: see test_impure.
RIGHT_AT_FIRST = frozenset({"A9", "F5", "H1", "H2", "H9"})
# Wrong at ties, where a difference of single entries blames right programs as well.
AT_TIES = frozenset({"E4"})

WRONG = [
    mutant
    for mutant in MUTANTS
    if not mutant.convention and mutant.bug.id not in RIGHT_AT_FIRST | AT_TIES
]


def rng_of(mutant: Mutant) -> np.random.Generator:
    return np.random.default_rng(list(map(ord, name_of(mutant))))


def true_gradients(mutant: Mutant, drawn: Drawn) -> Gradients:
    reference = REFERENCES[mutant.op]
    _, cache = reference.forward(*drawn.inputs, **drawn.params)
    return reference.backward(drawn.grad_out, cache)


def rejected(mutant: Mutant, drawn: Drawn) -> bool:
    """Say whether a shape, a missing number or a central difference contradicts."""
    pairs = zip(gradients(mutant, drawn), true_gradients(mutant, drawn), strict=True)
    for place, (found, true) in enumerate(pairs):
        if true is None:
            continue
        if found is None or found.shape != true.shape or not np.isfinite(found).all():
            return True
        entries = {int(np.abs(found - true).argmax()), int(np.abs(found).argmax())}
        forward, _ = mutant.make()
        for entry in entries:
            numeric = slope_at(forward, drawn, place, entry)
            tolerance = 1e-5 * (1.0 + float(np.abs(true).max()))
            if abs(numeric - found.flat[entry]) > tolerance:
                return True
    return False


@pytest.mark.parametrize("mutant", WRONG, ids=name_of)
def test_central_differences_reject_it_wherever_it_differs(mutant: Mutant) -> None:
    for drawn in drawings(mutant, rng_of(mutant)):
        assert rejected(mutant, drawn), drawn.params


@pytest.mark.parametrize("name", REFERENCES)
def test_central_differences_accept_the_truth(name: str) -> None:
    reference, rng = REFERENCES[name], np.random.default_rng(5)
    mutant = next(m for m in MUTANTS if m.op == name)
    truth = Mutant(mutant.bug, name, "", reference.programs, reference.draw, None)
    for _ in range(5):
        inputs, params = reference.draw(rng)
        out, _ = reference.forward(*inputs, **params)
        drawn = Drawn(inputs, params, rng.standard_normal(out.shape))
        assert not rejected(truth, drawn)
        assert equivalent(truth, *drawn)


@pytest.mark.parametrize("name", REFERENCES)
def test_every_switch_shows_in_the_argument_it_names(name: str) -> None:
    reference = REFERENCES[name]
    for mutant in (m for m in MUTANTS if m.op == name):
        switch = " ".join(filter(None, (mutant.bug.id, mutant.variant)))
        if switch not in reference.bugs or mutant.argument is None:
            continue
        place = reference.arguments.index(mutant.argument)
        drawn = next(drawings(mutant, np.random.default_rng(1), 1))
        pairs = zip(gradients(mutant, drawn), true_gradients(mutant, drawn), strict=True)
        assert [same(*pair) for pair in pairs] == [
            k != place for k in range(len(reference.arguments))
        ] or name.startswith("broadcast"), switch


@pytest.mark.parametrize("name", REFERENCES)
def test_a_switch_shows_on_one_of_twenty_plain_drawings(name: str) -> None:
    reference, rng = REFERENCES[name], np.random.default_rng(20)
    unseen = set(reference.bugs) - {"E1", "E4", "E5"}  # only at zeros and ties
    for _ in range(20):
        inputs, params = reference.draw(rng)
        out, cache = reference.forward(*inputs, **params)
        grad_out = rng.standard_normal(out.shape)
        true = reference.backward(grad_out, cache)
        unseen -= {
            switch
            for switch in unseen
            if not all(map(same, reference.backward(grad_out, cache, switch), true))
        }
    assert not unseen


# ------------------------------------------------------------------- kinks and conventions


@pytest.mark.parametrize("id_", ["E4", "E5"])
def test_moving_all_pixels_tells_ties_in_full_from_ties_that_share(id_: str) -> None:
    mutant = named(f"{id_} max_pool2d")
    for drawn in drawings(mutant, np.random.default_rng(4)):
        (grad_x,) = gradients(mutant, drawn)
        assert grad_x is not None
        numeric = slope(mutant.make()[0], drawn, 0, np.ones_like(grad_x))
        assert (abs(numeric - grad_x.sum()) < 1e-6) == (id_ == "E5")


def test_relu_at_zero_is_half_a_slope_away_from_both_conventions() -> None:
    mutant = named("E1 relu")
    for drawn in drawings(mutant, np.random.default_rng(4)):
        (grad_x,), (x,) = gradients(mutant, drawn), drawn.inputs
        assert grad_x is not None
        for entry in np.flatnonzero(x == 0.0):
            numeric = slope_at(mutant.make()[0], drawn, 0, int(entry))
            np.testing.assert_allclose(grad_x.flat[entry], 2.0 * numeric, rtol=1e-6)
        np.testing.assert_array_equal(grad_x[x != 0], (drawn.grad_out * (x > 0))[x != 0])


@pytest.mark.parametrize("name", ["E8 relu", "H5 sigmoid"])
def test_right_programs_are_equivalent_though_a_careless_difference_disagrees(name: str) -> None:
    mutant, rng = named(name), np.random.default_rng(4)
    forward, _ = mutant.make()
    step = 1e-3  # too large for either
    for _ in range(5):
        inputs, params = mutant.draw(rng)
        out, _ = forward(*inputs, **params)
        drawn = Drawn(inputs, params, rng.standard_normal(out.shape))
        assert equivalent(mutant, *drawn)
        (grad_x,), (x,) = gradients(mutant, drawn), inputs
        ahead, behind = forward(x + step, **params)[0], forward(x - step, **params)[0]
        careless = drawn.grad_out * (ahead - behind) / (2 * step)
        assert np.abs(careless - grad_x).max() > 1e-4


def test_five_ids_are_conventions_or_right() -> None:
    assert {m.bug.id for m in MUTANTS if m.convention} == {"E1", "E5", "E8", "H4", "H5"}
    assert all(m.convention for m in MUTANTS if m.bug.id in {"E1", "E5", "E8", "H4", "H5"})


# ------------------------------------------------------------------------------ equivalence


@pytest.mark.parametrize(
    ("name", "harmless", "harmful"),
    [
        ("D4 im2col", {"pad": 1}, {"pad": 0}),
        ("D1 im2col", {"stride": 1}, {"stride": 2}),
        ("C1 im2col", {"stride": 3}, {"stride": 1}),
        ("D8 im2col", {"pad": 0}, {"pad": 1}),
        ("B8 im2col", {"kernel_size": (1, 3)}, {"kernel_size": (3, 2)}),
    ],
)
def test_bugs_that_do_not_matter_are_found_equivalent(
    name: str, harmless: dict[str, object], harmful: dict[str, object]
) -> None:
    mutant, rng = named(name), np.random.default_rng(0)
    x = rng.standard_normal((2, 3, 7, 10))
    for change, expected in ((harmless, True), (harmful, False)):
        params = {"kernel_size": (3, 3), "stride": 1, "pad": 0} | change
        out, _ = REFERENCES["im2col"].forward(x, **params)
        assert equivalent(mutant, [x], params, rng.standard_normal(out.shape)) is expected


def test_a_program_that_breaks_is_not_equivalent() -> None:
    mutant = named("A6 relu")

    def breaks(*_: object) -> Gradients:
        raise ZeroDivisionError

    broken = Mutant(
        mutant.bug, "relu", "", lambda: (REFERENCES["relu"].forward, breaks), mutant.draw, "x"
    )
    assert not equivalent(broken, [np.ones(3)], {}, np.ones(3))


def test_equivalence_leaves_its_arguments_alone() -> None:
    for name in ("H1 input relu", "H1 upstream relu"):
        mutant, rng = named(name), np.random.default_rng(0)
        inputs, params = mutant.draw(rng)
        grad_out = rng.standard_normal(inputs[0].shape)
        before = [*copied(inputs), grad_out.copy()]
        assert not equivalent(mutant, inputs, params, grad_out)
        for array, copy in zip((*inputs, grad_out), before, strict=True):
            np.testing.assert_array_equal(array, copy)
