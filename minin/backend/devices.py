"""Devices by name: which can be used here, and if one cannot, why and what to do.

This is the only file that imports CuPy. An importable CuPy is not a usable one: CuPy 14
imports well on a machine without a GPU, so a device counts only after a small kernel ran.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin.backend.arrays import Array, copy, device, to_numpy
from minin.errors import ArgumentError, BackendUnavailableError, pip_install


def _import_cupy() -> Any:
    import cupy

    return cupy


@functools.cache
def why_no_cuda() -> str | None:
    """Return None if a CUDA device can be used, else the reason and its remedy.

    There are four reasons: CuPy is missing, there is no driver, there is no device, or the
    CUDA toolkit is missing, which shows only when the first kernel is compiled.
    """
    try:
        cupy = _import_cupy()
    except ImportError:
        return f"CuPy is not installed: {pip_install('cupy-cuda13x')} (or cupy-cuda12x)"
    runtime = cupy.cuda.runtime
    if runtime.driverGetVersion() == 0:
        return (
            f"CuPy {cupy.__version__} is installed but no NVIDIA driver was found: "
            "install the driver, or use the device cpu"
        )
    try:
        runtime.getDeviceCount()
        usable = cupy.cuda.is_available()
        cause = "the driver lists none"
    except runtime.CUDARuntimeError as error:
        usable, cause = False, str(error)
    if not usable:
        return f"no CUDA device can be used ({cause}): check nvidia-smi and CUDA_VISIBLE_DEVICES"
    try:
        works = int((cupy.arange(3) + 1).sum()) == 6
        cause = "a test kernel gave a wrong sum"
    except (RuntimeError, ImportError, OSError) as error:
        works, cause = False, str(error).splitlines()[0]
    if not works:
        return (
            f"the CUDA toolkit is missing or broken ({cause}): "
            f"{pip_install('cupy-cuda13x[ctk]')} (or cupy-cuda12x[ctk])"
        )
    return None


def resolve(name: str) -> str:
    """Turn a device's name into one that can be used: "cpu", or "cuda:0" and so on.

    "auto" means a CUDA device where one can be used, else "cpu". A device asked for by
    name never falls back.

    Raises:
        ArgumentError: if the name is not auto, cpu, cuda or cuda:NUMBER.
        BackendUnavailableError: if a CUDA device is wanted and cannot be used.

    Example:
        >>> resolve("cpu")
        'cpu'
    """
    if name == "cpu":
        return name
    kind, _, number = str(name).partition(":")
    if name != "auto" and not (kind == "cuda" and (number.isdecimal() or name == "cuda")):
        raise ArgumentError(f"device must be auto, cpu, cuda or cuda:NUMBER, got {name!r}")
    reason = why_no_cuda()
    if name == "auto":
        return "cpu" if reason else "cuda:0"
    if reason:
        raise BackendUnavailableError(f"device {name!r} cannot be used: {reason}")
    count = _import_cupy().cuda.runtime.getDeviceCount()
    if int(number or 0) >= count:
        raise BackendUnavailableError(
            f"device {name!r} cannot be used: there are {count} CUDA devices, numbered from 0"
        )
    return f"cuda:{int(number or 0)}"


def to_device(x: Array, name: str) -> Array:
    """Copy ``x`` to the device called ``name``; an array that is there already stays.

    Raises:
        BackendUnavailableError: if the device cannot be used.
    """
    target = resolve(name)
    if device(x) == target:
        return x
    if target == "cpu":
        return to_numpy(x)
    cupy = _import_cupy()
    with cupy.cuda.Device(int(target.partition(":")[2])):
        return copy(x) if isinstance(x, cupy.ndarray) else cupy.asarray(to_numpy(x))


@dataclass(frozen=True)
class DeviceReport:
    """What `device_report` found.

    Attributes:
        numpy: the version of NumPy, which serves the device cpu.
        why_no_cuda: None if a CUDA device can be used, else the reason and the remedy.
    """

    numpy: str
    why_no_cuda: str | None

    def __str__(self) -> str:
        """Return one line a device."""
        cuda = "usable" if self.why_no_cuda is None else f"not usable: {self.why_no_cuda}"
        return f"cpu   usable (NumPy {self.numpy})\ncuda  {cuda}"


def device_report() -> DeviceReport:
    """List the devices, and for each that cannot be used the reason and the remedy.

    Example:
        >>> print(device_report())  # doctest: +ELLIPSIS
        cpu   usable (NumPy ...)
        cuda  ...
    """
    return DeviceReport(np.__version__, why_no_cuda())
