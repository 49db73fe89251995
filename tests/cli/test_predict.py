"""`minin predict`: test images, arrays and pictures, and what it refuses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minin import data, train
from minin.cli.pictures import read_images
from minin.errors import DataError
from tests.cli.conftest import Trained, assert_error, call


@pytest.fixture(scope="module")
def digit() -> Any:
    return data.load("digits").test_images[7]  # (1, 8, 8)


def source(shape: tuple[int, int, int] = (1, 8, 8), white: int = 16) -> train.Source:
    pixels = np.arange(64, dtype=np.uint8).reshape(1, 1, 8, 8)
    preprocess = data.Preprocess.fit(["standardise"], pixels)
    return train.Source("digits", ("a", "b"), shape, white, preprocess)


def test_a_test_image(trained: Trained) -> None:
    done = call("predict", str(trained.folder), "--index", "7")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("image     digits test image 7, which is '")
    assert lines[1].startswith("seen      ")
    assert sum(" % " in line or line.endswith(" %") for line in lines) == 3
    assert len(lines) == 1 + 3 + 9
    assert max(map(len, lines)) <= 78


def test_the_picture_shows_the_image(trained: Trained, digit: Any) -> None:
    out = call("predict", str(trained.folder), "--index", "7").out.splitlines()[-8:]
    drawn = np.array([[ch != " " for ch in f"{line:<78}"[10:26:2]] for line in out])
    np.testing.assert_array_equal(drawn, digit[0] > 0.5 * 16 / 9)


@pytest.mark.parametrize("form", ["(H, W)", "(C, H, W)", "(N, C, H, W)", "floats"])
def test_an_array_gives_what_the_index_gives(
    trained: Trained, digit: Any, tmp_path: Path, form: str
) -> None:
    array = {"(H, W)": digit[0], "(C, H, W)": digit, "(N, C, H, W)": digit[None]}
    np.save(tmp_path / "a.npy", array.get(form, digit / 16))
    one = call("predict", str(trained.folder), "a.npy").out.splitlines()[1:]
    other = call("predict", str(trained.folder), "--index", "7").out.splitlines()[1:]
    assert one == other


def test_a_stack_of_images_is_numbered(trained: Trained, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", data.load("digits").test_images[:3])
    out = call("predict", str(trained.folder), "a.npy", "--top", "1").out
    assert [f"a.npy[{n}]" in out for n in range(4)] == [True, True, True, False]


def test_a_picture_is_fitted(trained: Trained, digit: Any, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    large = np.kron(digit[0], np.ones((4, 4))) * 255 // 16
    image.fromarray(large.astype(np.uint8)).convert("RGB").save(tmp_path / "a.png")
    out = call("predict", str(trained.folder), "a.png").out.splitlines()
    assert out[1].split()[1] == call("predict", str(trained.folder), "--index", "7").out.split()[9]


@pytest.mark.parametrize("shape", [(1, 5, 7), (3, 5, 7)])
def test_a_pictures_pixels(shape: tuple[int, int, int], tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    if shape[0] == 1:
        pixels[:] = pixels[..., :1]
    image.fromarray(pixels).save(tmp_path / "a.png")
    got, _ = read_images(str(tmp_path / "a.png"), source(shape, white=255))
    np.testing.assert_array_equal(got[0], pixels.transpose(2, 0, 1)[: shape[0]])


def test_what_a_picture_went_through_is_said(trained: Trained, digit: Any, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    note = image.Exif()
    note[274] = 6
    large = np.kron(np.rot90(digit[0]), np.ones((4, 5))).astype(np.uint16) * 4095
    image.fromarray(large).save(tmp_path / "scan.png", exif=note)
    done = call("predict", str(trained.folder), "scan.png")
    assert " ".join(done.err.split()) == (
        "read scan.png: 16-bit grey brought to 8 bits, 32x40 turned upright (EXIF orientation 6),"
        " 32x40 resized to 8x8"
    )
    index = call("predict", str(trained.folder), "--index", "7")
    assert done.out.split()[3] == index.out.split()[9]


def test_inverting_exchanges_light_and_dark(digit: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", 16 - digit)
    got, _ = read_images(str(tmp_path / "a.npy"), source(), invert=True)
    np.testing.assert_array_equal(got[0], digit)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((9, 8)), r"must hold images of 1x8x8 .* got shape \(1, 1, 9, 8\)"),
        (np.zeros(8), "must hold images"),
        (np.zeros((0, 1, 8, 8)), "must hold images"),
        (np.zeros((2, 2, 1, 8, 8)), "must hold images"),
        (np.full((8, 8), 17), "must hold integers from 0 to 16"),
        (np.full((8, 8), -1), "must hold integers"),
        (np.full((8, 8), 1.5), "floats from 0 to 1; got float64 from 1.5 to 1.5"),
        (np.full((8, 8), np.nan), "must hold integers"),
        (np.full((8, 8), "a"), "must hold numbers"),
        (np.full((8, 8), True), "must hold numbers, integers or floats; got bool"),
    ],
)
def test_an_array_that_does_not_fit_is_named(array: Any, message: str, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(DataError, match=message):
        read_images(str(tmp_path / "a.npy"), source())


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[print]], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="no array that NumPy can read"):
        read_images(str(tmp_path / "a.npy"), source())


@pytest.mark.parametrize("name", ["a.npy", "a.png"])
def test_a_damaged_file_is_named(trained: Trained, tmp_path: Path, name: str) -> None:
    if name == "a.png":
        pytest.importorskip("PIL.Image")
    (tmp_path / name).write_bytes(b"\x93NUMPY\x01\x00nonsense")
    assert_error(call("predict", str(trained.folder), name), name, "can read")


def test_a_header_that_promises_too_much_takes_no_memory(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((8, 8), np.uint8))
    content = (tmp_path / "a.npy").read_bytes().replace(b"(8, 8), }   ", b"(8, 8**9), }"[:12])
    content = content.replace(b"(8, 8), }           ", b"(8, 99999999999), } ")
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(DataError):
        read_images(str(tmp_path / "a.npy"), source())


def test_a_missing_file_is_named_before_any_is_judged(trained: Trained, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((8, 8), np.uint8))
    assert_error(call("predict", str(trained.folder), "a.npy", "b.npy"), "'b.npy' is no file")


def test_without_pillow_a_picture_names_the_remedy(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert_error(
        call("predict", str(trained.folder), "a.png"),
        "pip install 'Pillow>=10.0', or pass a .npy array",
    )


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "name an image to predict, or --index"),
        (["--index", "360"], "--index must be from 0 to 359"),
        (["--index", "-1"], "--index must be from 0 to 359"),
        (["--index", "7", "--top", "0"], "--top must be at least 1"),
        (["--index", "7", "--data", "cifar"], "unknown data set 'cifar'"),
    ],
)
def test_wrong_arguments_are_refused(trained: Trained, words: list[str], part: str) -> None:
    assert_error(call("predict", str(trained.folder), *words), part)


@pytest.mark.parametrize("columns", ["40", "20", "200"])
def test_every_width(trained: Trained, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = call("predict", str(trained.folder), "--index", "7")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= max(34, min(int(columns), 78))
