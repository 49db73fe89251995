"""Large arrays from memory that was used before.

A page of fresh memory has to be found and cleared by the operating system when it is first
touched; for the activations of a training step that took a tenth of the step. The next step
needs arrays of the same sizes, so what dies in one step is kept for the next.

A block of memory comes back when the last array that sees it has died, views included: a view
keeps the array alive that was handed out, and that array's weak reference calls. Blocks that
nobody asked for in a long time are given up.
"""

from __future__ import annotations

import itertools
import math
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.backend import Array, Shape

_SMALL = 1 << 20  # bytes below which an array is simply made
_FORGET = 400  # arrays handed out or given back until a block that fits none is given up


_SMALL = 1 << 20  # bytes below which an array is simply made
_FORGET = 400  # arrays handed out or given back until a block that fits none is given up

_free: dict[int, tuple[Any, int]] = {}  # memory that nobody uses, and when it came back
_clock = itertools.count()
_given: dict[int, Any] = {}  # weak references to what was handed out, with their callbacks


def empty(shape: Shape, dtype: npt.DTypeLike) -> Array:
    """Return an uninitialised array, from memory that was used before if there is some.

    Shapes: -> (shape).
    """
    dtype = np.dtype(dtype)
    size = math.prod(shape) * dtype.itemsize
    if size < _SMALL:
        return np.empty(shape, dtype)
    memory = _found(size) or _made(size)
    flat = np.frombuffer(memory, np.uint8, size)
    _given[id(memory)] = weakref.ref(flat, _giver_back(memory))
    return flat.view(dtype).reshape(shape)


def empty_like(x: Array) -> Array:
    """Return an uninitialised array of x's shape and dtype, in C order.  Shapes: -> (...)."""
    return empty(x.shape, x.dtype)


def _giver_back(memory: Any) -> Callable[[Any], None]:
    given, free, clock = _given, _free, _clock  # still there when Python shuts down

    def give_back(_: Any) -> None:
        given.pop(id(memory), None)
        free[id(memory)] = (memory, next(clock))

    return give_back


def _found(size: int) -> Any:
    """Take the smallest free memory that is not much too large; None if there is none."""
    now, fitting = next(_clock), None
    for memory, since in list(_free.values()):
        if size <= len(memory) <= size + size // 4:
            if fitting is None or len(memory) < len(fitting):
                fitting = memory
        elif now - since > _FORGET:
            _free.pop(id(memory), None)
    # Another thread may have been faster: the one that gets the entry has the memory.
    return None if fitting is None or _free.pop(id(fitting), None) is None else fitting


def _made(size: int) -> Any:
    """Get fresh memory, in large pages where the system has them."""
    try:
        import mmap

        if hasattr(mmap, "MAP_PRIVATE"):  # a forked process gets a copy
            memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        else:
            memory = mmap.mmap(-1, size)
    except (ImportError, OSError):  # a browser has no such memory, or there is none left
        return bytearray(size)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):
            memory.madvise(mmap.MADV_HUGEPAGE)
    return memory
