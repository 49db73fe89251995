"""How much memory does a training step need at most?

The peak of the whole process after three steps of nin-cifar10, batch 64, and the memory after the
imports alone. Every turn is a process of its own, started anew.

    python -m benchmarks.memory
    python -m benchmarks.memory --smoke    # a moment, to see that it works
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness.part import Part
from benchmarks.harness.question import script
from benchmarks.networks import parts

PEERS = ("minin", "minin-im2col", "minin-plain", "torch-default", "torch-channels-last")
UNITS = {"peak": "bytes", "after_imports": "bytes"}


def compared(given: Namespace, folder: Path) -> Iterator[Part]:
    for network, batch in parts.sizes(given.smoke, ["nin-cifar10"]).items():
        yield parts.part(folder, network, batch, "train", PEERS, fresh=True, units=UNITS)


main = script("memory", __doc__, PEERS, compared)

if __name__ == "__main__":
    sys.exit(main())
