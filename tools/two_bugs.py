"""Two bugs at once: how often is the first, the second, or each of them named?

`python -m tools.confusion` draws them, with all recognisers and without `composed`.

A pair is two switches of one reference, one on top of the other where they spoil the same
argument (the second is then a factor), side by side where they spoil different ones.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin.gradcheck.examine import examine
from minin.gradcheck.recognise.references.record import Reference
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.subject.functions import Code
from minin.gradcheck.subject.silence import quiet

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


@dataclass(frozen=True)
class Pairs:
    """What was named of pairs of bugs.

    Attributes:
        count: how many pairs were rejected.
        one: of how many at least one bug was named, among the first two of an argument.
        both: of how many both were.
        passed: how many passed although they are wrong.
    """

    count: int = 0
    one: int = 0
    both: int = 0
    passed: int = 0

    @property
    def shares(self) -> list[str]:
        """Say in how many of them at least one was named, and both."""
        return [f"{100 * n / max(self.count, 1):.1f} %" for n in (self.one, self.both)]

    def __str__(self) -> str:
        one, both = self.shares
        return (
            f"{self.count} pairs: at least one named in {one}, both in {both},"
            f" {self.passed} wrong ones passed"
        )


def judged(wanted: int, without: Collection[str] = ()) -> Pairs:
    """Draw pairs until so many are rejected, with some recognisers switched off."""
    rng = np.random.default_rng(0)
    count = one = both = passed = 0
    while count < wanted:
        reference, first, second, backward = pair_of(rng)
        inputs, params = reference.draw(rng)
        own = np.random.default_rng(count)  # so that what is switched off draws no other pairs
        with quiet():
            code = Code(reference.forward, backward, inputs, params)
            result = examine(code, own, reference.name, None, without)
        if not result.verdicts:
            passed += first not in ("E1", "E5") and _differs(reference, backward, inputs, params)
            continue
        count += 1
        said = {b for v in result.verdicts.values() for b in v.candidates[:2]}
        one += bool({first, second} & said)
        both += {first, second} <= said
    return Pairs(count, one, both, passed)
