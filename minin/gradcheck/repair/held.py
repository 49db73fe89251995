"""A path that backward leaves out: an expression of forward through which nothing comes back.

Where a term is missing there is nothing to edit. But if one expression of forward is held at the
value that it has, and the slopes measured then are the gradient that came, at all inputs that are
tried, then backward treats that expression as a constant.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.steps import STEP, count_lines
from minin.gradcheck.repair.record import SCOPE, SITE, Program, Site
from minin.gradcheck.repair.result import Repair
from minin.gradcheck.repair.run import Bench, Prepared, exchanged
from minin.gradcheck.repair.source import Function, compile_as

WORK = 4_000_000  # lines of Python in all runs of forward
CLOSE, NOISE = 1e-6, 1e-9


@dataclass
class _Values:
    """The values of all expressions in one run; in later runs one of them comes again."""

    kept: dict[int, list[Any]] = field(default_factory=dict)
    held: int | None = None
    count: int = 0

    def site(self, number: int, value: Any) -> Any:
        """Note a value, or give the one that was noted."""
        if self.held is None:
            self.kept.setdefault(number, []).append(_copy(value))
        elif number == self.held and self.count < len(self.kept[number]):
            self.count += 1
            return _copy(self.kept[number][self.count - 1])
        return value


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def paths_left_out(
    bench: Bench, functions: Sequence[Function], places: Sequence[Prepared], wrong: Sequence[str]
) -> Iterator[Repair]:
    """Yield, for wrong gradients, the expression of forward that backward takes for a constant."""
    program = Program([f for f in functions if f.forward])
    changes = [
        (f, code)
        for f in program.functions
        for code in [compile_as(program.recorder(f), f.owner, f.code, mention=True)]
        if code is not None
    ]
    spaces = [f.function.__globals__ for f, _ in changes]
    places = [p for p in places if p.trial.before is None]
    came = [bench.gradients(p) or {} for p in places]
    with exchanged(changes):
        found = {name: _held(spaces, _tests(places, came, name)) for name in wrong}
    while any(found.values()):
        # The expression that explains most gradients; of those, the first in the file.
        every = sorted({n for proofs in found.values() for n in proofs})
        best = max(every, key=lambda n: sum(n in proofs for proofs in found.values()))
        names = [name for name, proofs in found.items() if best in proofs]
        yield _told(program.sites[best], names, found[names[0]][best])
        for name in names:
            del found[name]


def _tests(
    places: Sequence[Prepared], came: Sequence[dict[str, Any]], name: str
) -> Sequence[_Test]:
    """Make a test of each set of inputs; none if the gradient is no array of its shape there."""
    grads = [c.get(name) for c in came]
    for grad, place in zip(grads, places, strict=True):
        fits = isinstance(grad, np.ndarray) and grad.shape == place.trial.truths[name].shape
        if not fits or not np.any(grad):
            return []
    rng = np.random.default_rng(0)
    return [_Test(p, np.asarray(g), name, rng) for p, g in zip(places, grads, strict=True)]


def _held(spaces: Sequence[dict[str, Any]], tests: Sequence[_Test]) -> dict[int, Sequence[str]]:
    """Find expressions that give what came if they are held, and at which sizes they do."""
    if not tests:
        return {}
    lines = max(test.record(spaces) for test in tests)
    sites = [n for n, kept in tests[0].values.kept.items() if _moves(kept)][: WORK // (2 * lines)]
    own = [t for t in tests if not t.place.trial.grown]
    return {
        number: [t.place.trial.sizes for t in tests if t in own or t.holds(number, spaces)]
        for number in sites
        if all(t.holds(number, spaces) and t.unchanged(number, spaces) for t in own)
    }


def _told(site: Site, names: Sequence[str], proved: Sequence[str]) -> Repair:
    node, function = site.node, site.statement.function
    text = ast.unparse(node)
    if isinstance(node, ast.Name) and isinstance(site.parent, ast.expr):
        text = f"{text}` in `{ast.unparse(site.parent)}"
    line = function.lines[node.lineno - 1].strip()
    return Repair(
        tuple(names), function.file, node.lineno, line, "", "path", 0, tuple(proved),
        held=f"`{text}`", sizes_only=len(set(proved)) == 1,
    )  # fmt: skip


def _moves(kept: Sequence[Any]) -> bool:
    first = kept[0]
    return isinstance(first, (float, np.floating)) or (
        isinstance(first, np.ndarray) and first.dtype.kind == "f"
    )


class _Test:
    """One set of inputs: does holding an expression give the gradient that came there?"""

    def __init__(self, place: Prepared, grad: Array, name: str, rng: np.random.Generator) -> None:
        self.place, self.values = place, _Values()
        subject, at = place.trial.subject, place.trial.subject.names.index(name)
        direction = rng.standard_normal(grad.shape)
        self.came = float((grad * direction).sum())
        self.size = float(np.abs(grad * direction).sum())
        self.ends = []
        for sign in (1, -1):
            moved = list(subject.base)
            moved[at] = moved[at] + sign * STEP * direction
            self.ends.append(moved)

    def record(self, spaces: Sequence[dict[str, Any]]) -> int:
        """Keep what every expression of forward gives; return how many lines that took."""
        subject = self.place.trial.subject
        with _observed(spaces, self.values):
            return count_lines(lambda: subject.look(subject.base))[1]

    def holds(self, number: int, spaces: Sequence[dict[str, Any]]) -> bool:
        """Tell whether the slope along a direction is that of the gradient that came."""
        ends = []
        with _observed(spaces, self.values):
            for moved in self.ends:
                self.values.held, self.values.count = number, 0
                try:
                    ends.append(self.place.trial.subject.look(moved)[0])
                except Exception:  # held at values that do not fit
                    return False
        terms = self.place.trial.grad_y * (ends[0] - ends[1]) / (2 * STEP)
        scale = self.size + float(np.abs(terms).sum())
        noise = NOISE * float(np.abs(self.place.trial.grad_y * ends[0]).sum())
        return abs(float(terms.sum()) - self.came) <= CLOSE * scale + noise

    def unchanged(self, number: int, spaces: Sequence[dict[str, Any]]) -> bool:
        """Tell whether forward still gives its output while an expression is held.

        Where it fills an array in place, holding that array would lose what is written to it.
        """
        self.values.held, self.values.count = number, 0
        subject = self.place.trial.subject
        with _observed(spaces, self.values):
            y = subject.look(subject.base)[0]
        return np.array_equal(y, self.place.run.output)


@contextlib.contextmanager
def _observed(spaces: Sequence[dict[str, Any]], values: _Values) -> Iterator[None]:
    """Let the functions that a recorded definition calls be these."""
    calls: dict[str, Callable[..., Any]] = {SITE: values.site, SCOPE: lambda *_: None}
    for space in spaces:
        space.update(calls)
    try:
        yield
    finally:
        for space in spaces:
            for name in calls:
                space.pop(name, None)
