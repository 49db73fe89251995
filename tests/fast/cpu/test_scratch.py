"""A buffer is its thread's own, one for each name, and the same as long as it is large enough."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin.fast.cpu import scratch
from minin.fast.cpu.scratch import take
from tests.fast.cpu.helpers import Array, at_once, in_time

NAME, OTHER = "of a test", "another of a test"


def place(x: Array) -> int:
    return int(x.__array_interface__["data"][0])


@pytest.fixture(autouse=True)
def _none_held() -> None:
    for name in (NAME, OTHER):
        scratch._buffers.__dict__.pop(name, None)


def test_the_same_name_is_the_same_memory_with_what_was_in_it() -> None:
    first = take(NAME, (3, 4), np.float32)
    first.fill(7)
    second = take(NAME, (4, 3), np.float32)
    assert place(second) == place(first)
    assert np.all(second == 7)


def test_less_of_it_is_the_same_memory_too() -> None:
    where = place(take(NAME, (1000,), np.float64))
    assert place(take(NAME, (10, 10), np.float32)) == where
    assert place(take(NAME, (1000,), np.float64)) == where


def test_more_is_another_buffer_and_then_stays() -> None:
    small, large = take(NAME, (10,), np.float32), take(NAME, (1000,), np.float32)
    assert not np.may_share_memory(small, large)
    assert place(take(NAME, (10,), np.float32)) == place(large)


def test_other_names_are_other_memory() -> None:
    assert not np.may_share_memory(take(NAME, (100,), np.int8), take(OTHER, (100,), np.int8))


def test_each_thread_has_its_own() -> None:
    mine = take(NAME, (100,), np.float32)
    mine.fill(1)

    def work(number: int) -> tuple[int, bool]:
        x = take(NAME, (100,), np.float32)
        x.fill(number)
        for _ in range(100):
            again = take(NAME, (100,), np.float32)
            if not np.all(again == number):
                return place(x), False
        return place(x), not np.may_share_memory(x, mine)

    assert all(alone for _, alone in at_once(8, work))
    assert np.all(mine == 1)
    assert in_time(lambda: NAME in scratch._buffers.__dict__) is False


def test_very_large_buffers_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "_KEPT", 1000)
    assert take(NAME, (1000,), np.uint8).nbytes == 1000
    assert NAME in scratch._buffers.__dict__
    large = take(NAME, (1001,), np.uint8)
    large.fill(5)
    assert NAME not in scratch._buffers.__dict__
    assert not np.may_share_memory(large, take(NAME, (1001,), np.uint8))


@given(
    sizes=st.lists(st.lists(st.integers(0, 6), max_size=4).map(tuple), min_size=1, max_size=6),
    dtype=st.sampled_from(["float32", "float64", "uint32", "bool", "int64"]),
)
def test_it_has_the_shape_and_type_that_were_asked_for(
    sizes: list[tuple[int, ...]], dtype: str
) -> None:
    for shape in sizes:
        x = take(NAME, shape, dtype)
        assert (x.shape, str(x.dtype)) == (shape, dtype)
        assert x.flags.c_contiguous
        assert x.flags.aligned
        x[...] = 1
