"""The array libraries that the laws run on, and the way there and back.

"strict" is array_api_strict on its fake "device1": it accepts the array-API standard and
nothing else, and refuses to meet NumPy. What runs there holds no hidden NumPy call and no
implicit transfer; it is how a machine without a GPU shows that it is ready for one.
"""

from __future__ import annotations

import os
from typing import Any

import array_api_strict
import numpy as np
import pytest

from minin import backend
from tests.fast.cuda.fake import cupy
from tests.fast.cuda.processor import compiler

DEVICE1 = array_api_strict.Device("device1")
NAMES = {"numpy": "numpy", "strict": "array_api_strict", "stand-in": "cupy", "cupy": "cupy"}


def libraries() -> list[Any]:
    """The libraries as pytest parameters; CuPy's rows are skipped where there is no GPU.

    Those of its stand-in, whose kernels run on the processor, need a C++ compiler.
    """
    demanded = os.environ.get("MININ_REQUIRE_CXX") == "1"
    no_compiler = pytest.mark.skipif(
        compiler() is None and not demanded, reason="no C++ compiler to run kernels with"
    )
    stand_in = pytest.param("stand-in", marks=no_compiler)
    return ["numpy", "strict", stand_in, pytest.param("cupy", marks=pytest.mark.gpu)]


def put(x: Any, library: str) -> Any:
    """Bring a NumPy array, or a list of them, to a library; leave all else as it is."""
    if isinstance(x, list):
        return [put(y, library) for y in x]
    if not isinstance(x, np.ndarray) or library == "numpy":
        return x
    if library == "strict":
        return array_api_strict.asarray(x, device=DEVICE1)
    if library == "stand-in":
        return cupy.asarray(x)
    return backend.to_device(x, "cuda")


def get(x: Any) -> Any:
    """Bring an array back to NumPy."""
    return backend.to_numpy(x)
