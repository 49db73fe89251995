"""Chains of operations on four numbers, recorded and run backwards, in several engines.

On so few numbers the arithmetic is nearly free, and what is left is the engine. The same calls
of NumPy, made by hand, say what is not the engine's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.harness.programs import Counted, Job, Program

KINDS = ("add", "multiply", "tanh")
LIBRARIES = {"minin": "minin", "autograd": "autograd", "mygrad": "mygrad", "numpy": ""}

Chain = Callable[[int], None]
ones = np.ones(4)
near_one = np.full(4, 1.001)  # products neither grow nor vanish


class Engine(Program):
    """One engine, and a chain of every kind."""

    def __init__(self, job: Job) -> None:
        make = {"minin": by_minin, "autograd": by_hips, "mygrad": by_mygrad, "numpy": by_hand}
        self.length = job["length"]
        self.chains = {kind: make[job["engine"]](kind) for kind in KINDS}
        self.library = LIBRARIES[job["engine"]]

    def first(self) -> None:
        for run in self.chains.values():
            run(self.length)

    def turn(self, calls: int) -> Counted:
        """Return the seconds of one operation, forward and backward, by its kind."""
        self.first()
        taken = {}
        for kind, run in self.chains.items():
            start = time.perf_counter()
            for _ in range(calls):
                run(self.length)
            taken[kind] = time.perf_counter() - start
        numbers = {kind: seconds / calls / self.length for kind, seconds in taken.items()}
        return Counted(numbers, sum(taken.values()))

    def facts(self) -> dict[str, Any]:
        from importlib.metadata import version

        return {"settings": {"engine": version(self.library)} if self.library else {}}


def chain(start: Any, step: Callable[[Any], Any], length: int) -> Any:
    for _ in range(length):
        start = step(start)
    return start


def by_minin(kind: str) -> Chain:
    from minin import ops, tensor

    v = tensor(near_one, requires_grad=True)
    steps = {"add": lambda z: z + v, "multiply": lambda z: z * v, "tanh": lambda z: ops.tanh(z)}

    def run(length: int) -> None:
        u = tensor(ones, requires_grad=True)
        chain(u, steps[kind], length).backward(ones)

    return run


def by_hips(kind: str) -> Chain:
    anp: Any = import_module("autograd.numpy")
    make_vjp: Any = import_module("autograd").make_vjp

    steps: dict[str, Callable[[Any, Any], Any]] = {
        "add": lambda z, v: z + v,
        "multiply": lambda z, v: z * v,
        "tanh": lambda z, _: anp.tanh(z),
    }

    def run(length: int) -> None:
        def fn(uv: Any) -> Any:
            u, v = uv
            return chain(u, lambda z: steps[kind](z, v), length)

        pull, _ = make_vjp(fn)((ones, near_one))
        pull(ones)

    return run


def by_mygrad(kind: str) -> Chain:
    import mygrad

    v = mygrad.tensor(near_one)
    steps = {"add": lambda z: z + v, "multiply": lambda z: z * v, "tanh": lambda z: mygrad.tanh(z)}

    def run(length: int) -> None:
        u = mygrad.tensor(ones)
        chain(u, steps[kind], length).backward(ones)

    return run


def by_hand(kind: str) -> Chain:
    """The NumPy calls of forward and backward alone, sums of gradients included."""
    return {"add": add_by_hand, "multiply": multiply_by_hand, "tanh": tanh_by_hand}[kind]


def add_by_hand(length: int) -> None:
    chain(ones, lambda z: z + near_one, length)
    chain(ones, lambda total: total + ones, length)


def multiply_by_hand(length: int) -> None:
    z, kept, g, total = ones, [], ones, ones
    for _ in range(length):
        kept.append(z)
        z = z * near_one
    for y in reversed(kept):
        total = total + g * y
        g = g * near_one


def tanh_by_hand(length: int) -> None:
    z, kept, g = ones, [], ones
    for _ in range(length):
        z = np.tanh(z)
        kept.append(z)
    for y in reversed(kept):
        g = g * (1 - y * y)


start = Engine
