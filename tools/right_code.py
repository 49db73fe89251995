"""Check right code at 10,000 drawings and more: the checker must accuse none of it.

    python -m tools.right_code               about 10,000 cases, several minutes on one core
    python -m tools.right_code --cases 5     a few of each, to see that it works; keeps nothing

The laws are those of tests/gradcheck/test_correct.py, with as many drawings as are asked for:
every reference of the zoo, with ties, zeros and other orders of memory; every op of the book;
every network at a small image. What is counted is how often the checker was really called.
Written: docs/gradcheck-right-code.md and docs/gradcheck-right-code.json.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import hypothesis

from minin import gradcheck, machine, models, ops
from minin.cli.gradcheck.subjects import OPERATORS, networks
from minin.gradcheck.report.report import Report
from tools.page import DOCS, page, rows

OWED = 10_000
Row = tuple[str, str, Callable[[], None]]


@dataclass
class Count:
    """What happened in one row.

    Attributes:
        kind: "reference", "op" or "network".
        name: of what was checked.
        cases: how often the checker was called.
        entries: how many numbers it judged one by one, all cases together.
        accusations: reports of right code that say it is wrong, words and drawing.
        seconds: for all of them.
    """

    kind: str
    name: str
    cases: int = 0
    entries: int = 0
    accusations: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Counter:
    """Stands in for a door of the checker, and counts who comes through."""

    def __init__(self, door: Callable[..., Report]) -> None:
        self.door = door
        self.cases = self.entries = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Report:
        """Check as always, and count."""
        report = self.door(*args, **kwargs)
        self.cases += 1
        self.entries += sum(line.judged for line in report.lines)
        return report


def laws(cases: int, seed: int) -> Iterator[Row]:
    """Yield everything to be checked: kind, name, and what checks it."""
    os.environ["MININ_GRADCHECK_CASES"] = str(cases)
    tests: Any = importlib.import_module("tests.gradcheck.test_correct")
    tests.ops = SimpleNamespace(**vars(ops), **OPERATORS)  # x + y is an op as well
    reference = hypothesis.seed(seed)(tests.test_a_right_reference_passes)
    op = hypothesis.seed(seed)(tests.test_a_right_op_passes)
    for name in sorted(tests.REFERENCES):
        yield "reference", name, partial(reference, op=name)
    for name in sorted(tests.CASES):
        yield "op", name, partial(op, op=name)
    for name in models.names():
        yield "network", name, partial(network, name, seed)


def network(name: str, seed: int) -> None:
    """Check one network, three drawings of its weights and images."""
    for drawing in range(seed, seed + 3):
        for report in networks(name, "numpy").reports(drawing):
            assert report.ok, f"{name}, drawing {drawing}\n{report}"


def counted(row: Row) -> Count:
    """Check one row, and count; an accusation is kept with its smallest drawing."""
    kind, name, law = row
    found = Count(kind, name)
    doors = [(gradcheck, n) for n in ("check", "check_backward")]
    doors.append((importlib.import_module("minin.cli.gradcheck.subjects"), "check"))
    before = [getattr(*door) for door in doors]
    counters = [Counter(door) for door in before]
    started = time.perf_counter()
    for (module, attribute), counter in zip(doors, counters, strict=True):
        setattr(module, attribute, counter)
    try:
        law()
    except Exception as error:  # an accusation, or the checker itself broke down
        said = traceback.format_exception_only(error)
        found.accusations.append("".join(said).strip())
    finally:
        for (module, attribute), door in zip(doors, before, strict=True):
            setattr(module, attribute, door)
    found.seconds = round(time.perf_counter() - started, 2)
    found.cases = sum(c.cases for c in counters)
    found.entries = sum(c.entries for c in counters)
    return found


def record_of(found: list[Count], seed: int) -> dict[str, Any]:
    """Put counts, versions and machine into one record."""
    return {
        "cases": sum(c.cases for c in found),
        "accusations": sum(len(c.accusations) for c in found),
        "entries": sum(c.entries for c in found),
        "seconds": round(sum(c.seconds for c in found), 1),
        "seed": seed,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("minin", "numpy", "hypothesis")},
        "machine": f"{platform.machine()}, {machine.cores()} cores, {platform.system()}",
        "processor": machine.processor(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "rows": [asdict(c) for c in found],
    }


def written(record: dict[str, Any]) -> str:
    """Write the page."""
    versions = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
    values = record | {
        "cases": f"{record['cases']:,}",
        "entries": f"{record['entries']:,}",
        "seconds": f"{record['seconds']:.0f}",
        "versions": versions,
    }
    accused = "".join(
        f"\n\n## Accused: {row['kind']} {row['name']}\n\n```\n{said}\n```"
        for row in record["rows"]
        for said in row["accusations"]
    )
    lines = rows(
        [
            *(row["kind"], row["name"], row["cases"], f"{row['entries']:,}"),
            *(len(row["accusations"]), f"{row['seconds']:.1f}"),
        ]
        for row in record["rows"]
    )
    return page("gradcheck-right-code", **(values | {"rows": lines}), accused=accused)


def main() -> int:
    """Check, print and write; exit with 1 on an accusation, or if there were too few cases."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=160, help="drawings for each row")
    parser.add_argument("--seed", type=int, default=0, help="of all drawings")
    args = parser.parse_args()
    found = []
    for row in laws(args.cases, args.seed):
        found.append(counted(row))
        last = found[-1]
        verdict = "ACCUSED" if last.accusations else "ok"
        print(f"{last.kind:<10} {last.name:<22} {last.cases:>6} {verdict:<8} {last.seconds:7.1f} s")
        sys.stdout.flush()
    record = record_of(found, args.seed)
    for said in (said for c in found for said in c.accusations):
        print(said)
    print(f"{record['cases']:,} cases, {record['accusations']} accusations")
    if record["cases"] >= OWED:
        text = json.dumps(record, indent=1) + "\n"
        (DOCS / "gradcheck-right-code.json").write_text(text, encoding="utf-8")
        (DOCS / "gradcheck-right-code.md").write_text(written(record), encoding="utf-8")
    elif args.cases >= 100:
        print(f"too few: {OWED:,} are owed, ask for more with --cases")
        return 1
    return 1 if record["accusations"] else 0


if __name__ == "__main__":
    sys.exit(main())
