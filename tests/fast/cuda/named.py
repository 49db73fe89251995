"""Lets the name "cuda" mean CuPy's stand-in, so that whole programs run on it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from minin.backend import devices
from tests.fast.cuda.fake import cupy
from tests.fast.cuda.processor import demand_compiler


class Device:
    """`cupy.cuda.Device`: to be entered, or waited for."""

    waits = 0

    def __init__(self, number: int = 0) -> None:
        self.number = number

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave it."""

    def synchronize(self) -> None:
        type(self).waits += 1


def name_it_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `minin.backend` find the stand-in where it looks for CuPy."""
    demand_compiler()
    runtime = SimpleNamespace(getDeviceCount=lambda: 1)
    monkeypatch.setattr(devices, "why_no_cuda", lambda: None)
    monkeypatch.setattr(devices, "_import_cupy", lambda: cupy)
    monkeypatch.setattr(cupy.cuda, "runtime", runtime, raising=False)
    monkeypatch.setattr(cupy.cuda, "Device", Device, raising=False)
