"""The array libraries that the laws run on, and the way there and back.

"strict" is array_api_strict on its fake "device1": it accepts the array-API standard and
nothing else, and refuses to meet NumPy. What runs there holds no hidden NumPy call and no
implicit transfer; it is how a machine without a GPU shows that it is ready for one.
"""

from __future__ import annotations

from typing import Any

import array_api_strict
import numpy as np
import pytest

from minin import backend

DEVICE1 = array_api_strict.Device("device1")
NAMES = {"numpy": "numpy", "strict": "array_api_strict", "cupy": "cupy"}


def libraries() -> list[Any]:
    """The libraries as pytest parameters; CuPy's rows are skipped where there is no GPU."""
    return ["numpy", "strict", pytest.param("cupy", marks=pytest.mark.gpu)]


def put(x: Any, library: str) -> Any:
    """Bring a NumPy array, or a list of them, to a library; leave all else as it is."""
    if isinstance(x, list):
        return [put(y, library) for y in x]
    if not isinstance(x, np.ndarray) or library == "numpy":
        return x
    if library == "strict":
        return array_api_strict.asarray(x, device=DEVICE1)
    return backend.to_device(x, "cuda")


def get(x: Any) -> Any:
    """Bring an array back to NumPy."""
    return backend.to_numpy(x)
