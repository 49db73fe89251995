"""One worker a core: tasks that are cut by shapes, and done by the first that is free.

`run(task, count)` calls task(0) ... task(count - 1). The caller works too; helper threads join
it if they are free. How the work is cut into tasks depends on shapes alone and each task writes
where no other does, so the numbers are the same whatever the number of workers. What has to
be added up over tasks is added in the order of the tasks.

A helper that is busy for another thread is not waited for, and nothing is ever queued behind
another thread's work: a server may call the same model from many threads at once. A forked
process starts without helpers and makes its own. Where threads cannot be started, or BLAS
cannot be kept to one thread inside each, the caller does everything.
"""

from __future__ import annotations

import contextvars
import itertools
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from minin.fast.cpu.blas import can_limit, limit_this_thread, one_blas_thread
from minin.machine import cores
from minin.shapes import integer

Task = Callable[[int], Any]
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")

_chosen: int | None = None
_lock = threading.Lock()
_calls: SimpleQueue[_TaskQueue] = SimpleQueue()
_helpers = 0
_inside = threading.local()


def set_num_threads(count: int) -> None:
    """Set how many workers compute at once, for the whole process.

    By default there is one for each core that this process may use, fewer if
    OMP_NUM_THREADS or OPENBLAS_NUM_THREADS says so. The results do not depend on it.

    Raises:
        ArgumentError: if count is not an int of at least 1.

    Example:
        >>> minin.set_num_threads(1)
    """
    global _chosen
    _chosen = integer("count", count)


def get_num_threads() -> int:
    """Return how many workers compute at once."""
    if not can_limit():
        return 1
    return _chosen if _chosen is not None else _default()


def _default() -> int:
    """Count the cores of the affinity mask, or what the environment allows if that is less."""
    wishes = [os.environ.get(name, "").split(",")[0].strip() for name in _THREAD_VARIABLES]
    return max(1, min([cores(), *(int(wish) for wish in wishes if wish.isdecimal() and int(wish))]))


def run(task: Task, count: int, totals: Sequence[Any] = ()) -> None:
    """Call task(0) ... task(count - 1), on all workers; the first error is raised again.

    Args:
        task: what to do for one number; returns its shares of the totals.
        count: how many tasks there are.
        totals: arrays to which the tasks' shares are added, in the order of the tasks.
    """
    if totals:
        task = _InTurn(task, count, totals)
    if count == 1:
        task(0)  # a product's caller holds the BLAS limit; others need none, and it takes its time
        return
    workers = min(get_num_threads(), count)
    with one_blas_thread():
        if workers > 1 and not getattr(_inside, "run", False):
            _TaskQueue(task, count).by(workers)
        else:
            for number in range(count):
                task(number)


class _TaskQueue:
    """One call of `run`: the tasks that are left, and who is still at work.

    Ctrl-C may come between any two steps of the main thread, also when it has just taken a
    lock. So nothing here holds a lock while it does something: lists tell who came and went, and
    a lock is only a bell.
    """

    def __init__(self, task: Task, count: int) -> None:
        self.task = task
        self.count = count
        self.context = contextvars.copy_context()  # the rules and error settings of the caller
        self.numbers = itertools.count()  # next() on it is one step, in any thread
        self.came: list[None] = []
        self.went: list[None] = []
        self.bell = _closed()
        self.error: BaseException | None = None

    def by(self, workers: int) -> None:
        """Do all tasks; after an error, or Ctrl-C, end when those under way have ended."""
        try:
            for _ in range(_hire(workers - 1)):
                _calls.put(self)
            self._take()
        except BaseException as error:
            self.error = self.error or error
        while True:  # Ctrl-C may come again, and here too
            try:
                if self.error is not None and isinstance(self.task, _InTurn):
                    self.task.give_up()  # also of a turn that was taken and never began
                while len(self.went) < len(self.came):
                    self.bell.acquire(timeout=0.05)
                break
            except BaseException as error:
                self.error = self.error or error
        self.task = _nothing  # a helper that comes late holds no arrays
        if self.error is not None:
            raise self.error

    def help(self) -> None:
        """Take tasks in a helper thread, where Ctrl-C never comes."""
        self.came.append(None)
        try:
            self._take()
        except BaseException as error:
            self.error = self.error or error
            if isinstance(self.task, _InTurn):
                self.task.give_up()
        finally:
            self.went.append(None)
            _open(self.bell)

    def _take(self) -> None:
        """Take tasks until none is left."""
        _inside.run = True
        try:
            while self.error is None and (number := next(self.numbers)) < self.count:
                self.task(number)
        finally:
            _inside.run = False


class _InTurn:
    """A task whose shares are added to totals after those of all tasks before it.

    A sum of floats depends on its order; this one is the same with any number of workers. Each
    task waits at a gate, which the one before it opens.
    """

    def __init__(self, task: Task, count: int, totals: Sequence[Any]) -> None:
        self.task = task
        self.totals = totals
        self.gates = [_closed() for _ in range(count + 1)]
        self.failed = False
        _open(self.gates[0])

    def __call__(self, number: int) -> None:
        shares = self.task(number)
        self.gates[number].acquire()
        if not self.failed:
            for total, share in zip(self.totals, shares, strict=True):
                total += share
            _open(self.gates[number + 1])

    def give_up(self) -> None:
        """Let nobody wait for a task that will not end."""
        self.failed = True
        for gate in self.gates:
            _open(gate)


def _nothing(_: int) -> None:
    """Do nothing."""


def _closed() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


def _open(lock: threading.Lock) -> None:
    with suppress(RuntimeError):  # it is open
        lock.release()


def _hire(wanted: int) -> int:
    """Start helper threads until there are ``wanted``; return how many there are."""
    global _helpers
    with _lock:
        while _helpers < wanted:
            thread = threading.Thread(target=_serve, args=(_calls,), name="minin", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # no threads here, as in a browser, or no more of them
                break
            _helpers += 1
        return min(_helpers, wanted)


def _serve(calls: SimpleQueue[_TaskQueue]) -> None:
    limit_this_thread()
    while True:
        call = calls.get()
        call.context.copy().run(call.help)
        del call  # its task holds arrays


def _after_fork() -> None:
    """Forget the helpers: threads do not live on in a forked process."""
    global _lock, _calls, _helpers
    _lock, _calls, _helpers = threading.Lock(), SimpleQueue(), 0
    _inside.run = False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
