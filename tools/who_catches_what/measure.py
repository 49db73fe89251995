"""Runs every check on every program, and keeps the answers."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from minin.gradcheck.subject.silence import quiet
from tools.who_catches_what import checkers, styles
from tools.who_catches_what.program import Program, programs, right_programs, wrong_programs

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "docs" / "who-catches-what.json"


@dataclass(frozen=True)
class Style:
    """One check.

    Attributes:
        title: as the page's tables head it.
        label: as the page calls it in full.
        run: says whether it rejects a program; a library, in words.
        needs: the distribution that has to be installed, "" for none.
    """

    title: str
    label: str
    run: Callable[[Program, np.random.Generator], bool | str]
    needs: str = ""


STYLES: dict[str, Style] = {
    "cs231n": Style("CS231n", "in the style of CS231n", styles.cs231n),
    "cs231n_sparse": Style("sparse", "in the style of CS231n, sparse", styles.cs231n_sparse),
    "dlsys": Style("dlsys", "in the style of dlsys", styles.dlsys),
    "minitorch": Style("minitorch", "in the style of minitorch", styles.minitorch),
    "coursera": Style("Coursera", "in the style of Coursera", styles.coursera),
    "torch": Style("PyTorch", "PyTorch gradcheck", checkers.torch_gradcheck, "torch"),
    "jax": Style("JAX", "JAX check_grads", checkers.jax_check_grads, "jax"),
    "hips": Style("HIPS", "HIPS autograd check_grads", checkers.hips_check_grads, "autograd"),
    "minin": Style("minin", "minin check_backward", checkers.minin_check),
}


def installed(style: Style) -> str | None:
    """Return the version of what a style needs, "" if it needs nothing, None if it is missing."""
    if not style.needs:
        return ""
    try:
        return importlib.metadata.version(style.needs)
    except importlib.metadata.PackageNotFoundError:
        return None


def answers(style: str, program: str) -> str:
    """Return one character a drawing: 1 rejected, 0 passed; for minin 2 if the cause is named.

    A check that stops with an error has noticed something: that counts as rejected.
    """
    return "".join(_answer(style, one, rng, program) for one, rng in _drawn(program))


def _drawn(program: str) -> Iterator[tuple[Program, np.random.Generator]]:
    mutant, op = programs()[program]
    drawings = right_programs(op) if mutant is None else wrong_programs(mutant)
    for number, one in enumerate(drawings):
        yield one, np.random.default_rng([*map(ord, program), number, 1])


def _answer(style: str, program: Program, rng: np.random.Generator, name: str) -> str:
    with quiet():
        try:
            if style == "minin":
                report = checkers.minin_report(program, rng)
                named = any(f.bug == name.split()[0] for f in report.findings)
                return "0" if report.ok else "12"[named]
            return str(int(bool(STYLES[style].run(program, rng))))
        except Exception:  # the check itself stops: on a shape, a None, a missing gradient
            return "1"


def measured(style: str, workers: int) -> dict[str, Any]:
    """Run one check on every program."""
    names, started = list(programs()), time.perf_counter()
    with ProcessPoolExecutor(workers) as pool:
        found = list(pool.map(partial(answers, style), names, chunksize=8))
    print(f"{style}: {time.perf_counter() - started:.0f} s", flush=True)
    versions = {"numpy": np.__version__, "python": platform.python_version()}
    if STYLES[style].needs:
        versions[STYLES[style].needs] = str(installed(STYLES[style]))
    return {"versions": versions, "answers": dict(zip(names, found, strict=True))}


def read() -> dict[str, Any]:
    """Read what is recorded; nothing if there is no record."""
    found = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    return {name: found[name] for name in STYLES if name in found}


def write(record: dict[str, Any]) -> None:
    """Write the record, styles in the page's order."""
    ordered = {name: record[name] for name in STYLES if name in record}
    RECORD.write_text(json.dumps(ordered, indent=1) + "\n", "utf-8")
