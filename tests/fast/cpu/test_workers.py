"""Tasks on several threads: each once, sums in order, errors raised, and nobody waits for ever."""

from __future__ import annotations

import contextvars
import os
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest

import minin
from minin import autograd, models
from minin.errors import ArgumentError
from minin.fast.cpu import workers as workers_module
from minin.fast.cpu.workers import get_num_threads, run, set_num_threads
from tests.fast.cpu.helpers import COUNTS, LONG, Array, at_once, in_time, python, workers

with_all_counts = pytest.mark.parametrize("count", COUNTS)
with_and_without_totals = pytest.mark.parametrize("totals", [False, True])


class PlantedError(Exception):
    """Raised by a task on purpose."""


# ---- each task, once ----------------------------------------------------------------------------


@with_all_counts
@pytest.mark.parametrize("tasks", [0, 1, 2, 7, 300])
def test_every_number_is_done_exactly_once(count: int, tasks: int) -> None:
    done: list[int] = []
    with workers(count):
        in_time(lambda: run(done.append, tasks))
    assert sorted(done) == list(range(tasks))


@with_all_counts
def test_so_many_work_at_once_and_never_more(count: int) -> None:
    all_there = threading.Barrier(count, timeout=LONG)
    lock, active, most = threading.Lock(), 0, 0

    def task(number: int) -> None:
        nonlocal active, most
        with lock:
            active += 1
            most = max(most, active)
        if number < count:
            all_there.wait()  # only if as many threads are here is this passed
        else:
            time.sleep(0.001)
        with lock:
            active -= 1

    with workers(count):
        in_time(lambda: run(task, 4 * count))
    assert most == count


def test_one_worker_is_the_caller() -> None:
    seen: set[int] = set()
    with workers(1):
        run(lambda _: seen.add(threading.get_ident()), 20)
    assert seen == {threading.get_ident()}


def test_the_caller_has_all_results_when_run_returns() -> None:
    done: list[int] = []

    def slow(number: int) -> None:
        time.sleep(0.01 if number == 0 else 0)
        done.append(number)

    with workers(8):
        for tasks in range(1, 20):
            done.clear()
            in_time(lambda: run(slow, tasks))  # noqa: B023  # called in this turn
            assert len(done) == tasks


# ---- sums, in order -----------------------------------------------------------------------------

TASKS = 24


def share(number: int, dtype: str) -> Array:
    """Numbers of both signs and of sizes so different that the order of their sum decides."""
    rng = np.random.default_rng(number)
    sizes = 10.0 ** rng.uniform(-6, 6, (5, 7))
    return np.asarray(sizes * rng.choice([-1.0, 1.0], sizes.shape)).astype(dtype)


def summed(order: Any, dtype: str) -> Array:
    total = np.ones((5, 7), dtype)
    for number in order:
        total += share(number, dtype)
    return total


@with_all_counts
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_are_made_in_the_order_of_the_tasks(count: int, dtype: str) -> None:
    wanted = summed(range(TASKS), dtype)
    assert np.any(summed(reversed(range(TASKS)), dtype) != wanted), "the order does not matter"
    finished: list[int] = []

    def task(number: int) -> list[Array]:
        time.sleep((TASKS - number) % 7 * 0.0005)  # the first are the last to be done
        finished.append(number)
        return [share(number, dtype), -2 * share(number, dtype)]

    for _ in range(3):
        one, two = np.ones((5, 7), dtype), np.zeros((5, 7), dtype)
        with workers(count):
            in_time(lambda: run(task, TASKS, [one, two]))  # noqa: B023  # called in this turn
        assert one.tobytes() == wanted.tobytes()
        assert two.tobytes() == sum(-2 * share(n, dtype) for n in range(TASKS)).tobytes()  # type: ignore[union-attr]
    assert count == 1 or finished[:TASKS] != sorted(finished[:TASKS]), "no order was tried"


def test_totals_keep_what_was_in_them() -> None:
    total = np.array([10.0])
    with workers(2):
        run(lambda number: [np.array([float(number)])], 4, [total])
        run(lambda number: [np.array([float(number)])], 4, [total])
    assert total.tolist() == [22.0]


# ---- errors -------------------------------------------------------------------------------------


@with_all_counts
@with_and_without_totals
@pytest.mark.parametrize("failing", [0, 4, 19])
@pytest.mark.parametrize("error", [PlantedError("here"), KeyboardInterrupt(), SystemExit(3)])
def test_an_error_in_a_task_is_raised_again(
    count: int, totals: bool, failing: int, error: BaseException
) -> None:
    def task(number: int) -> list[Array]:
        time.sleep(0.0005)
        if number == failing:
            raise error
        return [np.ones(3)]

    with workers(count):
        with pytest.raises(type(error)) as caught:
            in_time(lambda: run(task, 20, [np.zeros(3)] if totals else ()))
        assert caught.value is error
        done: list[int] = []
        in_time(lambda: run(done.append, 20))  # and all is well again
    assert len(done) == 20


