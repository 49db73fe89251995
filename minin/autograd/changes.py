"""When numbers were changed in place: what was declared, and what shows when one looks again.

Assigning to ``t.data`` declares a change. What is written into the array itself, as by
``t.data[0] = 1``, declares nothing; but the array had to be read from the tensor first. So each
read leaves a fingerprint here, and the walk back takes it again. If it differs, the array changed
after the read, so every op that ran before the read used other numbers.
"""

from __future__ import annotations

import itertools
import weakref
from collections import deque
from typing import Any, NamedTuple

from numpy import ndarray

from minin.backend import Array

clock = itertools.count(1)  # ticks for every op that is noted, every change and every read
SMALL = 1024  # arrays of up to so many numbers are compared number by number
SAMPLED = 64  # about so many numbers are compared of a larger one
REMEMBERED = 1000  # so many reads are remembered, the latest


class Read(NamedTuple):
    """An array that was read from a tensor, and what it held then."""

    time: int
    owner: weakref.ref[Any]
    array: weakref.ref[Any]
    fingerprint: int


class Changes:
    """The changes in place of all tensors; ``last`` is the time of the latest."""

    def __init__(self) -> None:
        self.last = 0
        self._made: deque[tuple[int, weakref.ref[Any]]] = deque(maxlen=10_000)
        self._reads: dict[int, Read] = {}  # by the array's id, the latest last

    def declare(self, owner: Any, array: Array) -> None:
        """Note that a tensor's array is being changed in place now."""
        self._reads.pop(id(_whole(array)), None)
        self._add(next(clock), owner, weakref.ref(array))

    def _add(self, time: int, owner: Any, array: weakref.ref[Any]) -> None:
        self._made.append((time, array))
        self.last = max(self.last, time)
        for place in () if owner is None else (owner, owner._node):
            if place is not None:  # the tensor, and the op that computed it
                place.changed_at = max(place.changed_at, time)

    def since(self, time: int) -> list[Array]:
        """List the arrays, as far as they are alive, that were changed after ``time``."""
        arrays = [array() for when, array in self._made if when > time]
        return [array for array in arrays if array is not None]

    def note_read(self, owner: Any, array: Array) -> None:
        """Note that ``owner``, a tensor, hands out its array; only NumPy's are looked at."""
        if type(array) is not ndarray:
            return
        array = _whole(array)
        key, now = id(array), fingerprint(array)
        before = self._reads.pop(key, None)
        if before is not None and before.fingerprint != now:
            self._add(before.time, before.owner(), before.array)
        if len(self._reads) >= REMEMBERED:
            self._look_at(oldest := next(iter(self._reads)))
            self._reads.pop(oldest, None)
        reference = weakref.ref(array, lambda _: self._reads.pop(key, None))
        self._reads[key] = Read(next(clock), weakref.ref(owner), reference, now)

    def look_again(self) -> None:
        """Compare every array that was read with what it held then."""
        for key in list(self._reads):
            self._look_at(key)

    def _look_at(self, key: int) -> None:
        read = self._reads.get(key)
        array = None if read is None else read.array()
        if read is not None and array is not None and fingerprint(array) != read.fingerprint:
            self._reads.pop(key, None)
            self._add(read.time, read.owner(), read.array)


CHANGES = Changes()


def _whole(array: Array) -> Array:
    """Return the array behind a view of all its numbers: it lives longer than the view."""
    base = getattr(array, "base", None)
    return base if type(base) is ndarray and base.size == array.size else array


def fingerprint(array: Array) -> int:
    """Return a number that tells arrays apart: of all numbers, or of a regular sample."""
    if array.size > SMALL:
        each = round(SAMPLED ** (1 / array.ndim)) + 1
        array = array[tuple(slice(None, None, -(-length // each)) for length in array.shape)]
    return hash(array.tobytes())
