from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from minin.data import idx, read_idx
from minin.errors import DataError
from tests.data.idx_writer import idx_bytes

# Each drawn example writes the one file anew, so sharing the folder is safe.
shared_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

small_arrays = arrays(np.uint8, array_shapes(max_dims=4, min_side=0, max_side=4))


@shared_folder
@given(array=small_arrays, packed=st.booleans())
def test_what_was_written_is_read(
    tmp_path: Path, array: npt.NDArray[np.uint8], packed: bool
) -> None:
    content = idx_bytes(array)
    file = tmp_path / "file"
    file.write_bytes(gzip.compress(content) if packed else content)
    back = read_idx(file)
    np.testing.assert_array_equal(back, array, strict=True)


def test_the_array_is_the_callers_own(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(idx_bytes(np.arange(3)))
    first = read_idx(file)
    first[0] = 9
    assert read_idx(file)[0] == 0


def test_the_first_bytes_decide_and_not_the_name(tmp_path: Path) -> None:
    file = tmp_path / "labels.gz"
    file.write_bytes(idx_bytes(np.arange(3)))
    np.testing.assert_array_equal(read_idx(file), np.arange(3))


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_cut_at_any_length_is_refused(tmp_path: Path, packed: bool) -> None:
    whole = idx_bytes(np.arange(24).reshape(2, 3, 4))
    if packed:
        whole = gzip.compress(whole)
    file = tmp_path / "cut"
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(DataError, match="cut"):
            read_idx(file)


@pytest.mark.parametrize("packed", [False, True])
def test_bytes_after_the_end_are_refused(tmp_path: Path, packed: bool) -> None:
    content = idx_bytes(np.arange(4)) + b"\0"
    file = tmp_path / "long"
    file.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(DataError, match="announces 4 = 4 bytes, and more came"):
        read_idx(file)


def test_no_flipped_bit_of_the_header_goes_unnoticed(tmp_path: Path) -> None:
    whole = idx_bytes(np.arange(24).reshape(2, 3, 4))
    file = tmp_path / "flipped"
    for bit in range(16 * 8):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        file.write_bytes(damaged)
        with pytest.raises(DataError):
            read_idx(file)


def test_every_flipped_bit_of_a_gzip_file_gives_the_array_or_a_data_error(
    tmp_path: Path,
) -> None:
    array = np.arange(24).reshape(2, 3, 4)
    whole = gzip.compress(idx_bytes(array), mtime=0)
    file = tmp_path / "flipped"
    for bit in range(len(whole) * 8):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        file.write_bytes(damaged)
        try:
            back = read_idx(file)
        except DataError:
            continue
        np.testing.assert_array_equal(back, array)  # a bit that means nothing, as the date


@shared_folder
@given(content=st.binary(max_size=64), sensible=st.booleans())
def test_any_bytes_give_an_array_or_a_data_error(
    tmp_path: Path, content: bytes, sensible: bool
) -> None:
    file = tmp_path / "any"
    file.write_bytes(b"\0\0\x08" + content if sensible else content)
    try:
        back: Any = read_idx(file)
    except DataError as error:
        assert str(file) in str(error)  # noqa: PT017  # both outcomes are right
    else:
        assert back.dtype == np.uint8


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html>", "starts with bytes 00 00 08; got 3c 21 44.*web page"),
        (b"PK\x03\x04....", "got 50 4b 03.*no IDX file"),
        (b"\0\0\x0d\x01\0\0\0\0", r"must be 0x08 \(uint8\); got 0x0d \(float32\)"),
        (b"\0\0\x42\x01\0\0\0\0", r"got 0x42 \(unknown\)"),
        (b"\0\0\x08\x00", "number of axes must be 1 to 4; the header says 0"),
        (b"\0\0\x08\x09", "number of axes must be 1 to 4; the header says 9"),
        (b"\0\0\x08\x02\0\0\0\x05", "announces 2 axes, 8 bytes of sizes; only 4 came"),
        (b"\0\0\x08\x01\0\0\0\x05abc", "announces 5 = 5 bytes, and only 3 came"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "at most 2,147,483,648 are read"),
    ],
)
def test_each_fault_has_its_own_message(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "faulty"
    file.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_idx(file)


def test_a_lying_header_costs_no_memory(tmp_path: Path) -> None:
    file = tmp_path / "liar"
    file.write_bytes(b"\0\0\x08\x01" + (2**31 - 1).to_bytes(4, "big") + b"abc")
    tracemalloc.start()
    with pytest.raises(DataError, match="only 3 came"):
        read_idx(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_a_file_that_unpacks_without_end_is_read_no_further_than_announced(
    tmp_path: Path,
) -> None:
    file = tmp_path / "bomb.gz"
    file.write_bytes(gzip.compress(idx_bytes(np.arange(3)) + bytes(64 * 2**20)))
    tracemalloc.start()
    with pytest.raises(DataError, match="more came"):
        read_idx(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing: wanted a data file"):
        read_idx(tmp_path / "nothing")
    with pytest.raises(DataError, match="wanted a data file"):
        read_idx(tmp_path)


def test_the_limit_leaves_room_for_the_largest_relative_of_mnist() -> None:
    assert idx.MOST_BYTES > 697_932 * 28 * 28


def test_a_name_with_a_zero_byte_is_no_file() -> None:
    with pytest.raises(DataError, match="wanted a data file; got: embedded null byte"):
        read_idx("a\0b")


def test_the_caller_may_allow_less(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(idx_bytes(np.arange(5)))
    assert len(read_idx(file, most_bytes=5)) == 5
    with pytest.raises(DataError, match="at most 4 are read"):
        read_idx(file, most_bytes=4)
