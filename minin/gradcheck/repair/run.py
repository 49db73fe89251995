"""Runs changed programs: nothing that they do lasts, and nothing that they do is unbounded.

Before each run the objects of the caller's classes get back the attributes that they had, and
backward a cache of its own. Bounds are counts, of lines and of numbers, never seconds.
"""

from __future__ import annotations

import contextlib
import copy
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.steps import HANDLED
from minin.gradcheck.repair.record import FRAME, SCOPE, SITE
from minin.gradcheck.repair.source import Function
from minin.gradcheck.repair.trials import Trial
from minin.gradcheck.repair.walk import codes_of_run, is_callers, reachable
from minin.gradcheck.subject.functions import Code
from minin.gradcheck.subject.outcome import ForwardRun

TIMES_LINES, TIMES_SIZE = 15, 4  # how much more than the original a run may take
RUN = 1_500  # lines that take as long as copying and compiling for a run
LARGE = 1_000_000  # numbers of an array that is put back after each run
EMPTY: dict[str, Callable[..., Any]] = {"empty": np.empty, "empty_like": np.empty_like}
LEAST = 2000  # lines, and numbers of an array, that any run may take


class EndedError(BaseException):
    """A run goes beyond a bound, or out of the program; nobody's ``except Exception`` stops it."""


@dataclass
class Prepared:
    """A trial, and what its forward left: kept once, copied for each run."""

    trial: Trial
    run: ForwardRun
    kept: Any  # cache, and attributes of all objects
    frame: Mapping[str, Any]
    most: int = 10_000_000  # lines
    largest: int = 10_000_000  # numbers of an array


