"""What do more workers bring?

A training step of three networks with 1, 2, ... workers, which `minin.set_num_threads` sets.

    python -m benchmarks.threads
    python -m benchmarks.threads --workers 1 2 4 --networks nin-cifar10
    python -m benchmarks.threads --smoke    # a moment, to see that it works
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.harness import options
from benchmarks.harness.part import Part
from benchmarks.harness.question import script
from benchmarks.networks import parts
from minin.machine import cores


def counts(most: int) -> list[int]:
    """Return 1, 2, 4 and so on, and all cores."""
    return sorted({2**power for power in range(most.bit_length()) if 2**power < most} | {most})


def part(folder: Path, network: str, batch: int, workers: Sequence[int]) -> Part:
    """Enter minin once for each number of workers; all are compared with the first."""
    made = parts.part(folder, network, batch, "train", ["minin"])
    one = made.entrants[0]
    each = [
        replace(one, name=f"minin-{count}", job=one.job | {"workers": count}) for count in workers
    ]
    return replace(made, entrants=tuple(each))


def compared(given: Namespace, folder: Path) -> Iterator[Part]:
    for network, batch in parts.sizes(given.smoke, given.networks).items():
        yield part(folder, network, batch, given.workers)


def add_workers(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--workers", nargs="+", type=options.whole, default=counts(cores()), help="how many"
    )


main = script("threads", __doc__, ("minin",), compared, parts.add_networks, add_workers)

if __name__ == "__main__":
    sys.exit(main())
