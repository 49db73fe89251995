"""What does the engine itself cost? Seconds per recorded op, beside two other engines.

A chain of ops on four numbers is recorded and run backwards; on so few numbers the arithmetic is
nearly free, and what is left is the engine. The same NumPy calls, made by hand, are measured in
the same rounds, and the page takes them off.

    python -m benchmarks.engine_overhead            # needs the extra "peers"
    python -m benchmarks.engine_overhead --smoke    # a moment, to see that it works
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

MODULE = "benchmarks.programs.engines"
PEERS = ("minin", "autograd", "mygrad", "numpy")
LENGTH, SHORT = 200, 20


def main(argv: Sequence[str] | None = None) -> int:
    given = options.read(options.parser(__doc__ or "", "engine_overhead", PEERS), argv)
    length = SHORT if given.smoke else LENGTH

    def compared(_: Path) -> Iterator[Part]:
        entrants = [
            Entrant(name, MODULE, {"engine": name, "length": length}, family=name) for name in PEERS
        ]
        yield Part("chains", tuple(entrants), {"ops_a_chain": length, "numbers": 4})

    return put(Question("engine_overhead", compared), given.options)


if __name__ == "__main__":
    sys.exit(main())
