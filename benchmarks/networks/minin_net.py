"""The network in minin, as its own users write it."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from benchmarks.harness.programs import Job, Missing
from benchmarks.networks import program
from benchmarks.networks.program import NetworkProgram, weights


def versions() -> dict[str, str]:
    import minin

    return {"minin": minin.__version__}


class Net(program.Net):
    def __init__(self, job: Job, dropout: bool) -> None:
        from minin import models, optim

        set_workers(job)
        self.device = usable(job.get("device", "cpu"))
        self.model = models.build(job["network"], rng=job["seed"])
        self.model.load_state_dict(weights(job))
        self.model.to(self.device)
        self.dropout = dropout
        self.parameters = sum(p.data.size for p in self.model.parameters())
        self.optimiser = optim.SGD(
            self.model.parameters(),
            lr=job["lr"],
            momentum=job["momentum"],
            weight_decay=job["weight_decay"],
        )

    def put(self, images: Any, labels: Any) -> Any:
        from minin import Tensor, backend

        return Tensor(backend.to_device(images, self.device)), backend.to_device(
            labels, self.device
        )

    def train(self, data: Any) -> object:
        from minin import ops

        images, labels = data
        self.model.train(self.dropout)
        loss = ops.cross_entropy(self.model(images), labels)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self._wait(loss)
        return loss

    def infer(self, data: Any) -> Any:
        from minin import no_grad

        self.model.eval()
        with no_grad():
            logits = self.model(data[0])
        self._wait(logits)
        return logits

    def logits(self, data: Any) -> Any:
        return self.infer(data).numpy()

    def facts(self) -> dict[str, Any]:
        settings = {"rules": os.environ.get("MININ_RULES", "fast")}
        if self.device != "cpu":
            settings |= {"device": self.device, "tf32": os.environ.get("CUPY_TF32", "0")}
        return {"threads": workers(), "settings": settings}

    def _wait(self, result: Any) -> None:
        """Wait until a GPU has computed."""
        if self.device != "cpu":
            from minin import backend

            backend.namespace(result.data).cuda.Device().synchronize()


def usable(device: str) -> str:
    """Return a device's full name.

    Raises:
        Missing: if it cannot be used here.
    """
    from minin import backend
    from minin.errors import BackendUnavailableError

    try:
        return backend.resolve(device)
    except BackendUnavailableError as error:
        raise Missing(str(error)) from error


def set_workers(job: Job) -> None:
    """Set how many workers compute, if the job says so."""
    if "workers" not in job:
        return
    import minin

    minin.set_num_threads(job["workers"])


def workers() -> int:
    """Return how many workers compute."""
    import minin

    return minin.get_num_threads()


start = partial(NetworkProgram, make=Net)
