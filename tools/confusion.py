"""Measure the diagnosis on the whole zoo, and write docs/gradcheck-confusion.md.

    python -m tools.confusion            every mutant at 5 drawings, and the ablation table
    python -m tools.confusion --draws 1  quicker

Every mutant is checked at inputs drawn for it. Where it cannot be told from the right program
there (a stride that is ignored, at stride 1), it must pass; everywhere else it must be rejected,
and the cause that is named first, or second, is compared with the true one.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from minin.gradcheck.diagnose import RECOGNISERS, Verdict
from minin.gradcheck.diagnose.choose import rank_explanations
from minin.gradcheck.diagnose.ranks import NAMES, is_weak
from minin.gradcheck.examine import examine
from minin.gradcheck.measure.upstream import draw_upstream
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.report.result import Result
from minin.gradcheck.subject.functions import Code
from minin.gradcheck.subject.silence import quiet
from minin.zoo.equivalence import equivalent
from minin.zoo.mutant import Mutant
from minin.zoo.mutants import MUTANTS
from tools.page import DOCS, page, rows
from tools.two_bugs import Pairs, judged

PAIRS = 200
TARGET = DOCS / "gradcheck-confusion.md"


@dataclass
class Score:
    """What one run over the zoo found."""

    judged: int = 0
    equal: int = 0
    rejected: int = 0
    first: int = 0
    second: int = 0
    accused: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    named: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    passed: list[str] = field(default_factory=list)

    def add(self, mutant: Mutant, answer: tuple[str, str, bool, float]) -> None:
        """Count one answer."""
        first, second, harmless, taken = answer
        self.slowest = max(self.slowest, taken)
        if harmless:
            self.equal += 1
            self.accused += first != "ok"
            return
        bug = mutant.bug.id
        self.judged += 1
        self.rejected += first != "ok"
        self.first += first == bug
        self.second += bug in (first, second)
        self.named[bug][first] += 1
        if first == "ok":
            self.passed.append(f"{bug} in {mutant.op} {mutant.variant}".rstrip())


Answer = tuple[str, str, bool, float]  # first id, second id, harmless, seconds


def one(number: int, draws: int, without: tuple[tuple[str, ...], ...]) -> list[list[Answer]]:
    """Check one mutant; return, for each set of switched-off recognisers, an answer a drawing.

    It is checked once with all of them. What the others said beside known_bug is kept; only
    where they said little is it checked again without it, so that the last ones get their turn.
    """
    mutant = MUTANTS[number]
    found: list[list[Answer]] = [[] for _ in without]
    for draw in range(draws):
        rng = np.random.default_rng([number, draw])
        inputs, params = mutant.draw(rng)
        y, _ = REFERENCES[mutant.op].forward(*inputs, **params)
        with quiet():
            harmless = mutant.convention or equivalent(
                mutant, inputs, params, draw_upstream(y.shape, rng)
            )
            started = time.perf_counter()
            full = examine(Code(*mutant.make(), inputs, params), rng, mutant.op)
            taken = time.perf_counter() - started
            bare = full
            if any(_silent(v) for v in full.verdicts.values()):
                bare = examine(
                    Code(*mutant.make(), inputs, params), rng, mutant.op, None, {"known_bug"}
                )
            for place, off in enumerate(without):
                result = without_some(bare if off else full, off)
                found[place].append((*named(result), harmless, taken))
    return found


def _silent(verdict: Verdict) -> bool:
    """Tell whether all but known_bug said nothing, or nothing simple."""
    return all(is_weak(e.kind) for e in verdict.explanations if e.recogniser != "known_bug")


def without_some(result: Result, off: tuple[str, ...]) -> Result:
    """Return a result as it is without what some recognisers said."""
    kept = {
        name: rank_explanations([e for e in verdict.explanations if e.recogniser not in off])
        for name, verdict in result.verdicts.items()
    }
    return replace(result, verdicts=kept) if off else result


def named(result: Result) -> tuple[str, str]:
    """Return the first two ids that a result names."""
    if not result.verdicts and all(f.note for f in result.facts):
        return "ok", "ok"
    padded = [*overall(result), "none", "none"]
    return padded[0], padded[1]


def overall(result: Result) -> tuple[str, ...]:
    """Return the ids that explain a result, the likeliest first.

    What was seen of the harness comes first, because it makes everything after it doubtful.
    An id that explains every wrong argument comes before one that explains a single one.
    """
    facts = [f.explanation for f in result.facts if not f.note]
    found = [b for e in facts for b in (e.bug,) if b]
    lists = [v.candidates for v in result.verdicts.values()]
    common = [b for b in _merged(lists) if all(b in c for c in lists)] if lists else []
    first = [c[0] for c in lists if c]
    shared = [b for b in common if b in first]
    rest = [b for e in facts for b in e.also]
    return tuple(dict.fromkeys([*found, *shared, *first, *_merged(lists), *rest]))


def _merged(lists: Iterable[tuple[str, ...]]) -> list[str]:
    """Interleave lists: all firsts, then all seconds."""
    turns = itertools.zip_longest(*lists)
    return list(dict.fromkeys(bug for turn in turns for bug in turn if bug is not None))


def measured(draws: int, without: tuple[tuple[str, ...], ...], workers: int) -> list[Score]:
    """Check the whole zoo; return a score for each set of switched-off recognisers."""
    scores, started = [Score() for _ in without], time.perf_counter()
    with ProcessPoolExecutor(workers) as pool:
        work = partial(one, draws=draws, without=without)
        for mutant, answers in zip(MUTANTS, pool.map(work, range(len(MUTANTS))), strict=True):
            for score, found in zip(scores, answers, strict=True):
                for answer in found:
                    score.add(mutant, answer)
    for score in scores:
        score.seconds = time.perf_counter() - started
    return scores


def main() -> None:
    """Measure, print the totals, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    others = sorted(
        {name for name, _ in RECOGNISERS} | {"composed", "nearby_function"}, key=NAMES.index
    )
    sets = [(), ("known_bug",), *(("known_bug", name) for name in others if name != "known_bug")]
    scores = measured(options.draws, tuple(sets), options.workers)
    names = [f"without {' and '.join(off)}" if off else "all recognisers" for off in sets]
    found = list(zip(names, scores, strict=True))
    for one in found:
        print(totals(*one))
    pairs = {"all recognisers": judged(PAIRS), "without composed": judged(PAIRS, {"composed"})}
    for name, two in pairs.items():
        print(f"{name}: {two}")
    TARGET.write_text(written(found, pairs), encoding="utf-8")