class Bench:
    """Where changed programs are run."""

    def __init__(self, subject: Code) -> None:
        self.subject = subject
        self.objects: list[Any] = []
        self.arrays: list[tuple[Array, Array]] = []  # what functions hold, and its numbers
        self.functions: list[Function] = []
        self.attributes: list[dict[str, Any]] = []
        self.prepared: list[Prepared] = []
        self.lines = 0  # in all runs
        self.rerun = False  # whether forward runs before each backward
        self.counted = 0
        self.each = 0  # what a run costs beside its lines
        self.slack = 1  # more while values are observed

    def hold(self, things: Sequence[Any]) -> None:
        """Take note of what runs may change: attributes of objects, arrays."""
        self.objects = [t for t in things if hasattr(t, "__dict__") and not _is_code(t)]
        self.attributes = [dict(vars(thing)) for thing in self.objects]
        arrays = [t for t in things if type(t) is np.ndarray and t.flags.writeable]
        self.arrays = [(a, a.copy()) for a in arrays if a.size < LARGE]

    def leave(self) -> None:
        """Let everything be what it was, wherever the search was interrupted."""
        for f in self.functions:
            f.function.__code__ = f.code
            for name in (FRAME, SITE, SCOPE):
                f.function.__globals__.pop(name, None)
        for thing, names in zip(self.objects, self.attributes, strict=True):
            vars(thing).clear()
            vars(thing).update(names)
        for array, numbers in self.arrays:
            array[...] = numbers
        np.__dict__.update(EMPTY)

    def prepare(self, trial: Trial) -> Prepared:
        """Run forward once, and keep what it leaves."""
        _, frames, run = codes_of_run(lambda: trial.subject.run(trial.subject.base))
        frame = {
            n: _locked(v) for names in reversed(frames) for n, v in names.items() if n != "self"
        }
        made = Prepared(trial, run, None, frame)
        made.kept = self._copy([run.cache, *map(vars, self.objects)])
        return made

    def _copy(self, things: Any) -> Any:
        return copy.deepcopy(things, {id(o): o for o in self.objects})

    def gradients(self, prepared: Prepared, rerun: bool = False) -> dict[str, Any] | None:
        """Run backward in one trial; None if it stops, or forward's output is not what it was."""
        cache = self._put_back(prepared)
        try:
            with self._bounded(prepared):
                came = self._run(prepared, cache, rerun or self.rerun)
        except KeyboardInterrupt:
            raise
        except BaseException:  # whatever a changed program comes to
            return None
        return None if came is None else dict(zip(self.subject.names, came, strict=True))

    def _put_back(self, prepared: Prepared) -> Any:
        """Let objects and arrays be what they were after forward; return a cache for this run."""
        cache, *attributes = self._copy(prepared.kept)
        for thing, names in zip(self.objects, attributes, strict=True):
            vars(thing).clear()
            vars(thing).update(names)
        for array, numbers in self.arrays:
            array[...] = numbers
        return cache

    def _run(self, prepared: Prepared, cache: Any, rerun: bool) -> list[Any] | None:
        trial, run = prepared.trial, replace(prepared.run, cache=cache)
        subject = trial.subject
        if rerun:
            run = subject.run(subject.base)
            if not np.allclose(run.output, prepared.run.output, rtol=1e-9, atol=1e-12):
                return None
        if trial.before is not None:
            subject.run_backward(run, trial.before.copy())
            if run.cached and not self.objects:  # layers may keep the last forward
                subject.look([b * 1.25 + 0.01 for b in subject.base])
        return subject.run_backward(run, trial.grad_y.copy())

    @contextlib.contextmanager
    def _bounded(self, prepared: Prepared) -> Iterator[None]:
        """Count lines and look at sizes while a run lasts."""
        before, self.counted = sys.gettrace(), 0
        seen: set[tuple[int, int]] = set()

        def line(frame: Any, event: str, _: Any) -> Any:
            self.counted += 1
            if self.counted > prepared.most * self.slack:
                raise EndedError
            place = (id(frame.f_code), frame.f_lineno)
            if event == "return" or place not in seen:
                seen.add(place)
                if any(_size(v) > prepared.largest for v in frame.f_locals.values()):
                    raise EndedError
            return line

        def call(frame: Any, event: str, arg: Any) -> Any:
            return line(frame, event, arg) if is_callers(frame.f_code) else None

        names = [(f.function.__globals__, FRAME) for f in self.functions]
        sys.settrace(call)
        try:
            for space, name in names:
                space[name] = prepared.frame
            yield
        finally:
            sys.settrace(before)
            for space, name in names:
                space.pop(name, None)
            self.lines += self.counted

    def bound(self, trials: Sequence[Prepared]) -> None:
        """Take the bounds of each trial from a run of the original there, or from the first."""
        lines, numbers = 0, 1
        for prepared in trials:
            run = prepared.run
            sizes = _sizes((prepared.kept, run.output, dict(prepared.frame), run.arguments))
            self.gradients(prepared)
            lines, numbers = lines or self.counted, numbers if lines else sum(sizes)
            most = max(self.counted, lines * sum(sizes) // max(1, numbers))
            self.each = self.each or RUN + sum(sizes) // HANDLED
            prepared.most = TIMES_LINES * most + LEAST
            prepared.largest = TIMES_SIZE * max([LEAST, *sizes])


def _is_code(thing: Any) -> bool:
    """Tell whether a thing is a function or a class: its attributes are no state."""
    return isinstance(thing, type) or hasattr(thing, "__code__")


def _locked(value: Any) -> Any:
    """Copy an array so that no changed program can write to it."""
    if type(value) is not np.ndarray:
        return value
    made = value.copy()
    made.flags.writeable = False
    return made


def _size(value: Any) -> int:
    return value.size if isinstance(value, np.ndarray) else 0


def _sizes(thing: Any) -> list[int]:
    if isinstance(thing, np.ndarray):
        return [thing.size]
    parts = list(thing.values()) if isinstance(thing, dict) else thing
    return [n for p in parts for n in _sizes(p)] if isinstance(parts, (list, tuple)) else []


@contextlib.contextmanager
def exchanged(changes: Sequence[tuple[Function, CodeType]]) -> Iterator[None]:
    """Give functions other code while a block lasts."""
    try:
        for function, code in changes:
            function.function.__code__ = code
        yield
    finally:
        for function, _ in changes:
            function.function.__code__ = function.code


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let no change of global state last: random numbers, warnings; ``np.empty`` gives no luck.

    An array that is not filled may hold an old right answer; here it holds NaN.
    """
    state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002

    def filled(make: Callable[..., Array]) -> Callable[..., Array]:
        def made(*arguments: Any, **settings: Any) -> Array:
            found = make(*arguments, **settings)
            caller = sys._getframe(1).f_code
            if found.dtype.kind == "f" and is_callers(caller):
                found[...] = np.nan
            return found

        return made

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        np.__dict__.update({name: filled(make) for name, make in EMPTY.items()})
        try:
            yield
        finally:
            np.__dict__.update(EMPTY)
            random.setstate(state)
            np.random.set_state(numpy_state)  # noqa: NPY002


def functions_made(cache: Any, known: Sequence[Any]) -> bool:
    """Tell whether a cache leads to functions that are made in each forward."""
    old = {id(thing) for thing in reachable(known)}
    return any(
        isinstance(thing, (FunctionType, MethodType)) and id(thing) not in old
        for thing in reachable([cache])
    )
