"""How long does a check take? Seconds for every operation of the zoo, and for a whole network.

Each operation is checked twice at the sizes of the probes: right, and with one bug, which takes
longer because the cause is looked for. The network is nin-cifar10 on two full images, where all
numbers move together along random directions.

    python -m benchmarks.gradcheck_times            # some minutes
    python -m benchmarks.gradcheck_times --smoke    # a moment, to see that it works
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

if not __package__:  # run as a file
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.harness import options
from benchmarks.harness.part import Part
from benchmarks.harness.peers import Entrant
from benchmarks.harness.question import Question, put

OWED = {"operation": 1.0, "nin-cifar10": 10.0}  # seconds, at most
WHOLE = {"operations": None, "network": "nin-cifar10", "images": [2, 3, 32, 32]}
SMALL = {"operations": ["relu"], "network": None, "images": []}


def main(argv: Sequence[str] | None = None) -> int:
    given = options.read(options.parser(__doc__ or "", "gradcheck_times", ("minin",)), argv)
    job = SMALL if given.smoke else WHOLE

    def compared(_: Path) -> Iterator[Part]:
        minin = Entrant("minin", "benchmarks.programs.gradchecks", job, family="minin")
        yield Part("checks", (minin,), {"owed": OWED, "images": job["images"]})

    return put(Question("gradcheck_times", compared), given.options)


if __name__ == "__main__":
    sys.exit(main())
