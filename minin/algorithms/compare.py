"""All six on one layer: what was predicted, what was measured, and how far they agree."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from minin.algorithms.algorithm import Algorithm
from minin.algorithms.budget import size
from minin.algorithms.layer import Cost, Layer
from minin.algorithms.loops import conv2d_loops
from minin.algorithms.table import ALGORITHMS
from minin.algorithms.tiled import conv2d_tiled
from minin.errors import MemoryBudgetError
from minin.rng import Rng, generator
from minin.shapes import integer
from minin.text import wrap

Numbers: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True)
class AlgorithmRow:
    """One algorithm on one layer.

    Attributes:
        name: of the algorithm.
        covered: whether it computes this layer.
        why_not: why it was not run; None if it was.
        cost: what was predicted; None where the layer is not covered.
        seconds: the shortest of the runs; None if there was none. So are the next two.
        measured_bytes: the peak of one run, as tracemalloc saw it.
        difference: the largest difference from the reference, as a share of the largest
            number in it.
    """

    name: str
    covered: bool
    why_not: str | None = None
    cost: Cost | None = None
    seconds: float | None = None
    measured_bytes: int | None = None
    difference: float | None = None


@dataclass(frozen=True)
class AlgorithmComparison:
    """Six algorithms on one layer; ``str()`` of it is a table.

    Attributes:
        layer: what they computed.
        rows: one each.
        reference: what their results were compared with, in float64: "loops" or, where those
            would take too long, "tiled-im2col".
    """

    layer: Layer
    rows: tuple[AlgorithmRow, ...]
    reference: str

    def __str__(self) -> str:
        """Lay the rows out in a table."""
        layer = self.layer
        x, weight, y = (
            "x".join(map(str, shape))
            for shape in (layer.x_shape, layer.weight_shape, layer.y_shape)
        )
        lines = [
            f"x {x}, weight {weight} -> {y}, float{8 * layer.itemsize}",
            f"{'algorithm':14} {'MFLOP':>10} {'moved':>10} {'predicted':>10} {'measured':>10} "
            f"{'seconds':>9} {'differs':>8}",
        ]
        for row in self.rows:
            lines += _lines(row)
        return "\n".join(
            [
                *lines,
                "moved: read and written; predicted, measured: peak memory",
                f"differs: from {self.reference} in float64, by the largest output",
            ]
        )


def compare(
    x_shape: Any,
    weight_shape: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    *,
    dtype: Any = "float32",
    repeats: int = 3,
    rng: Rng = 0,
    loops_macs: int = 10**6,
    budget_bytes: int | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> AlgorithmComparison:
    """Run every algorithm that covers a layer, on the same random numbers.

    Args:
        x_shape: (N, C, H, W).
        weight_shape: (O, C, KH, KW).
        stride: as for ops.conv2d; so are the next two.
        padding: zeros around the image.
        dilation: pixels from cell to cell.
        dtype: float32 or float64.
        repeats: timed runs of each, after one that is not.
        rng: a NumPy Generator or an int seed.
        loops_macs: with more multiply-accumulates than this the loops are not run; Python
            does about a million a second.
        budget_bytes: the memory each may take; None for half of what is available.
        clock: returns seconds.

    Raises:
        ShapeError: if the shapes do not fit together, or no window fits the image.
        ArgumentError: if a number is out of range.

    Example:
        >>> found = compare((2, 3, 8, 8), (4, 3, 3, 3), padding=1)
        >>> [(row.name, row.why_not) for row in found.rows if not row.covered]
        [('pointwise', 'needs a 1x1 kernel, ...')]
        >>> all(row.difference < 1e-5 for row in found.rows if row.covered)
        True
    """
    layer = Layer.of_shapes(x_shape, weight_shape, stride, padding, dilation, dtype=dtype)
    random, name = generator(rng), f"float{8 * layer.itemsize}"
    x = random.standard_normal(layer.x_shape).astype(name)
    weight = random.standard_normal(layer.weight_shape).astype(name)
    few = layer.macs <= integer("loops_macs", loops_macs, 0)
    reference = conv2d_loops if few else conv2d_tiled
    exact = replace(layer, itemsize=8)
    truth = reference.run(exact, x.astype("float64"), weight.astype("float64"))
    repeats = integer("repeats", repeats)
    measure = _Measure(layer, x, weight, truth, budget_bytes, repeats, clock)
    rows = tuple(
        measure.without_running(found, "it would take long; raise loops_macs to wait for it")
        if found is conv2d_loops and not few
        else measure(found)
        for found in ALGORITHMS.values()
    )
    return AlgorithmComparison(layer, rows, reference.name)


@dataclass(frozen=True)
class _Measure:
    """Runs one algorithm on the numbers that all get."""

    layer: Layer
    x: Numbers
    weight: Numbers
    truth: Numbers
    budget_bytes: int | None
    repeats: int
    clock: Callable[[], float]

    def __call__(self, found: Algorithm) -> AlgorithmRow:
        """Predict, run, time, and compare."""
        reason = found.why_not(self.layer)
        if reason is not None:
            return AlgorithmRow(found.name, covered=False, why_not=reason)

        def run() -> Numbers:
            y: Numbers = found.run(self.layer, self.x, self.weight, budget_bytes=self.budget_bytes)
            return y

        try:
            y = run()  # the first run loads what is loaded once, and is not timed
        except MemoryBudgetError as error:
            return self.without_running(found, str(error).removeprefix(f"{found.name}: "))
        difference = float(np.max(np.abs(y - self.truth)) / (np.max(np.abs(self.truth)) or 1))
        del y
        seconds = min(self._seconds(run) for _ in range(self.repeats))
        return AlgorithmRow(
            found.name, True, None, self._cost(found), seconds, peak_of(run), difference
        )

    def without_running(self, found: Algorithm, reason: str) -> AlgorithmRow:
        """Predict, and say why there is no more."""
        return AlgorithmRow(found.name, True, reason, self._cost(found))

    def _cost(self, found: Algorithm) -> Cost:
        budget = {"budget_bytes": self.budget_bytes} if "budget_bytes" in found.options else {}
        return found.predict(self.layer, **budget)

    def _seconds(self, run: Callable[[], Numbers]) -> float:
        start = self.clock()
        run()
        return self.clock() - start


def peak_of(run: Callable[[], object]) -> int:
    """Measure the most bytes that a call had allocated at a time, by tracemalloc.

    NumPy reports its arrays to tracemalloc; what BLAS takes for itself is not seen.

    Example:
        >>> 8_000_000 <= peak_of(lambda: np.zeros(1_000_000)) < 8_100_000
        True
    """
    ours = not tracemalloc.is_tracing()
    if ours:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        result = run()  # kept until the peak has been read
        _, peak = tracemalloc.get_traced_memory()
        del result
    finally:
        if ours:
            tracemalloc.stop()
    return peak - before


def _lines(row: AlgorithmRow) -> list[str]:
    """Write a row, and under it why it was not run."""
    head = f"{row.name:14}"
    if row.cost is not None:
        moved = row.cost.bytes_read + row.cost.bytes_written
        head += f" {row.cost.flops / 1e6:>10,.1f} {size(moved):>10} {size(row.cost.peak_bytes):>10}"
    if row.seconds is not None and row.measured_bytes is not None:
        head += f" {size(row.measured_bytes):>10} {row.seconds:>9.5f} {row.difference:>8.1e}"
    if row.why_not is None:
        return [head]
    word = "not run" if row.covered else "not covered"
    return [head.rstrip(), *wrap(f"{word}: {row.why_not}", first="  ", rest="  ")]
