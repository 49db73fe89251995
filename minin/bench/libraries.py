"""The array libraries that take part: how arrays get there and back, and how to wait.

Each is opened when it is wanted, and says why not if it cannot be. Two are here to be refused:
what they lack is known, and shown to those who ask for them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from minin import backend
from minin.backend import Array
from minin.bench.clock import Clock, EventClock, WallClock
from minin.errors import BackendUnavailableError, pip_install


def _computed_already() -> None:
    """Wait for nothing: the library returns when it has computed."""


@dataclass(frozen=True)
class Library:
    """An array library that can be used here.

    Attributes:
        name: what `LIBRARIES` calls it.
        device: where it computes: "cpu" or "cuda:0".
        put: brings a NumPy array there.
        get: brings an array back.
        synchronise: returns when all is computed; None where no way is known.
        clock: makes its clock.
        family: the name under which minin registers fast rules for it.
        versions: of all that takes part.
        facts: what else its times depend on, such as threads or the name of a GPU.
    """

    name: str
    device: str
    put: Callable[[Any], Array]
    get: Callable[[Array], Any]
    synchronise: Callable[[], None] | None
    clock: Callable[[], Clock]
    family: str
    versions: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def on_host(self) -> bool:
        """Whether its arrays lie in the host's memory, so that nothing has to be transferred."""
        return self.device == "cpu"


def _on_the_host(name: str, family: str, put: Any, get: Any, versions: dict[str, str]) -> Library:
    """Describe a library that computes at once, in the host's memory."""
    return Library(
        name,
        "cpu",
        put=put,
        get=get,
        synchronise=_computed_already,
        clock=lambda: WallClock(name, _computed_already),
        family=family,
        versions=versions,
    )


def _numpy() -> Library:
    return _on_the_host("numpy", "numpy", np.array, np.array, {"numpy": np.__version__})


def _cupy() -> Library:
    if (reason := backend.why_no_cuda()) is not None:
        raise BackendUnavailableError(reason)
    xp = backend.namespace(backend.to_device(np.zeros(1), "cuda"))
    return cupy_like(xp, lambda x: backend.to_device(x, "cuda"))


def cupy_like(xp: Any, put: Callable[[Any], Array]) -> Library:
    """Describe CuPy, given its module."""
    synchronise = xp.cuda.Device().synchronize
    return Library(
        "cupy",
        "cuda:0",
        put=put,
        get=backend.to_numpy,
        synchronise=synchronise,
        clock=lambda: EventClock("cupy", synchronise, xp.cuda.Event, xp.cuda.get_elapsed_time),
        family="cupy",
        versions={"cupy": xp.__version__, "cuda": str(xp.cuda.runtime.runtimeGetVersion())},
        facts={"gpu": xp.cuda.runtime.getDeviceProperties(0)["name"].decode()},
    )


def _torch(device: str = "cpu") -> Library:
    torch = _need("torch", "torch")
    xp = _need("array_api_compat.torch", "array-api-compat")
    if device != "cpu" and not torch.cuda.is_available():
        raise BackendUnavailableError(
            f"this PyTorch {torch.__version__} can use no CUDA device: install one with CUDA, "
            "and check nvidia-smi"
        )
    backend.adopt(torch.Tensor, xp)
    name = "torch" if device == "cpu" else "torch-cuda"
    if device == "cpu":
        synchronise: Callable[[], None] = _computed_already
        facts: dict[str, Any] = {"threads": torch.get_num_threads()}
    else:
        synchronise = torch.cuda.synchronize
        facts = {"gpu": torch.cuda.get_device_name(0)}

    def clock() -> Clock:
        if device == "cpu":
            return WallClock(name, synchronise)
        event = partial(torch.cuda.Event, enable_timing=True)
        return EventClock(name, synchronise, event, lambda one, two: one.elapsed_time(two))

    return Library(
        name,
        "cpu" if device == "cpu" else "cuda:0",
        put=lambda x: torch.tensor(x, device=device),
        get=lambda x: x.detach().cpu().numpy().copy(),
        synchronise=synchronise,
        clock=clock,
        family=str(xp.__name__),
        versions={
            "torch": str(torch.__version__),
            "array-api-compat": str(_need("array_api_compat", "array-api-compat").__version__),
        },
        facts=facts,
    )


def _strict() -> Library:
    xp = _need("array_api_strict", "array-api-strict")
    versions = {"array-api-strict": str(xp.__version__)}
    return _on_the_host("strict", "array_api_strict", xp.asarray, backend.to_numpy, versions)


def _jax() -> Library:
    raise BackendUnavailableError(
        "its arrays cannot be changed, and minin's rules add into slices of an array"
    )


def _dask() -> Library:
    raise BackendUnavailableError(
        "refused: its calls return before anything is computed, and minin knows no way to wait "
        "that would not also compute once more; no number is given"
    )


LIBRARIES: dict[str, Callable[[], Library]] = {
    "numpy": _numpy,
    "cupy": _cupy,
    "torch": _torch,
    "torch-cuda": lambda: _torch("cuda"),
    "strict": _strict,
    "jax": _jax,
    "dask": _dask,
}
ONLY_IF_NAMED = {"strict": "a checker of the array-API standard, not made to be fast"}


def open_library(name: str, table: Mapping[str, Callable[[], Library]] = LIBRARIES) -> Library:
    """Open a library.

    Raises:
        BackendUnavailableError: with the reason, if it cannot be used or cannot be waited for.
    """
    library = table[name]()
    library.clock()  # refuses what cannot be waited for, before anything is computed
    return library


def _need(module: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise BackendUnavailableError(
            f"{package} is not installed: {pip_install(package)}"
        ) from error
