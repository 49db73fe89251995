"""What does an image cost in batches from 1 to 256?

Training steps and forward passes of nin-cifar10, beside PyTorch. All sizes take part in the same
rounds, for a machine is faster in one minute than in the next.

    python -m benchmarks.batches
    python -m benchmarks.batches --batches 1 16 256 --peers minin
    python -m benchmarks.batches --smoke    # a moment, to see that it works
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

PEERS = ("minin", "torch-default", "torch-channels-last")
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SMALL = (1, 2)


def part(folder: Path, network: str, batches: Sequence[int], mode: str) -> Part:
    """Enter every peer once for each size."""
    made = parts.part(folder, network, batches[0], mode, PEERS)
    entrants = [
        replace(one, name=f"{one.name}-{batch}", job=one.job | {"batch": batch})
        for one in made.entrants
        for batch in batches
    ]
    facts = made.facts | {"batches": list(batches)}
    del facts["batch"]
    name = f"{network}, {'training' if mode == 'train' else 'inference'}"
    return replace(made, name=name, entrants=tuple(entrants), facts=facts)


def compared(given: Namespace, folder: Path) -> Iterator[Part]:
    network = "nin-digits" if given.smoke else "nin-cifar10"
    batches = given.batches or (SMALL if given.smoke else BATCHES)
    for mode in ("train", "infer"):
        yield part(folder, network, batches, mode)


def add_batches(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--batches", nargs="+", type=options.whole, help="images (1 2 4 8 16 32 64 128 256)"
    )


main = script("batches", __doc__, PEERS, compared, add_batches)

if __name__ == "__main__":
    sys.exit(main())
