"""What this machine can do: a large matrix product, and a large copy, with all its cores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from benchmarks.harness.programs import Counted, Job, Program, per_call
from minin.machine import cores


class Ceilings(Program):
    """A product of two square matrices of ``job["side"]``, a copy of ``job["numbers"]``."""

    def __init__(self, job: Job) -> None:
        rng = np.random.default_rng(0)
        shape = (job["side"], job["side"])
        self.x, self.y = (rng.standard_normal(shape, dtype=np.float32) for _ in "xy")
        self.product = np.empty(shape, np.float32)
        self.cores = cores()
        self.pool = ThreadPoolExecutor(self.cores)
        self.here = np.array_split(np.ones(job["numbers"], np.float32), self.cores)
        self.there = np.array_split(np.zeros(job["numbers"], np.float32), self.cores)

    def first(self) -> None:
        self.multiply()
        self.copy()

    def multiply(self) -> None:
        np.matmul(self.x, self.y, out=self.product)

    def copy(self) -> None:
        """Copy a share on every core; NumPy lets the others run meanwhile."""
        list(self.pool.map(np.copyto, self.there, self.here))

    def turn(self, calls: int) -> Counted:
        product = per_call(self.multiply, calls, "matrix product")
        copied = per_call(self.copy, calls, "copy")
        return Counted(product.numbers | copied.numbers, product.seconds + copied.seconds)

    def facts(self) -> dict[str, Any]:
        return {"threads": self.cores}


start = Ceilings
