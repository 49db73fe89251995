"""A file of parameters is whole or absent, and a damaged one is an error and nothing else."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minin
from minin import nn
from minin.errors import BackendUnavailableError, DataError
from minin.files import write_atomically
from minin.files.parameters import read
from tests.choice import examples

safetensors_numpy = pytest.importorskip("safetensors.numpy")


def model(seed: int = 0) -> nn.Sequential:
    return nn.Sequential(
        nn.MlpConv(1, (3, 2), 3, rng=seed), nn.GlobalAvgPool2d(), nn.Linear(2, 2, rng=seed)
    )


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "net.safetensors"
    minin.save(model(), path)
    return path


def assert_same(one: nn.Module, other: nn.Module) -> None:
    state = other.state_dict()
    for name, value in one.state_dict().items():
        np.testing.assert_array_equal(value, state[name])


def test_what_was_saved_comes_back(saved: Path) -> None:
    other = model(1)
    minin.load(other, str(saved))
    assert_same(other, model())


def test_any_reader_of_safetensors_can_read_it(saved: Path) -> None:
    arrays = safetensors_numpy.load_file(saved)
    for name, value in model().state_dict().items():
        np.testing.assert_array_equal(arrays[name], value)


def test_a_file_of_another_program_can_be_loaded(tmp_path: Path) -> None:
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(safetensors_numpy.save(model().state_dict()))
    other = model(1)
    minin.load(other, path)
    assert_same(other, model())


def test_the_same_network_gives_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    minin.save(model(), tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == saved.read_bytes()


def test_the_description_travels_along(tmp_path: Path) -> None:
    net = model()
    net.description = {"name": "mine", "note": "a b"}
    minin.save(net, tmp_path / "net")
    assert read(tmp_path / "net").description == net.description


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="could not be written"):
        minin.save(model(), tmp_path / "none" / "net")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_save_leaves_the_old_file(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device", str(descriptor))

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(DataError, match="No space left"):
        minin.save(model(1), saved)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "real", tmp_path / "link"
    target.write_bytes(b"old")
    with contextlib.suppress(OSError, NotImplementedError):
        link.symlink_to(target)
    if not link.is_symlink():
        pytest.skip("this system makes no symbolic links")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda b: b[:0], "cannot be read as safetensors"),
        (lambda b: b[:5], "cannot be read as safetensors"),
        (lambda b: b[:40], "cannot be read as safetensors"),
        (lambda b: b[:-1], "cannot be read as safetensors"),
        (lambda b: b + b"\0", "cannot be read as safetensors"),
        (lambda b: b"PK\x03\x04" + b[4:], "cannot be read as safetensors"),
        (lambda b: b"\xff" * 8 + b[8:], "cannot be read as safetensors"),
        (lambda b: b[:-1] + bytes([b[-1] ^ 1]), "SHA-256"),
        (lambda b: b.replace(b"minin-parameters", b"minim-parameters"), "SHA-256"),
        (lambda b: b.replace(b"sha256", b"sha255"), "SHA-256"),
        (lambda b: b.replace(b'version\\": \\"1', b'version\\": \\"2'), "format version '2'"),
    ],
)
def test_a_damaged_file_is_told_apart(saved: Path, damage: Any, words: str) -> None:
    saved.write_bytes(damage(saved.read_bytes()))
    other = model(1)
    with pytest.raises(DataError, match=words) as caught:
        minin.load(other, saved)
    assert str(saved) in str(caught.value)
    assert_same(other, model(1))


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_flipped_bit_goes_unnoticed_or_escapes_as_another_error(
    tmp_path: Path, data: st.DataObject
) -> None:
    path = tmp_path / "net"
    minin.save(model(), path)
    content = bytearray(path.read_bytes())
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    other = model(1)
    try:
        minin.load(other, path)
    except DataError:
        assert_same(other, model(1))
    else:  # the bit was in the mark of minin, or in white space
        assert_same(other, model())


def test_a_file_of_another_network_is_told_apart(saved: Path) -> None:
    with pytest.raises(DataError, match=r"another network.*missing: weight, bias"):
        minin.load(nn.Linear(2, 2, rng=0), saved)


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_missing_file_and_a_folder_are_no_files(tmp_path: Path, is_folder: bool) -> None:
    if is_folder:
        (tmp_path / "x").mkdir()
    with pytest.raises(DataError, match=r"x is no file; .*minin.save"):
        minin.load(model(), tmp_path / "x")


def test_a_type_that_numpy_lacks_is_a_data_error(tmp_path: Path) -> None:
    header = {"w": {"dtype": "F8_E5M2", "shape": [2], "data_offsets": [0, 2]}}
    text = json.dumps(header).encode()
    (tmp_path / "x").write_bytes(len(text).to_bytes(8, "little") + text + b"ab")
    with pytest.raises(DataError):
        minin.load(model(), tmp_path / "x")


def test_without_safetensors_the_message_says_what_to_install(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(BackendUnavailableError, match="pip install 'safetensors>="):
        minin.load(model(), saved)
