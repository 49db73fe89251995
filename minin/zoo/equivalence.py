"""Whether a mutant does, on given inputs, all that the right program does.

Wrong programs are often right by luck: a stride that is ignored does not matter at stride 1.
Nothing here knows which luck belongs to which bug. Both programs go through the same calls,
and everything one could notice is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from minin.gradcheck.recognise.references.record import Array, Backward, Forward, Gradients
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.subject.silence import quiet
from minin.zoo.mutant import Mutant

TOLERANCE = 1e-12


def equivalent(
    mutant: Mutant, inputs: Sequence[Array], params: Mapping[str, Any], grad_out: Array
) -> bool:
    """Say whether the mutant cannot be told from the right program on these inputs.

    Args:
        mutant: the program in question.
        inputs: its inputs; they and their memory order are left as they are.
        params: its parameters.
        grad_out: the incoming gradient.
    """
    right = observe(REFERENCES[mutant.op].programs(), inputs, params, grad_out)
    try:
        seen = observe(mutant.make(), inputs, params, grad_out)
    except Exception:  # whatever a wrong program breaks with, the right one did not
        return False
    return len(seen) == len(right) and all(map(same, seen, right))


def telling(mutant: Mutant, *seed: int) -> Iterator[tuple[list[Array], dict[str, Any]]]:
    """Yield drawings at which a mutant can be told from the truth, or at once if it is right.

    Args:
        mutant: the program in question.
        seed: decides the drawings, of which there are 50.
    """
    for number in range(50):
        rng = np.random.default_rng([*seed, number])
        inputs, params = mutant.draw(rng)
        out, _ = REFERENCES[mutant.op].forward(*inputs, **params)
        grad = rng.standard_normal(out.shape)
        with quiet():
            shows = mutant.convention or not equivalent(mutant, inputs, params, grad)
        if shows:
            yield inputs, params


def same(found: Array | None, wanted: Array | None) -> bool:
    """Say whether two results agree in kind, shape and, up to rounding, in every number."""
    if found is None or wanted is None:
        return found is wanted
    if found.shape != wanted.shape or found.dtype != wanted.dtype:
        return False
    scale = max(1.0, float(np.abs(wanted).max(initial=0.0)))
    return bool(np.all(np.abs(found * 1.0 - wanted * 1.0) <= TOLERANCE * scale))


def observe(
    programs: tuple[Forward, Backward],
    inputs: Sequence[Array],
    params: Mapping[str, Any],
    grad_out: Array,
) -> list[Array | None]:
    """Run the programs and write down all that a caller could notice.

    The output and the gradients; what became of the inputs and the incoming gradient; which
    arrays share memory; the output elsewhere, the gradients once more after that, and the
    output once more.
    """
    forward, backward = programs
    own = [np.array(x, order="K") for x in inputs]
    incoming = np.array(grad_out, order="K")
    out, cache = forward(*own, **params)
    seen: list[Array | None] = [np.array(out)]
    grads = backward(incoming, cache)
    seen += [*copies(grads), *copies(own), incoming.copy()]
    seen.append(np.array(list(memory_shared((*grads, *own, incoming)))))
    elsewhere, _ = forward(*(nudge(x) for x in inputs), **params)
    seen.append(np.array(elsewhere))
    seen += copies(backward(np.array(grad_out, order="K"), cache))
    seen.append(np.array(forward(*(np.array(x, order="K") for x in inputs), **params)[0]))
    return seen


def copies(arrays: Gradients | Sequence[Array]) -> list[Array | None]:
    """Copy each array, and keep each None."""
    return [None if array is None else np.array(array) for array in arrays]


def memory_shared(arrays: Sequence[Array | None]) -> Iterator[bool]:
    """Yield for each pair of arrays whether they share memory."""
    for a, b in combinations(arrays, 2):
        yield a is not None and b is not None and np.shares_memory(a, b)


def nudge(x: Array) -> Array:
    """Move real numbers a little, each by its own step; labels stay."""
    if not np.issubdtype(x.dtype, np.floating):
        return x.copy()
    steps = 1e-3 * np.cos(np.arange(x.size, dtype=float))
    return np.asarray(x + steps.reshape(x.shape))
