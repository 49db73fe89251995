"""Names become a plan; what cannot be used is skipped with its reason, or refused if named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from minin.bench.libraries import LIBRARIES, Library, open_library
from minin.bench.listing import listing
from minin.bench.plan import Request, choose_contenders, make_plan
from minin.bench.subjects import SUBJECTS
from minin.errors import ArgumentError, BackendUnavailableError, UnknownNameError
from tests.bench.fakes import library


def lazy() -> Library:
    """A library that computes later, and nobody knows how to wait for it."""
    from minin.bench.clock import WallClock

    return library("lazy", synchronise=None, clock=lambda: WallClock("lazy", None))


def missing() -> Library:
    raise BackendUnavailableError("missing is not installed: pip install missing")


TABLE: dict[str, Callable[[], Library]] = {
    "numpy": LIBRARIES["numpy"],
    "lazy": lazy,
    "missing": missing,
}


def test_what_cannot_be_waited_for_is_skipped_and_gets_no_row() -> None:
    plan = make_plan(Request(quick=True, ops=["relu"]), libraries=TABLE)
    assert [str(one) for one in plan.contenders] == ["numpy-plain", "numpy-fast"]
    reasons = dict(plan.skipped)
    assert "no way to wait" in reasons["lazy"]
    assert "no number is given" in reasons["lazy"]
    assert reasons["missing"] == "missing is not installed: pip install missing"


@pytest.mark.parametrize("name", ["lazy", "missing", "lazy-plain"])
def test_what_was_named_is_never_left_out(name: str) -> None:
    with pytest.raises(BackendUnavailableError, match=name.partition("-")[0]):
        make_plan(Request(libraries=[name, "numpy"]), libraries=TABLE)


@pytest.mark.parametrize("name", ["jax", "dask"])
def test_two_libraries_are_here_to_be_refused(name: str) -> None:
    with pytest.raises(BackendUnavailableError):
        open_library(name)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Request(ops=["conv2d-5x"]), "unknown op 'conv2d-5x'; did you mean 'conv2d-5x5'"),
        (Request(libraries=["numpi"]), "unknown library 'numpi'; did you mean 'numpy'"),
        (Request(libraries=["numpy-fats"]), "did you mean 'numpy-fast'"),
        (Request(dtypes=["float23"]), "unknown dtype 'float23'; did you mean 'float32'"),
        (Request(sizes=["smal"]), "unknown size 'smal'; did you mean 'small'"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(options: Request, message: str) -> None:
    with pytest.raises(UnknownNameError) as found:
        make_plan(options, libraries=TABLE)
    assert message in str(found.value)


def test_nothing_left_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="nothing is left to measure"):
        make_plan(Request(ops=["matmul"], libraries=["numpy-fast"]), libraries=TABLE)


def test_filters_choose() -> None:
    plan = make_plan(
        Request(["relu", "matmul"], ["numpy-plain"], ["float64"], ["tiny"]), libraries=TABLE
    )
    assert [str(case) for case in plan.cases] == [
        "matmul forward, 64 float64",
        "matmul backward, 64 float64",
        "relu forward, 1x16x8x8 float64",
        "relu backward, 1x16x8x8 float64",
    ]
    assert [str(one) for one in plan.contenders] == ["numpy-plain"]


def test_a_slow_checker_takes_part_only_if_named() -> None:
    table: Any = {"numpy": LIBRARIES["numpy"], "strict": LIBRARIES["strict"]}
    _, skipped = choose_contenders(None, table)
    assert dict(skipped)["strict"].startswith("only if named")
    found, _ = choose_contenders(["strict"], table)
    assert {one.library.name for one in found} == {"strict"}


@pytest.mark.parametrize("width", [24, 40, 60, 78])
def test_the_list_has_everything_and_the_reasons(width: int) -> None:
    lines = listing(width, libraries=TABLE)
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert "skipped: missing is not installed: pip install missing" in text
    assert "no number is given" in text
    assert all(name in text for name in SUBJECTS)
    assert "usable on cpu (numpy" in text
