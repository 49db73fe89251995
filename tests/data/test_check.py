from __future__ import annotations

import gzip
import hashlib
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from minin.data import check as module
from minin.data.check import check
from minin.data.sources import MNIST, SOURCES, File
from minin.errors import DataError
from tests.data.idx_writer import write_set
from tests.data.writers import cifar_archive, cifar_files, write_svhn

SHAPES = ((6, 5, 5), (6,), (4, 5, 5), (4,))


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a small set, and declare it to be the official MNIST."""
    root = tmp_path / "root"
    files = []
    for path, shape in zip(write_set(root / "mnist").values(), SHAPES, strict=True):
        content = path.read_bytes()
        files.append(File(path.name, len(content), hashlib.sha256(content).hexdigest(), shape))
    official = replace(MNIST, files=tuple(files), unpacked=())
    monkeypatch.setattr(module, "SOURCES", SOURCES | {"mnist": official})
    return root


def faults(root: Path) -> dict[str, tuple[str, ...]]:
    return {checked.path.name: checked.faults for checked in check(root) if checked.faults}


@pytest.mark.parametrize("inside", ["", "mnist"])
def test_the_official_files_are_fine(known: Path, inside: str) -> None:
    found = check(known / inside)
    assert len(found) == 4
    assert not faults(known / inside)
    assert {checked.source for checked in found} == {"mnist"}


def test_a_flipped_bit_is_found_by_the_sum(known: Path) -> None:
    path = known / "mnist" / "train-images-idx3-ubyte.gz"
    content = bytearray(path.read_bytes())
    content[4] ^= 1  # the date in gzip's header, which means nothing
    path.write_bytes(content)
    assert faults(known) == {path.name: ("its SHA-256 sum is not that of the official file",)}


def test_size_content_and_absence_are_each_named(known: Path) -> None:
    folder = known / "mnist"
    images, labels = "train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"
    (folder / images).write_bytes((folder / images).read_bytes()[:-9])
    (folder / labels).unlink()
    found = faults(known)
    assert set(found) == {images, labels}
    assert found[labels] == ("missing",)
    assert "bytes, and the official file has" in found[images][0]
    assert "incomplete or damaged" in found[images][1]


def test_a_set_of_ones_own_is_not_the_official_one(known: Path) -> None:
    write_set(known / "mnist", train=7)
    found = faults(known)["train-images-idx3-ubyte.gz"]
    assert found[-1] == "it has the shape (7, 5, 5), and (6, 5, 5) is wanted"


def test_a_label_outside_is_named(known: Path) -> None:
    path = known / "mnist" / "train-labels-idx1-ubyte.gz"
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] = 77
    path.write_bytes(gzip.compress(content))
    assert "labels must be below 10; one is 77" in faults(known)[path.name]


def test_cifar_is_held_against_the_official_counts(tmp_path: Path) -> None:
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(cifar_archive("cifar10"))
    for name, content in cifar_files("cifar100").items():
        (tmp_path / name).write_bytes(content)
    found = faults(tmp_path)
    assert "it does not hold 50,000 + 10,000 images" in found["cifar-10-binary.tar.gz"]
    assert "it holds 4 records, and 50,000 are wanted" in found["train.bin"]
    assert "it holds 4 records, and 10,000 are wanted" in found["test.bin"]


def test_a_file_that_is_far_too_long_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "test.bin").open("wb") as file:
        file.truncate(2**40)  # it takes no room, and to read it would
    found = faults(tmp_path)["test.bin"]
    assert "1,099,511,627,776 bytes, and the official file has 30,740,000" in found[0]
    assert "at most 184,440,000 bytes" in found[1]


def test_svhn_is_counted_and_without_scipy_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("scipy", reason="SciPy is not installed")
    write_svhn(tmp_path / "train_32x32.mat", 3)
    found = faults(tmp_path)
    assert "it holds 3 images, and 73,257 are wanted" in found["train_32x32.mat"]
    assert found["test_32x32.mat"] == ("missing",)
    monkeypatch.setitem(sys.modules, "scipy.io", None)
    noted = [checked for checked in check(tmp_path) if checked.note]
    assert [checked.path.name for checked in noted] == ["train_32x32.mat"]
    assert "not opened: reading svhn needs scipy" in noted[0].note


@pytest.mark.parametrize("path", [".", "nowhere", "a\0b"])
def test_a_folder_without_known_files_is_an_error(tmp_path: Path, path: str) -> None:
    with pytest.raises(DataError, match=r"holds no file of mnist|is no folder"):
        check(tmp_path / path)


def test_every_source_is_well_formed() -> None:
    for name, source in SOURCES.items():
        assert source.name == name
        assert all(mirror.endswith("/") for mirror in source.mirrors)
        assert all(len(file.sha256) == 64 for file in source.files)
        assert all(len(file.sha256) in (0, 64) for file in source.unpacked)
        assert all(file.size > 0 for file in (*source.files, *source.unpacked))
        names = [file.name for file in (*source.files, *source.unpacked)]
        assert len(set(names)) == len(names)


@pytest.mark.data
def test_the_real_files_are_the_official_ones() -> None:
    found = check(os.environ["MININ_DATA"])
    assert found
    assert not [checked for checked in found if checked.faults]
