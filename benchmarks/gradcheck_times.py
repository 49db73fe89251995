"""How long does a check take? Seconds for every operation of the zoo, and for a whole network.

Each operation is checked twice at the sizes of the probes: right, and with one bug, which takes
longer because the cause is looked for. The network is nin-cifar10 on two full images, where all
numbers move together along random directions. The programs run in turn, round after round.

    python benchmarks/gradcheck_times.py            # some minutes
    python benchmarks/gradcheck_times.py --smoke    # a moment, to see that it works
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

from minin import gradcheck, models
from minin.gradcheck.mutants import MUTANTS, REFERENCES, Mutant

RESULT = Path(__file__).parent / "results" / "gradcheck_times.json"
OWED = {"op": 1.0, "nin-cifar10": 10.0}
NETWORK, IMAGES = "nin-cifar10", (2, 3, 32, 32)
SEED = 11
Program = Callable[[], gradcheck.Report]


def right(op: str) -> Program:
    inputs, params = REFERENCES[op].draw(np.random.default_rng(SEED))
    forward, backward = REFERENCES[op].programs()
    return lambda: gradcheck.check_backward(forward, backward, inputs, op, params)


def wrong(mutant: Mutant) -> Program:
    inputs, params = mutant.draw(np.random.default_rng(SEED))
    return lambda: gradcheck.check_backward(*mutant.make(), inputs, mutant.op, params)


def operations(count: int | None) -> dict[str, tuple[str, Program]]:
    """List right and wrong programs; the wrong one is the first mutant that is rejected."""
    programs = {}
    for op in list(REFERENCES)[:count]:
        programs[f"{op}, right"] = (op, right(op))
        for mutant in (m for m in MUTANTS if m.op == op):
            if not wrong(mutant)():
                programs[f"{op}, wrong"] = (mutant.bug.id, wrong(mutant))
                break
    return programs


def network(name: str, shape: tuple[int, ...]) -> Program:
    rng = np.random.default_rng(SEED)
    model = models.build(name, rng=rng, dtype="float64", dropout=0.0).eval()
    images = rng.uniform(-1.0, 2.0, shape)
    return lambda: gradcheck.check(model, images, params=model)


def seconds(program: Program, ok: bool) -> float:
    start = time.perf_counter()
    report = program()
    taken = time.perf_counter() - start
    assert report.ok == ok, str(report)
    return taken


def summary(values: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 4),
        "least": round(min(values), 4),
        "most": round(max(values), 4),
    }


def measure(rounds: int, count: int | None) -> dict[str, Any]:
    """Check every operation, right and wrong, in turn."""
    programs = operations(count)
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, (_, program) in programs.items():
            times[name].append(seconds(program, name.endswith("right")))
    table: dict[str, Any] = {}
    for name, (what, _) in programs.items():
        table[name] = summary(times[name])
        if name.endswith("wrong"):
            table[name]["bug"] = what
    return table


def measure_network(rounds: int, shape: tuple[int, ...]) -> dict[str, Any]:
    program = network(NETWORK, shape)
    report = program()  # warm-up
    row: dict[str, Any] = summary([seconds(program, ok=True) for _ in range(rounds)])
    row |= {
        "images": shape,
        "numbers": sum(line.size for line in report.lines),
        "directional": not report.ruler.dense,
    }
    return row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="a few quick ones; keep nothing")
    smoke = parser.parse_args().smoke
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    table = measure(rounds=1 if smoke else 5, count=3 if smoke else None)
    whole = measure_network(1 if smoke else 3, (1, 3, 8, 8) if smoke else IMAGES)
    print(f"{'seconds':32}{'median':>8}{'least':>8}{'most':>8}")
    for name, row in {**table, NETWORK: whole}.items():
        print(f"{name:32}" + "".join(f"{row[k]:8.3f}" for k in ("median", "least", "most")))
    slowest = max(table, key=lambda name: table[name]["median"])
    print(f"slowest operation: {slowest}, {table[slowest]['median']:.2f} s")
    if smoke:
        return 0
    record = {
        "unit": "seconds for one check",
        "statistic": "median of 5 rounds in turn; of 3 for the network",
        "owed": OWED,
        "slowest operation": slowest,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "processor": processor(),
        "python": platform.python_version(),
        "versions": {n: version(n) for n in ("numpy", "minin")},
        "load": load,
        "results": table,
        NETWORK: whole,
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
