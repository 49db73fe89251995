from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minin.data import load
from minin.errors import BackendUnavailableError, DataError
from tests.data.writers import write_svhn

pytest.importorskip("scipy", reason="SciPy is not installed")
from scipy.io import loadmat


def write_both(folder: Path, **changes: Any) -> Path:
    folder.mkdir(exist_ok=True)
    write_svhn(folder / "train_32x32.mat", 12, **changes)
    write_svhn(folder / "test_32x32.mat", 5)
    return folder / "train_32x32.mat"


@pytest.mark.parametrize("place", [".", "svhn"])
@pytest.mark.parametrize("packed", [False, True])
def test_both_halves_are_read_and_ten_is_the_digit_nought(
    tmp_path: Path, place: str, packed: bool
) -> None:
    path = write_both(tmp_path / place, packed=packed)
    dataset = load("svhn", tmp_path)
    raw = loadmat(path)
    assert dataset.train_images.shape == (12, 3, 32, 32)
    assert dataset.test_images.shape == (5, 3, 32, 32)
    for image, channel, row, column in ((0, 0, 0, 0), (7, 2, 3, 5), (11, 1, 31, 30)):
        assert (
            dataset.train_images[image, channel, row, column]
            == raw["X"][row, column, channel, image]
        )
    assert dataset.train_labels.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]
    assert dataset.classes == tuple("0123456789")
    assert dataset.train_images.flags.c_contiguous


def test_labels_may_be_doubles_as_matlab_likes_them(tmp_path: Path) -> None:
    write_both(tmp_path, y=np.full((12, 1), 10.0))
    assert load("svhn", tmp_path).train_labels.tolist() == [0] * 12


def test_without_scipy_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_both(tmp_path)
    monkeypatch.setitem(sys.modules, "scipy.io", None)
    with pytest.raises(BackendUnavailableError, match=r"pip install 'scipy>=1\.13'"):
        load("svhn", tmp_path)


X = np.zeros((32, 32, 3, 12), dtype=np.uint8)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"X": None}, "X must be there once; it is 0 times"),
        ({"y": None}, "y must be there once; it is 0 times"),
        ({"X": X[:31]}, r"X must be \(32, 32, 3, N\) of uint8; got \(31"),
        ({"X": X.astype(float)}, "got .* of float64"),
        ({"X": X[..., 0]}, r"X must be \(32, 32, 3, N\)"),
        ({"y": np.ones((11, 1))}, "y must hold 12 labels"),
        ({"y": np.zeros((12, 1))}, "labels must be 1 to 10"),
        ({"y": np.full((12, 1), 11)}, "labels must be 1 to 10"),
        ({"y": np.full((12, 1), 1.5)}, "labels must be 1 to 10"),
        ({"y": np.full((12, 1), np.nan)}, "labels must be 1 to 10"),
        ({"y": np.full((12, 1), 1j)}, "y must hold 12 labels"),
        ({"y": "one"}, "y is announced as char"),
        ({"y": {"a": 1}}, "y is announced as struct"),
        ({"X": np.array([[1, 2], "a"], dtype=object)}, "X is announced as cell"),
    ],
)
def test_each_fault_is_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = write_both(tmp_path, **changes)
    with pytest.raises(DataError, match=message) as caught:
        load("svhn", tmp_path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_cut_at_any_length_is_refused(tmp_path: Path, packed: bool) -> None:
    path = write_both(tmp_path, packed=packed)
    whole = path.read_bytes()
    for length in [*range(0, 300, 7), *range(300, len(whole), 1499), len(whole) - 9]:
        path.write_bytes(whole[:length])
        with pytest.raises(DataError):
            load("svhn", tmp_path)


def test_an_absurd_announcement_costs_no_memory(tmp_path: Path) -> None:
    path = write_both(tmp_path, packed=False)
    content = path.read_bytes()
    sizes = np.array([32, 32, 3, 12], dtype="<i4").tobytes()
    assert content.count(sizes) == 1
    liar = np.array([32, 32, 3, 2**22], dtype="<i4").tobytes()
    path.write_bytes(content.replace(sizes, liar))
    tracemalloc.start()
    with pytest.raises(DataError, match="announced as uint8"):
        load("svhn", tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_one_missing_half_is_named(tmp_path: Path) -> None:
    write_both(tmp_path)
    (tmp_path / "test_32x32.mat").unlink()
    with pytest.raises(DataError, match=r"wanted test_32x32\.mat.*minin data fetch svhn"):
        load("svhn", tmp_path)
