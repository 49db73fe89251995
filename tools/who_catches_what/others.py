"""The part of the page on programs whose authors had not seen the checker.

What each check said of them is recorded in `benchmarks/wrong_backwards/results`, a file for each
check and set; two readers' labels stand beside minin's answers. A set without a record is left
out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.wrong_backwards.judging import judged
from benchmarks.wrong_backwards.programs import FOLDER, NAMES
from benchmarks.wrong_backwards.score import count
from tools.page import rows

RESULTS = FOLDER / "results"
CHECKS = {
    "torch": "PyTorch gradcheck", "jax": "JAX check_grads", "autograd": "HIPS autograd check_grads",
    "minin-before": "minin, as it was when the set was written", "minin": "minin check_backward",
}  # fmt: skip
SETS = {
    "a": "Set A: in the styles of the usual courses; used while the checker was worked on",
    "b": "Set B: likewise, by two others; nobody who worked on the checker had seen it",
    "c": "Set C: mistakes reported in public, written again as small programs; kept likewise",
}
HEAD = (
    "| check | wrong rejected | right accused | argument | line "
    "| cause right | half | no pattern | misleading |"
)
LABELS = ("right", "half", "none", "misleading")


def read(results: Path = RESULTS) -> dict[str, dict[str, Any]]:
    """Read what is recorded: set -> check -> its answers."""
    found: dict[str, dict[str, Any]] = {}
    for name in NAMES:
        files = {check: results / f"{check}-{name}.json" for check in CHECKS}
        here = {check: path for check, path in files.items() if path.exists()}
        if here:
            found[name] = {c: json.loads(path.read_text("utf-8")) for c, path in here.items()}
    return found


def section(record: Mapping[str, Mapping[str, Any]]) -> str:
    """Write a table for each set that is recorded."""
    return "\n\n".join("\n".join(_table(name, record[name])) for name in record)


def _table(name: str, checks: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {SETS[name]}\n"
    yield HEAD
    yield f"|{'---|' * (HEAD.count('|') - 1)}"
    yield rows(_row(name, check, result) for check, result in checks.items())
    for check, result in checks.items():
        if "labels" in result:
            found = judged(result["labels"])
            agree, kappa = f"{100 * found['agree']:.0f} %", f"{found['kappa']:.2f}"
            yield f"\n{CHECKS[check]}: both readers, language models, gave {agree} of them"
            yield f"the same label (Cohen's kappa {kappa})."


def _row(name: str, check: str, result: Mapping[str, Any]) -> list[str]:
    c = count(name, result["answers"])
    wrong = f"{c['rejected']} of {c['wrong']}" + _stopped(c["wrong_stopped"])
    right = f"{c['accused']} of {c['right']}" + _stopped(c["right_stopped"])
    argument, line = (_named(c, what) for what in ("argument", "line"))
    causes = ["-"] * len(LABELS)
    if "labels" in result:
        counted = judged(result["labels"])["counts"]
        causes = [" and ".join(str(one[label]) for one in counted) for label in LABELS]
        shares = " and ".join(f"{100 * one['right'] / c['wrong']:.0f} %" for one in counted)
        causes[0] += f" ({shares})"
    return [CHECKS[check], wrong, right, argument, line, *causes]


def _named(counts: Mapping[str, int], what: str) -> str:
    named = counts[f"{what}_named"]
    return f"{counts[f'{what}_right']} of {named}" if named else "none"


def _stopped(count: int) -> str:
    return f", stopped at {count}" if count else ""
