"""Where the GPU begins to win, on numbers that were worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from minin.bench.break_even import break_evens, crossing

SIZES = [1e3, 1e6, 1e9]


@pytest.mark.parametrize(
    ("cpu", "gpu", "size"),
    [
        ([1.0, 10.0, 100.0], [2.0, 2.0, 2.0], 1e3 * 10 ** (3 * 0.30103)),
        ([1.0, 10.0, 100.0], [0.5, 0.6, 0.7], 0.0),
        ([1.0, 10.0, 100.0], [200.0, 200.0, 200.0], None),
        ([1.0, 1.0, 4.0], [1.0, 2.0, 2.0], 1e6 * 10**1.5),
        ([4.0, 1.0, 4.0], [2.0, 2.0, 2.0], 1e6 * 10**1.5),  # wins, loses, wins: the last counts
    ],
)
def test_the_crossing(cpu: list[float], gpu: list[float], size: float | None) -> None:
    assert crossing(SIZES, cpu, gpu) == (size if size is None else pytest.approx(size, rel=1e-4))


def row(library: str, flops: int, median: float, way_there: float = 0.0) -> dict[str, Any]:
    device = "cuda:0" if library == "cupy" else "cpu"
    transfer = {"to": {"median": way_there}, "back": {"median": 0.0}} if way_there else None
    return {
        "op": "relu",
        "way": "forward",
        "dtype": "float32",
        "library": library,
        "rules": "plain",
        "device": device,
        "flops": flops,
        "time": {"median": median},
        "transfer": transfer,
    }


def test_the_best_cpu_library_of_each_size_is_the_rival() -> None:
    rows = [
        row("numpy", 1000, 1.0),
        row("torch", 1000, 3.0),
        row("cupy", 1000, 2.0, way_there=50.0),
        row("numpy", 100_000, 100.0),
        row("torch", 100_000, 8.0),
        row("cupy", 100_000, 2.0, way_there=50.0),
    ]
    on_device, with_transfers = break_evens(rows)
    assert (on_device["cpu"], on_device["gpu"]) == ("torch-plain", "cupy-plain")
    # log 2 below at 1e3 and log 4 above at 1e5: a third of the way, on the logarithmic scale
    assert on_device["flops"] == pytest.approx(1000 * 100 ** (1 / 3))
    assert (with_transfers["transfers"], with_transfers["flops"]) == (True, None)


def test_without_a_gpu_there_is_none() -> None:
    assert break_evens([row("numpy", 1000, 1.0), row("torch", 1000, 3.0)]) == []
