"""What is measured: a subject, and a case of it, which is a size, a dtype and a direction."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.autograd import Op
from minin.autograd import rules as use_rules
from minin.backend import Array, Shape, is_array, library
from minin.bench.parity import bound

SEED = 20131216  # the day of the paper
DTYPES = ("float32", "float64")
SIZES = ("tiny", "small", "medium", "large")
BYTES = {"float32": 4, "float64": 8}

Host = npt.NDArray[Any]
Call = Callable[[], list[Array]]


@dataclass(frozen=True)
class Work:
    """What a call costs at least, by formula.

    Attributes:
        flops: additions, multiplications and comparisons of floats; exp and log count as one.
        numbers: floats that have to be read or written once, if nothing is kept in between.
        terms: of the longest sum, which decides how much rounding explains.
    """

    flops: int
    numbers: int
    terms: int


@dataclass(frozen=True, eq=False)
class BenchSubject:
    """A row of the table of what is measured.

    Attributes:
        name: what tables and options call it.
        ways: "forward" and "backward", or "step".
        sizes: by their names, smallest first.
        axes: the letters of a size, as in "N C H W".
        inputs: draws the arrays of a call on the host, in float64; those of integers stay so.
        work: what a call of a size costs, by way.
        start: takes the arrays where they shall be used, the way, and "plain" or "fast", and
            returns the call.
        fast: whether fast rules for a family of libraries exist.
        mean: hold results together in the mean, as `parity.error` explains.
        quick: whether `--quick` has it.
        reference: computes what is right from float64, where that needs no rule.
    """

    name: str
    ways: tuple[str, ...]
    sizes: Mapping[str, Shape]
    axes: str
    inputs: Callable[[Shape, str, np.random.Generator], list[Host]]
    work: Callable[[Shape, str], Work]
    start: Callable[[list[Array], str, str], Call]
    fast: Callable[[str], bool]
    mean: bool = False
    quick: bool = True
    reference: Callable[[list[Host]], list[Host]] | None = None


@dataclass(frozen=True)
class Job:
    """One thing to do, for any library."""

    subject: BenchSubject
    way: str
    size: str
    dtype: str

    @property
    def shape(self) -> Shape:
        """The size in numbers."""
        return self.subject.sizes[self.size]

    @property
    def work(self) -> Work:
        """What it costs, by formula."""
        return self.subject.work(self.shape, self.way)

    @property
    def bytes(self) -> int:
        """What has to be moved at least."""
        return self.work.numbers * BYTES[self.dtype]

    @property
    def bound(self) -> float:
        """The largest error that rounding explains."""
        return bound(self.dtype, self.work.terms)

    def host(self) -> list[Host]:
        """Draw the arrays of the call, always the same."""
        key = zlib.crc32(f"{self.subject.name} {self.size} {self.way}".encode())
        drawn = self.subject.inputs(self.shape, self.way, np.random.default_rng([SEED, key]))
        return [x.astype(self.dtype) if x.dtype.kind == "f" else x for x in drawn]

    def reference(self) -> list[Host]:
        """Compute what is right: the plain rules on NumPy, in float64, from the same numbers."""
        host = [x.astype("float64") if x.dtype.kind == "f" else x for x in self.host()]
        if self.subject.reference is not None:
            return self.subject.reference(host)
        with use_rules("plain"):
            return [np.asarray(x) for x in self.subject.start(host, self.way, "plain")()]

    def __str__(self) -> str:
        size = "x".join(map(str, self.shape))
        return f"{self.subject.name} {self.way}, {size} {self.dtype}"


def cases(
    subjects: Sequence[BenchSubject], sizes: Sequence[str], dtypes: Sequence[str]
) -> Iterator[Job]:
    """Go through subjects, ways, sizes and dtypes; a size that a subject lacks is left out."""
    for subject in subjects:
        for dtype in dtypes:
            for way in subject.ways:
                for size in sizes:
                    if size in subject.sizes:
                        yield Job(subject, way, size, dtype)


def op_subject(
    op: Op[Any],
    name: str,
    sizes: Mapping[str, Shape],
    axes: str,
    inputs: Callable[[Shape, np.random.Generator], list[Host]],
    output: Callable[[Shape], Shape],
    work: Callable[[Shape, str], Work],
    arguments: Callable[[list[Array]], tuple[Any, ...]] = tuple,
    **parameters: Any,
) -> BenchSubject:
    """Make the subject of an op: its rule on plain arrays, without the engine.

    Args:
        op: the op.
        name: of the subject.
        sizes: by name.
        axes: the letters of a size.
        inputs: draws the op's arrays for a size.
        output: the shape of the op's output for a size.
        work: what a call costs, by way.
        arguments: arranges the arrays as the rule's arguments, where some belong in lists.
        parameters: of the op.
    """

    def drawn(shape: Shape, way: str, rng: np.random.Generator) -> list[Host]:
        found = inputs(shape, rng)
        return found if way == "forward" else [*found, normal(rng, output(shape))]

    def start(arrays: list[Array], way: str, rules: str) -> Call:
        args = arguments(arrays if way == "forward" else arrays[:-1])
        rule = chosen_rule(op, rules, args, parameters)
        if way == "forward":
            return lambda: [rule(*args, **parameters)[0]]
        _, backward = rule(*args, **parameters)
        grad_y = arrays[-1]
        return lambda: entries(backward(grad_y))

    return BenchSubject(
        name, ("forward", "backward"), sizes, axes, drawn, work, start, lambda key: key in op.fast
    )


def chosen_rule(op: Op[Any], rules: str, args: Sequence[Any], parameters: Mapping[str, Any]) -> Any:
    """Return the plain or the fast rule of an op.

    Raises:
        LookupError: if there is no fast rule that covers the arguments; a row that says "fast"
            never measures the plain rule.
    """
    if rules == "plain":
        return op.rule
    flat = (x for a in args for x in (a if isinstance(a, list) else [a]))
    key = next(library(x) for x in flat if is_array(x))
    covers, rule = op.fast[key]
    if not covers(*args, **parameters):
        raise LookupError(f"the fast rule of {op.__name__} does not cover this")
    return rule


def entries(gradients: Any) -> list[Array]:
    """Compute all gradients that a rule's backward returned, in one flat list."""
    found: list[Array] = []
    for entry in gradients:
        value = entry() if callable(entry) else entry
        if isinstance(value, (list, tuple)):
            found += entries(value)
        elif value is not None:
            found.append(value)
    return found


def normal(rng: np.random.Generator, shape: Shape, scale: float = 1.0) -> Host:
    """Draw normal numbers.  Shapes: -> (shape)."""
    return np.asarray(scale * rng.standard_normal(shape))
