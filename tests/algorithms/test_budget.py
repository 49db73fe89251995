"""What would not fit is refused before anything is allocated, in a sentence that helps."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minin.algorithms import ALGORITHMS, available_bytes, predict_bytes
from minin.algorithms import budget as budgets
from minin.errors import ArgumentError, MemoryBudgetError, MininError
from tests.algorithms.layers import ALL

# An array of a hundred gigabytes that takes four bytes.
HUGE = np.broadcast_to(np.float32(1), (2048, 256, 224, 224))


def weight_for(name: str) -> Any:
    kernel = 1 if name == "pointwise" else 3
    return np.ones((64, 256, kernel, kernel), dtype="float32")


@pytest.mark.parametrize("name", ALL)
def test_what_does_not_fit_is_refused_at_once(name: str) -> None:
    weight = weight_for(name)
    tracemalloc.start()
    try:
        with pytest.raises(MemoryBudgetError, match=rf"^{name}: wants \d+\.\d GiB for .*batch"):
            ALGORITHMS[name](HUGE, weight, budget_bytes=2**30)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**17


@pytest.mark.parametrize("name", [name for name in ALL if name != "tiled-im2col"])
def test_the_predicted_bytes_are_just_enough(name: str) -> None:
    x, weight = np.ones((2, 256, 4, 4), dtype="float32"), weight_for(name)[:1]
    enough = predict_bytes(name, x.shape, weight.shape)
    ALGORITHMS[name](x, weight, budget_bytes=enough)
    with pytest.raises(MemoryBudgetError):
        ALGORITHMS[name](x, weight, budget_bytes=enough - 1)


def test_the_message_says_what_came_what_may_be_and_what_to_do() -> None:
    with pytest.raises(MemoryBudgetError) as caught:
        ALGORITHMS["im2col"](HUGE, weight_for("im2col"), budget_bytes=3 * 2**30)
    assert str(caught.value) == (
        "im2col: wants 890.4 GiB for its columns and output, and the budget is 3.0 GiB; "
        "take tiled-im2col or a smaller batch, or give budget_bytes"
    )
    assert isinstance(caught.value, MemoryError)
    assert isinstance(caught.value, MininError)


def test_half_of_what_is_available_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "available_bytes", lambda: 2**20)
    assert budgets.budget() == 2**19
    assert budgets.budget(7) == 7
    x, weight = np.ones((8, 256, 8, 8), dtype="float32"), weight_for("im2col")
    with pytest.raises(MemoryBudgetError, match=r"the budget is 512\.0 KiB"):
        ALGORITHMS["im2col"](x, weight)


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "1G"])
def test_a_budget_is_a_number_of_bytes(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="budget_bytes must be an int of at least 1"):
        budgets.budget(wrong)


def test_linux_tells_what_is_available(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:  99 kB\nMemFree: 3 kB\nMemAvailable:     17 kB\n", "ascii")
    assert available_bytes(meminfo) == 17 * 1024


@pytest.mark.parametrize(
    "text", ["", "MemTotal: 99 kB\n", "MemAvailable: none kB\n", "MemAvailable:\n"]
)
def test_other_systems_are_asked_for_pages(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(text, "ascii")
    pages = {"SC_AVPHYS_PAGES": 10, "SC_PHYS_PAGES": 20, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(os, "sysconf", pages.__getitem__, raising=False)
    assert available_bytes(meminfo) == 10 * 4096
    assert available_bytes(tmp_path / "none") == 10 * 4096


def test_macos_knows_all_pages_and_windows_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sysconf(name: str) -> int:
        if name == "SC_AVPHYS_PAGES":
            raise ValueError("unrecognized configuration name")
        return {"SC_PHYS_PAGES": 20, "SC_PAGE_SIZE": 4096}[name]

    monkeypatch.setattr(os, "sysconf", sysconf, raising=False)
    assert available_bytes(tmp_path / "none") == 20 * 4096
    monkeypatch.delattr(os, "sysconf")
    assert available_bytes(tmp_path / "none") == budgets.UNKNOWN


def test_this_machine_has_some_memory() -> None:
    assert available_bytes() > 2**20
