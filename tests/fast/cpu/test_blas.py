"""BLAS has one thread while any block runs, and its own number afterwards."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from minin.fast.cpu import blas
from minin.fast.cpu.blas import one_blas_thread
from tests.fast.cpu.helpers import LONG, at_once, blas_threads, in_time, python, set_blas_threads

threadpoolctl = pytest.importorskip("threadpoolctl")


@pytest.fixture(autouse=True)
def three_threads(_as_before: None) -> Iterator[None]:
    """Let BLAS have three threads, also on a machine with one core."""
    before = blas_threads()
    set_blas_threads(3)
    assert set(blas_threads()) <= {3}
    yield
    try:
        assert set(blas_threads()) <= {3}, "the number was not put back"
    finally:
        for count in before:
            set_blas_threads(count)


def test_the_limit_holds_until_the_last_block_ends() -> None:
    first, second = one_blas_thread(), one_blas_thread()
    with first:
        assert set(blas_threads()) <= {1}
        second.__enter__()
    assert set(blas_threads()) <= {1}
    second.__exit__(None, None, None)
    assert set(blas_threads()) <= {3}


def test_an_error_lifts_the_limit_too() -> None:
    with pytest.raises(ZeroDivisionError), one_blas_thread():
        raise ZeroDivisionError
    assert set(blas_threads()) <= {3}


def test_an_error_in_an_inner_block_lifts_only_its_own() -> None:
    with one_blas_thread():
        with pytest.raises(ZeroDivisionError), one_blas_thread():
            raise ZeroDivisionError
        assert set(blas_threads()) <= {1}


def test_every_thread_can_set_and_lift_the_limit() -> None:
    """Not only the first that ever did; a server may never compute in its main thread."""

    def block() -> set[int]:
        with one_blas_thread():
            return set(blas_threads())

    for call in (block, lambda: in_time(block), lambda: in_time(block), block):
        assert call() <= {1}
        assert set(blas_threads()) <= {3}


def test_a_product_has_the_same_bits_in_every_thread() -> None:
    rng = np.random.default_rng(0)
    left, right = (rng.standard_normal(s).astype("float32") for s in ((1600, 33), (33, 24)))

    def product(_: int = 0) -> bytes:
        with one_blas_thread():
            return bytes(np.matmul(left, right).tobytes())

    here = product()
    assert in_time(product) == here
    assert at_once(4, product) == [here] * 4


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
def test_of_blocks_in_several_threads_the_last_lifts_the_limit(order: tuple[int, ...]) -> None:
    entered = [threading.Event() for _ in order]
    leave, left = ([threading.Event() for _ in order] for _ in range(2))
    over = threading.Event()

    def hold(number: int) -> None:
        with one_blas_thread():
            entered[number].set()
            leave[number].wait(LONG)
        left[number].set()
        over.wait(LONG)  # who was first lives on

    threads = [threading.Thread(target=hold, args=(n,), daemon=True) for n in range(3)]
    for number, thread in enumerate(threads):
        thread.start()
        assert entered[number].wait(LONG)
        assert set(blas_threads()) <= {1}
    for number in order:
        assert set(blas_threads()) <= {1}
        leave[number].set()
        assert left[number].wait(LONG)
    assert set(blas_threads()) <= {3}
    over.set()
    for thread in threads:
        thread.join(LONG)


def test_many_blocks_in_many_threads() -> None:
    seen: set[int] = set()

    def enter_often(number: int) -> None:
        for turn in range(60):
            with one_blas_thread():
                if (turn + number) % 10 == 0:
                    seen.update(blas_threads())

    at_once(8, enter_often)
    assert seen <= {1}
    assert set(blas_threads()) <= {3}
    assert not blas._blocks


def test_a_block_may_end_in_another_thread() -> None:
    """As a generator's does that is closed elsewhere."""
    block = one_blas_thread()
    in_time(block.__enter__)
    assert set(blas_threads()) <= {1}
    block.__exit__(None, None, None)
    assert set(blas_threads()) <= {3}


def test_without_threadpoolctl_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    before = blas_threads()
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    blas._libraries.cache_clear()
    try:
        with one_blas_thread():
            assert not blas._before
        assert not blas.can_limit()
    finally:
        monkeypatch.undo()
        blas._libraries.cache_clear()
    assert blas.can_limit()
    assert blas_threads() == before


def test_without_a_blas_that_is_known_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "_libraries", tuple)
    assert not blas.can_limit()
    with one_blas_thread():
        assert set(blas_threads()) <= {3}


FORK = """
import os, signal, threading
import numpy
from minin.fast.cpu import blas
from minin.fast.cpu.blas import one_blas_thread
from tests.fast.cpu.helpers import blas_threads, set_blas_threads

def counted():
    return sorted(set(blas_threads()))

def in_a_child(look):
    child = os.fork()
    if child == 0:
        signal.alarm(200)  # a child that hangs dies of it
        try:
            os._exit(0 if look() else 1)
        finally:
            os._exit(2)
    return os.waitpid(child, 0)[1]

def takes_turns():  # in the child: its blocks work, and leave no limit
    with one_blas_thread():
        if counted() != [1]:
            return False
    return counted() == [3] and not blas._blocks

set_blas_threads(3)
numpy.ones((300, 300)) @ numpy.ones((300, 300))
"""

MINE = """
with one_blas_thread():
    block = one_blas_thread()
    block.__enter__()
    def look():
        if counted() != [1]:
            return False
        block.__exit__(None, None, None)
        return counted() == [1]
    found = [in_a_child(look), in_a_child(look)]
    block.__exit__(None, None, None)
    found.append(counted())
def outside():
    return counted() == [3] and takes_turns()
print(found, counted(), in_a_child(outside))
"""

# The child of a fork in a block goes on in that block, and leaves it.
LEAVES = """
with one_blas_thread():
    child = os.fork()
    if child == 0:
        signal.alarm(200)
if child == 0:
    os._exit(0 if takes_turns() else 1)
print(os.waitpid(child, 0)[1], counted())
"""

ANOTHERS = """
entered, leave = threading.Event(), threading.Event()
def hold():
    with one_blas_thread():
        entered.set()
        leave.wait(200)
holder = threading.Thread(target=hold)
holder.start()
entered.wait(200)
alone = in_a_child(lambda: counted() == [3] and takes_turns())
with one_blas_thread():
    def look():
        return counted() == [1]
    both = in_a_child(look)
during = counted()
leave.set()
holder.join()
print(alone, both, during, counted())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize(
    ("script", "wanted"),
    [(MINE, "[0, 0, [1]] [3] 0"), (LEAVES, "0 [3]"), (ANOTHERS, "0 0 [1] [3]")],
    ids=["in my own blocks", "leaving them in the child", "in another thread's block"],
)
def test_a_fork_in_a_block_has_its_own_count(script: str, wanted: str) -> None:
    assert python(FORK + script, PYTHONWARNINGS="ignore").strip() == wanted
