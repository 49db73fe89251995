"""Damage files of every kind that minin reads, read them, and write docs/fuzz.md.

    python -m tools.fuzz_files                                 20,000 files
    python -m tools.fuzz_files --kind "CIFAR, tar.gz" --number 17    one of them again

A file may be read, or be refused by one of minin's own errors. Anything else is a fault: any
other exception, a warning, a print, a crash, a wait, more memory than is allowed, anything
written or run. Each fault comes with the words that show it again. Linux only.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tools.fuzz.kinds import KINDS, Kind
from tools.fuzz.watch import Verdict, work
from tools.page import DOCS, page, rows

FILES, SEED = 20_000, 0
PATIENCE = 20.0  # seconds for one file; reading takes milliseconds
LOADING = 60.0  # seconds until all libraries are loaded
MODULE = "tools.fuzz.kinds"  # where a new process finds the kinds
TARGET = DOCS / "fuzz.md"


@dataclass
class Tally:
    """What came of the files of one kind."""

    kind: Kind
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[int, str]] = field(default_factory=list)
    most_mib: float = 0.0

    def add(self, number: int, verdict: Verdict) -> None:
        """Count one file."""
        self.outcomes[verdict.outcome] += 1
        self.most_mib = max(self.most_mib, verdict.mib)
        if verdict.fault:
            self.faults.append((number, verdict.fault))


def fuzz(kind: Kind, seed: int, numbers: range, module: str | None = None) -> Tally:
    """Judge files by their numbers; a child that dies or waits is replaced.

    Args:
        kind: one of ``KINDS`` of a module.
        seed: decides, with a file's number, how the file is damaged.
        numbers: of the files.
        module: where a new process finds the kind; None for `MODULE`.
    """
    tally, following = Tally(kind), numbers.start
    while following < numbers.stop:
        following = _one_child(tally, seed, range(following, numbers.stop), module or MODULE)
    return tally


def _one_child(tally: Tally, seed: int, numbers: range, module: str) -> int:
    """Judge in one process as long as it lasts; return the number to go on with."""
    context = multiprocessing.get_context("spawn")
    answers, theirs = context.Pipe(duplex=False)
    following = numbers.start
    with tempfile.TemporaryDirectory() as place:
        job = (module, tally.kind.name, seed, numbers, place, theirs)
        process = context.Process(target=work, args=job)
        process.start()
        theirs.close()
        try:
            if not answers.poll(LOADING):
                raise TimeoutError(f"the libraries are not loaded after {LOADING:g} s")
            answers.recv()
            while following < numbers.stop and answers.poll(PATIENCE):
                number, verdict = answers.recv()
                tally.add(number, verdict)
                following = number + 1
            if following < numbers.stop:
                tally.add(following, Verdict("FAULT", 0.0, "no answer"))
                following += 1
        except EOFError:
            process.join()
            died = f"its process ended with {process.exitcode}"
            tally.add(following, Verdict("FAULT", 0.0, died))
            following += 1
        finally:
            if process.is_alive():
                process.join(0.5)
            if process.is_alive() and process.pid:
                os.kill(process.pid, signal.SIGKILL)
            process.join()
            answers.close()
    return following


def shares(files: int, kinds: Sequence[Kind]) -> list[int]:
    """Give each kind its number of files."""
    return [files // len(kinds) + (place < files % len(kinds)) for place in range(len(kinds))]


def report(tallies: list[Tally], seed: int, seconds: float) -> str:
    """Write what was found as a page."""
    files = sum(tally.outcomes.total() for tally in tallies)
    return page(
        "fuzz",
        shown=f"{files:,}",
        files=files,
        faults=sum(len(tally.faults) for tally in tallies),
        seed=seed,
        seconds=f"{seconds:.0f}",
        patience=f"{PATIENCE:g}",
        rows=rows(map(_row, tallies)),
    )


def _row(tally: Tally) -> list[str]:
    refused = {k: n for k, n in tally.outcomes.items() if k not in ("read", "FAULT")}
    return [
        tally.kind.name,
        f"{tally.outcomes.total():,}",
        f"{tally.outcomes['read']:,}",
        ", ".join(f"{name} {count:,}" for name, count in sorted(refused.items())),
        str(len(tally.faults)),
        f"{tally.most_mib:.0f} of {tally.kind.most_mib} MiB",
    ]


def _show(tally: Tally, seed: int) -> None:
    """Print what came of a kind, and how to see each fault again."""
    print(f"{tally.kind.name}: {dict(tally.outcomes)}, {tally.most_mib:.0f} MiB", flush=True)
    for number, fault in tally.faults:
        again = f'--kind "{tally.kind.name}" --seed {seed} --number {number}'
        print(f"  FAULT {fault}\n    python -m tools.fuzz_files {again}", flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Fuzz, say each fault, and write the page if there is none to hide."""
    parser = argparse.ArgumentParser(description="Read damaged files of every kind.")
    parser.add_argument("--files", type=int, default=FILES, help=f"default: {FILES}")
    parser.add_argument("--seed", type=int, default=SEED, help=f"default: {SEED}")
    parser.add_argument("--kind", choices=[kind.name for kind in KINDS], help="only this one")
    parser.add_argument("--number", type=int, help="only this file of the kind")
    parser.add_argument("--workers", type=int, default=2, help="kinds at a time; default: 2")
    parser.add_argument("--out", type=Path, default=TARGET, help=f"default: {TARGET}")
    args = parser.parse_args(argv)
    kinds = [kind for kind in KINDS if args.kind in (None, kind.name)]
    start = time.monotonic()
    one = args.number is not None
    jobs = [
        (kind, args.seed, range(args.number, args.number + 1) if one else range(count))
        for kind, count in zip(kinds, shares(args.files, kinds), strict=True)
    ]
    tallies = []
    with ThreadPoolExecutor(args.workers) as pool:  # the work is done by other processes
        for tally in pool.map(lambda job: fuzz(*job), jobs):
            tallies.append(tally)
            _show(tally, args.seed)
    if args.kind is None:
        args.out.write_text(report(tallies, args.seed, time.monotonic() - start), "utf-8")
    return 1 if any(tally.faults for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
