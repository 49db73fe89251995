"""What does the engine itself cost? Seconds per recorded op, beside two other engines.

A chain of ops on four numbers is recorded and run backwards; on so few numbers the arithmetic is
nearly free, and what is left is the engine. The same NumPy calls, made by hand, are measured in
the same rounds, and the page takes them off.

    python -m benchmarks.engine_overhead            # needs the extra "peers"
    python -m benchmarks.engine_overhead --smoke    # a moment, to see that it works
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness.part import Part
from benchmarks.harness.peers import Entrant
from benchmarks.harness.question import script

MODULE = "benchmarks.programs.engines"
PEERS = ("minin", "autograd", "mygrad", "numpy")
LENGTH, SHORT = 200, 20


def compared(given: Namespace, _: Path) -> Iterator[Part]:
    length = SHORT if given.smoke else LENGTH
    entrants = [
        Entrant(name, MODULE, {"engine": name, "length": length}, family=name) for name in PEERS
    ]
    yield Part("chains", tuple(entrants), {"ops_a_chain": length, "numbers": 4})


main = script("engine_overhead", __doc__, PEERS, compared)

if __name__ == "__main__":
    sys.exit(main())
