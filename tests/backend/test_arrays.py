"""What the libraries spell differently, in one spelling: on NumPy and on a strict device."""

from __future__ import annotations

from typing import Any

import array_api_strict
import numpy as np
import pytest

from minin import backend
from minin.errors import DtypeError
from tests.libraries import DEVICE1, NAMES, get, libraries, put

every_library = pytest.mark.parametrize("library", libraries())
NO_ARRAYS = [1, 1.0, "a", None, [1.0], (1.0,), {}, object(), np, range(3)]


@every_library
def test_the_library_is_decided_by_the_data(library: str) -> None:
    x = put(np.ones(3), library)
    assert backend.library(x) == backend.namespace(x).__name__ == NAMES[library]
    assert backend.is_array(x)
    assert backend.namespace(x) is backend.namespace(put(np.zeros((2, 2)), library))


def test_a_scalar_of_numpy_counts_as_an_array_of_numpy() -> None:
    assert backend.namespace(np.float32(1.0)) is np
    assert backend.is_array(np.float32(1.0))
    assert backend.device(np.float32(1.0)) == "cpu"


def test_a_subclass_of_numpys_array_belongs_to_numpy() -> None:
    class Subclass(np.ndarray):
        """An array with a name of its own."""

    assert backend.namespace(np.ones(2).view(Subclass)) is np


@pytest.mark.parametrize("x", NO_ARRAYS, ids=lambda x: type(x).__name__)
def test_what_is_no_array_is_named(x: Any) -> None:
    assert not backend.is_array(x)
    with pytest.raises(DtypeError, match=rf"wanted a NumPy.*got {type(x).__name__}"):
        backend.namespace(x)


def test_devices_have_names() -> None:
    assert backend.device(np.ones(1)) == "cpu"
    assert "device1" in backend.device(put(np.ones(1), "strict"))
    here = array_api_strict.asarray([1.0])
    assert backend.device(here) != backend.device(put(np.ones(1), "strict"))


@every_library
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_new_arrays_lie_beside_the_old_one_in_its_dtype(library: str, dtype: str) -> None:
    like = put(np.ones(2, dtype), library)
    made = {
        "zeros": (backend.zeros((2, 3), like=like), np.zeros((2, 3), dtype)),
        "ones": (backend.ones((2, 3), like=like), np.ones((2, 3), dtype)),
        "full": (backend.full((2,), 7, like=like), np.full(2, 7, dtype)),
        "arange": (backend.arange(4, like=like), np.arange(4, dtype=dtype)),
        "none": (backend.zeros((), like=like), np.zeros((), dtype)),
    }
    for got, wanted in made.values():
        assert type(got) is type(like)
        assert backend.device(got) == backend.device(like)
        np.testing.assert_array_equal(get(got), wanted, strict=True)


@every_library
def test_a_dtype_can_be_asked_for(library: str) -> None:
    like = put(np.ones(2), library)
    xp = backend.namespace(like)
    for got in (
        backend.zeros((2,), like=like, dtype=xp.int32),
        backend.ones((2,), like=like, dtype=xp.int32),
        backend.full((2,), 7, like=like, dtype=xp.int32),
        backend.arange(2, like=like, dtype=xp.int32),
        backend.asarray([1, 2], like=like, dtype=xp.int32),
    ):
        assert get(got).dtype == np.int32


@every_library
@pytest.mark.parametrize("data", [[1, 2], 3.5, np.ones((2, 2)), [[True]]], ids=str)
def test_asarray_brings_numbers_beside_an_array(library: str, data: Any) -> None:
    like = put(np.ones(2, np.float32), library)
    got = backend.asarray(data, like=like)
    assert backend.device(got) == backend.device(like)
    np.testing.assert_array_equal(get(got), np.asarray(data))


@every_library
def test_a_copy_shares_no_memory(library: str) -> None:
    x = put(np.ones((2, 3)), library)
    twin = backend.copy(x)
    assert type(twin) is type(x)
    twin[0, 0] = 5.0
    assert float(x[0, 0]) == 1.0


@pytest.mark.parametrize(
    "x", [np.ones((3, 2)).T, np.ones((4, 4))[::2, ::-1], np.broadcast_to(1.0, (2, 2)), np.ones(())]
)
def test_a_copy_is_writable_and_in_order(x: Any) -> None:
    twin = backend.copy(x)
    assert twin.flags.c_contiguous
    assert twin.flags.writeable
    np.testing.assert_array_equal(twin, x, strict=True)


@every_library
def test_to_numpy_is_always_fresh(library: str) -> None:
    x = put(np.arange(3.0), library)
    twin = backend.to_numpy(x)
    assert type(twin) is np.ndarray
    twin[0] = 9.0
    assert float(x[0]) == 0.0


def test_to_numpy_of_a_scalar_is_an_array() -> None:
    assert type(backend.to_numpy(np.float64(1.0))) is np.ndarray


@every_library
@pytest.mark.parametrize(
    "key",
    [
        (np.array([0, 0, 2]), np.array([1, 1, 0])),
        (np.array([[0, 1], [1, 1]]), np.array([[0, 0], [0, 0]])),
        (np.array([], dtype=np.int64), np.array([], dtype=np.int64)),
    ],
    ids=["places", "a square of places", "none"],
)
def test_add_at_adds_twice_where_an_index_occurs_twice(library: str, key: Any) -> None:
    target = put(np.zeros((3, 2)), library)
    shape = np.zeros((3, 2))[key].shape
    values = 1.0 + np.arange(np.prod(shape)).reshape(shape)
    wanted = np.zeros((3, 2))
    np.add.at(wanted, key, values)
    backend.add_at(target, tuple(put(k, library) for k in key), put(values, library))
    np.testing.assert_array_equal(get(target), wanted)


def test_add_at_takes_whole_rows_where_the_library_reads_them() -> None:
    target = np.zeros((3, 2))
    backend.add_at(target, (np.array([0, 0, 2]),), np.ones((3, 2)))
    assert target.tolist() == [[2, 2], [0, 0], [1, 1]]


def test_shared_memory_is_seen() -> None:
    x = np.ones((4, 4))
    assert backend.may_share_memory(x, x)
    assert backend.may_share_memory(x, x[1:, ::2].T)
    assert not backend.may_share_memory(x, x.copy())
    there = put(x, "strict")
    assert backend.may_share_memory(there, there)
    assert not backend.may_share_memory(x, there)


def test_a_strict_array_is_where_it_should_be() -> None:
    assert put(np.ones(2), "strict").device == DEVICE1
