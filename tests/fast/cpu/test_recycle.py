"""Memory is used again when the last array that sees it has died, and never before."""

from __future__ import annotations

import itertools
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided

from minin.fast.cpu import recycle
from tests.fast.cpu.helpers import Array, at_once, python

SHAPE = (4, 8, 16, 640)  # 1.3 MB of float32


@pytest.fixture(autouse=True)
def _nothing_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without memory of other tests."""
    monkeypatch.setattr(recycle, "_free", {})
    monkeypatch.setattr(recycle, "_given", {})


def place(x: Array) -> int:
    """Say where an array begins."""
    return int(x.__array_interface__["data"][0])


def numbers(count: int) -> Array:
    x: Array = recycle.empty((count,), np.uint8)
    return x


LARGE = 4 << 20


def test_memory_of_a_dead_array_serves_the_next_of_its_size() -> None:
    first = recycle.empty(SHAPE, np.float32)
    where = place(first)
    del first
    second = recycle.empty(SHAPE, np.float32)
    assert place(second) == where
    third = recycle.empty(SHAPE, np.float32)
    assert not np.may_share_memory(second, third)


def test_shape_and_type_may_be_others() -> None:
    first = recycle.empty(SHAPE, np.float32)
    where = place(first)
    del first
    second = recycle.empty((first_size := int(np.prod(SHAPE)) // 2,), np.float64)
    assert (place(second), second.shape, second.dtype) == (where, (first_size,), np.float64)


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint32", "bool"])
@pytest.mark.parametrize("shape", [(3,), (1 << 21,), (2, 3, 4, 1 << 17), (0, 5), ()])
def test_it_is_an_array_like_any_other(shape: tuple[int, ...], dtype: str) -> None:
    x = recycle.empty(shape, dtype)
    assert (x.shape, str(x.dtype)) == (shape, dtype)
    assert x.flags.c_contiguous
    assert x.flags.writeable
    assert x.flags.aligned
    x[...] = 1
    assert np.all(x == 1)


def test_empty_like_has_c_order() -> None:
    x = np.empty((64, 128, 64), np.float32).transpose(2, 0, 1)
    y = recycle.empty_like(x)
    assert (y.shape, y.dtype) == (x.shape, x.dtype)
    assert y.flags.c_contiguous
    assert not np.may_share_memory(x, y)


def test_small_arrays_are_ordinary() -> None:
    x = recycle.empty((1 << 10,), np.float32)
    assert x.base is None
    assert not recycle._given
    del x
    assert not recycle._free


# ---- as long as anything sees the memory --------------------------------------------------------

VIEWS: dict[str, Callable[[Array], Any]] = {
    "itself": lambda x: x,
    "slice": lambda x: x[1:2],
    "one number": lambda x: x[1:2, 3:4, 5:6, 7:8],
    "every other": lambda x: x[:, ::2],
    "backwards": lambda x: x[::-1],
    "transpose": lambda x: x.transpose(0, 3, 1, 2),
    "reshape": lambda x: x.reshape(-1),
    "new axis": lambda x: x[None],
    "other type": lambda x: x.view(np.int32),
    "bytes": lambda x: x.view(np.uint8)[..., ::3],
    "stretched": lambda x: np.broadcast_to(x, (2, *x.shape)),
    "windows": lambda x: as_strided(x, (2, 2), (4, 8)),
    "view of a view of a view": lambda x: x[1:].reshape(-1).view(np.uint32)[7:].reshape(-1, 1)[:5],
    "its base": lambda x: x.base,
    "the base of a view": lambda x: x.transpose(3, 2, 1, 0)[2:].base,
    "memoryview": lambda x: x.data,
    "array of a memoryview": lambda x: np.asarray(x.data),
    "array of a buffer": lambda x: np.frombuffer(x.reshape(-1), np.float32),
    "iterator": lambda x: x.flat,
    "row of an iteration": lambda x: next(iter(x)),
    "subclass": lambda x: x.reshape(-1, 2).view(np.matrix),
    "record": lambda x: x.view([("a", np.float32)]),
    "array in a list": lambda x: [x[2]],
    "closure": lambda x: lambda: x,
}


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize("kind", VIEWS)
def test_while_a_view_lives_its_memory_is_not_given_out(kind: str) -> None:
    x = recycle.empty(SHAPE, np.float32)
    x.fill(7)
    where, size = place(x), x.nbytes
    view = VIEWS[kind](x)
    del x
    others = [recycle.empty(SHAPE, np.float32) for _ in range(3)]
    for other in others:
        other.fill(-1)
        assert abs(place(other) - where) >= size, "memory that is in use was given out"
    if isinstance(view, np.ndarray) and view.dtype == np.float32:
        assert np.all(view == 7)
    del view
    again = recycle.empty(SHAPE, np.float32)
    assert place(again) == where


def test_the_last_of_several_views_gives_the_memory_back() -> None:
    x = recycle.empty(SHAPE, np.float32)
    where = place(x)
    views = [x[0], x[1].T, x.reshape(-1)[::2], x.view(np.int32)]
    del x
    while views:
        assert place(recycle.empty(SHAPE, np.float32)) != where
        views.pop()
    # Of what came back since, any may be chosen.
    assert where in {place(y) for y in [recycle.empty(SHAPE, np.float32) for _ in range(3)]}


# ---- which memory -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (LARGE, True),
        (LARGE - 1, True),
        (LARGE * 4 // 5 + 8, True),
        (LARGE * 4 // 5 - 8, False),
        (LARGE // 2, False),
        (LARGE + 1, False),
        (2 * LARGE, False),
    ],
)
def test_memory_fits_if_it_is_at_most_a_quarter_too_large(wanted: int, fits: bool) -> None:
    x = numbers(LARGE)
    where = place(x)
    del x
    y = numbers(wanted)
    assert (place(y) == where) == fits
    assert y.size == wanted


def test_the_smallest_that_fits_is_taken() -> None:
    sizes = [LARGE + (LARGE // 16) * extra for extra in (3, 1, 2)]
    held = [numbers(size) for size in sizes]
    places = [place(x) for x in held]
    held.clear()
    found = [numbers(LARGE) for _ in range(3)]
    assert [place(x) for x in found] == [places[1], places[2], places[0]]


def test_memory_that_nobody_asks_for_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recycle, "_FORGET", 10)
    del_me = numbers(3 * LARGE)
    del del_me
    assert len(recycle._free) == 1
    for _ in range(4):
        numbers(LARGE)
    assert sorted(len(memory) for memory, _ in recycle._free.values()) == [LARGE, 3 * LARGE]
    for _ in range(20):
        numbers(LARGE)
    assert [len(memory) for memory, _ in recycle._free.values()] == [LARGE]


def test_memory_that_is_asked_for_again_and_again_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recycle, "_FORGET", 10)
    places = set()
    for _ in range(50):
        x = numbers(3 * LARGE)
        places.add(place(x))
        del x
        for _ in range(3):
            numbers(LARGE)
    assert len(places) == 1


def test_repeated_steps_take_no_fresh_memory() -> None:
    """As a training step does: many arrays alive at once, all dead at its end."""

    def step() -> set[int]:
        return {place(x) for x in [numbers(LARGE + turn % 3) for turn in range(8)]}

    first = step()
    assert len(first) == 8
    for _ in range(5):
        assert step() == first


# ---- contents -----------------------------------------------------------------------------------

KILOBYTE = 1 << 10
steps = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(KILOBYTE // 2, 4 * KILOBYTE)),
        st.tuples(st.just("drop"), st.integers(0, 100)),
        st.tuples(st.just("view"), st.integers(0, 100)),
    ),
    max_size=60,
)


@given(todo=steps)
def test_two_live_arrays_never_overlap(todo: list[tuple[str, int]]) -> None:
    """Whatever is taken, dropped and kept as a view: each holds what was written into it."""
    live: list[tuple[Array, int]] = []
    small, recycle._SMALL = recycle._SMALL, KILOBYTE
    try:
        for mark, (what, number) in enumerate(todo):
            if what == "take":
                x = numbers(number)
                x.fill(mark)
                live.append((x, mark))
                del x
            elif live and what == "drop":
                live.pop(number % len(live))
            elif live:
                x, old = live.pop(number % len(live))
                cuts = (x[number % 7 :: 3], x[::-1], x[: x.size // 2])
                live.append((cuts[number % 3], old))
                del x, cuts
            assert all(np.all(x == written) for x, written in live), "somebody else wrote here"
    finally:
        recycle._SMALL = small
    spans = sorted((np.lib.array_utils.byte_bounds(x) for x, _ in live if x.size), key=lambda s: s)
    assert all(last <= first for (_, last), (first, _) in itertools.pairwise(spans))


def test_many_threads_never_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recycle, "_SMALL", KILOBYTE)
    monkeypatch.setattr(recycle, "_FORGET", 3)

    def work(number: int) -> int:
        rng, live = np.random.default_rng(number), []
        for turn in range(150):
            x = numbers(int(rng.integers(KILOBYTE, 3 * KILOBYTE)))
            x.fill((number * 31 + turn) % 256)
            live.append((x[::2], (number * 31 + turn) % 256))
            del x
            if len(live) > 4:
                live.pop(int(rng.integers(len(live))))
            for view, written in live:
                assert np.all(view == written), "another thread wrote here"
        return number

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        assert at_once(8, work) == list(range(8))
    finally:
        sys.setswitchinterval(before)


def test_another_thread_may_be_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the memory between our look and our grasp."""

    class Robbed(dict[int, Any]):
        def pop(self, key: int, default: Any = None) -> Any:
            super().pop(key, None)
            return default

    x = numbers(LARGE)
    where, keeper = place(x), x.base
    del x
    monkeypatch.setattr(recycle, "_free", Robbed({1: (keeper, 0), 2: (bytearray(LARGE), 0)}))
    y = numbers(LARGE)
    assert place(y) != where
    del y, keeper


