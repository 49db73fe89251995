"""Training steps that have to wait for their batches."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from benchmarks.harness.programs import Counted, Job, Missing, Program
from benchmarks.networks.minin_net import versions, workers
from minin import Tensor, data, models, ops, optim
from minin.errors import DataError

__all__ = ["start", "versions"]

SEED = 0
LEAST_STEPS = 4  # of a turn: the first batch lies ready after a rest


class Learning(Program):
    """A network, its optimiser, and a loader that prepares ``job["ahead"]`` batches ahead."""

    def __init__(self, job: Job) -> None:
        images, labels = self._images(job["data"])
        self.model = models.build(job["network"], rng=SEED).train()
        self.optimiser = optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9)
        self.loader = data.Loader(
            images,
            labels,
            job["batch"],
            SEED,
            preprocess=data.Preprocess.fit(["standardise"], images),
            augment=data.Augment.read(job["augment"]) if job["augment"] else None,
            ahead=job["ahead"],
        )
        self.epoch = 0
        self.walk: Iterator[Any] = self.loader.epoch(0)

    def _images(self, name: str) -> tuple[Any, Any]:
        try:
            dataset = data.load(name)
        except DataError as error:
            raise Missing(f"{name} is not in the folder that MININ_DATA names") from error
        return dataset.train_images, dataset.train_labels

    def first(self) -> None:
        self.step()

    def turn(self, calls: int) -> Counted:
        """Return the seconds of waiting and of learning a step, and the waits' share."""
        self.step()
        steps = [self.step() for _ in range(max(calls, LEAST_STEPS))]
        waits, learning = sum(wait for wait, _ in steps), sum(step for _, step in steps)
        numbers = {
            "wait": waits / len(steps),
            "longest wait": max(wait for wait, _ in steps),
            "step": learning / len(steps),
            "share": waits / (waits + learning),
        }
        return Counted(numbers, (waits + learning) / len(steps) * calls)

    def step(self) -> tuple[float, float]:
        """Wait for a batch and learn from it; the seconds of both."""
        start = time.perf_counter()
        images, labels = self._next()
        there = time.perf_counter()
        loss = ops.cross_entropy(self.model(Tensor(images)), labels)
        self.optimiser.zero_grad()
        loss.backward()
        optim.clip_gradients(self.model.parameters(), 1.0)
        self.optimiser.step()
        return there - start, time.perf_counter() - there

    def _next(self) -> Any:
        found = next(self.walk, None)
        if found is None:
            self.epoch += 1
            self.walk = self.loader.epoch(self.epoch)
            found = next(self.walk)
        return found

    def facts(self) -> dict[str, Any]:
        return {"threads": workers(), "settings": {}}


start = Learning
