"""The checks that courses describe, written out again from those descriptions.

Each function takes a program and a source of random numbers, and says whether the check
rejects. None is a copy of a course's code, and none is called by the course's name alone: what
runs here is a check *in the style of* that course.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minin.gradcheck.recognise.references.record import Array
from tools.who_catches_what.program import Program

Rng = np.random.Generator


def slope(loss: Callable[[], float], x: Array, place: tuple[int, ...], step: float) -> float:
    """Move one number both ways, in place, and put it back; return the central difference."""
    before = x[place]
    x[place] = before + step
    ahead = loss()
    x[place] = before - step
    behind = loss()
    x[place] = before
    return (ahead - behind) / (2 * step)


def slopes(loss: Callable[[], float], x: Array, step: float) -> Array:
    """Return the central difference along every number of ``x``."""
    found = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        found[place] = slope(loss, x, place, step)
    return found


def weighted(program: Program, weights: Array) -> Callable[[], float]:
    """Make a loss: the outputs, each times its weight, added up."""
    return lambda: float(np.sum(program.out() * weights))


def cs231n(program: Program, rng: Rng) -> bool:
    """Every number, a random upstream gradient, the largest relative error.

    Central differences with h = 1e-5 of the output times a random normal upstream gradient;
    then forward and backward once. The error is max |a - n| / max(1e-8, |a| + |n|); people
    read it by eye, and here more than 1e-4 counts as wrong.
    """
    weights = rng.standard_normal(program.out().shape)
    floats = [program.inputs[place] for place in program.places]
    numeric = [slopes(weighted(program, weights), x, 1e-5) for x in floats]
    for n, a in zip(numeric, program.run_backward(weights), strict=True):
        error = np.max(np.abs(a - n) / np.maximum(1e-8, np.abs(a) + np.abs(n)))
        if not error <= 1e-4:
            return True
    return False


def cs231n_sparse(program: Program, rng: Rng) -> bool:
    """Ten sampled numbers of each argument, a scalar loss, relative error.

    Backward first, then central differences with h = 1e-5 at ten random places of each
    argument; the loss is the output times random weights, added up. The error at a place is
    |a - n| / (|a| + |n|); more than 1e-4 counts as wrong, 0 / 0 as right.
    """
    weights = rng.standard_normal(program.out().shape)
    loss = weighted(program, weights)
    grads = program.run_backward(weights)
    for place, grad in zip(program.places, grads, strict=True):
        x = program.inputs[place]
        for _ in range(10):
            at = tuple(int(rng.integers(n)) for n in x.shape)
            n, a = slope(loss, x, at, 1e-5), float(grad[at])
            if a != n and not abs(a - n) / (abs(a) + abs(n)) <= 1e-4:
                return True
    return False


def dlsys(program: Program, rng: Rng) -> bool:
    """Every number, a loss with random weights, the norm of the difference.

    Central differences with h = 1e-4 of sum(f(...) * c), c random normal; backward is given
    c. The norms of the differences of all arguments are added; 1e-6 or more is wrong.
    """
    weights = rng.standard_normal(program.out().shape)
    loss = weighted(program, weights)
    numeric = [slopes(loss, program.inputs[place], 1e-4) for place in program.places]
    pairs = zip(program.run_backward(weights), numeric, strict=True)
    return not sum(float(np.linalg.norm(a - n)) for a, n in pairs) < 1e-6


def minitorch(program: Program, rng: Rng) -> bool:
    """A few sampled numbers of the sum of the outputs, within one per cent.

    Backward is given ones. At five random places of each argument (one place a drawing, in a
    property test that draws several times) a central difference with h = 1e-6 of the plain sum
    of the outputs must agree within 1e-2 + 1e-2 * |n|.
    """
    ones = np.ones(program.out().shape)
    grads = program.run_backward(ones)
    for place, grad in zip(program.places, grads, strict=True):
        x = program.inputs[place]
        for _ in range(5):
            at = tuple(int(rng.integers(n)) for n in x.shape)
            n = slope(weighted(program, ones), x, at, 1e-6)
            if not abs(float(grad[at]) - n) <= 1e-2 + 1e-2 * abs(n):
                return True
    return False


def coursera(program: Program, rng: Rng) -> bool:
    """All numbers as one long vector, one number as the verdict.

    Backward first, all gradients unrolled into one vector; then central differences with
    h = 1e-7 of one scalar cost (the output times random weights, added up). The difference is
    |a - n| / (|a| + |n|) with Euclidean norms; more than 1e-7 counts as wrong.
    """
    weights = rng.standard_normal(program.out().shape)
    loss = weighted(program, weights)
    analytic = np.concatenate([np.ravel(g) for g in program.run_backward(weights)])
    floats = [program.inputs[place] for place in program.places]
    numeric = np.concatenate([slopes(loss, x, 1e-7).ravel() for x in floats])
    off = float(np.linalg.norm(analytic - numeric))
    return not off / float(np.linalg.norm(analytic) + np.linalg.norm(numeric)) <= 1e-7
