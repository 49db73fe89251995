"""Buffers that are used again: a fresh page of memory costs as much as the arithmetic on it.

Every thread has buffers of its own, one for each name. A buffer holds what it held before, and
it is good until the same thread takes the same name again: nothing that a rule returns or
keeps may lie in one.
"""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.backend import Array, Shape

_KEPT = 96 << 20  # bytes of one buffer that is kept; a larger one is made again each time
_buffers = threading.local()


def take(name: str, shape: Shape, dtype: npt.DTypeLike) -> Array:
    """Return the thread's buffer of that name, uninitialised.  Shapes: -> (shape)."""
    held: dict[str, Any] = _buffers.__dict__
    size = math.prod(shape) * np.dtype(dtype).itemsize
    buffer = held.get(name)
    if buffer is None or buffer.size < size:
        held.pop(name, None)  # free the old one before the new one is made
        buffer = np.empty(size, np.uint8)
        if size <= _KEPT:
            held[name] = buffer
    return buffer[:size].view(dtype).reshape(shape)
