"""How long does a check take? Seconds for every operation of the zoo, and for a whole network.

Each operation is checked twice at the sizes of the probes: right, and with one bug, which takes
longer because the cause is looked for. The network is nin-cifar10 on two full images, where all
numbers move together along random directions.

    python -m benchmarks.gradcheck_times            # some minutes
    python -m benchmarks.gradcheck_times --smoke    # a moment, to see that it works
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness.part import Part
from benchmarks.harness.peers import Entrant
from benchmarks.harness.question import script

OWED = {"operation": 1.0, "nin-cifar10": 10.0}  # seconds, at most
WHOLE = {"operations": None, "network": "nin-cifar10", "images": [2, 3, 32, 32]}
SMALL = {"operations": ["relu"], "network": None, "images": []}


def compared(given: Namespace, _: Path) -> Iterator[Part]:
    job = SMALL if given.smoke else WHOLE
    minin = Entrant("minin", "benchmarks.programs.gradchecks", job, family="minin")
    yield Part("checks", (minin,), {"owed": OWED, "images": job["images"]})


main = script("gradcheck_times", __doc__, ("minin",), compared)

if __name__ == "__main__":
    sys.exit(main())
