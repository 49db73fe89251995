from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from minin.data import load
from minin.errors import DataError

FOLDER = resources.files("minin.data")


def test_the_split_has_the_sizes_it_is_known_for() -> None:
    dataset = load("digits")
    assert dataset.train_images.shape == (1437, 1, 8, 8)
    assert dataset.test_images.shape == (360, 1, 8, 8)
    assert dataset.train_images.min() == 0
    assert dataset.train_images.max() == 16
    assert dataset.classes == tuple("0123456789")


def test_the_split_is_stratified() -> None:
    dataset = load("digits")
    here = np.bincount(dataset.test_labels)
    everywhere = here + np.bincount(dataset.train_labels)
    exact = everywhere * 360 / 1797
    assert np.all(np.abs(here - exact) < 1)


def test_no_image_is_in_both_halves() -> None:
    dataset = load("digits")
    train = {image.tobytes() for image in dataset.train_images}
    test = {image.tobytes() for image in dataset.test_images}
    assert not train & test


def test_the_document_names_the_file_that_is_shipped() -> None:
    total = hashlib.sha256(FOLDER.joinpath("digits.npz").read_bytes()).hexdigest()
    document = FOLDER.joinpath("DIGITS.md").read_text(encoding="utf-8")
    assert total in document
    assert "CC BY 4.0" in document


def test_two_loads_share_nothing() -> None:
    first, second = load("digits"), load("digits")
    first.train_images[:] = 0
    assert second.train_images.any()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"\x80\x04N."])
def test_a_damaged_file_is_a_data_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (tmp_path / "digits.npz").write_bytes(content)
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    with pytest.raises(DataError, match=r"bundled digits\.npz .* Install minin again"):
        load("digits")


def test_it_is_what_scikit_learn_ships() -> None:
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    theirs = datasets.load_digits()
    with FOLDER.joinpath("digits.npz").open("rb") as file, np.load(file) as ours:
        np.testing.assert_array_equal(ours["images"][:, 0], theirs.images)
        np.testing.assert_array_equal(ours["labels"], theirs.target)
