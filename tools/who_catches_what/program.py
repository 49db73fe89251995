"""What every check is given: forward, backward, inputs; nothing that says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from minin.gradcheck.recognise.references.record import Array, Backward, Forward, Programs
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.zoo.equivalence import telling
from minin.zoo.mutant import Mutant
from minin.zoo.mutants import MUTANTS

DRAWS = 3  # drawings of inputs for each program; the majority decides


@dataclass(frozen=True)
class Program:
    """Forward and backward, and the inputs of one check.

    Attributes:
        op: what it computes.
        forward: ``forward(*inputs, **params)`` returns (output, cache).
        backward: ``backward(grad, cache)`` returns one gradient an input, None for labels.
        inputs: arrays.
        params: keyword arguments of forward.
        places: which of the inputs have a gradient: no labels, no targets.
    """

    op: str
    forward: Forward
    backward: Backward
    inputs: list[Array]
    params: dict[str, Any]
    places: tuple[int, ...]

    def out(self, *differentiated: Array) -> Array:
        """Compute the output, at other differentiated inputs if they are given."""
        return self.forward(*self.at(*differentiated), **self.params)[0]

    def at(self, *differentiated: Array) -> list[Array]:
        """Return the inputs with other arrays at the differentiated places."""
        inputs = list(self.inputs)
        for place, x in zip(self.places, differentiated, strict=False):
            inputs[place] = x
        return inputs

    def run_backward(self, grad: Array) -> list[Any]:
        """Run forward, then backward; return the gradient of each differentiated input."""
        _, cache = self.forward(*self.inputs, **self.params)
        grads = self.backward(grad, cache)
        return [grads[place] for place in self.places]


def name_of(mutant: Mutant) -> str:
    """Name a mutant by id, form and op, as in "C1 windows conv2d"."""
    return " ".join(filter(None, (mutant.bug.id, mutant.variant, mutant.op)))


def wrong_programs(mutant: Mutant) -> Iterator[Program]:
    """Yield a mutant at some inputs at which it can be told from the right program."""
    for inputs, params in islice(telling(mutant, *map(ord, name_of(mutant))), DRAWS):
        yield _program(mutant.op, mutant.make, inputs, params)


def right_programs(op: str) -> Iterator[Program]:
    """Yield a right program at the inputs that its op draws."""
    for number in range(DRAWS):
        inputs, params = REFERENCES[op].draw(np.random.default_rng([*map(ord, op), number]))
        yield _program(op, REFERENCES[op].programs, inputs, params)


def _program(op: str, make: Programs, inputs: list[Array], params: dict[str, Any]) -> Program:
    out, cache = REFERENCES[op].forward(*inputs, **params)
    grads = REFERENCES[op].backward(np.ones_like(out), cache)
    places = tuple(place for place, grad in enumerate(grads) if grad is not None)
    return Program(op, *make(), [np.array(x, order="K") for x in inputs], params, places)


def programs() -> dict[str, tuple[Mutant | None, str]]:
    """List what is checked: every mutant by its name, and every right op as "right OP"."""
    found: dict[str, tuple[Mutant | None, str]] = {name_of(m): (m, m.op) for m in MUTANTS}
    return found | {f"right {op}": (None, op) for op in REFERENCES}
