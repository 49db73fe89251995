"""The processor that stands in for a GPU is strict about arguments, as a GPU is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minin.fast.cuda.launch import program
from tests.fast.cuda.processor import KernelError, Program, compiled, demand_compiler

X = np.ones(4, np.float32)


@pytest.fixture
def kernels() -> Program:
    demand_compiler()
    return compiled(program("float", "int"))


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("rely", (X, X, np.int32(4)), "there is no kernel 'rely'"),
        ("relu", (X, np.int32(4)), "was given 2 arguments"),
        ("relu", (X, X, 4), "count must be a NumPy number of int32, got int"),
        ("relu", (X, X, np.int64(4)), "count must be a NumPy number of int32, got int64"),
        ("relu", (X, X.astype("f8"), np.int32(4)), "y must be an array of float32, got float64"),
        ("relu", (X[::2], X.copy(), np.int32(2)), "x must lie densely"),
        ("relu", (X, np.int32(4), X), "y must be an array of float32, got int32"),
        ("relu", (X, X[1:], np.int32(3)), "y and x overlap"),
        ("relu", (X, X.copy(), np.int32(5)), "heap-buffer-overflow"),
    ],
)
def test_a_wrong_call_is_refused(
    kernels: Program, name: str, arguments: tuple[Any, ...], words: str
) -> None:
    with pytest.raises(KernelError, match=words):
        kernels.run(name, 1, 256, arguments)
    y = np.empty(4, np.float32)
    kernels.run("relu", 1, 256, (-X, y, np.int32(4)))  # and the next call works
    np.testing.assert_array_equal(y, np.zeros(4))


def test_one_array_may_be_two_arguments(kernels: Program) -> None:
    x = np.array([-1, 2, -3, 4], np.float32)
    kernels.run("relu", 1, 256, (x, x, np.int32(4)))
    np.testing.assert_array_equal(x, [0, 2, 0, 4])


def test_threads_that_wait_for_each_other_for_ever_are_ended() -> None:
    demand_compiler()
    text = "#define SECONDS 1\n" + program("float", "int")
    planted = text.replace("sums[t] = sum;", "if (t == 7) return;\n    sums[t] = sum;")
    assert planted != text
    logits, target = np.zeros((2, 3), np.float32), np.array([0, 1])
    outputs = [np.zeros(2, np.float32) for _ in range(3)]
    rest = (np.int32(2), np.int32(3), np.float32(0), np.float32(1))
    arguments = (logits, target, *outputs, np.zeros((), np.float32), np.zeros(3, np.int64), *rest)
    kernels = Program(planted)
    with pytest.raises(KernelError, match="the process ended, code -14"):
        kernels.run("cross_entropy", 1, 256, arguments)
    kernels.end()


def test_a_text_that_is_no_program_is_refused() -> None:
    demand_compiler()
    with pytest.raises(KernelError, match="g\\+\\+ refuses"):
        Program(program("float", "int").replace("best = v;", "best = w_;"))
