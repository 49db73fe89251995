"""A part of a question: some peers that are compared with each other, from start to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from benchmarks.harness.errors import MissingError, RefusedError
from benchmarks.harness.meter import Meter, ProcMeter, wait_until_quiet
from benchmarks.harness.options import Options
from benchmarks.harness.peers import Entrant, FreshPeer, Peer
from benchmarks.harness.record import without_paths
from benchmarks.harness.rounds import Rounds, measure, one_round
from benchmarks.harness.summary import ratios, summarise

Check = Callable[[Mapping[str, dict[str, Any]]], Mapping[str, float]]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """Peers that are compared with each other.

    Attributes:
        name: what tables call it.
        entrants: who takes part; the ratios are those of the first to each other one.
        facts: what is measured, in numbers that do not change.
        check: judges what the programs say of themselves, before anything is measured; it
            returns how far each is from the first.
        fresh: start a new process for every turn.
        units: of what is measured, where it is not seconds.
        least: how many have to be there, so that there is something to compare.
    """

    name: str
    entrants: tuple[Entrant, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    check: Check | None = None
    fresh: bool = False
    units: Mapping[str, str] = field(default_factory=dict)
    least: int = 1

    def chosen(self, options: Options) -> Part:
        """Keep who shall take part, each in its environment; the first's family always stays."""
        wanted = {self.entrants[0].family, self.entrants[0].name, *options.only}
        kept = [
            replace(one, python=options.pythons.get(one.name) or options.pythons.get(one.family))
            for one in self.entrants
            if not options.only or {one.name, one.family} & wanted
        ]
        return replace(self, entrants=tuple(kept))


@dataclass
class Measuring:
    """A part while it is measured; what there is so far survives Ctrl-C."""

    part: Part
    options: Options
    say: Say
    meter: Meter | None = None
    peers: list[Peer] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    rounds: Rounds = field(default_factory=Rounds)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    differences: Mapping[str, float] = field(default_factory=dict)

    def run(self) -> None:
        """Take the part through all its stages, and end its processes whatever happens."""
        self.say(f"{self.part.name}: {', '.join(one.name for one in self.part.entrants)}")
        try:
            self.start()
            if self.enough():
                self.warm_up()
                self.measure()
                self.facts = {peer.name: peer.ask("facts") for peer in self.peers}
        finally:
            for peer in self.peers:
                peer.end()

    def start(self) -> None:
        """Start the peers one after another; whoever is not installed is skipped."""
        found = {}
        for entrant in self.part.entrants:
            self.say(f"starting {entrant.name}")
            try:
                peer = (FreshPeer if self.part.fresh else Peer)(entrant)
                self.peers.append(peer)
                peer.start()
            except MissingError as missing:
                self.skip(entrant.name, str(missing))
                continue
            found[peer.name] = peer.ask("check")["found"]
        if self.part.check is not None and found:
            self.differences = self.part.check(found)

    def enough(self) -> bool:
        """Tell whether somebody is there to be measured.

        Raises:
            RefusedError: if too few are there for a result.
        """
        if len(self.peers) < self.part.least and not self.options.smoke:
            reasons = "; ".join(f"{one['name']}: {one['reason']}" for one in self.skipped)
            raise RefusedError(f"{self.part.name}: too few are there to be measured ({reasons})")
        return bool(self.peers)

    def skip(self, name: str, reason: str) -> None:
        """Leave a peer out, and remember why."""
        for peer in [peer for peer in self.peers if peer.name == name]:
            peer.end()
            self.peers.remove(peer)
        self.skipped.append({"name": name, "reason": without_paths(reason)})
        self.say(f"skipped {name}: {without_paths(reason)}")

    def warm_up(self) -> None:
        """Let everybody compile, then take rounds that do not count, to find a turn's length."""
        for peer in self.peers:
            peer.run_first()
        for _ in range(self.options.warm_up):
            one_round(self.peers)
        for peer in self.peers:
            peer.settle_calls(self.options.turn_seconds)

    def measure(self) -> None:
        """Take the rounds that count."""
        if self.options.smoke:
            meter = None
        else:
            meter = self.meter or ProcMeter(self.pids)
            wait_until_quiet(meter, self.options.wait)
        rounds, attempts = self.options.rounds, self.options.attempts
        measure(self.peers, meter, rounds, attempts, self.rounds, self.say)

    def pids(self) -> list[int]:
        """Name the processes that belong to the run."""
        return [pid for peer in self.peers for pid in peer.pids()]

    def result(self) -> dict[str, Any]:
        """Return the part as the result has it."""
        return {
            "name": self.part.name,
            "facts": self.part.facts,
            "others": self.rounds.others,
            "repeated": self.rounds.repeated,
            "peers": [self._peer(peer) for peer in self.peers],
            "skipped": self.skipped,
            "ratios": self._ratios(),
        }

    def _peer(self, peer: Peer) -> dict[str, Any]:
        said = self.facts[peer.name]
        return {
            "name": peer.name,
            "versions": peer.versions,
            "threads": said["threads"],
            "settings": said["settings"],
            "blas": said["blas"],
            "calls": peer.calls,
            "cores_used": median(peer.cores),
            "first_call": peer.first_call,
            "memory": said["memory"],
            "difference": self.differences.get(peer.name),
            "measures": {
                key: {"unit": self.part.units.get(key, "seconds"), "values": summarise(values)}
                for key, values in self.rounds.numbers[peer.name].items()
            },
        }

    def _ratios(self) -> list[dict[str, Any]]:
        """Divide the first peer's numbers by those of each other one, round by round."""
        first, *others = (peer.name for peer in self.peers)
        numbers = self.rounds.numbers
        return [
            {
                "peer": first,
                "against": other,
                "measure": key,
                "values": summarise(ratios(values, numbers[other][key])),
            }
            for other in others
            for key, values in numbers[first].items()
            if key in numbers[other] and all(numbers[other][key])
        ]
