"""How much memory does a training step need at most?

The peak of the whole process after three steps of nin-cifar10, batch 64, and the memory after the
imports alone. Every turn is a process of its own, started anew.

    python -m benchmarks.memory
    python -m benchmarks.memory --smoke    # a moment, to see that it works
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

if not __package__:  # run as a file
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.harness import options
from benchmarks.harness.part import Part
from benchmarks.harness.question import Question, put
from benchmarks.networks import parts

PEERS = ("minin", "minin-im2col", "minin-plain", "torch-default", "torch-channels-last")
UNITS = {"peak": "bytes", "after_imports": "bytes"}


def main(argv: Sequence[str] | None = None) -> int:
    parser = options.parser(__doc__ or "", "memory", PEERS)
    given = options.read(parser, argv)

    def compared(folder: Path) -> Iterator[Part]:
        for network, batch in parts.sizes(given.smoke, ["nin-cifar10"]).items():
            yield parts.part(folder, network, batch, "train", PEERS, fresh=True, units=UNITS)

    return put(Question("memory", compared), given.options)


if __name__ == "__main__":
    sys.exit(main())
