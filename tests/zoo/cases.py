"""What the tests of the zoo share: drawings, and slopes of single entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from minin.gradcheck.recognise.references.record import Array, Forward, Gradients
from minin.zoo.equivalence import equivalent
from minin.zoo.mutant import Mutant
from minin.zoo.mutants import MUTANTS

STEP = 1e-6


class Drawn(NamedTuple):
    """One drawing: inputs, parameters, incoming gradient."""

    inputs: list[Array]
    params: dict[str, Any]
    grad_out: Array


def name_of(mutant: Mutant) -> str:
    return " ".join(filter(None, (mutant.bug.id, mutant.variant, mutant.op)))


def named(name: str) -> Mutant:
    return {name_of(mutant): mutant for mutant in MUTANTS}[name]


def copied(inputs: list[Array]) -> list[Array]:
    return [np.array(x, order="K") for x in inputs]


def drawings(mutant: Mutant, rng: np.random.Generator, wanted: int = 5) -> Iterator[Drawn]:
    """Yield drawings on which the mutant can be told from the truth; few others are drawn."""
    found = 0
    for _ in range(6 * wanted):
        inputs, params = mutant.draw(rng)
        out, _ = mutant.make()[0](*copied(inputs), **params)
        drawn = Drawn(inputs, params, rng.standard_normal(out.shape))
        if not equivalent(mutant, *drawn):
            found += 1
            yield drawn
        if found == wanted:
            return
    raise AssertionError(f"{name_of(mutant)} shows on {found} of {6 * wanted} drawings")


def slope(forward: Forward, drawn: Drawn, place: int, direction: Array) -> float:
    """Central difference of <grad_out, forward> as one input moves along a direction."""
    ends = []
    for step in (STEP, -STEP):
        inputs = copied(drawn.inputs)
        inputs[place] += step * direction
        out, _ = forward(*inputs, **drawn.params)
        ends.append(out.astype(np.float64))
    return float(np.sum(drawn.grad_out * (ends[0] - ends[1])) / (2 * STEP))


def slope_at(forward: Forward, drawn: Drawn, place: int, entry: int) -> float:
    direction = np.zeros(drawn.inputs[place].shape)
    direction.flat[entry] = 1.0
    return slope(forward, drawn, place, direction)


def gradients(mutant: Mutant, drawn: Drawn) -> Gradients:
    forward, backward = mutant.make()
    _, cache = forward(*copied(drawn.inputs), **drawn.params)
    return backward(drawn.grad_out.copy(), cache)
