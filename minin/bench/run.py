"""The run: check every row, then go round all of them, block after block.

In a block each row has one visit, in turn: A B C, A B C, A B C. What was measured is there at
any moment, so Ctrl-C loses only the visit under way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from minin.bench.plan import Contender, Plan
from minin.bench.rows import ResultRow
from minin.bench.subject import Job
from minin.bench.visits import Block, here, in_turn

Say = Callable[[str], None]


@dataclass(frozen=True)
class Protocol:
    """How long and how often.

    Attributes:
        blocks: rounds through all rows.
        visit_seconds: the time in which a visit takes samples.
    """

    blocks: int = 9
    visit_seconds: float = 0.05


FULL = Protocol()


def quick(rows: int, seconds: float = 4.0, blocks: int = 5) -> Protocol:
    """Divide some seconds among rows.

    Example:
        >>> quick(100).visit_seconds
        0.008
    """
    return Protocol(blocks, min(seconds / blocks / max(rows, 1), FULL.visit_seconds))


def groups(plan: Plan) -> Iterator[tuple[Job, list[Contender], bool]]:
    """Go through the cases and who does them: those of the ceilings (True), then the others."""
    seen: set[str] = set()
    for contender in plan.contenders:
        if contender.library.name not in seen:
            seen.add(contender.library.name)
            plain = Contender(contender.library, "plain")
            for case in plan.ceilings(contender.library):
                yield case, [plain], True
    for case in plan.cases:
        yield case, [one for one in plan.contenders if one.can(case)], False


def rows_of(plan: Plan) -> list[ResultRow]:
    """Make all rows of a plan, those of the ceilings first."""
    return [
        ResultRow(case, contender, contender.library.clock())
        for case, contenders, _ in groups(plan)
        for contender in contenders
    ]


@dataclass
class Run:
    """A run of a plan.

    Attributes:
        plan: what is measured.
        protocol: how often; None chooses it when the number of rows is known.
        block: visits all rows once; in this process if nothing else is said.
        say: is told what happens.
        read: a clock, in seconds.
        rows: what came out so far.
        ceilings: the same for the large product and copy.
        complete: whether it came to its end.
        seconds: that it took.
    """

    plan: Plan
    protocol: Protocol | None = None
    block: Block = here
    say: Say = lambda _: None
    read: Callable[[], float] = time.perf_counter
    rows: list[ResultRow] = field(default_factory=list)
    ceilings: list[ResultRow] = field(default_factory=list)
    complete: bool = False
    seconds: float = 0.0

    def measure(self) -> None:
        """Take the run to its end. Ctrl-C raises, and leaves what was measured."""
        start = self.read()
        try:
            self.check()
            timed = in_turn(
                [row for row in self.ceilings + self.rows if row.status == "unfinished"]
            )
            self.protocol = self.protocol or (quick(len(timed)) if self.plan.quick else FULL)
            for number in range(1, self.protocol.blocks + 1):
                of = f"block {number} of {self.protocol.blocks}"
                self.say(of)
                for place, visit in self.block(timed, self.protocol.visit_seconds):
                    timed[place].keep(visit)
                    self.say(f"{of}: {place + 1} of {len(timed)}")
            for row in timed:
                row.status = "ok"
            self.complete = True
        finally:
            self.seconds = self.read() - start

    def check(self) -> None:
        """Make the first call of every row, and hold its result against the reference."""
        for case, contenders, is_ceiling in groups(self.plan):
            self.say(f"checking {case}")
            host, reference = case.host(), case.reference()
            for contender in contenders:
                row = ResultRow(case, contender, contender.library.clock())
                row.check(host, reference, self.read)
                (self.ceilings if is_ceiling else self.rows).append(row)