def shares(score: Score) -> list[str]:
    """Say of how many the bug was rejected, named first, and named among the first two."""
    counts = (score.rejected, score.first, score.second)
    return [f"{100 * n / max(score.judged, 1):.1f} %" for n in counts]


def totals(name: str, score: Score) -> str:
    """Return a run in one line."""
    rejected, first, second = shares(score)
    return (
        f"{name}: {score.judged} judged, {rejected} rejected, first {first}, first two {second}, "
        f"{score.accused} of {score.equal} harmless ones accused, {score.seconds:.0f} s"
    )


def written(found: list[tuple[str, Score]], pairs: dict[str, Pairs]) -> str:
    """Write the page."""
    full = found[0][1]
    named = sorted(full.named.items(), key=lambda kv: (kv[0][0], int(kv[0][1:])))
    return page(
        "gradcheck-confusion",
        count=len(MUTANTS),
        slowest=f"{full.slowest:.1f}",
        seconds=f"{full.seconds:.0f}",
        totals=rows([n, s.judged, *shares(s), f"{s.accused} of {s.equal}"] for n, s in found),
        pairs=rows([title, p.count, *p.shares, p.passed] for title, p in pairs.items()),
        named=rows(
            [bug, ", ".join(f"{name} {count}" for name, count in first.most_common())]
            for bug, first in named
        ),
        passed=", ".join(full.passed) or "none",
    )


if __name__ == "__main__":
    main()
