"""How far is every layer from what the machine can do?

The layers of three networks, forward and backward, each on its own. The floor of a layer is what
its multiplications take at the speed of a large matrix product, or what its numbers take at the
speed of a large copy, whichever is longer; product and copy are measured in the same rounds. A
rule that saves multiplications, as Winograd's does, can be under that floor.

    python -m benchmarks.layers
    python -m benchmarks.layers --smoke    # a moment, to see that it works
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness.part import Part
from benchmarks.harness.peers import Entrant
from benchmarks.harness.question import script
from benchmarks.networks import floors, parts, rows

CEILINGS = {"side": 2048, "numbers": 2**25}  # 128 MiB: no cache holds it
SMALL = {"side": 64, "numbers": 2**10}


def part(folder: Path, network: str, batch: int, ceilings: dict[str, int]) -> Part:
    """Measure the layers of one network, and the ceilings beside them."""
    job = rows.job(folder, network, batch, "train")
    floor = floors.work(network, batch)
    side, numbers = ceilings["side"], ceilings["numbers"]
    reach = {"matrix product": {"flops": 2 * side**3}, "copy": {"bytes": 8 * numbers}}
    return Part(
        name=f"{network}, batch {batch}",
        entrants=(
            Entrant("minin", "benchmarks.programs.layer_times", job, family="minin"),
            Entrant("ceilings", "benchmarks.programs.ceilings", ceilings, family="minin"),
        ),
        facts=rows.facts(network, batch, "train") | {"layers": floor, "ceilings": reach},
    )


def compared(given: Namespace, folder: Path) -> Iterator[Part]:
    for network, batch in parts.sizes(given.smoke, given.networks).items():
        yield part(folder, network, batch, SMALL if given.smoke else CEILINGS)


main = script("layers", __doc__, ("minin",), compared, parts.add_networks)

if __name__ == "__main__":
    sys.exit(main())
