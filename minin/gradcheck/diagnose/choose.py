"""Which explanation is told: the simplest that holds, with the others as runners-up."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from minin.gradcheck.diagnose.additive import additive
from minin.gradcheck.diagnose.compose import composition
from minin.gradcheck.diagnose.contributions import read
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.diagnose.fitting import fits
from minin.gradcheck.diagnose.known import known
from minin.gradcheck.diagnose.linearity import linearity
from minin.gradcheck.diagnose.other_numbers import other_numbers
from minin.gradcheck.diagnose.paths import reduction
from minin.gradcheck.diagnose.permute import permutation, upstream
from minin.gradcheck.diagnose.ranks import rank
from minin.gradcheck.diagnose.scale import scale
from minin.gradcheck.diagnose.structure import structure
from minin.gradcheck.diagnose.support import rule_of_place
from minin.gradcheck.measure.facts import Explanation

Recogniser = Callable[[Evidence], Explanation | None]

RECOGNISERS: tuple[tuple[str, Recogniser], ...] = (
    ("form", structure),
    ("harness", other_numbers),
    ("upstream", linearity),
    ("reduced", reduction),
    ("scaled", scale),
    ("known_bug", known),
    ("permuted", permutation),
    ("added", additive),
    ("place", rule_of_place),
    ("permuted", upstream),
)


@dataclass(frozen=True)
class Verdict:
    """What is told about one argument.

    Attributes:
        bug: the likeliest id, or None.
        candidates: all ids that came up, the likeliest first.
        explanations: what the recognisers said, the one to be told first.
    """

    bug: str | None
    candidates: tuple[str, ...]
    explanations: tuple[Explanation, ...]

    @property
    def proved(self) -> bool:
        """Whether the cause was seen itself, so that no single contributions are needed."""
        first = {e.kind.removesuffix("/constant") for e in self.explanations[:1]}
        known = any(e.recogniser == "known_bug" for e in self.explanations)
        return known or bool(first & {"form", "upstream", "reduced"})

    @property
    def unexplained(self) -> bool:
        """Whether nothing was found but where it is wrong."""
        return not self.explanations or rank(self.explanations[0].kind) >= rank("place/loose")


def choose(evidence: Evidence, without: Collection[str] = ()) -> Verdict:
    """Ask every recogniser, and put what they say in order.

    Args:
        evidence: about one argument.
        without: recognisers that are switched off, as in {"known_bug"}.
    """
    said = [
        explanation
        for name, recogniser in RECOGNISERS
        if name not in without
        for explanation in [recogniser(evidence)]
        if explanation is not None
    ]
    if "contributions" not in without and (found := read(evidence.argument, evidence.pairs)):
        said.append(found)
    if evidence.nearby is not None and "nearby_function" not in without:
        said.append(evidence.nearby)
    if not said and "composed" not in without:
        found = composition(evidence)
        said = [found] if found else []
    return rank_explanations([_fitted(e, evidence) for e in said])


def _fitted(said: Explanation, evidence: Evidence) -> Explanation:
    """Leave out bugs that the operation cannot have."""
    also = tuple(b for b in said.also if fits(b, evidence))
    if said.bug is None or said.recogniser in ("known_bug", "form") or fits(said.bug, evidence):
        return replace(said, also=also)
    return replace(said, bug=None, also=also)


def rank_explanations(said: list[Explanation]) -> Verdict:
    """Order explanations by rank; one that names a bug that was proved goes first.

    "known_bug" compares every number with known bugs: what it finds is certain up to bugs that are
    the same at these inputs, and among those the other recognisers may choose.
    """
    said = sorted(said, key=lambda e: rank(e.kind))
    proof = next((e for e in said if e.recogniser == "known_bug"), None)
    if proof is None:
        ids = [b for e in said for b in (e.bug, *e.also) if b]
        # the first thing that each says counts for more than the second thing of the first
        ids = [e.bug for e in said[:2] if e.bug] + ids
        candidates = tuple(dict.fromkeys(ids))
        bug = said[0].bug if said else None  # another's id would not fit what this one saw
        return Verdict(bug, candidates, tuple(said))
    proved = [b for b in (proof.bug, *proof.also) if b]
    named = [e for e in said if e is not proof and e.bug in proved]
    bug = (named[0].bug if named else proof.bug) or ""
    ids = [bug, *proved, *(b for e in said for b in (e.bug, *e.also) if b)]
    told = [
        *named,
        replace(proof, bug=bug),
        *(e for e in said if e is not proof and e not in named),
    ]
    if proof.bug == bug:
        told = [*named, proof, *told[len(named) + 1 :]]
    return Verdict(bug, tuple(dict.fromkeys(ids)), tuple(told))
