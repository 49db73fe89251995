"""How long does a training step wait for its batch?

nin-mnist learns from MNIST, 128 images a step. Before each step the time until its batch is
there is taken, once with a loader that prepares batches ahead in a thread and once with one
that prepares each when it is asked for; the two take steps in turn. Owed: less than 5 % of a
step waiting, with the thread.

    python benchmarks/loader_share.py            # needs MNIST, in the folder MININ_DATA names
    python benchmarks/loader_share.py --smoke    # the bundled digits, to see that it works
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from minin import Tensor, data, models, ops, optim

RESULT = Path(__file__).parent / "results" / "loader_share.json"
BATCH, SEED, OWED = 128, 0, 0.05
AUGMENTS: dict[str, list[str]] = {"plain": [], "translate:2": ["translate:2"]}


class Run:
    """A network, its optimiser, and one way to get at batches."""

    def __init__(self, dataset: data.Dataset, network: str, augment: list[str], ahead: int) -> None:
        self.model = models.build(network, rng=SEED).train()
        self.optimiser = optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9)
        images = dataset.train_images
        self.loader = data.Loader(
            images,
            dataset.train_labels,
            BATCH,
            SEED,
            preprocess=data.Preprocess.fit(["standardise"], images),
            augment=data.Augment.read(augment) if augment else None,
            ahead=ahead,
        )
        self.walk: Iterator[Any] = self.loader.epoch(0)
        self.waits: list[float] = []
        self.steps: list[float] = []

    def step(self, keep: bool) -> None:
        """Wait for a batch and learn from it; ``keep`` the two times."""
        start = time.perf_counter()
        images, labels = next(self.walk)
        there = time.perf_counter()
        loss = ops.cross_entropy(self.model(Tensor(images)), labels)
        self.optimiser.zero_grad()
        loss.backward()
        optim.clip_gradients(self.model.parameters(), 1.0)
        self.optimiser.step()
        if keep:
            self.waits.append(there - start)
            self.steps.append(time.perf_counter() - there)

    def row(self) -> dict[str, float]:
        """Medians in milliseconds, and the waits' share of all time."""
        waiting, learning = sum(self.waits), sum(self.steps)
        return {
            "wait_ms": statistics.median(self.waits) * 1e3,
            "longest_wait_ms": max(self.waits) * 1e3,
            "step_ms": statistics.median(self.steps) * 1e3,
            "share": waiting / (waiting + learning),
        }


def measure(dataset: data.Dataset, network: str, steps: int) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name, augment in AUGMENTS.items():
        runs = {ahead: Run(dataset, network, augment, ahead) for ahead in (0, 2)}
        for number in range(steps + 2):
            for run in runs.values():
                run.step(keep=number >= 2)  # the first two are the warm-up
        for ahead, run in runs.items():
            table[f"{name}, ahead={ahead}"] = run.row()
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="a few small steps; keep nothing")
    parser.add_argument("--steps", type=int, default=20, help="steps of each kind (20)")
    given = parser.parse_args()
    if given.smoke:
        table = measure(data.load("digits"), "nin-digits", steps=3)
    else:
        table = measure(data.load("mnist"), "nin-mnist", given.steps)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}; {processor()}"
    print(machine)
    print(f"{'':24}{'wait ms':>10}{'longest':>10}{'step ms':>10}{'share':>10}")
    for name, row in table.items():
        cells = f"{row['wait_ms']:10.3f}{row['longest_wait_ms']:10.3f}{row['step_ms']:10.1f}"
        print(f"{name:24}{cells}{row['share']:10.4%}")
    worst = max(row["share"] for name, row in table.items() if name.endswith("ahead=2"))
    print(f"waiting with a thread: {worst:.3%} of the time at most; owed: below {OWED:.0%}")
    if given.smoke:
        return 0
    record = {
        "unit": "milliseconds of waiting and of learning a step, medians; share of all time",
        "statistic": f"{given.steps} steps of {BATCH} images, nin-mnist on MNIST, in turn",
        "machine": machine,
        "python": platform.python_version(),
        "versions": {n: version(n) for n in ("numpy", "minin")},
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "results": table,
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(f"written: {RESULT.name}")
    return 0 if worst < OWED else 1


def processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    sys.exit(main())
