"""`minin.tensor`: what becomes of numbers of every kind, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minin
from minin.errors import ArgumentError, DtypeError, MininError, ShapeError
from tests.libraries import DEVICE1, put

KINDS: dict[str, tuple[Any, str, tuple[int, ...]]] = {
    "a float": (1.5, "float32", ()),
    "an int": (3, "int64", ()),
    "a bool": (True, "bool", ()),
    "floats": ([1.0, 2.0], "float32", (2,)),
    "ints": ([1, 2], "int64", (2,)),
    "bools": ([True, False], "bool", (2,)),
    "ints and floats": ([1, 2.5], "float32", (2,)),
    "bools and ints": ([True, 2], "int64", (2,)),
    "a tuple": ((1.0, 2.0), "float32", (2,)),
    "nested lists": ([[1, 2], (3, 4)], "int64", (2, 2)),
    "a range": (range(3), "int64", (3,)),
    "nothing": ([], "float32", (0,)),
    "nothing, nested": ([[], []], "float32", (2, 0)),
    "a float64 scalar": (np.float64(1.5), "float64", ()),
    "a float32 scalar": (np.float32(1.5), "float32", ()),
    "an int32 scalar": (np.int32(3), "int32", ()),
    "a uint8 scalar": (np.uint8(3), "uint8", ()),
    "a bool scalar": (np.bool_(True), "bool", ()),
    "float64 scalars": ([np.float64(1.0), np.float64(2.0)], "float64", (2,)),
    "uint8 scalars": ([np.uint8(1), np.uint8(2)], "uint8", (2,)),
    "a float64 array": (np.ones(2), "float64", (2,)),
    "a float32 array": (np.ones(2, np.float32), "float32", (2,)),
    "an int32 array": (np.ones(2, np.int32), "int32", (2,)),
    "a uint8 array": (np.ones((2, 0), np.uint8), "uint8", (2, 0)),
    "a bool array": (np.ones(2, bool), "bool", (2,)),
    "an array without axes": (np.array(1.5), "float64", ()),
    "a list of float64 arrays": ([np.ones(2), np.zeros(2)], "float64", (2, 2)),
    "a list of uint8 arrays": ([np.ones(2, np.uint8)] * 2, "uint8", (2, 2)),
    "a tensor": (minin.tensor(np.ones(2)), "float64", (2,)),
    "a list of tensors": ([minin.tensor(np.ones(2))] * 3, "float64", (3, 2)),
    "lists of lists of tensors": ([[minin.tensor(np.ones(2))] * 3], "float64", (1, 3, 2)),
    "the largest int": (2**63 - 1, "int64", ()),
    "the smallest int": (-(2**63), "int64", ()),
    "an infinite float": (float("inf"), "float32", ()),
}


@pytest.mark.parametrize("name", KINDS)
def test_numbers_become_a_tensor_of_the_documented_dtype(name: str) -> None:
    data, dtype, shape = KINDS[name]
    t = minin.tensor(data)
    assert type(t.data) is np.ndarray
    assert (str(t.dtype), t.shape) == (dtype, shape)
    assert not t.requires_grad
    wanted = np.asarray(
        [np.asarray(part) for part in data] if isinstance(data, list) else data, dtype=dtype
    )
    np.testing.assert_array_equal(t.data, wanted)


class Subclass(np.ndarray):
    """An array with a name of its own."""


@pytest.mark.parametrize(
    "data",
    [
        np.ones((2, 3)),
        np.ones((3, 2)).T,
        np.ones((4, 6))[::2, ::2],
        np.ones((2, 3)).view(Subclass),
    ],
    ids=["plain", "transposed", "strided", "a subclass"],
)
def test_an_array_is_copied_whatever_its_layout(data: Any) -> None:
    t = minin.tensor(data)
    assert not np.shares_memory(t.data, data)
    assert type(t.data) is np.ndarray
    assert t.data.flags.c_contiguous
    t.data[...] = 0.0
    assert np.all(data == 1.0)


def test_a_copy_of_a_tensor_is_a_new_leaf() -> None:
    x = minin.tensor([1.0], requires_grad=True)
    twin = minin.tensor(x * 2)
    assert not twin.requires_grad
    assert repr(twin) == "Tensor([2.], dtype=float32)"


def test_an_array_of_another_library_stays_there() -> None:
    there = put(np.ones(2), "strict")
    t = minin.tensor(there)
    assert type(t.data) is type(there)
    assert t.data.device == DEVICE1
    t.data[0] = 5.0
    assert float(there[0]) == 1.0


@pytest.mark.parametrize("dtype", ["float64", np.float64, np.dtype("float64"), float])
def test_a_dtype_can_be_named_in_every_usual_way(dtype: Any) -> None:
    assert minin.tensor([1, 2], dtype=dtype).dtype == np.float64


def test_a_dtype_can_be_named_for_another_library() -> None:
    t = minin.tensor(put(np.ones(2), "strict"), dtype="float32")
    assert "float32" in str(t.dtype)


@pytest.mark.parametrize("dtype", ["banana", 3, "float3"])
@pytest.mark.parametrize("library", ["numpy", "strict"])
def test_an_unknown_dtype_is_refused(dtype: Any, library: str) -> None:
    with pytest.raises(ArgumentError, match=r"dtype must be a name such as 'float32'"):
        minin.tensor(put(np.ones(2), library), dtype=dtype)


@pytest.mark.parametrize("dtype", ["complex64", "object", "str", "datetime64[s]"])
def test_a_dtype_that_is_no_real_number_is_refused(dtype: str) -> None:
    with pytest.raises(MininError, match=r"tensor: data must be real numbers"):
        minin.tensor([1.0], dtype=dtype)


@pytest.mark.parametrize("numbers", [[1, 2], [True], 3, np.ones(2, np.uint8)], ids=str)
def test_requires_grad_is_for_floats(numbers: Any) -> None:
    with pytest.raises(DtypeError, match=r"requires_grad.*must be float32 or float64"):
        minin.tensor(numbers, requires_grad=True)
    assert minin.tensor(numbers, requires_grad=True, dtype="float32").requires_grad


NO_NUMBERS: dict[str, Any] = {
    "None": None,
    "a string": "3.5",
    "a list of strings": ["1", "2"],
    "a nested string": [["a"]],
    "bytes": b"3",
    "a complex number": 1j,
    "complex numbers": [1.0, 2j],
    "a complex array": np.array([1j]),
    "an array of objects": np.array([None, 1]),
    "an array of strings": np.array(["a"]),
    "a complex scalar": np.complex64(1j),
    "a date": np.datetime64("2020-01-01"),
    "a list with None": [1.0, None],
    "a set": {1, 2},
    "a dict": {"a": 1},
    "a generator": (n for n in range(3)),
    "a function": len,
    "an int that no dtype holds": 2**63,
    "a huge int": 2**70,
    "a huge negative int": -(2**63) - 1,
    "a list with a huge int": [1, 2**70],
    "a list with an int that no dtype holds": [2**63],
    "a complex array of another library": put(np.array([1j]), "strict"),
}


@pytest.mark.parametrize("name", NO_NUMBERS)
def test_what_is_no_real_number_is_refused(name: str) -> None:
    with pytest.raises(DtypeError, match=r"^tensor: data must be .*, got "):
        minin.tensor(NO_NUMBERS[name])


def test_a_huge_int_is_told_what_would_fit() -> None:
    with pytest.raises(DtypeError, match=r"ints below 2\*\*63 or floats, got 9223372036854775808"):
        minin.tensor(2**63)


RAGGED: dict[str, Any] = {
    "lists of different lengths": [[1, 2], [3]],
    "a number beside a list": [1, [2, 3]],
    "an empty list beside a full one": [[], [1.0]],
    "arrays of different shapes": [np.ones(2), np.ones(3)],
    "tensors of different shapes": [minin.tensor([1.0]), minin.tensor([1.0, 2.0])],
}


@pytest.mark.parametrize("name", RAGGED)
def test_ragged_lists_are_refused(name: str) -> None:
    with pytest.raises(ShapeError, match=r"^tensor: nested lists of one level must have"):
        minin.tensor(RAGGED[name])


def test_a_dtype_that_is_asked_for_is_not_reached_by_way_of_another() -> None:
    assert minin.tensor([0.1], dtype="float64").item() == 0.1
    assert minin.tensor(16777217.0, dtype="float64").item() == 16777217.0
