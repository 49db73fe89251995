"""What does an image cost in batches from 1 to 256?

Training steps and forward passes of nin-cifar10, beside PyTorch.

    python -m benchmarks.batches
    python -m benchmarks.batches --batches 1 16 256 --peers minin
    python -m benchmarks.batches --smoke    # a moment, to see that it works
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

PEERS = ("minin", "torch-default", "torch-channels-last")
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SMALL = (1, 2)


def main(argv: Sequence[str] | None = None) -> int:
    parser = options.parser(__doc__ or "", "batches", PEERS)
    parser.add_argument(
        "--batches", nargs="+", type=options.whole, help="images (1 2 4 8 16 32 64 128 256)"
    )
    given = options.read(parser, argv)
    network = "nin-digits" if given.smoke else "nin-cifar10"
    batches = given.batches or (SMALL if given.smoke else BATCHES)

    def compared(folder: Path) -> Iterator[Part]:
        for mode in ("train", "infer"):
            for batch in batches:
                yield parts.part(folder, network, batch, mode, PEERS)

    return put(Question("batches", compared), given.options)


if __name__ == "__main__":
    sys.exit(main())
