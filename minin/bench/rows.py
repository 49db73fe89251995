"""A row: a case, who does it, what came out, and the samples of its blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from minin.autograd import rules as use_rules
from minin.bench.clock import Clock
from minin.bench.parity import error
from minin.bench.plan import Contender
from minin.bench.spread import Summary, enough, summarise
from minin.bench.subject import Call, Host, Job

SHORTEST = 1000  # times the clock's resolution that one reading lasts, at least
LEAST = 3  # samples of a visit: their median stands if one of them was interrupted
LONG = 0.3  # seconds after which one is enough
MOST_SECONDS = 2e-3  # for one reading, where a clock is coarse


@dataclass(frozen=True)
class Visit:
    """What one visit found.

    Attributes:
        samples: seconds a call.
        put: seconds to bring the arrays to the device; None where they stay on the host.
        get: seconds to bring the results back.
        transferred: bytes there and back.
    """

    samples: list[float]
    put: float | None = None
    get: float | None = None
    transferred: int = 0


@dataclass
class ResultRow:
    """One line of the result, while it is measured.

    Attributes:
        case: what is done.
        contender: who does it.
        clock: measures the calls.
        status: "unfinished" at first; "wrong" and "failed" rows are not timed.
        reason: why it failed or is wrong.
        error: against the reference; None if it is not finite or was not computed.
        first_call: seconds of the first call of all, with whatever is compiled then.
        calls: that share one reading of the clock.
        blocks: samples by block, in seconds a call.
        puts: seconds to bring the arrays to the device, one a block.
        gets: seconds to bring the results back, one a block.
        transferred: bytes there and back.
    """

    case: Job
    contender: Contender
    clock: Clock
    status: str = "unfinished"
    reason: str | None = None
    error: float | None = None
    first_call: float | None = None
    calls: int = 1
    blocks: list[list[float]] = field(default_factory=list)
    puts: list[list[float]] = field(default_factory=list)
    gets: list[list[float]] = field(default_factory=list)
    transferred: int = 0

    def check(self, host: list[Host], reference: list[Host], read: Callable[[], float]) -> None:
        """Call once, and hold what comes out against the reference."""
        library = self.contender.library
        try:
            with use_rules(self.contender.rules):
                call = self.start(host)
                start = read()
                outputs = call()
                self._wait()
                self.first_call = read() - start
                found = [library.get(x) for x in outputs]
                self._settle(call)
        except Exception as problem:  # whatever a foreign library comes up with
            self.status, self.reason = "failed", one_line(problem)
            return
        off = error(found, reference, self.case.subject.mean)
        self.error = off if off != float("inf") else None
        if not off <= self.case.bound:
            self.status = "wrong"
            self.reason = (
                f"error {off:.1e} against float64, and rounding explains {self.case.bound:.1e}"
            )

    def start(self, host: list[Host]) -> Call:
        """Bring the arrays to the library, and make the call."""
        arrays = [self.contender.library.put(x) for x in host]
        return self.case.subject.start(arrays, self.case.way, self.contender.rules)

    def visit(self, host: list[Host], seconds: float, read: Callable[[], float]) -> Visit:
        """Make new arrays, warm up, and take samples for so many seconds, one at least."""
        library = self.contender.library
        with use_rules(self.contender.rules):
            begin = read()
            arrays = [library.put(x) for x in host]
            self._wait()
            put = read() - begin
            call = self.case.subject.start(arrays, self.case.way, self.contender.rules)
            for _ in range(2):  # warm-up
                outputs = call()
            self._wait()
            samples: list[float] = []
            end = read() + seconds
            while read() < end or len(samples) < (LEAST if sum(samples) < LONG else 1):
                samples.append(self.clock.seconds(call, self.calls))
            begin = read()
            back = [library.get(x) for x in outputs]
            get = read() - begin
        if library.on_host:
            return Visit(samples)
        return Visit(samples, put, get, sum(x.nbytes for x in (*host, *back)))

    def keep(self, visit: Visit) -> None:
        """Add a visit's block."""
        self.blocks.append(visit.samples)
        if visit.put is not None and visit.get is not None:
            self.puts.append([visit.put])
            self.gets.append([visit.get])
            self.transferred = visit.transferred

    @property
    def key(self) -> str:
        """The row's name in a plan."""
        return f"{self.case}, {self.case.size}, {self.contender}"

    def summary(self) -> Summary | None:
        """Summarise the samples; None if they are too few for a number, or the row is wrong."""
        if self.status in ("wrong", "failed") or not enough(self.blocks):
            return None
        return summarise(self.blocks, self.clock.resolution, self.calls)

    def _settle(self, call: Call) -> None:
        """Choose how many calls share one reading of the clock."""
        if self.clock.most_calls > 1:
            once = max(self.clock.seconds(call, 1), 1e-9)
            wanted = min(self.clock.resolution * SHORTEST, MOST_SECONDS)
            self.calls = max(1, min(round(wanted / once), self.clock.most_calls))

    def _wait(self) -> None:
        synchronise = self.contender.library.synchronise
        assert synchronise is not None, "a library that cannot be waited for was opened"
        synchronise()


def one_line(problem: Exception) -> str:
    """Say what happened, short and without the folders of this machine.

    Example:
        >>> one_line(ValueError("no  /a/file in it"))
        'ValueError: no in it'
    """
    words = [word for word in str(problem).split() if "/" not in word and "\\" not in word]
    return f"{type(problem).__name__}: {' '.join(words)}"[:160]