def test_an_array_may_die_in_another_thread() -> None:
    held = [recycle.empty(SHAPE, np.float32)]
    where = place(held[0])
    thread = threading.Thread(target=held.clear)
    thread.start()
    thread.join()
    assert place(recycle.empty(SHAPE, np.float32)) == where


FORK = """
import os
import numpy as np
from minin.fast.cpu import recycle

kept = recycle.empty((1 << 19,), np.float32)
free = recycle.empty((1 << 20,), np.float32)
kept.fill(1)
del free  # parent and child will both take this one
child = os.fork()
mine = recycle.empty((1 << 20,), np.float32)
mine.fill(3 if child else 4)
if child == 0:
    kept.fill(2)
    os._exit(0)
status = os.waitpid(child, 0)[1]
print(status, set(kept.tolist()), set(mine.tolist()))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_has_memory_of_its_own() -> None:
    assert python(FORK).strip() == "0 {1.0} {3.0}"


# ---- where there is no such memory --------------------------------------------------------------


def test_without_mmap_there_are_arrays_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mmap", None)
    x = recycle.empty(SHAPE, np.float32)
    x.fill(1)
    where = place(x)
    del x
    assert place(recycle.empty(SHAPE, np.float32)) == where


def test_where_the_system_refuses_there_are_arrays_too(monkeypatch: pytest.MonkeyPatch) -> None:
    import mmap

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("Cannot allocate memory")

    monkeypatch.setattr(mmap, "mmap", refuse)
    x = recycle.empty(SHAPE, np.float32)
    x.fill(1)
    assert x.shape == SHAPE


def test_arrays_that_live_to_the_end_of_a_process_do_no_harm() -> None:
    script = (
        "import numpy as np\n"
        "from minin.fast.cpu import recycle\n"
        "held = [recycle.empty((1 << 21,), np.float32) for _ in range(4)]\n"
        "views = [x[::2] for x in held]\n"
        "del held[0]\n"
    )
    assert python(script) == ""
