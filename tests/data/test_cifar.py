from __future__ import annotations

import gzip
import tarfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from minin.data import archive as module
from minin.data import load
from minin.data.cifar import CIFARS
from minin.errors import DataError
from tests.data.writers import FOLDERS, cifar_archive, cifar_files, tar_bytes

ARCHIVES = {name: cifar.archive for name, cifar in CIFARS.items()}
NAMES = sorted(CIFARS)


def write_files(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in cifar_files(name).items():
        (folder / file).write_bytes(content)
    return folder


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", [".", "{name}", "{folder}", "{name}/{folder}"])
def test_the_files_say_the_same_wherever_they_lie(tmp_path: Path, name: str, place: str) -> None:
    write_files(tmp_path / place.format(name=name, folder=FOLDERS[name]), name)
    dataset = load(name, tmp_path)
    files = cifar_files(name)
    head = CIFARS[name].labels
    first = files[CIFARS[name].train[0]]
    assert dataset.train_images.shape == (20 if name == "cifar10" else 4, 3, 32, 32)
    assert dataset.test_images.shape == (4, 3, 32, 32)
    assert dataset.train_labels[0] == (1 if name == "cifar10" else 90)
    assert dataset.test_labels.tolist() == [0, 1, 2, 3]
    # Red comes first, and rows before columns: pixel (1, 2) of the green plane.
    assert dataset.train_images[0, 1, 1, 2] == first[head + 1024 + 32 + 2]
    assert dataset.classes[-1] == f"class {len(dataset.classes) - 1}"
    assert len(dataset.classes) == (10 if name == "cifar10" else 100)


@pytest.mark.parametrize("name", NAMES)
def test_the_archive_says_what_the_folder_says(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ARCHIVES[name]).write_bytes(cifar_archive(name))
    write_files(tmp_path / "b", name)
    packed, unpacked = load(name, tmp_path / "a"), load(name, tmp_path / "b")
    np.testing.assert_array_equal(packed.train_images, unpacked.train_images)
    np.testing.assert_array_equal(packed.test_labels, unpacked.test_labels)
    assert packed.classes == unpacked.classes
    assert [path.name for path in (tmp_path / "a").iterdir()] == [ARCHIVES[name]]


def test_members_may_come_in_any_order(tmp_path: Path) -> None:
    files = dict(reversed(cifar_files("cifar10").items()))
    (tmp_path / ARCHIVES["cifar10"]).write_bytes(cifar_archive("cifar10", files))
    write_files(tmp_path / "b", "cifar10")
    np.testing.assert_array_equal(
        load("cifar10", tmp_path).train_labels, load("cifar10", tmp_path / "b").train_labels
    )


def test_without_names_the_classes_are_numbers(tmp_path: Path) -> None:
    files = cifar_files("cifar10", names=False)
    (tmp_path / ARCHIVES["cifar10"]).write_bytes(cifar_archive("cifar10", files))
    assert load("cifar10", tmp_path).classes == tuple("0123456789")


def test_the_pickled_form_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(b"\x80\x04N.")
    with pytest.raises(DataError, match=r"wanted test_batch\.bin or cifar-10-binary\.tar\.gz"):
        load("cifar10", tmp_path)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("change", [-1, 1, -3000])
def test_a_wrong_length_is_named(tmp_path: Path, name: str, change: int) -> None:
    folder = write_files(tmp_path / name, name)
    path = folder / CIFARS[name].train[0]
    content = path.read_bytes()
    path.write_bytes(content[:change] if change < 0 else content + bytes(change))
    with pytest.raises(DataError, match=rf"{path.name} must hold records of 3,07[34] bytes"):
        load(name, tmp_path)


def test_an_empty_file_and_a_missing_one_are_named(tmp_path: Path) -> None:
    folder = write_files(tmp_path, "cifar10")
    (folder / "data_batch_3.bin").write_bytes(b"")
    with pytest.raises(DataError, match=r"data_batch_3\.bin must hold records"):
        load("cifar10", tmp_path)
    (folder / "data_batch_3.bin").unlink()
    with pytest.raises(DataError, match=r"data_batch_3\.bin is missing beside it"):
        load("cifar10", tmp_path)


def test_one_set_under_the_name_of_the_other_is_refused(tmp_path: Path) -> None:
    folder = write_files(tmp_path, "cifar10")
    (folder / "test_batch.bin").write_bytes(cifar_files("cifar100")["test.bin"])
    with pytest.raises(DataError, match="damaged or of another set"):
        load("cifar10", tmp_path)


@pytest.mark.parametrize(("name", "label"), [("cifar10", 10), ("cifar100", 100)])
def test_a_label_outside_is_named(tmp_path: Path, name: str, label: int) -> None:
    folder = write_files(tmp_path, name)
    path = folder / CIFARS[name].test
    content = bytearray(path.read_bytes())
    content[CIFARS[name].labels - 1] = label
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"labels must be below {label}; one is {label}"):
        load(name, tmp_path)


