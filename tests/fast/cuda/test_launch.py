"""How kernels are found, compiled once and started; nothing here needs a compiler."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from minin.fast.cuda.launch import SHORT, THREADS, launch, program
from tests.fast.cuda.processor import demand_compiler
from tests.portability import cupy_names

FIRST_WORDS = ("What all kernels share", "Bias and ReLU on tables", "im2col and its adjoint")


class Kernel:
    """A kernel that notes how it is started."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __call__(self, *call: Any) -> None:
        self.calls.append(call)


class Library:
    """An array library that notes what is compiled."""

    __name__ = "cupy"

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.kernel = Kernel()

    def RawModule(self, *, code: str, options: tuple[str, ...]) -> Library:  # noqa: N802
        assert options == ("-std=c++17",)
        self.texts.append(code)
        return self

    def get_function(self, name: str) -> Kernel:
        assert name == "relu"
        return self.kernel


def stub(library: Library, size: int, dtype: str) -> Any:
    """An array of no memory, whatever its size."""

    class Stub:
        def __array_namespace__(self) -> Library:
            return library

    array: Any = Stub()
    array.size, array.dtype = size, dtype
    return array


@pytest.mark.parametrize(
    ("size", "dtype", "head", "index"),
    [
        (5, "float32", "typedef float REAL;\ntypedef int INDEX;", np.int32),
        (5, "float64", "typedef double REAL;\ntypedef int INDEX;", np.int32),
        (SHORT - 1, "float32", "typedef float REAL;\ntypedef int INDEX;", np.int32),
        (SHORT, "float32", "typedef float REAL;\ntypedef long long INDEX;", np.int64),
        (SHORT, "float64", "typedef double REAL;\ntypedef long long INDEX;", np.int64),
    ],
)
def test_types_follow_the_numbers_and_the_size(
    size: int, dtype: str, head: str, index: type
) -> None:
    library = Library()
    x = stub(library, size, dtype)
    launch("relu", 5, x, 5, True, 0.5, np.uint32(7), like=x)
    launch("relu", THREADS + 1, x, 5, like=x)
    launch("relu", 5, x, like=x, blocks=1)
    (text,) = library.texts  # compiled once
    assert text.startswith(head)
    (grid, block, values), (second, _, _), (third, _, _) = library.kernel.calls
    assert (grid, block, second, third) == ((1,), (THREADS,), (2,), (1,))
    assert values[0] is x
    kinds = [type(value) for value in values[1:]]
    assert kinds == [index, index, np.dtype(dtype).type, np.uint32]
    assert values[1:] == (5, 1, 0.5, 7)


def test_an_argument_may_be_larger_than_the_threads() -> None:
    """The columns of a small image are many: their size decides."""
    library = Library()
    small, large = stub(library, 5, "float32"), stub(library, SHORT, "float32")
    launch("relu", 5, small, 5, like=small)
    launch("relu", 5, small, large, 5, like=small)
    assert [text.splitlines()[1] for text in library.texts] == [
        "typedef int INDEX;",
        "typedef long long INDEX;",
    ]


def test_the_text_is_that_of_the_files() -> None:
    text = program("float", "int")
    assert text.count("__global__ void") == 17
    assert all(text.count(f"// {first}") == 1 for first in FIRST_WORDS)
    assert "atomic" not in text.replace("no atomics", "")


def test_cupy_is_not_loaded() -> None:
    code = "import sys, minin.fast.cuda; assert 'cupy' not in sys.modules, 'loaded'"
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- what is skipped, and what may not be ------------------------------------------------------


@pytest.mark.parametrize("required", ["0", "1"])
def test_without_a_compiler_tests_are_skipped_or_fail(
    required: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setenv("MININ_REQUIRE_CXX", required)
    outcome = pytest.fail.Exception if required == "1" else pytest.skip.Exception
    with pytest.raises(outcome, match="no C\\+\\+ compiler"):
        demand_compiler()


@pytest.mark.parametrize("required", ["0", "1"])
def test_without_cupy_tests_are_skipped_or_fail(
    required: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.setenv("MININ_REQUIRE_CUPY", required)
    outcome = pytest.fail.Exception if required == "1" else pytest.skip.Exception
    with pytest.raises(outcome, match="CuPy is not installed"):
        cupy_names.demand_cupy()
