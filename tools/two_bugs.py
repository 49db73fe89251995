"""Two bugs at once: how often is the first, the second, or each of them named?

    python tools/two_bugs.py --pairs 200

A pair is two switches of one reference, one on top of the other where they spoil the same
argument (the second is then a factor), side by side where they spoil different ones.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from minin.gradcheck.code import Code
from minin.gradcheck.examine import examine
from minin.gradcheck.mutants import REFERENCES, Reference
from minin.gradcheck.quiet import quiet

FACTORS = (("A6", -1.0), ("A5", 2.0), ("A5", 0.5))


def pair_of(rng: np.random.Generator) -> tuple[Reference, str, str, Any]:
    """Draw a reference, two bug ids, and the backward that has both."""
    reference = REFERENCES[str(rng.choice(list(REFERENCES)))]
    switch = str(rng.choice(list(reference.bugs)))
    others = [
        s
        for s, place in reference.switches.items()
        if place not in (None, reference.switches[switch])
    ]
    if others and reference.switches[switch] is not None and rng.random() < 0.5:
        second = str(rng.choice(others))
        name = reference.switches[second]
        place = reference.arguments.index(name or "")

        def both(g: Any, cache: Any) -> Any:
            found = list(reference.backward(g, cache, switch))
            found[place] = reference.backward(g, cache, second)[place]
            return tuple(found)

        return reference, switch.split()[0], second.split()[0], both
    bug, factor = FACTORS[int(rng.integers(len(FACTORS)))]

    def scaled(g: Any, cache: Any) -> Any:
        found = reference.backward(g, cache, switch)
        return tuple(None if f is None else factor * f for f in found)

    return reference, switch.split()[0], bug, scaled


def _differs(reference: Reference, backward: Any, inputs: Any, params: Any) -> bool:
    """Tell whether a backward gives anything else than the truth."""
    y, cache = reference.forward(*inputs, **params)
    pairs = zip(
        backward(np.ones_like(y), cache), reference.backward(np.ones_like(y), cache), strict=True
    )
    return any(a is not None and b is not None and not np.allclose(a, b) for a, b in pairs)


def main() -> None:
    """Draw pairs, check each, and print how many were named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=200)
    rng = np.random.default_rng(0)
    named, accepted, count = 0, 0, 0
    while count < parser.parse_args().pairs:
        reference, first, second, backward = pair_of(rng)
        inputs, params = reference.draw(rng)
        with quiet():
            result = examine(Code(reference.forward, backward, inputs, params), rng, reference.name)
        if not result.verdicts:
            accepted += first not in ("E1", "E5") and _differs(reference, backward, inputs, params)
            continue
        count += 1
        said = {b for v in result.verdicts.values() for b in v.candidates[:2]}
        named += bool({first, second} & said)
    share = 100 * named / count
    print(f"{count} pairs: at least one named in {share:.1f} %, {accepted} wrong ones passed")


if __name__ == "__main__":
    main()