def test_too_few_names_are_refused(tmp_path: Path) -> None:
    folder = write_files(tmp_path, "cifar10")
    (folder / "batches.meta.txt").write_bytes(b"cat\ndog\n")
    with pytest.raises(DataError, match="must name 10 classes; it names 2"):
        load("cifar10", tmp_path)


def test_an_archive_cut_at_any_length_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ARCHIVES["cifar100"]
    whole = cifar_archive("cifar100")
    for length in [*range(40), *range(40, len(whole), 997), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match="incomplete or damaged"):
            load("cifar100", tmp_path)


def special(kind: bytes, name: str, to: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, to
    return member


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_a_link_or_pipe_in_place_of_a_file_is_no_file(tmp_path: Path, kind: bytes) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(cifar_files("cifar100")["test.bin"])
    link = special(kind, "cifar-100-binary/test.bin", str(secret))
    members: list[tuple[tarfile.TarInfo | str, bytes]] = [(link, b"")]
    members += [("cifar-100-binary/train.bin", cifar_files("cifar100")["train.bin"])]
    (tmp_path / ARCHIVES["cifar100"]).write_bytes(tar_bytes(members))
    with pytest.raises(DataError, match=r"test\.bin is missing"):
        load("cifar100", tmp_path)


def test_names_that_lead_elsewhere_are_not_followed(tmp_path: Path) -> None:
    files = cifar_files("cifar100")
    members: list[tuple[tarfile.TarInfo | str, bytes]] = [
        (f"../cifar-100-binary/{file}", content) for file, content in files.items()
    ]
    members += [(f"/srv/cifar-100-binary/{file}", b"") for file in files]
    (tmp_path / ARCHIVES["cifar100"]).write_bytes(tar_bytes(members))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError, match=r"train\.bin is missing"):
        load("cifar100", tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    test = cifar_files("cifar100")["test.bin"]
    members: list[tuple[tarfile.TarInfo | str, bytes]] = [("cifar-100-binary/test.bin", test)]
    (tmp_path / ARCHIVES["cifar100"]).write_bytes(tar_bytes(members * 2))
    with pytest.raises(DataError, match=r"two members cifar-100-binary/test\.bin"):
        load("cifar100", tmp_path)


def peak_of_a_refusal(tmp_path: Path, content: bytes, message: str) -> int:
    (tmp_path / ARCHIVES["cifar100"]).write_bytes(content)
    tracemalloc.start()
    with pytest.raises(DataError, match=message):
        load("cifar100", tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_a_member_of_an_absurd_size_costs_no_memory(tmp_path: Path) -> None:
    head = tarfile.TarInfo("cifar-100-binary/test.bin")
    head.size = 2**35
    content = gzip.compress(head.tobuf() + bytes(64 * 2**20))
    assert peak_of_a_refusal(tmp_path, content, "announces 34,359,738,368") < 2**20


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_a_name_of_an_absurd_length_costs_no_memory(tmp_path: Path, kind: bytes) -> None:
    head = tarfile.TarInfo("x")
    head.type, head.size = kind, 2**26
    content = gzip.compress(head.tobuf() + bytes(64 * 2**20))
    assert peak_of_a_refusal(tmp_path, content, "announces 67,1") < 2**20


def test_an_archive_without_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_UNPACKED", 2**20)
    head = tarfile.TarInfo("stranger")
    head.size = 2**24
    content = gzip.compress(head.tobuf() + bytes(2**24))
    assert peak_of_a_refusal(tmp_path, content, "unpacks to more than 1,048,576") < 2**20


def test_an_archive_of_countless_members_is_given_up(tmp_path: Path) -> None:
    members: list[tuple[tarfile.TarInfo | str, bytes]] = [(str(n), b"") for n in range(1001)]
    content = tar_bytes(members)
    assert peak_of_a_refusal(tmp_path, content, "more than 1,000 members") < 8 * 2**20
