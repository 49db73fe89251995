from __future__ import annotations

import io
import os
import struct
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from minin.data import from_folder
from minin.errors import ArgumentError, BackendUnavailableError, DataError, MininError
from tests.data.writers import write_pictures

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


def test_pictures_labels_and_classes_are_those_of_the_folder(tmp_path: Path) -> None:
    paths = write_pictures(tmp_path, ("dog", "ant", "cat"), count=5)
    dataset = from_folder(tmp_path, test_share=0.2)
    assert dataset.classes == ("ant", "cat", "dog")
    assert dataset.train_images.shape == (12, 1, 8, 8)
    assert np.bincount(dataset.test_labels).tolist() == [1, 1, 1]
    assert dataset.name == tmp_path.name
    pixels = {
        np.asarray(Image.open(path)).tobytes(): dataset.classes.index(path.parent.name)
        for path in paths
    }
    for image, label in zip(dataset.train_images, dataset.train_labels, strict=True):
        assert pixels[image.tobytes()] == label


def test_the_seed_decides_the_split(tmp_path: Path) -> None:
    write_pictures(tmp_path, count=20)
    first, again, other = (from_folder(tmp_path, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.test_images, again.test_images)
    assert (first.test_images != other.test_images).any()


def test_halves_that_are_there_are_kept(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train", count=4)
    write_pictures(tmp_path / "test", ("dog",), count=2)
    dataset = from_folder(tmp_path)
    assert len(dataset.train_labels) == 8
    assert dataset.test_labels.tolist() == [1, 1]


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    write_pictures(tmp_path, ("train", "ship"))
    assert from_folder(tmp_path).classes == ("ship", "train")


def test_colour_grey_and_size(tmp_path: Path) -> None:
    write_pictures(tmp_path)
    Image.new("RGB", (10, 6), (255, 0, 0)).save(tmp_path / "cat" / "wide.png")
    with pytest.raises(DataError, match=r"wide\.png: it has 6x10 pixels, and .*8x8.*size=32"):
        from_folder(tmp_path)
    assert from_folder(tmp_path, size=(4, 6)).image_shape == (3, 4, 6)
    assert from_folder(tmp_path, size=5, channels=1).image_shape == (1, 5, 5)
    dataset = from_folder(tmp_path, size=4)
    reds = [
        image for image in [*dataset.train_images, *dataset.test_images] if image[0].min() == 255
    ]
    assert len(reds) == 1
    assert reds[0][1:].max() == 0


def test_what_is_hidden_is_passed_over(tmp_path: Path) -> None:
    write_pictures(tmp_path)
    (tmp_path / "cat" / ".DS_Store").write_bytes(b"Bud1")
    (tmp_path / ".git").mkdir()
    assert from_folder(tmp_path).classes == ("cat", "dog")


def picture(size: tuple[int, int]) -> bytes:
    """Give a PNG whose header says ``size``, and which holds next to nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(99)))
        + chunk(b"IEND", b"")
    )


def saved(mode: str, **words: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (8, 8)).save(buffer, "png", **words)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no picture that Pillow can read"),
        (
            b"GIF89a",
            r"can read as PNG or JPEG, whatever its name says\. Open it and save it as PNG",
        ),
        (b"\x89PNG\r\n\x1a\n", "is no picture"),
        (b"GIF89a" + bytes(50), "is no picture"),
        (picture((8, 8))[:45], "is no picture"),
        (picture((8, 8)), None),
        (picture((9000, 9000)), "at most 67,108,864 are read"),
        (picture((12000, 12000)), "is no picture.*bomb"),
        (picture((2**30, 2**30)), "is no picture.*bomb"),
        (saved("RGBA"), None),  # nothing on a transparent ground
        (saved("LA"), None),
        (saved("P", transparency=0), None),
        (saved("I;16"), None),
    ],
)
def test_a_picture_that_is_none_is_named(
    tmp_path: Path, content: bytes, message: str | None
) -> None:
    write_pictures(tmp_path)
    (tmp_path / "cat" / "odd.png").write_bytes(content)
    if message is None:
        assert len(from_folder(tmp_path).train_labels) == 9
        return
    tracemalloc.start()
    with pytest.raises(DataError, match=rf"cat/odd\.png.*{message}"):
        from_folder(tmp_path, size=8)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


def broken(folder: Path) -> None:
    path = folder / "cat" / "0.png"
    path.write_bytes(path.read_bytes()[:-30])


def text_file(folder: Path) -> None:
    (folder / "cat" / "notes.txt").write_text("cats")


def inner_folder(folder: Path) -> None:
    (folder / "cat" / "kitten").mkdir()


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "cat" / "pipe.png")


def link_out(folder: Path) -> None:
    (folder.parent / "secret.png").write_bytes((folder / "cat" / "0.png").read_bytes())
    (folder / "cat" / "link.png").symlink_to(folder.parent / "secret.png")


def class_link_out(folder: Path) -> None:
    write_pictures(folder.parent / "elsewhere", ("cow",))
    (folder / "cow").symlink_to(folder.parent / "elsewhere" / "cow")


def dangling(folder: Path) -> None:
    (folder / "cat" / "link.png").symlink_to(folder / "nothing.png")


def circle(folder: Path) -> None:
    (folder / "cat" / "link.png").symlink_to(folder / "cat" / "link.png")


def empty_class(folder: Path) -> None:
    (folder / "cow").mkdir()


def loose(folder: Path) -> None:
    (folder / "cat" / "0.png").rename(folder / "loose.png")


def no_class(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (broken, r"cat/0\.png is no picture"),
        (text_file, r"cat/notes\.txt: a picture must end in \.png"),
        (inner_folder, "cat/kitten: inside the folder of a class"),
        (pipe, r"cat/pipe\.png: inside the folder of a class"),
        (link_out, r"cat/link\.png: the link points outside"),
        (class_link_out, "cow: the link points outside"),
        (dangling, "cat' cannot be read"),
        (circle, "cat' cannot be read"),
        (empty_class, "cow: the class has no pictures"),
        (loose, r"loose\.png: a picture must lie in the folder of its class"),
        (no_class, "must hold a folder of pictures for each class"),
    ],
)
def test_each_disorder_is_named(
    tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    folder = tmp_path / "pets"
    write_pictures(folder)
    damage(folder)
    with pytest.raises(DataError, match=message):
        from_folder(folder)


def test_a_link_that_stays_inside_is_a_picture(tmp_path: Path) -> None:
    write_pictures(tmp_path)
    (tmp_path / "cat" / "again.png").symlink_to("0.png")
    assert len(from_folder(tmp_path).train_labels) == 9


def test_a_class_of_the_test_half_alone_is_refused(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train")
    write_pictures(tmp_path / "test", ("cow",))
    with pytest.raises(DataError, match="test/cow: there is no such class in the training half"):
        from_folder(tmp_path)


def test_something_beside_train_and_test_is_refused(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train")
    write_pictures(tmp_path / "test")
    (tmp_path / "valid").mkdir()
    with pytest.raises(
        DataError, match="valid: there must be nothing beside the folders train and test"
    ):
        from_folder(tmp_path)


@pytest.mark.parametrize("path", ["nowhere", "a\0b"])
def test_a_folder_that_is_none_is_named(tmp_path: Path, path: str) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        from_folder(tmp_path / path)


@pytest.mark.parametrize(
    "words",
    [
        {"size": 0},
        {"size": (4, 4, 4)},
        {"size": "8"},
        {"channels": 2},
        {"channels": True},
        {"test_share": 1},
    ],
)
def test_arguments_that_make_no_sense(tmp_path: Path, words: dict[str, object]) -> None:
    write_pictures(tmp_path)
    with pytest.raises(MininError) as caught:
        from_folder(tmp_path, **words)  # type: ignore[arg-type]
    assert isinstance(caught.value, (ArgumentError, TypeError))


def test_a_size_of_more_memory_than_allowed_is_refused(tmp_path: Path) -> None:
    write_pictures(tmp_path)
    with pytest.raises(DataError, match="use a smaller size"):
        from_folder(tmp_path, size=100_000)


def test_without_pillow_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pictures(tmp_path)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(BackendUnavailableError, match=r"pip install 'Pillow>=10\.0'"):
        from_folder(tmp_path)
