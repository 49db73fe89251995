"""What does the engine itself cost? Microseconds per recorded op, beside two other engines.

A chain of ops on four numbers is recorded and run backwards; on so few numbers the arithmetic
is nearly free, and what is left is the engine. From each time the cost of the same NumPy calls,
made by hand, is taken off. The engines run in turn, round after round.

    python benchmarks/engine_overhead.py            # needs the extra "peers"
    python benchmarks/engine_overhead.py --smoke    # a moment, to see that it works
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from minin import ops, tensor

RESULT = Path(__file__).parent / "results" / "engine_overhead.json"
Program = Callable[[int], None]
ones = np.ones(4)
near_one = np.full(4, 1.001)  # products neither grow nor vanish


def chain(start: Any, step: Callable[[Any], Any], length: int) -> Any:
    for _ in range(length):
        start = step(start)
    return start


def by_minin(kind: str) -> Program:
    v = tensor(near_one, requires_grad=True)
    steps = {"add": lambda z: z + v, "multiply": lambda z: z * v, "tanh": lambda z: ops.tanh(z)}

    def run(length: int) -> None:
        u = tensor(ones, requires_grad=True)
        chain(u, steps[kind], length).backward(ones)

    return run


def by_hips(kind: str) -> Program:
    import autograd.numpy as anp
    from autograd import make_vjp

    steps = {
        "add": lambda z, v: z + v,
        "multiply": lambda z, v: z * v,
        "tanh": lambda z, _: anp.tanh(z),
    }

    def run(length: int) -> None:
        def fn(uv: Any) -> Any:
            u, v = uv
            return chain(u, lambda z: steps[kind](z, v), length)

        pull, _ = make_vjp(fn)((ones, near_one))
        pull(ones)

    return run


def by_mygrad(kind: str) -> Program:
    import mygrad

    v = mygrad.tensor(near_one)
    steps = {"add": lambda z: z + v, "multiply": lambda z: z * v, "tanh": lambda z: mygrad.tanh(z)}

    def run(length: int) -> None:
        u = mygrad.tensor(ones)
        chain(u, steps[kind], length).backward(ones)

    return run


def by_hand(kind: str) -> Program:
    """The NumPy calls of forward and backward alone, sums of gradients included."""
    return {"add": add_by_hand, "multiply": multiply_by_hand, "tanh": tanh_by_hand}[kind]


def add_by_hand(length: int) -> None:
    chain(ones, lambda z: z + near_one, length)
    chain(ones, lambda total: total + ones, length)


def multiply_by_hand(length: int) -> None:
    z, kept, g, total = ones, [], ones, ones
    for _ in range(length):
        kept.append(z)
        z = z * near_one
    for y in reversed(kept):
        total = total + g * y
        g = g * near_one


def tanh_by_hand(length: int) -> None:
    z, kept, g = ones, [], ones
    for _ in range(length):
        z = np.tanh(z)
        kept.append(z)
    for y in reversed(kept):
        g = g * (1 - y * y)


ENGINES = {"minin": by_minin, "HIPS autograd": by_hips, "MyGrad": by_mygrad, "NumPy": by_hand}


def seconds(program: Program, length: int) -> float:
    start = time.perf_counter()
    program(length)
    return time.perf_counter() - start


def measure(rounds: int, length: int) -> dict[str, Any]:
    """Run every engine on every kind of chain, in turn; keep each round's time."""
    table: dict[str, Any] = {}
    for kind in ("add", "multiply", "tanh"):
        programs = {name: make(kind) for name, make in ENGINES.items()}
        for program in programs.values():
            program(length)  # warm-up
        times: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(rounds):
            for name, program in programs.items():
                times[name].append(seconds(program, length) / length * 1e6)
        floor = statistics.median(times.pop("NumPy"))
        table[kind] = {"NumPy alone": floor}
        for name, values in times.items():
            quarter = statistics.quantiles(values, n=4)
            table[kind][name] = {
                "overhead": quarter[1] - floor,
                "spread": quarter[2] - quarter[0],
            }
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="a few short rounds; keep nothing")
    smoke = parser.parse_args().smoke
    table = measure(rounds=3 if smoke else 60, length=20 if smoke else 200)
    print(f"{'microseconds an op':20}" + "".join(f"{name:>16}" for name in list(ENGINES)[:3]))
    for kind, row in table.items():
        cells = [f"{row[name]['overhead']:16.1f}" for name in list(ENGINES)[:3]]
        print(f"{kind:20}" + "".join(cells))
    if smoke:
        return 0
    record = {
        "unit": "microseconds per op, forward and backward, beyond NumPy's own calls",
        "statistic": "median of 60 rounds in turn, chains of 200 ops on 4 numbers",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "processor": processor(),
        "python": platform.python_version(),
        "versions": {n: version(n) for n in ("numpy", "minin", "autograd", "mygrad")},
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "results": table,
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(f"written: {RESULT.name}")
    return 0


def processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    sys.exit(main())
