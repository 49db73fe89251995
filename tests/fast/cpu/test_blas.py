"""BLAS has one thread while any block runs, and its own number afterwards."""

from __future__ import annotations

import sys

import pytest

from minin.fast.cpu import blas
from minin.fast.cpu.blas import one_blas_thread

threadpoolctl = pytest.importorskip("threadpoolctl")


def blas_threads() -> list[int]:
    return [
        int(pool["num_threads"])
        for pool in threadpoolctl.threadpool_info()
        if pool["user_api"] == "blas" and "numpy" in pool["filepath"]  # others are not minin's
    ]


def test_the_limit_holds_until_the_last_block_ends() -> None:
    before = blas_threads()
    first, second = one_blas_thread(), one_blas_thread()
    with first:
        assert set(blas_threads()) <= {1}
        second.__enter__()
    assert set(blas_threads()) <= {1}
    second.__exit__(None, None, None)
    assert blas_threads() == before


def test_an_error_lifts_the_limit_too() -> None:
    before = blas_threads()
    with pytest.raises(ZeroDivisionError), one_blas_thread():
        raise ZeroDivisionError
    assert blas_threads() == before


def test_without_threadpoolctl_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    blas._controller.cache_clear()
    before = blas_threads()
    with one_blas_thread():
        assert blas_threads() == before
    assert not blas.can_limit()
    monkeypatch.undo()
    blas._controller.cache_clear()
    assert blas.can_limit()
