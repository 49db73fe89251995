"""A program as functions of float arrays alone, which is what other libraries' checks take."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from benchmarks.wrong_backwards.programs import Subject
from minin.gradcheck.recognise.references.record import Array
from minin.gradcheck.subject.functions import DECLINED, Code, Missing
from tools.who_catches_what.program import Program


def as_program(subject: Subject) -> tuple[Program, list[str]]:
    """Wrap a program: every float array becomes an argument, the rest is fixed.

    Arguments for which backward says None (labels in floats) are fixed too. A layer object that
    keeps what it needs in attributes runs forward again before backward, at the same inputs, so
    that a check may call it in any order.

    Returns:
        The program, and the names of its arguments.
    """
    code = Code(
        _in_arrays(subject), subject.backward, list(subject.inputs), subject.params, subject.names
    )
    kept = _differentiated(code)

    def leaves(xs: tuple[Array, ...]) -> list[Array]:
        found = list(code.base)
        for place, x in zip(kept, xs, strict=True):
            found[place] = np.array(x)
        return found

    def forward(*xs: Array) -> tuple[Array, Any]:
        outcome = code.run(leaves(xs))
        return outcome.output, (outcome, xs)

    def backward(grad: Array, cache: Any) -> tuple[Array | None, ...]:
        outcome, xs = cache
        if not outcome.cached:
            outcome = code.run(leaves(xs))
        grads = code.run_backward(outcome, np.array(grad))
        return tuple(_array(grads[place]) for place in kept)

    floats = [np.array(code.base[place]) for place in kept]
    program = Program("", forward, backward, floats, {}, tuple(range(len(kept))))
    return program, [code.names[place] for place in kept]


def _in_arrays(subject: Subject) -> Any:
    """Return forward with a loss that is a plain number made an array."""

    @functools.wraps(subject.forward)
    def forward(*inputs: Any, **params: Any) -> Any:
        out = subject.forward(*inputs, **params)
        if isinstance(out, tuple) and len(out) == 2:
            return _number(out[0]), out[1]
        return _number(out)

    return forward


def _number(y: Any) -> Any:
    return np.asarray(y) if isinstance(y, float) else y


def _differentiated(code: Code) -> list[int]:
    """List the float arrays for which backward does not say None."""
    everything = list(range(len(code.names)))
    outcome = code.run(code.base)
    try:
        grads = code.run_backward(outcome, np.ones_like(outcome.output))
    except Exception:  # the check meets it again
        return everything
    return [place for place in everything if grads[place] is not DECLINED] or everything


def _array(grad: Any) -> Array | None:
    return None if isinstance(grad, Missing) else np.array(grad, order="C")
