"""Whatever a changed program does, the caller's functions and files are as they were."""
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import ctypes
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minin import gradcheck

SEARCH = sys.modules["minin.gradcheck.repair.search"]  # a function of this name hides it
HISTORY = np.zeros(3)


class Affine:
    def forward(self, x, w, b):
        self.x, self.w = x, w
        return x @ w + b

    def backward(self, dy):
        HISTORY[:] = HISTORY + 1  # what a learner may keep
        dx = dy @ self.w.T
        dw = self.x.T @ dy
        db = dy.mean(axis=0)
        return dx, dw, db


LAYER = Affine()


def inputs(*shapes):
    return [np.random.default_rng(n).standard_normal(shape) for n, shape in enumerate(shapes)]


SHAPES = (5, 4), (4, 3), (3,)


def codes():
    return [f.__code__.co_code for f in (Affine.forward, Affine.backward)]


def check_layer():
    return gradcheck.check_backward(LAYER.forward, LAYER.backward, inputs(*SHAPES))


def interrupted(count: int) -> int:
    """Interrupt so many searches at random moments; return how many did not get to their end."""
    before, stopped = codes(), 0
    draw = random.Random(5)
    armed: list[bool] = []

    def ring(*_):
        if armed:  # a late one must not reach the test runner
            armed.clear()
            raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, ring)
    try:
        for _ in range(count):
            armed.append(True)
            try:
                try:
                    signal.setitimer(signal.ITIMER_REAL, draw.uniform(0.001, 0.4))
                    check_layer()
                finally:
                    armed.clear()
            except KeyboardInterrupt:
                stopped += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert codes() == before
            assert not [name for name in globals() if name.startswith("minin_")]
            assert np.empty is NUMPY_EMPTY
    finally:
        signal.signal(signal.SIGALRM, old)
    return stopped


NUMPY_EMPTY = np.empty


def alone(count: int, forked: bool) -> int:
    """Interrupt in a process of its own: what an interrupt leaves concerns no other test."""
    name = __name__
    program = (
        f"import os, {name} as t\n"
        f"t.SEARCH.can_fork = lambda: {forked}; n = t.interrupted({count})\n"
        "try: os.waitpid(-1, os.WNOHANG)\n"
        "except ChildProcessError: print(n)\n"
        "else: print('a child is left')\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split("\n")[-2])


@pytest.mark.thorough
@pytest.mark.parametrize("forked", [True, False])
def test_200_interrupts_leave_every_function_as_it_was(forked):
    assert alone(200, forked) > 0


@pytest.mark.parametrize("forked", [True, False])
def test_attributes_arrays_and_the_tracer_are_as_they_were(monkeypatch, forked):
    monkeypatch.setattr(SEARCH, "can_fork", lambda: forked)
    tracer = sys.gettrace()
    HISTORY[:] = 0
    report = check_layer()
    counted = HISTORY[0]
    assert report.repair[0].new == "db = dy.sum(axis=0)"
    gradcheck.check_backward(LAYER.forward, LAYER.backward, inputs(*SHAPES), repair=False)
    assert HISTORY[0] == 2 * counted  # the search's own runs have not been counted
    assert sys.gettrace() is tracer


def square(x):
    return x * x, x


def counts_up(dy, x):
    dx, i = np.zeros_like(x), 0
    while i < len(x):
        dx[i] = dy[i] * x[i]
        i += 1
    return dx


def ends_the_process(dy, x):
    dx = dy * x
    if dx.ndim == 0:
        os._exit(3)
    return dx


def reads_no_memory(dy, x):
    dx = dy * x
    if dx.ndim == 0:
        ctypes.string_at(0)
    return dx


@pytest.mark.parametrize("backward", [counts_up, ends_the_process, reads_no_memory])
def test_endless_loops_exits_and_crashes_are_survived(backward):
    report = gradcheck.check_backward(square, backward, inputs((4, 3)))
    assert not report.ok
    assert report.repair[0].file == __file__


def test_what_writes_files_is_not_searched(tmp_path):
    def writes(dy, x):
        np.save(tmp_path / f"{len(list(tmp_path.iterdir()))}.npy", dy)
        return dy * x

    report = gradcheck.check_backward(square, writes, inputs((4, 3)))
    assert report.no_repair == "repair.outside"
    count = len(list(tmp_path.iterdir()))
    gradcheck.check_backward(square, writes, inputs((4, 3)), repair=False)
    assert len(list(tmp_path.iterdir())) == 2 * count


def test_a_file_that_is_open_already_is_not_written_to_again(tmp_path):
    with (tmp_path / "log").open("w") as log:

        def logs(dy, x):
            log.write("backward\n")
            log.flush()
            return dy * x

        assert gradcheck.check_backward(square, logs, inputs((4, 3))).repair
        lines = (tmp_path / "log").read_text().count("\n")
        gradcheck.check_backward(square, logs, inputs((4, 3)), repair=False)
    assert (tmp_path / "log").read_text().count("\n") == 2 * lines


def test_nothing_is_printed(capfd):
    def talks(dy, x):
        os.write(2, b"said\n")
        return dy * x

    assert gradcheck.check_backward(square, talks, inputs((4, 3))).repair
    said = capfd.readouterr().err.count("said")
    gradcheck.check_backward(square, talks, inputs((4, 3)), repair=False)
    assert capfd.readouterr().err.count("said") == said


def test_threads_of_the_parent_do_not_stop_the_child():
    large = np.ones((900, 900))
    large @ large  # the library's threads are awake
    layer = Affine()
    shapes = (40, 30), (30, 20), (20,)
    report = gradcheck.check_backward(layer.forward, layer.backward, inputs(*shapes))
    assert report.repair[0].new == "db = dy.sum(axis=0)"
