"""The picture is drawn, or it is said why not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from minin.bench.plot import write_plot
from minin.bench.record import make_record
from minin.errors import ArgumentError, BackendUnavailableError
from tests.bench.fakes import library, run_of


def measured(ceilings: bool = True) -> dict[str, Any]:
    run = run_of([library("a", [1e-3]), library("b", [2e-3])], ceilings=ceilings)
    run.measure()
    return make_record(run)


@pytest.mark.parametrize("ceilings", [True, False])
@pytest.mark.plots
def test_a_picture(tmp_path: Path, ceilings: bool) -> None:
    write_plot(tmp_path / "x.png", measured(ceilings))
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_to_draw(tmp_path: Path) -> None:
    record = measured()
    record["rows"] = []
    with pytest.raises(ArgumentError, match="nothing to draw"):
        write_plot(tmp_path / "x.png", record)


def test_without_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(BackendUnavailableError, match="pip install 'matplotlib>="):
        write_plot(tmp_path / "x.png", measured())
