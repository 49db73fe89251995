"""What the tests of the fast rules share: other settings, a watchdog, odd memory layouts."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from minin.fast.cpu import plan, scratch
from minin.fast.cpu import workers as workers_module
from minin.fast.cpu.workers import set_num_threads

Array: TypeAlias = npt.NDArray[Any]
T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[3]

COUNTS = (1, 2, 3, 8)  # numbers of workers that every result is compared under
LONG = 300.0  # seconds after which something hangs, on the busiest of machines


@contextmanager
def workers(count: int) -> Iterator[None]:
    """Compute the block with so many workers."""
    before = workers_module._chosen
    set_num_threads(count)
    try:
        yield
    finally:
        workers_module._chosen = before


@contextmanager
def limits(**bytes_: int) -> Iterator[None]:
    """Cut the block's work as if CACHED, SHARED or ALONE were so many bytes."""
    before = {name: getattr(plan, name) for name in bytes_}
    for name, value in bytes_.items():
        setattr(plan, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(plan, name, value)


def blas_threads() -> list[int]:
    """Ask each BLAS that NumPy brought for its threads; others, as PyTorch's, are not minin's."""
    import threadpoolctl

    return [
        int(pool["num_threads"])
        for pool in threadpoolctl.threadpool_info()
        if pool["user_api"] == "blas" and "numpy" in pool["filepath"]
    ]


def set_blas_threads(count: int) -> None:
    """Give NumPy's BLAS another number of threads, whoever set it last."""
    import threadpoolctl

    for library in threadpoolctl.ThreadpoolController().select(user_api="blas").lib_controllers:
        if "numpy" in library.filepath:
            # From version 3.8 on one thread alone may set it, until it says that it is done.
            forget_who_set = getattr(library, "clear_controlling_thread", bool)
            forget_who_set(True)
            library.set_num_threads(count)
            forget_who_set(True)


def dirty_scratch() -> None:
    """Fill this thread's buffers with NaN: whoever trusts what lies in one is found out."""
    for buffer in scratch._buffers.__dict__.values():
        buffer.fill(0xFF)


def in_time(call: Callable[[], T], seconds: float = LONG) -> T:
    """Call in a thread of its own, and fail, instead of waiting for ever, if it never ends."""
    found: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            found.append(call())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=copy_context().run, args=(work,), daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "it hangs"
    if errors:
        raise errors[0]
    return found[0]


def at_once(count: int, call: Callable[[int], T]) -> list[T]:
    """Call for 0 ... count - 1 in threads that start together; return the results in order."""
    start = threading.Barrier(count, timeout=LONG)
    results: dict[int, T] = {}

    def work(number: int) -> None:
        start.wait()
        results[number] = call(number)

    threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert len(results) == count, "a thread failed or hangs"
    return [results[number] for number in range(count)]


def python(script: str, **environment: str) -> str:
    """Run a script in a process of its own; return what it prints, or fail with its errors.

    It may import this file too.
    """
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), f"exit {done.returncode}: {done.stderr}"
    return done.stdout


def error_of(got: Array, wanted: Array) -> float:
    """Measure the error in the 2-norm, relative to what is wanted."""
    assert got.shape == wanted.shape, f"shape {got.shape}, wanted {wanted.shape}"
    norm = float(np.linalg.norm(wanted.astype(np.float64)))
    apart = float(np.linalg.norm(got.astype(np.float64) - wanted.astype(np.float64)))
    return apart / norm if norm > 0 else apart


def assert_near(got: Array, wanted: Array, tolerance: float) -> None:
    """Fail if an error is larger than the tolerance times the largest number."""
    scale = max(1.0, float(np.max(np.abs(wanted), initial=0.0)))
    np.testing.assert_allclose(got, wanted, rtol=0, atol=tolerance * scale)


# ---- memory layouts -----------------------------------------------------------------------------


def _channels_last(x: Array) -> Array:
    if x.ndim != 4:
        return np.asfortranarray(x)
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


def _strided(x: Array) -> Array:
    wide = np.full((*x.shape[:-1], 2 * x.shape[-1] + 1), np.nan, x.dtype)
    wide[..., 1::2] = x
    return wide[..., 1::2]


def _reversed(x: Array) -> Array:
    every = (slice(None, None, -1),) * x.ndim
    return np.ascontiguousarray(x[every])[every]


def _part_of_more_channels(x: Array) -> Array:
    """Lie channels last, but between the channels of something else."""
    if x.ndim != 4:
        return _strided(x)
    wide = np.full((*x.shape[:1], *x.shape[2:], x.shape[1] + 2), np.nan, x.dtype)
    wide[..., 1:-1] = x.transpose(0, 2, 3, 1)
    return wide[..., 1:-1].transpose(0, 3, 1, 2)


def _stretched(x: Array) -> Array:
    return np.broadcast_to(x[:1, ..., :1] if x.ndim > 1 else x[:1], x.shape)


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "as it is": np.array,
    "channels last": _channels_last,
    "strided": _strided,
    "reversed": _reversed,
    "fortran": np.asfortranarray,
    "part of more channels": _part_of_more_channels,
    "broadcast": _stretched,  # other numbers: the first, of stride 0
}


def laid_out(x: Array, layout: str) -> Array:
    """Lay an array out in another way."""
    return LAYOUTS[layout](x) if x.ndim else np.array(x)


def locked(x: Array, layout: str) -> Array:
    """Lay an array out in another way, read-only: who writes to it raises."""
    twin = laid_out(x, layout).view()
    twin.flags.writeable = False
    return twin
