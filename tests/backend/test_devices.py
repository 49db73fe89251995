"""Devices by name; and if CUDA cannot be used, which of the four reasons it is, word for word.

The four are played by a false CuPy: no machine has all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import minin
from minin import backend
from minin.backend import devices
from minin.errors import ArgumentError, BackendUnavailableError
from tests.libraries import put


class CUDARuntimeError(RuntimeError):
    """As CuPy's own."""


def false_cupy(
    driver: int = 13000,
    count: int | Exception = 2,
    available: bool = True,
    compiles: bool | Exception = True,
) -> Any:
    """Play a CuPy: its driver's version, how many devices, and what its first kernel does."""

    def device_count() -> int:
        if isinstance(count, Exception):
            raise count
        return count

    def arange(stop: int) -> Any:
        if isinstance(compiles, Exception):
            raise compiles
        return np.arange(stop) if compiles else np.zeros(stop)

    runtime = SimpleNamespace(
        driverGetVersion=lambda: driver,
        getDeviceCount=device_count,
        CUDARuntimeError=CUDARuntimeError,
    )
    cuda = SimpleNamespace(runtime=runtime, is_available=lambda: available)
    return SimpleNamespace(__version__="14.0.1", cuda=cuda, arange=arange)


Install = Callable[[Any], None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Make minin meet another CuPy, or an ImportError; forget it afterwards."""

    def put_in_place(cupy: Any) -> None:
        def importing() -> Any:
            if isinstance(cupy, Exception):
                raise cupy
            return cupy

        monkeypatch.setattr(devices, "_import_cupy", importing)
        devices.why_no_cuda.cache_clear()

    yield put_in_place
    devices.why_no_cuda.cache_clear()


MISSING = "CuPy is not installed: pip install 'cupy-cuda13x>=14.0.1,!=14.1.0' (or cupy-cuda12x)"
NO_DRIVER = (
    "CuPy 14.0.1 is installed but no NVIDIA driver was found: "
    "install the driver, or use the device cpu"
)
NO_DEVICE = "no CUDA device can be used ({}): check nvidia-smi and CUDA_VISIBLE_DEVICES"
NO_TOOLKIT = (
    "the CUDA toolkit is missing or broken ({}): "
    "pip install 'cupy-cuda13x[ctk]>=14.0.1,!=14.1.0' (or cupy-cuda12x[ctk])"
)

REASONS: dict[str, tuple[Any, str]] = {
    "CuPy is missing": (ModuleNotFoundError("No module named 'cupy'"), MISSING),
    "CuPy cannot be loaded": (ImportError("libcublas.so"), MISSING),
    "no driver": (false_cupy(driver=0), NO_DRIVER),
    "no device": (
        false_cupy(count=CUDARuntimeError("cudaErrorNoDevice: no CUDA-capable device")),
        NO_DEVICE.format("cudaErrorNoDevice: no CUDA-capable device"),
    ),
    "all devices hidden": (
        false_cupy(count=0, available=False),
        NO_DEVICE.format("the driver lists none"),
    ),
    "no toolkit": (
        false_cupy(compiles=RuntimeError("Failed to find headers\nmore\nlines")),
        NO_TOOLKIT.format("Failed to find headers"),
    ),
    "no compiler's library": (
        false_cupy(compiles=OSError("libnvrtc.so.13 not found")),
        NO_TOOLKIT.format("libnvrtc.so.13 not found"),
    ),
    "a broken toolkit": (
        false_cupy(compiles=False),
        NO_TOOLKIT.format("a test kernel gave a wrong sum"),
    ),
}
every_reason = pytest.mark.parametrize("name", REASONS)


@every_reason
def test_the_reason_is_told_word_for_word(name: str, install: Install) -> None:
    cupy, reason = REASONS[name]
    install(cupy)
    assert backend.why_no_cuda() == reason


@every_reason
@pytest.mark.parametrize("device", ["cuda", "cuda:0", "cuda:1"])
def test_an_explicit_request_never_falls_back(name: str, device: str, install: Install) -> None:
    cupy, reason = REASONS[name]
    install(cupy)
    requests: list[Callable[[], Any]] = [
        lambda: backend.resolve(device),
        lambda: backend.to_device(np.ones(2), device),
        lambda: minin.tensor([1.0], device=device),
        lambda: minin.tensor([1.0]).to(device),
    ]
    for request in requests:
        with pytest.raises(BackendUnavailableError) as caught:
            request()
        assert str(caught.value) == f"device {device!r} cannot be used: {reason}"


@every_reason
def test_auto_falls_back(name: str, install: Install) -> None:
    install(REASONS[name][0])
    assert backend.resolve("auto") == "cpu"


@every_reason
def test_the_report_shows_reason_and_remedy(name: str, install: Install) -> None:
    cupy, reason = REASONS[name]
    install(cupy)
    report = minin.device_report()
    assert report.why_no_cuda == reason
    assert str(report) == (f"cpu   usable (NumPy {np.__version__})\ncuda  not usable: {reason}")


def test_a_usable_device_is_found(install: Install) -> None:
    install(false_cupy())
    assert backend.why_no_cuda() is None
    assert [backend.resolve(name) for name in ("auto", "cuda", "cuda:0", "cuda:1")] == [
        "cuda:0", "cuda:0", "cuda:0", "cuda:1",
    ]  # fmt: skip
    assert str(minin.device_report()).endswith("cuda  usable")


def test_a_device_beyond_the_last_is_refused(install: Install) -> None:
    install(false_cupy(count=2))
    with pytest.raises(BackendUnavailableError, match=r"'cuda:2'.*2 CUDA devices, numbered from 0"):
        backend.resolve("cuda:2")


def test_the_question_is_asked_once(install: Install) -> None:
    """A kernel is compiled for the answer; it must not be compiled at every transfer."""
    asked: list[int] = []
    cupy = false_cupy()
    arange = cupy.arange
    cupy.arange = lambda stop: asked.append(stop) or arange(stop)  # type: ignore[func-returns-value]  # append's None is the point
    install(cupy)
    for _ in range(3):
        backend.resolve("auto")
    assert asked == [3]


@pytest.mark.parametrize("name", ["gpu", "CPU", "cuda:", "cuda:x", "cuda:-1", "cuda0", "", 0, None])
def test_an_unknown_name_is_refused_with_the_known_ones(name: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^device must be auto, cpu, cuda or cuda:NUMBER, got"):
        backend.resolve(name)


def test_the_cpu_needs_no_look(install: Install) -> None:
    install(AssertionError("CuPy was asked for"))
    assert backend.resolve("cpu") == "cpu"
    x = np.ones(2)
    assert backend.to_device(x, "cpu") is x


def test_an_array_of_another_library_comes_home() -> None:
    y = backend.to_device(put(np.arange(3.0), "strict"), "cpu")
    assert type(y) is np.ndarray
    assert y.tolist() == [0.0, 1.0, 2.0]
