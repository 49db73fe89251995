from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from minin.data import load
from minin.data.mnist import CLASSES, FILES
from minin.data.sources import MNIST
from minin.errors import DataError
from tests.data.idx_writer import idx_bytes, write_set


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("place", ["mnist", "MNIST/raw", "."])
def test_a_set_is_found_in_its_folder_and_in_the_root(
    tmp_path: Path, place: str, packed: bool
) -> None:
    write_set(tmp_path / place, train=6, test=4, size=5, packed=packed)
    dataset = load("mnist", tmp_path)
    assert dataset.train_images.shape == (6, 1, 5, 5)
    assert dataset.test_images.shape == (4, 1, 5, 5)
    assert dataset.train_labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert dataset.name == "mnist"


def test_the_root_falls_back_to_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_set(tmp_path / "fashion-mnist")
    monkeypatch.setenv("MININ_DATA", str(tmp_path))
    assert load("fashion-mnist").classes[9] == "Ankle boot"


@pytest.mark.parametrize("value", [None, ""])
def test_without_root_or_variable_the_error_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv("MININ_DATA", raising=False)
    else:
        monkeypatch.setenv("MININ_DATA", value)
    with pytest.raises(DataError, match=r"not bundled, and neither root nor .* MININ_DATA"):
        load("mnist")


def test_a_root_that_is_no_folder_is_named_with_who_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MININ_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"variable MININ_DATA must name a folder; .*nowhere"):
        load("mnist")
    with pytest.raises(DataError, match=r"root must name a folder; .*elsewhere"):
        load("mnist", tmp_path / "elsewhere")


def test_an_empty_root_says_where_it_looked_and_where_to_fetch(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load("mnist", tmp_path)
    message = str(caught.value)
    assert "train-images-idx3-ubyte.gz and three more" in message
    assert str(tmp_path / "mnist") in message
    assert MNIST.mirrors[0] in message


@pytest.mark.parametrize("name", FILES)
def test_one_missing_file_is_the_one_named(tmp_path: Path, name: str) -> None:
    write_set(tmp_path)[name].unlink()
    with pytest.raises(DataError, match=rf"wanted {name}\.gz .*missing from"):
        load("mnist", tmp_path)


def test_the_folder_of_one_set_is_not_taken_for_another(tmp_path: Path) -> None:
    write_set(tmp_path / "mnist")
    with pytest.raises(DataError, match=r"fashion-mnist: wanted .* found none"):
        load("fashion-mnist", tmp_path / "mnist")
    assert load("mnist", tmp_path / "mnist").name == "mnist"


def swap(first: Path, second: Path) -> None:
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


def test_swapped_images_and_labels_have_their_own_message(tmp_path: Path) -> None:
    paths = write_set(tmp_path)
    swap(paths["train-images-idx3-ubyte"], paths["train-labels-idx1-ubyte"])
    with pytest.raises(DataError, match=r"It holds labels: were .* swapped\?"):
        load("mnist", tmp_path)


def test_images_in_place_of_labels_have_their_own_message(tmp_path: Path) -> None:
    paths = write_set(tmp_path)
    paths["t10k-labels-idx1-ubyte"].write_bytes(paths["t10k-images-idx3-ubyte"].read_bytes())
    with pytest.raises(DataError, match=r"t10k-labels.*It holds images: were .* swapped\?"):
        load("mnist", tmp_path)


def test_halves_exchanged_are_found_by_their_number(tmp_path: Path) -> None:
    paths = write_set(tmp_path, train=6, test=4)
    swap(paths["train-labels-idx1-ubyte"], paths["t10k-labels-idx1-ubyte"])
    with pytest.raises(DataError, match="one label an image; got 4 labels for 6"):
        load("mnist", tmp_path)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def label_ten(_: bytes) -> bytes:
    return gzip.compress(idx_bytes(np.array([0, 1, 2, 3, 4, 10])))


def no_images(_: bytes) -> bytes:
    return gzip.compress(idx_bytes(np.zeros((0, 5, 5))))


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("train-images-idx3-ubyte", cut, "incomplete or damaged"),
        ("train-labels-idx1-ubyte", label_ten, "from 0 to 9.*got 10 at index 5"),
        ("train-images-idx3-ubyte", no_images, "at least one image"),
    ],
)
def test_damage_is_named(
    tmp_path: Path, name: str, damage: Callable[[bytes], bytes], message: str
) -> None:
    path = write_set(tmp_path)[name]
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=message):
        load("mnist", tmp_path)


def test_each_set_has_ten_different_classes() -> None:
    for classes in CLASSES.values():
        assert len(set(classes)) == 10


@pytest.mark.data
@pytest.mark.parametrize("name", sorted(CLASSES))
def test_the_real_set(name: str) -> None:
    dataset = load(name)
    assert dataset.train_images.shape == (60_000, 1, 28, 28)
    assert dataset.test_images.shape == (10_000, 1, 28, 28)
    assert np.bincount(dataset.test_labels).sum() == 10_000
    # Published for both: 33.3 of 255 inked on average for MNIST, 72.9 for Fashion-MNIST.
    published = {"mnist": 33.3184, "fashion-mnist": 72.9404}[name]
    assert dataset.train_images.mean(dtype=np.float64) == pytest.approx(published, abs=1e-4)


def test_labels_without_end_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    path = write_set(tmp_path)["train-labels-idx1-ubyte"]
    header = b"\0\0\x08\x01" + (2**25).to_bytes(4, "big")
    path.write_bytes(gzip.compress(header + bytes(2**25)))
    tracemalloc.start()
    with pytest.raises(DataError, match="at most 16,777,216 are read"):
        load("mnist", tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
