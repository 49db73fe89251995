"""What takes turns: one training step of a network, or one pass without gradients.

This is the peers' side. A `*_net` module gives it a class `Net`:

    Net(job, dropout)      builds the network with the job's weights; dropout False leaves it out
    net.parameters         how many numbers it learns
    net.put(images, labels) -> data     in the library's own form, once
    net.train(data)        forward, cross entropy, backward, a step of SGD; waits for its end
    net.infer(data)        forward without gradients, dropout off; waits for its end
    net.logits(data)       the same, as a NumPy array
    net.facts()            its threads and settings, if there is something to say
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.harness.programs import Counted, Job, Program, per_call

CHECKED_STEPS = 3
# At this rate steps show and no ReLU dies; the decay is so strong that its absence would show.
CHECKED = {"lr": 2e-5, "weight_decay": 10.0}


class Net:
    """A network in some library; see above."""

    parameters: int
    first_calls: int = 1  # until everything is compiled

    def put(self, images: Any, labels: Any) -> Any: ...

    def train(self, data: Any) -> object: ...

    def infer(self, data: Any) -> object: ...

    def logits(self, data: Any) -> Any: ...

    def facts(self) -> dict[str, Any]:
        return {}


class NetworkProgram(Program):
    """A network that takes turns.

    Args:
        job: as `benchmarks.networks.rows.job` makes it.
        make: makes the network, with or without dropout.
    """

    def __init__(self, job: Job, make: Callable[[Job, bool], Net]) -> None:
        self.job = job
        self.make = make
        self.net = make(job, True)
        self.data = self.net.put(*batch(job, job["batch"]))

    def step(self) -> object:
        """Do what is measured, once."""
        if self.job["mode"] == "train":
            return self.net.train(self.data)
        return self.net.infer(self.data)

    def first(self) -> None:
        """Run until everything is compiled."""
        for _ in range(self.net.first_calls):
            self.step()

    def turn(self, calls: int) -> Counted:
        """Take steps."""
        return per_call(self.step, calls)

    def check(self) -> dict[str, Any]:
        """Show what the network is: its size, its logits, and the logits after some steps.

        Dropout is off, for no two libraries drop the same numbers. The network that is measured
        is another one, of the same weights.
        """
        net = self.make(self.job | CHECKED, False)
        data = net.put(*batch(self.job, self.job["checked"]))
        before = net.logits(data)
        if self.job["mode"] == "train":
            for _ in range(CHECKED_STEPS):
                net.train(data)
        return {
            "parameters": net.parameters,
            "logits": np.asarray(before).tolist(),
            "trained": np.asarray(net.logits(data)).tolist(),
        }

    def facts(self) -> dict[str, Any]:
        """Name threads and settings; and make sure that the network still computes something."""
        logits = np.asarray(self.net.logits(self.data))
        if not (np.isfinite(logits).all() and np.ptp(logits) > 0):
            raise ArithmeticError("the logits ended as infinite, or all equal")
        return self.net.facts()


def batch(job: Job, count: int) -> tuple[Any, Any]:
    """Draw images and labels, the same in every library."""
    rng = np.random.default_rng(job["seed"])
    images = rng.standard_normal((count, *job["image"]), dtype=np.float32)
    return images, rng.integers(0, job["classes"], count)


def weights(job: Job) -> dict[str, Any]:
    """Read the weights, by the names of their layers: {"0.0.weight": (O, C, KH, KW), ...}."""
    with np.load(job["weights"]) as found:
        return {name: found[name] for name in found.files}
