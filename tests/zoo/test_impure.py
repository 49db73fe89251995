"""Each impure mutant does what its catalogue entry says, and nothing else at first glance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pytest

from minin.gradcheck.recognise.references.record import Array, Gradients
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.zoo.equivalence import same
from minin.zoo.mutant import Mutant
from minin.zoo.mutants import MUTANTS
from tests.zoo.cases import Drawn, copied, drawings, gradients, name_of, named


def some(mutant: Mutant) -> Iterator[Drawn]:
    return drawings(mutant, np.random.default_rng(6), 5)


def truth(mutant: Mutant, drawn: Drawn) -> Gradients:
    reference = REFERENCES[mutant.op]
    _, cache = reference.forward(*copied(drawn.inputs), **drawn.params)
    return reference.backward(drawn.grad_out, cache)


def of(*ids: str) -> list[Mutant]:
    return [mutant for mutant in MUTANTS if mutant.bug.id in ids]


@pytest.mark.parametrize("mutant", of("A9", "F5", "H1", "H2", "H9"), ids=name_of)
def test_the_first_call_is_right(mutant: Mutant) -> None:
    for drawn in some(mutant):
        assert all(map(same, gradients(mutant, drawn), truth(mutant, drawn)))


@pytest.mark.parametrize("mutant", of("A9"), ids=name_of)
def test_gradients_that_are_not_zeroed_grow(mutant: Mutant) -> None:
    for drawn in some(mutant):
        forward, backward = mutant.make()
        for times in (1, 2, 3):
            _, cache = forward(*drawn.inputs, **drawn.params)
            found = backward(drawn.grad_out, cache)
            for grad, true in zip(found, truth(mutant, drawn), strict=True):
                assert grad is not None
                assert true is not None
                np.testing.assert_allclose(grad, times * true)


@pytest.mark.parametrize("mutant", of("A8", "F5", "H11"), ids=name_of)
def test_a_second_backward_differs(mutant: Mutant) -> None:
    differs = []
    for drawn in some(mutant):
        forward, backward = mutant.make()
        _, cache = forward(*drawn.inputs, **drawn.params)
        first = [None if g is None else g.copy() for g in backward(drawn.grad_out, cache)]
        calls = [backward(drawn.grad_out, cache) for _ in range(5)]
        differs.append(any(not all(map(same, first, call)) for call in calls))
    assert np.mean(differs) > 0.7  # a race may end the same way several times


@pytest.mark.parametrize("mutant", of("H8"), ids=name_of)
def test_a_second_forward_differs(mutant: Mutant) -> None:
    for drawn in some(mutant):
        forward, _ = mutant.make()
        first, second = (forward(*drawn.inputs, **drawn.params)[0] for _ in range(2))
        assert not same(first, second)


@pytest.mark.parametrize("mutant", of("H9"), ids=name_of)
def test_a_stale_cache_follows_the_last_forward(mutant: Mutant) -> None:
    for drawn in some(mutant):
        forward, backward = mutant.make()
        misses = []
        for step in (1e-3, 1e-4):
            _, cache = forward(*drawn.inputs, **drawn.params)
            forward(*(x + step for x in drawn.inputs), **drawn.params)
            pairs = zip(backward(drawn.grad_out, cache), truth(mutant, drawn), strict=True)
            misses.append(
                max(np.abs(a - b).max() for a, b in pairs if b is not None and a is not None)
            )
        np.testing.assert_allclose(misses[0] / misses[1], 10.0, rtol=0.1)  # as the step


def test_arrays_of_the_caller_are_overwritten() -> None:
    for name, spoilt in (("H1 input relu", 0), ("H1 upstream relu", 1)):
        mutant = named(name)
        for drawn in some(mutant):
            forward, backward = mutant.make()
            mine = [*copied(drawn.inputs), drawn.grad_out.copy()]
            _, cache = forward(mine[0])
            backward(mine[1], cache)
            kept = [
                np.array_equal(a, b)
                for a, b in zip(mine, (*drawn.inputs, drawn.grad_out), strict=True)
            ]
            assert kept == [place != spoilt for place in range(2)]


def sharing(arrays: Sequence[Array | None]) -> list[bool]:
    """Say for each pair of arrays, in order, whether they share memory."""
    pairs = combinations([array for array in arrays if array is not None], 2)
    return [np.shares_memory(a, b) for a, b in pairs]


def test_gradients_share_memory() -> None:
    mutant = named("H2 each other broadcast_add")
    for drawn in some(mutant):
        forward, backward = mutant.make()
        _, cache = forward(*drawn.inputs)
        shared = sharing([*backward(drawn.grad_out, cache), drawn.grad_out])
        assert shared == [True, False, False]


@pytest.mark.parametrize("mutant", of("H3"), ids=name_of)
def test_memory_order_matters_and_a_copy_cures(mutant: Mutant) -> None:
    for drawn in some(mutant):
        true = truth(mutant, drawn)
        assert not all(map(same, gradients(mutant, drawn), true))
        inputs = [np.ascontiguousarray(x) for x in drawn.inputs]
        assert all(map(same, gradients(mutant, drawn._replace(inputs=inputs)), true))


@pytest.mark.parametrize("mutant", of("H4"), ids=name_of)
def test_float32_is_close_but_not_exact(mutant: Mutant) -> None:
    kind = np.float64 if mutant.variant == "hidden" else np.float32
    for drawn in some(mutant):
        for grad, true in zip(gradients(mutant, drawn), truth(mutant, drawn), strict=True):
            assert grad is not None
            assert true is not None
            assert grad.dtype == kind
            np.testing.assert_allclose(grad, true, rtol=1e-3, atol=1e-4)
            np.testing.assert_array_equal(grad, grad.astype(np.float32))


@pytest.mark.parametrize("mutant", of("H6"), ids=name_of)
def test_small_steps_do_not_move_a_truncated_input(mutant: Mutant) -> None:
    for drawn in some(mutant):
        forward, _ = mutant.make()
        x, *others = drawn.inputs
        here = forward(x, *others, **drawn.params)[0]
        there = forward(x + 1e-6, *others, **drawn.params)[0]
        np.testing.assert_array_equal(here, there)


def test_a_cut_graph_gives_zeros_or_nothing() -> None:
    for mutant in of("H10"):
        for drawn in some(mutant):
            cut = [g for g in gradients(mutant, drawn) if g is None or not g.any()]
            assert cut
