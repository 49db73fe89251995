"""Where the kernels come from, and how one is started.

All `.cu` files of this folder are one program. It is compiled at first use by the array
library's `RawModule`, once for each number type (float32, float64) and each type of index: ints
of 32 bits where they suffice, which divide several times as fast, and of 64 where an array has
2^30 numbers or more. CuPy keeps what was compiled, for each device and on disk.

The library is that of the array that a kernel works on: a stand-in for CuPy, which compiles the
same text for the processor, serves as well. That is how the tests run all this without a GPU.

Cost: one look-up in a dict and about 10 microseconds a launch, whatever the size.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from minin.backend import Array, namespace

PARTS = ("common", "rows", "columns", "pool", "average", "dropout", "loss", "steps")
THREADS = 256  # in a block
REALS = {"float32": "float", "float64": "double"}
INDICES = {"int": np.int32, "long long": np.int64}
SHORT = 1 << 30  # numbers of an array from which on indices have 64 bits
OPTIONS = ("-std=c++17",)

_kernels: dict[tuple[Any, str, str, str], Any] = {}
_modules: dict[tuple[Any, str, str], Any] = {}


@cache
def program(real: str, index: str, parts: tuple[str, ...] = PARTS) -> str:
    """Return the text of the kernels for one type of numbers and one of indices.

    Args:
        real: "float" or "double".
        index: "int" or "long long".
        parts: the files to take, "common" first.

    Example:
        >>> program("float", "int").splitlines()[0]
        'typedef float REAL;'
    """
    head = f"typedef {real} REAL;\ntypedef {index} INDEX;\n#define THREADS {THREADS}\n"
    texts = [(files(__package__) / f"{part}.cu").read_text("utf-8") for part in parts]
    return head + "\n".join(texts)


def launch(name: str, threads: int, *arguments: Any, like: Array, blocks: int = 0) -> None:
    """Start a kernel with at least so many threads; it is queued, not waited for.

    Args:
        name: of the kernel.
        threads: how many numbers there are to compute, at least 1.
        arguments: the kernel's, in its order. Arrays must lie densely; ints become the
            program's INDEX, floats its REAL; NumPy's own numbers stay as they are.
        like: an array of the number type and the library.
        blocks: how many blocks of `THREADS` to start; 0 for as many as the threads need.
    """
    xp, real = namespace(like), str(like.dtype)
    sizes = [argument.size for argument in arguments if hasattr(argument, "size")]
    index = "int" if max(threads, *sizes) < SHORT else "long long"
    kernel = _kernels.get((xp, real, index, name)) or _find(xp, real, index, name)
    as_index, as_real = INDICES[index], np.dtype(real).type
    values = []
    for argument in arguments:
        if type(argument) is int or type(argument) is bool:
            argument = as_index(argument)
        elif type(argument) is float:
            argument = as_real(argument)
        values.append(argument)
    kernel((blocks or -(-threads // THREADS),), (THREADS,), tuple(values))


def _find(xp: Any, real: str, index: str, name: str) -> Any:
    """Look a kernel up in its module, which the library compiles at this first use."""
    module = _modules.get((xp, real, index))
    if module is None:
        module = xp.RawModule(code=program(REALS[real], index), options=OPTIONS)
        module = _modules.setdefault((xp, real, index), module)
    return _kernels.setdefault((xp, real, index, name), module.get_function(name))
