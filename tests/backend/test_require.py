"""The checks that ops share: what each lets pass, and what its message says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minin.backend import require
from minin.errors import ArgumentError, DeviceError, DtypeError, ShapeError
from tests.libraries import libraries, put

every_library = pytest.mark.parametrize("library", libraries())
NO_ARRAYS = [1.0, None, [1.0], "a"]


@every_library
@pytest.mark.parametrize(
    ("dtype", "kind"),
    [
        ("float32", "float"),
        ("float64", "float"),
        ("int64", "integral"),
        ("uint8", "integral"),
        ("bool", "bool"),
    ],
)
def test_every_dtype_is_of_one_kind(library: str, dtype: str, kind: str) -> None:
    x = put(np.ones(1, dtype), library)
    for _ in range(2):  # the second answer is remembered
        assert [k for k in ("float", "integral", "bool") if require.is_kind(x, k)] == [kind]


@pytest.mark.parametrize("dtype", ["float16", "longdouble", "complex64", "object", "str"])
def test_other_dtypes_are_of_none(dtype: str) -> None:
    if np.dtype(dtype) == np.float64:
        pytest.skip("longdouble is float64 here")
    x = np.zeros(1, dtype)
    assert not any(require.is_kind(x, kind) for kind in ("float", "integral", "bool"))


@pytest.mark.parametrize("x", NO_ARRAYS, ids=str)
def test_what_is_no_array_is_named_by_every_check(x: Any) -> None:
    checks: list[Callable[[], None]] = [
        lambda: require.arrays("op", first=np.ones(1), weight=x),
        lambda: require.floating("op", first=np.ones(1), weight=x),
        lambda: require.integral("op", first=np.ones(1, int), weight=x),
    ]
    for check in checks:
        with pytest.raises(DtypeError) as caught:
            check()
        assert str(caught.value) == (
            f"op: weight must be a Tensor or an array, got {type(x).__name__}; "
            "make one with minin.tensor(...)"
        )


@every_library
def test_floating_and_integral_name_the_first_that_is_wrong(library: str) -> None:
    floats, ints = put(np.ones(1, np.float32), library), put(np.ones(1, np.int32), library)
    require.floating("op", x=floats, y=floats)
    require.integral("op", x=ints, y=ints)
    with pytest.raises(
        DtypeError, match=r"^op: y must be float32 or float64, got .*int32; .*y\.as"
    ):
        require.floating("op", x=floats, y=ints, z=ints)
    with pytest.raises(DtypeError, match=r"^op: y must hold integers, got .*float32; .*counted"):
        require.integral("op", x=ints, y=floats, z=floats)


def test_shape_says_why() -> None:
    require.shape("op", "bias", np.ones(3), (3,), "one an output")
    with pytest.raises(ShapeError) as caught:
        require.shape("op", "bias", np.ones((3, 1)), (3,), "one an output")
    assert str(caught.value) == "op: bias must have shape (3,) (one an output), got (3, 1)"


def test_one_float_dtype_names_both() -> None:
    require.one_float_dtype("op", x=np.ones(1), y=np.zeros(2))
    with pytest.raises(DtypeError) as caught:
        require.one_float_dtype("op", x=np.ones(1), y=np.ones(1), z=np.ones(1, np.float32))
    assert str(caught.value) == (
        "op: x and z must have the same dtype, got float64 and float32; "
        "convert one, for example x.astype('float32')"
    )


def test_one_device_names_both_libraries_and_devices() -> None:
    there = put(np.ones(1), "strict")
    require.one_device("op", x=np.ones(1), y=np.ones(2))
    require.one_device("op", x=there)
    with pytest.raises(DeviceError) as caught:
        require.one_device("op", x=np.ones(1), y=np.ones(1), z=there)
    message = str(caught.value)
    assert message.startswith("op: x is a numpy array on cpu and z is a array_api_strict array on ")
    assert message.endswith("minin moves nothing by itself: bring them together with .to(device)")


@pytest.mark.parametrize("value", [0, 1, 0.5, np.float32(0.5), np.int64(1), True])
def test_number_takes_numbers_within_the_bounds(value: Any) -> None:
    assert require.number("op", "p", value, 0, 1) == float(value)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), "0.5", None, [0.5], 1j, np.ones(1)])
def test_number_takes_nothing_else(value: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        require.number("op", "p", value, 0, 1)
    assert str(caught.value) == f"op: p must be a number from 0 to 1, got {value!r}"
