"""How long does a training step wait for its batch?

nin-mnist learns from MNIST, 128 images a step. Before each step the time until its batch is there
is taken, once with a loader that prepares batches ahead in a thread and once with one that
prepares each when it is asked for. Owed: less than 5 % of the time waiting, with the thread.

    python -m benchmarks.loader_share            # needs MNIST, in the folder MININ_DATA names
    python -m benchmarks.loader_share --smoke    # the bundled digits, to see that it works
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness.part import Part
from benchmarks.harness.peers import Entrant
from benchmarks.harness.question import script

MODULE = "benchmarks.programs.loading"
OWED = 0.05  # of the time, at most
AUGMENTS: dict[str, list[str]] = {"plain": [], "translate:2": ["translate:2"]}
MNIST = {"data": "mnist", "network": "nin-mnist", "batch": 128}
DIGITS = {"data": "digits", "network": "nin-digits", "batch": 16}


def compared(given: Namespace, _: Path) -> Iterator[Part]:
    job = DIGITS if given.smoke else MNIST
    for name, augment in AUGMENTS.items():
        entrants = [
            Entrant(f"ahead {ahead}", MODULE, {**job, "augment": augment, "ahead": ahead})
            for ahead in (0, 2)
        ]
        facts = {**job, "augment": augment, "owed": OWED}
        yield Part(name, tuple(entrants), facts, units={"share": "1"}, least=2)


main = script("loader_share", __doc__, ("minin",), compared)

if __name__ == "__main__":
    sys.exit(main())
