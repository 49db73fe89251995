"""The checkers that can be asked: each takes a subject and gives an answer."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import io
import platform
import re
import warnings
from collections.abc import Callable

import numpy as np

from benchmarks.wrong_backwards.answer import Answer
from benchmarks.wrong_backwards.peers import as_program
from benchmarks.wrong_backwards.programs import Subject
from minin import gradcheck
from tools.who_catches_what.checkers import hips_check_grads, jax_check_grads, torch_gradcheck
from tools.who_catches_what.program import Program
from tools.who_catches_what.styles import Rng

Check = Callable[[Subject], Answer]
SEED = 0
LENGTH = 300  # of what a library says: it may print all the numbers


def minin(subject: Subject) -> Answer:
    """minin.gradcheck.check_backward with its defaults, told no more than the program says."""
    report = gradcheck.check_backward(
        subject.forward, subject.backward, subject.inputs, subject.op, subject.params, subject.names
    )
    # a path that is left out has a line of forward, where nothing is to be edited
    edits = (repair for repair in report.repair if not repair.held)
    proved_first = sorted(edits, key=lambda repair: repair.sizes_only)
    line = proved_first[0].line if proved_first else None
    accused = dict.fromkeys(f.argument for f in report.findings)
    return Answer(report.ok, tuple(accused), line, str(report))


def _library(check: Callable[[Program, Rng], str]) -> Check:
    """Ask a library's check about the program, wrapped as the library wants it."""

    def ask(subject: Subject) -> Answer:
        program, names = as_program(subject)
        try:
            words = check(program, np.random.default_rng(SEED))
        except Exception as error:  # the check stops on what backward gave it: that is noticed
            last = [line for line in str(error).splitlines() if line.strip()][-1:]
            words = f"{type(error).__name__}: {''.join(last)}"
        place = re.search(r"with respect to input (\d+)", words)
        return Answer(not words, (names[int(place[1])],) if place else (), None, words[:LENGTH])

    return ask


CHECKERS: dict[str, Check] = {
    "minin": minin,
    "torch": _library(torch_gradcheck),
    "jax": _library(jax_check_grads),
    "autograd": _library(hips_check_grads),
}


def find(name: str) -> Check:
    """Return a checker by its name here, or import it as MODULE:FUNCTION.

    Raises:
        ValueError: if it is neither.
    """
    if name in CHECKERS:
        return CHECKERS[name]
    module, _, function = name.partition(":")
    if not function:
        known = ", ".join(CHECKERS)
        raise ValueError(f"--checker must be {known} or MODULE:FUNCTION; got {name!r}")
    found: Check = getattr(importlib.import_module(module), function)
    return found


def ask(check: Check, subject: Subject) -> Answer:
    """Ask a checker; what the program prints or warns of meanwhile is kept back."""
    quiet = contextlib.redirect_stdout(io.StringIO())
    with quiet, contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return check(subject)


def versions(name: str) -> dict[str, str]:
    """Say what ran: Python, NumPy, and the library that was asked."""
    found = {"python": platform.python_version(), "numpy": np.__version__}
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        found[name] = importlib.metadata.version(name.partition(":")[0].partition(".")[0])
    return found
