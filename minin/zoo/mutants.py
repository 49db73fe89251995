"""All mutants: every switch of every reference, and the impure ones.

Each id of the catalogue has at least one. `convention` marks those whose right verdict is "ok":

* E1 and E5 choose another subgradient where the function has a kink. Both choices are right.
* E8 and H5 are right programs at awkward places, beside a kink and on a steep slope; only a
  careless difference quotient disagrees with them.

H7, the mean that backward takes of outputs that forward does not average, is a switch of the
losses, visible where the reduction is not "mean". E4, unlike E5, is no subgradient: the ties
receive more than came in, so moving all of them together gives it away.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minin.gradcheck.catalogue import BUGS
from minin.gradcheck.recognise.references.elementwise import draw_steep, draw_zeros
from minin.gradcheck.recognise.references.pool import draw_ties
from minin.gradcheck.recognise.references.record import Array, Draw, Params, Programs, Reference
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.recognise.references.values import Rng
from minin.zoo import impure
from minin.zoo.equivalence import same
from minin.zoo.mutant import Mutant

CONVENTIONS = frozenset({"E1", "E5", "E8", "H4", "H5"})
TRIES = 40  # a bug that shows once in ten drawings is missed by one mutant's draw in seventy

# Bugs that show only where the references do not go: on kinks.
_DRAWS: dict[tuple[str, str], Draw] = {
    ("relu", "E1"): draw_zeros,
    ("max_pool2d", "E4"): draw_ties,
    ("max_pool2d", "E5"): draw_ties,
}


def shows(reference: Reference, switch: str, inputs: list[Array], params: Params, rng: Rng) -> bool:
    """Say whether a switch changes any gradient on these inputs."""
    out, cache = reference.forward(*inputs, **params)
    grad_out = rng.standard_normal(out.shape)
    right, wrong = reference.backward(grad_out, cache), reference.backward(grad_out, cache, switch)
    return not all(map(same, wrong, right))


def showing(reference: Reference, switch: str) -> Draw:
    """Make a draw that tries again until the bug shows (a few dozen times at most)."""
    draw = _DRAWS.get((reference.name, switch), reference.draw)

    def drawn(rng: np.random.Generator) -> tuple[list[Array], Params]:
        for _ in range(TRIES):
            inputs, params = draw(rng)
            if shows(reference, switch, inputs, params, rng):
                break
        return inputs, params

    return drawn


def _switch_on() -> Iterator[Mutant]:
    for reference in REFERENCES.values():
        for switch, argument in reference.switches.items():
            yield _switched_mutant(reference, switch, argument)


def _switched_mutant(reference: Reference, switch: str, argument: str | None) -> Mutant:
    id_, _, variant = switch.partition(" ")
    return Mutant(
        bug=BUGS[id_],
        op=reference.name,
        variant=variant,
        make=lambda: reference.programs(switch),
        draw=showing(reference, switch),
        argument=argument,
        convention=id_ in CONVENTIONS,
    )


def _impure(
    id_: str,
    op: str,
    make: Programs,
    argument: str | None = None,
    variant: str = "",
    draw: Draw | None = None,
) -> Mutant:
    draw = draw or REFERENCES[op].draw
    return Mutant(BUGS[id_], op, variant, make, draw, argument, id_ in CONVENTIONS)


def _name(*ops: str) -> list[Reference]:
    return [REFERENCES[op] for op in ops]


def _with_state() -> Iterator[Mutant]:
    yield _impure("A8", "dropout", impure.new_mask_in_backward, "x")
    for reference in _name("linear", "conv2d"):
        yield _impure("A9", reference.name, impure.never_zeroed(reference))
    scores = impure.draw_scores
    yield _impure("F5", "softmax_cross_entropy", impure.probabilities_in_place, "x", draw=scores)
    yield _impure("H8", "normalise", impure.running_mean, "x", "running mean")
    yield _impure("H8", "dropout", impure.new_mask_in_forward, "x", "new mask")
    for reference in _name("linear", "sigmoid", "conv2d"):
        yield _impure("H9", reference.name, impure.stale(reference))
    yield _impure("H11", "take", impure.racing_rows, "x")


def _with_memory() -> Iterator[Mutant]:
    yield _impure("H1", "relu", impure.relu_in_place, "x", "input")
    yield _impure("H1", "relu", impure.upstream_in_place, "x", "upstream")
    equal = impure.draw_equal
    yield _impure("H2", "broadcast_add", impure.one_array_for_both, None, "each other", equal)
    for op, make in (
        ("relu", impure.relu_in_memory_order),
        ("linear", impure.linear_in_memory_order),
    ):
        argument = {"relu": "x", "linear": "w"}[op]
        draw = impure.in_fortran_order(REFERENCES[op].draw)
        yield _impure("H3", op, make, argument, draw=draw)


def _with_numbers() -> Iterator[Mutant]:
    for reference in _name("linear", "conv2d"):
        yield _impure("H4", reference.name, impure.in_float32(reference))
        yield _impure("H4", reference.name, impure.in_float32(reference, True), None, "hidden")
    for reference in _name("linear", "conv2d"):
        yield _impure("H6", reference.name, impure.truncated(reference), "x")
    yield _impure("H10", "linear", impure.first_is_none, "x", "none")


def _right() -> Iterator[Mutant]:
    relu, sigmoid = REFERENCES["relu"], REFERENCES["sigmoid"]
    yield _impure("E8", "relu", impure.right(relu), draw=impure.draw_near_zero)
    yield _impure("H5", "sigmoid", impure.right(sigmoid), draw=draw_steep)


MUTANTS: tuple[Mutant, ...] = tuple(
    sorted(
        (*_switch_on(), *_with_state(), *_with_memory(), *_with_numbers(), *_right()),
        key=lambda mutant: list(BUGS).index(mutant.bug.id),
    )
)
