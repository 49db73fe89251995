"""Which tests a plain `pytest` runs, and in how many processes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests import choice, conftest
from tests.choice import examples, mostly_thorough

PIP = "pip install -e '.[peers]'"


def test_rows_that_are_not_chosen_are_thorough() -> None:
    rows = mostly_thorough([1, 2, 3], lambda row: row == 2)
    assert [(row.values, [mark.name for mark in row.marks]) for row in rows] == [
        ((1,), ["thorough"]),
        ((2,), []),
        ((3,), ["thorough"]),
    ]
    (pair,) = mostly_thorough([("a", 1)], lambda _: True)
    assert pair.values == ("a", 1)


def test_an_eighth_of_the_examples_but_four_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "THOROUGH", False)
    assert [examples(count) for count in (2, 8, 80)] == [2, 4, 10]
    monkeypatch.setattr(choice, "THOROUGH", True)
    assert examples(80) == 80


def config(*args: str, marks: str = "") -> Any:
    return SimpleNamespace(args=list(args), option=SimpleNamespace(markexpr=marks))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (config("tests", "minin"), 8),
        (config("tests", marks="not gpu"), 8),
        (config("tests", marks="gpu"), 0),
        (config("tests/test_choice.py"), 0),
        (config("tests/test_choice.py::config"), 0),
    ],
)
def test_files_and_a_gpu_have_one_process(
    given: Any, wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conftest, "cores", lambda: 64)
    assert conftest.pytest_xdist_auto_num_workers(given) == wanted


@pytest.mark.parametrize(
    ("marker", "asked", "reason"),
    [
        (pytest.mark.slow, "", "slow: `pytest -m slow` runs them"),
        (pytest.mark.slow, "slow", ""),
        (pytest.mark.thorough, "", "thorough: `MININ_THOROUGH=1 pytest` runs them"),
        (pytest.mark.thorough, "thorough and not gpu", ""),
        (
            pytest.mark.peers("no_such"),
            "",
            f"peers: not installed: no_such ({PIP})",
        ),
        (pytest.mark.peers("no_such"), "peers", ""),  # then it is a skip
        (pytest.mark.peers("numpy"), "", ""),
        (pytest.mark.data, "", "data: MININ_DATA names no folder with real data"),
    ],
)
def test_what_is_left_out_has_a_reason(
    marker: pytest.MarkDecorator, asked: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conftest, "THOROUGH", False)
    monkeypatch.delenv("MININ_DATA", raising=False)
    monkeypatch.delenv("MININ_REQUIRE_PEERS", raising=False)

    def marks(name: str) -> list[Any]:
        return [marker.mark] if marker.name == name else []

    item: Any = SimpleNamespace(config=config(marks=asked), iter_markers=marks)
    assert conftest.why_left_out(item) == reason
