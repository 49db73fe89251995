"""Libraries, clocks and subjects that do as they are told: no test waits or asserts times."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from minin.bench.ceilings import PIECE, copy_subject, product_subject
from minin.bench.clock import Clock
from minin.bench.libraries import Library
from minin.bench.plan import Contender, Plan
from minin.bench.run import Protocol, Run
from minin.bench.subject import BenchSubject, Job, Work
from minin.bench.visits import here

SQUARE, COPIED = 64, 2 * PIECE


class Ticks:
    """A clock's hand that moves on by a tick whenever somebody looks."""

    def __init__(self, tick: float = 1.0) -> None:
        self.now, self.tick = 0.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


class Scripted:
    """A clock that calls, and then says what it was told to say."""

    resolution = 1e-9
    most_calls = 1

    def __init__(self, times: Iterable[float]) -> None:
        self.times: Iterator[float] = itertools.cycle(times)

    def seconds(self, call: Callable[[], Any], calls: int) -> float:
        for _ in range(calls):
            call()
        return next(self.times)


def nothing() -> None:
    """Wait for nothing."""


def library(
    name: str = "fake",
    times: Iterable[float] = (1.0,),
    device: str = "cpu",
    spoil: Callable[[Any], Any] = lambda x: x,
    **changes: Any,
) -> Library:
    """Make a library on NumPy's arrays whose clock is scripted, and whose results may be spoilt."""
    clock: Clock = Scripted(times)
    made = Library(
        name,
        device,
        put=np.array,
        get=lambda x: spoil(np.array(x)),
        synchronise=nothing,
        clock=lambda: clock,
        family="numpy",
        versions={"numpy": np.__version__},
    )
    return replace(made, **changes)


def double(arrays: list[Any], _: str, __: str) -> Callable[[], list[Any]]:
    return lambda: [arrays[0] * 2]


def subject(name: str = "double", start: Any = double, **changes: Any) -> BenchSubject:
    """Make a subject that doubles numbers."""
    made = BenchSubject(
        name,
        ("forward",),
        {"tiny": (3,), "small": (30,)},
        "n",
        inputs=lambda shape, _, rng: [rng.random(shape)],
        work=lambda shape, _: Work(shape[0], 2 * shape[0], 1),
        start=start,
        fast=lambda _: False,
    )
    return replace(made, **changes)


class NoCeilings(Plan):
    """A plan without the large product and copy."""

    def ceilings(self, _: Library) -> list[Job]:
        return []


class LowCeilings(Plan):
    """A plan whose large product and copy are small, and so soon done."""

    def ceilings(self, _: Library) -> list[Job]:
        subjects = (product_subject({"quick": (SQUARE,)}), copy_subject((COPIED,)))
        return [Job(one, "forward", "quick", "float32") for one in subjects]


def run_of(
    libraries: list[Library],
    subjects: list[BenchSubject] | None = None,
    blocks: int = 5,
    ceilings: bool = False,
    **changes: Any,
) -> Run:
    """Make a run of fakes; a visit takes the least samples, for the hand of its clock jumps."""
    cases = tuple(
        Job(one, "forward", size, "float32")
        for one in subjects or [subject()]
        for size in ("tiny", "small")
    )
    contenders = tuple(Contender(one, "plain") for one in libraries)
    kind = LowCeilings if ceilings else NoCeilings
    plan = kind(cases, contenders, (("dask", "cannot be waited for"),), True, ("float32",))
    made = Run(plan, Protocol(blocks, 0.5), read=Ticks(), **changes)
    made.block = lambda rows, seconds: here(rows, seconds, Ticks(), lambda _: None)
    return made