@with_all_counts
def test_after_an_error_no_task_begins(count: int) -> None:
    begun: list[int] = []

    def task(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise PlantedError
        time.sleep(0.005)

    with workers(count), pytest.raises(PlantedError):
        in_time(lambda: run(task, 1000))
    assert len(begun) < 100


def test_of_two_errors_the_first_is_raised() -> None:
    one_failed = threading.Event()

    def task(number: int) -> None:
        if number == 1:
            one_failed.set()
            raise PlantedError("first")
        one_failed.wait(LONG)
        time.sleep(0.05)  # until the other has been noted
        raise PlantedError("second")

    with workers(2), pytest.raises(PlantedError, match="first"):
        in_time(lambda: run(task, 2))


@pytest.mark.parametrize("count", [2, 3, 8])
@pytest.mark.parametrize("error", [PlantedError, KeyboardInterrupt])
def test_those_who_wait_for_the_turn_of_a_failed_task_are_let_go(
    count: int, error: type[BaseException]
) -> None:
    all_there = threading.Barrier(count, timeout=LONG)

    def task(number: int) -> list[Array]:
        if number < count:
            all_there.wait()
        if number == 0:
            time.sleep(0.02)  # until the others stand and wait
            raise error
        return [np.ones(1)]

    with workers(count), pytest.raises(error):
        in_time(lambda: run(task, 3 * count, [np.zeros(1)]))


@pytest.mark.parametrize("shares", [[np.ones(4)], [np.ones(3), np.ones(3)], []])
@with_all_counts
def test_shares_that_do_not_fit_are_an_error(count: int, shares: list[Array]) -> None:
    def task(number: int) -> list[Array]:
        return shares if number == 2 else [np.ones(3)]

    with workers(count), pytest.raises(ValueError, match=r"shape|zip"):
        in_time(lambda: run(task, 12, [np.zeros(3)]))


INTERRUPTED = """
import random, signal, threading
import numpy as np
from minin.fast.cpu.workers import run, set_num_threads

def interrupt(*_):
    raise KeyboardInterrupt

busy = {}  # by helper: whether it is in a task
def task(number):
    me = threading.get_ident()
    if me != threading.main_thread().ident:
        busy[me] = True
    np.ones(20_000).sum()
    if me in busy:
        busy[me] = False
    return [np.ones(2)]

signal.signal(signal.SIGALRM, interrupt)
set_num_threads(3)
run(task, 6)  # an import that is interrupted is another matter
interrupts = 0
while interrupts < 400:
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 1e-3))
        while True:
            run(task, 6, [np.zeros(2)] if interrupts % 2 else ())
    except KeyboardInterrupt:
        interrupts += 1
    assert not any(busy.values()), "a helper is still at work"
total = np.zeros(2)
run(task, 6, [total])
print(total.tolist())
"""


@pytest.mark.skipif(not hasattr(__import__("signal"), "setitimer"), reason="needs setitimer")
def test_ctrl_c_at_any_moment_ends_a_run_and_nobody_is_left_at_work() -> None:
    assert python(INTERRUPTED).strip() == "[6.0, 6.0]"


# ---- runs inside runs, beside runs --------------------------------------------------------------


@with_all_counts
def test_a_run_inside_a_task_works(count: int) -> None:
    found: dict[int, float] = {}

    def outer(number: int) -> list[Array]:
        total, mine = np.zeros(1), threading.get_ident()

        def inner(place: int) -> list[Array]:
            time.sleep(0.001)  # long enough for idle helpers to come
            assert threading.get_ident() == mine, "the outer run shares out the work"
            return [np.array([10.0 * number + place])]

        run(inner, 5, [total])
        found[number] = float(total[0])
        return [total]

    whole = np.zeros(1)
    with workers(count):
        in_time(lambda: run(outer, 6, [whole]))
    assert found == {number: 50.0 * number + 10 for number in range(6)}
    assert whole.tolist() == [50.0 * 15 + 60]


@pytest.mark.parametrize("count", [2, 3])
def test_a_busy_helper_is_not_waited_for(count: int) -> None:
    go_on, all_there = threading.Event(), threading.Barrier(count + 1, timeout=LONG)

    def hold(_: int) -> None:
        all_there.wait()
        go_on.wait(LONG)

    done: list[int] = []
    with workers(count):
        holder = threading.Thread(target=run, args=(hold, count), daemon=True)
        holder.start()
        all_there.wait()  # every helper of the other caller is now in its task
        try:
            in_time(lambda: run(done.append, 50))
            assert len(done) == 50
            assert holder.is_alive()
        finally:
            go_on.set()
            holder.join(LONG)


def digits_network() -> tuple[Any, Array]:
    images = np.random.default_rng(0).standard_normal((256, 1, 8, 8)).astype("float32")
    return models.build("nin-digits", rng=0).eval(), images


def predicted(network: Any, images: Array) -> bytes:
    with minin.no_grad():
        return network(images).data.tobytes()  # type: ignore[no-any-return]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_many_threads_may_call_one_network(count: int) -> None:
    network, images = digits_network()
    with workers(count):
        alone = [predicted(network, images[: 200 + n]) for n in range(8)]
        for _ in range(3):
            together = at_once(8, lambda n: predicted(network, images[: 200 + n]))
            assert together == alone


@pytest.mark.parametrize("totals", [False, True])
def test_many_threads_may_run_tasks_at_once(totals: bool) -> None:
    def one(caller: int) -> tuple[Counter[int], float]:
        done: Counter[int] = Counter()
        total = np.zeros(1)

        def task(number: int) -> list[Array]:
            done[number] += 1
            return [np.array([float(caller)])]

        for _ in range(20):
            run(task, 9, [total] if totals else ())
        return done, float(total[0])

    with workers(3):
        for caller, (done, total) in enumerate(at_once(8, one)):
            assert done == dict.fromkeys(range(9), 20)
            assert total == (180.0 * caller if totals else 0)


def test_a_finished_run_keeps_nothing() -> None:
    class Large:
        """Stands for an array that a task holds."""

    large = Large()
    watched = weakref.ref(large)

    def task(_: int, held: Large = large) -> None:
        assert held is not None

    with workers(3):
        in_time(partial(run, task, 30))
    del task, large
    end = time.monotonic() + LONG
    while watched() is not None and time.monotonic() < end:
        time.sleep(0.001)  # a helper may just be putting it down
    assert watched() is None


# ---- the context of the caller ------------------------------------------------------------------

mark: contextvars.ContextVar[str] = contextvars.ContextVar("mark", default="none")


@with_all_counts
def test_the_context_reaches_the_workers(count: int) -> None:
    all_there = threading.Barrier(count, timeout=LONG)
    seen: list[tuple[str, str, str, bool]] = []

    def task(_: int) -> None:
        all_there.wait()
        recording = autograd.state.STATE.get().recording
        seen.append((mark.get(), autograd.current_mode(), np.geterr()["over"], recording))
        np.float32(1e30) * np.float32(1e30)  # would warn, and so fail, but for errstate

    def call() -> None:
        token = mark.set("mine")
        with minin.rules("im2col"), np.errstate(over="ignore"), minin.no_grad():
            run(task, count)
        mark.reset(token)

    with workers(count):
        in_time(call)
    assert seen == [("mine", "im2col", "ignore", False)] * count
    assert autograd.current_mode() != "im2col"


def test_each_caller_has_its_own_context() -> None:
    def one(caller: int) -> set[str]:
        seen: set[str] = set()
        mark.set(f"caller {caller}")
        for _ in range(20):
            run(lambda _: seen.add(mark.get()), 6)
        return seen

    with workers(3):
        assert at_once(6, one) == [{f"caller {n}"} for n in range(6)]


# ---- forked processes ---------------------------------------------------------------------------

can_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")

HEAD = """
import os, signal, threading
import numpy as np
import minin
from minin import models
from minin.fast.cpu import workers

minin.set_num_threads(2)
network = models.build("nin-digits", rng=0).eval()
images = np.random.default_rng(0).standard_normal((256, 1, 8, 8)).astype("float32")

def predicted():
    with minin.no_grad():
        return network(images).data.tobytes()

def in_the_child():
    if workers._helpers != 0:
        return 2
    right = predicted() == wanted
    return 0 if right and workers._helpers == 1 else 1

wanted = predicted()
assert workers._helpers == 1
"""

FORKED = """
stop = threading.Event()
wrong = []

def compute():
    while not stop.is_set():
        if predicted() != wanted:
            wrong.append("other thread")

other = threading.Thread(target=compute, daemon=True)
if BUSY:
    other.start()
for turn in range(4):
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            signal.alarm(100)  # a child that hangs dies of it
            os._exit(in_the_child())
        children.append(child)
    if predicted() != wanted:
        wrong.append("parent")
    wrong += [status for child in children if (status := os.waitpid(child, 0)[1])]
stop.set()
if BUSY:
    other.join()
print(wrong)
"""


@can_fork
@pytest.mark.parametrize("busy", [pytest.param(False, marks=pytest.mark.thorough), True])
def test_a_forked_child_computes_the_same(busy: bool) -> None:
    """Also if it is made while another thread computes; parent and child do not disturb."""
    script = HEAD + FORKED.replace("BUSY", str(busy))
    assert python(script, PYTHONWARNINGS="ignore").strip() == "[]"


POOLED = """
import multiprocessing

def work(_):
    return predicted() == wanted

with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map_async(work, range(6)).get(timeout=100))
"""


@can_fork
def test_the_processes_of_a_pool_compute_the_same() -> None:
    assert python(HEAD + POOLED, PYTHONWARNINGS="ignore").strip() == str([True] * 6)


# ---- where there are no threads -----------------------------------------------------------------


@pytest.fixture
def no_helpers(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As in a process that has not computed yet."""
    monkeypatch.setattr(workers_module, "_helpers", 0)
    monkeypatch.setattr(workers_module, "_calls", SimpleQueue())
    return monkeypatch


def test_without_threads_the_caller_does_everything(no_helpers: pytest.MonkeyPatch) -> None:
    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    seen: list[int] = []
    total = np.zeros(1)

    def task(_: int) -> list[Array]:
        seen.append(threading.get_ident())
        return [np.ones(1)]

    no_helpers.setattr(threading.Thread, "start", no_thread)
    with workers(8):
        run(task, 10, [total])
    assert seen == [threading.get_ident()] * 10
    assert total.tolist() == [10.0]
    assert workers_module._calls.empty()


def test_some_threads_are_better_than_none(no_helpers: pytest.MonkeyPatch) -> None:
    """A system may refuse the third thread; then there are two helpers."""
    start: Callable[[threading.Thread], None] = threading.Thread.start
    started = 0

    def two_threads(thread: threading.Thread) -> None:
        nonlocal started
        if thread.name == "minin":
            if started == 2:
                raise RuntimeError("can't start new thread")
            started += 1
        start(thread)

    no_helpers.setattr(threading.Thread, "start", two_threads)
    done: list[int] = []
    with workers(8):
        in_time(lambda: run(done.append, 100))
        assert workers_module._helpers == 2
        all_there = threading.Barrier(3, timeout=LONG)
        in_time(lambda: run(lambda _: all_there.wait() and None, 3))
    assert sorted(done) == list(range(100))


def test_where_blas_cannot_be_limited_there_is_one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "can_limit", lambda: False)
    seen: set[int] = set()
    with workers(8):
        assert get_num_threads() == 1
        run(lambda _: seen.add(threading.get_ident()), 20)
    assert seen == {threading.get_ident()}


# ---- how many -----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, -1, 1.5, "2", True, None, [2]])
def test_a_number_of_threads_that_is_none_is_refused(count: Any) -> None:
    before = get_num_threads()
    with pytest.raises(ArgumentError, match=r"^count must be an int of at least 1; got "):
        minin.set_num_threads(count)
    assert get_num_threads() == before


@pytest.mark.parametrize("count", [1, 5, np.int64(3)])
def test_the_number_that_was_set_is_returned(count: int) -> None:
    set_num_threads(count)
    assert minin.get_num_threads() == count


@pytest.fixture
def six_cores(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(workers_module, "_chosen", None)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"])
@pytest.mark.parametrize(
    ("wish", "wanted"),
    [
        ("2", 2), ("1", 1), (" 3 ", 3), ("2,1", 2), ("4, 2", 4), ("6", 6), ("100", 6),
        ("0", 6), ("", 6), ("garbage", 6), ("-3", 6), ("1.5", 6), ("2x", 6), (",2", 6),
    ],
)  # fmt: skip
def test_the_environment_may_ask_for_fewer(
    six_cores: pytest.MonkeyPatch, name: str, wish: str, wanted: int
) -> None:
    six_cores.setenv(name, wish)
    assert get_num_threads() == wanted


def test_of_two_wishes_the_smaller_counts(six_cores: pytest.MonkeyPatch) -> None:
    six_cores.setenv("OMP_NUM_THREADS", "4")
    six_cores.setenv("OPENBLAS_NUM_THREADS", "3")
    assert get_num_threads() == 3


def test_who_sets_a_number_is_not_bound_by_the_default(six_cores: pytest.MonkeyPatch) -> None:
    six_cores.setenv("OMP_NUM_THREADS", "2")
    set_num_threads(5)
    assert get_num_threads() == 5


def test_without_affinity_all_cores_count(six_cores: pytest.MonkeyPatch) -> None:
    six_cores.delattr(os, "sched_getaffinity")
    assert get_num_threads() == 64
    six_cores.setattr(os, "cpu_count", lambda: None)
    assert get_num_threads() == 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity here")
def test_a_process_on_one_core_has_one_worker() -> None:
    script = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))});"
        "import minin; print(minin.get_num_threads())"
    )
    assert python(script, OMP_NUM_THREADS="", OPENBLAS_NUM_THREADS="").strip() == "1"


def test_a_process_minds_its_environment() -> None:
    script = "import minin; print(minin.get_num_threads())"
    assert python(script, OPENBLAS_NUM_THREADS="1").strip() == "1"
