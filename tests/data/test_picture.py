"""A picture's pixels are those computed by hand in float, or it is refused with its name."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from minin.data.picture import read_header, read_picture
from minin.errors import DataError
from tests.choice import examples

Image = pytest.importorskip("PIL.Image")

Numbers = np.ndarray[Any, Any]
LUMA = np.array([0.299, 0.587, 0.114])


def drawn(rng: np.random.Generator, size: tuple[int, ...], *channels: int) -> Numbers:
    return rng.integers(0, 256, (*size, *channels), dtype=np.uint8)


def on_white(colour: Numbers, alpha: Numbers) -> Numbers:
    """Lay (H, W, 3) of 0 to 255 on white.  Shapes: alpha (H, W), 0 to 1."""
    laid: Numbers = colour * alpha[..., None] + 255 * (1 - alpha[..., None])
    return laid


def grey3(grey: Numbers) -> Numbers:
    return np.repeat(np.asarray(grey, float)[..., None], 3, axis=2)


class Made(NamedTuple):
    """An image of Pillow, what it shows (H, W, 3) of 0 to 255, and how to save it."""

    image: Any
    shown: Numbers
    words: Mapping[str, Any] = MappingProxyType({})
    form: str = "PNG"


def grey(mode: str, rng: np.random.Generator, size: tuple[int, int]) -> Made:
    a, alpha = drawn(rng, size), drawn(rng, size)
    if mode == "1":
        return Made(Image.fromarray(a > 127), grey3((a > 127) * 255))
    if mode == "LA":
        both = Image.merge("LA", [Image.fromarray(a), Image.fromarray(alpha)])
        return Made(both, on_white(grey3(a), alpha / 255))
    if mode == "L":
        return Made(Image.fromarray(a), grey3(a))
    clear = int(a[0, 0])
    shown = on_white(grey3(a), (a != clear) * 1.0)
    return Made(Image.fromarray(a), shown, {"transparency": clear})


def deep(mode: str, rng: np.random.Generator, size: tuple[int, int]) -> Made:
    values = rng.integers(0, 2**16, size, dtype=np.uint16)
    if mode == "I;16":
        return Made(Image.fromarray(values), grey3(values / 257))
    big = Image.frombytes("I;16B", size[::-1], values.astype(">u2").tobytes())
    return Made(big, grey3(values / 257), form="TIFF")


def palette(mode: str, rng: np.random.Generator, size: tuple[int, int]) -> Made:
    a, colours, shares = drawn(rng, size), drawn(rng, (256, 3)), drawn(rng, (256,))
    image = Image.frombytes("P", size[::-1], a.tobytes())
    image.putpalette(colours.tobytes())
    if mode == "P":
        return Made(image, colours[a] * 1.0)
    if mode == "P one clear":
        shares = np.where(np.arange(256) == a[0, 0], 0, 255).astype(np.uint8)
    return Made(image, on_white(colours[a], shares[a] / 255), {"transparency": shares.tobytes()})


def colour(mode: str, rng: np.random.Generator, size: tuple[int, int]) -> Made:
    four = drawn(rng, size, 4)
    rgb, last = four[..., :3], four[..., 3]
    if mode == "RGB":
        return Made(Image.fromarray(rgb.copy()), rgb * 1.0)
    if mode == "RGBA":
        return Made(Image.fromarray(four), on_white(rgb, last / 255))
    if mode == "CMYK":
        shown = 255 * (1 - rgb / 255) * (1 - last[..., None] / 255)
        return Made(Image.frombytes("CMYK", size[::-1], four.tobytes()), shown, form="TIFF")
    clear = tuple(int(value) for value in rgb[0, 0])
    shown = on_white(rgb, (rgb != rgb[0, 0]).any(axis=2) * 1.0)
    return Made(Image.fromarray(rgb.copy()), shown, {"transparency": clear})


MODES = {
    **dict.fromkeys(["1", "L", "L clear", "LA"], grey),
    **dict.fromkeys(["I;16", "I;16B"], deep),
    **dict.fromkeys(["P", "P clear", "P one clear"], palette),
    **dict.fromkeys(["RGB", "RGB clear", "RGBA", "CMYK"], colour),
}
# Where the file's first row and first column lie in the upright picture, as EXIF defines it.
SIDES = {
    1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
    5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom"),
}  # fmt: skip


def turned(shown: Numbers, orientation: int) -> Numbers:
    """Put every pixel where the definition says."""
    h, w = shown.shape[:2]
    row, column = SIDES[orientation]
    lies = row in ("left", "right")
    out = np.empty((w, h, 3) if lies else (h, w, 3))
    for i in range(h):
        for j in range(w):
            down, across = (j, i) if lies else (i, j)
            if "bottom" in (row, column):
                down = out.shape[0] - 1 - down
            if "right" in (row, column):
                across = out.shape[1] - 1 - across
            out[down, across] = shown[i, j]
    return out


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=examples(24))
@given(
    orientation=st.sampled_from(list(SIDES)),
    seed=st.integers(0, 2**32 - 1),
    h=st.integers(1, 5),
    w=st.integers(1, 5),
)
def test_the_pixels_are_those_computed_by_hand(
    tmp_path_factory: pytest.TempPathFactory, mode: str, orientation: int, seed: int, h: int, w: int
) -> None:
    made = MODES[mode](mode, np.random.default_rng(seed), (h, w))
    wanted = turned(made.shown, orientation)
    assume((wanted @ LUMA).min() < 238)  # white ink on a transparent ground is refused
    path = tmp_path_factory.getbasetemp() / "picture"
    note = Image.Exif()
    note[274] = orientation
    made.image.save(path, made.form, exif=note, **made.words)
    if made.form == "PNG":
        assert read_header(path).size == wanted.shape[:2]
    for channels in (1, 3):
        planes = (wanted @ LUMA)[None] if channels == 1 else wanted.transpose(2, 0, 1)
        got, notes = read_picture(path, (channels, *wanted.shape[:2]))
        # Half a step of rounding; where colours are mixed, as much once more.
        step = 1.01 if channels == 1 or mode == "CMYK" else 0.51
        np.testing.assert_allclose(got, planes, rtol=0, atol=step)
        said = ", ".join(notes)
        assert ("turned upright" in said) == (orientation > 1)
        assert ("16-bit" in said) == mode.startswith("I;16")


def png(depth: int, colour: int, rows: bytes, *extra: tuple[bytes, bytes]) -> bytes:
    """Write a PNG of 2 x 1 pixels by hand."""
    head = struct.pack(">IIBBBBB", 2, 1, depth, colour, 0, 0, 0)
    chunks = [(b"IHDR", head), *extra, (b"IDAT", zlib.compress(b"\0" + rows)), (b"IEND", b"")]
    whole = b"".join(
        struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + whole


def written(path: Path, mode: str, form: str, **words: Any) -> Path:
    Image.new(mode, (4, 4)).save(path, form, **words)
    return path


@pytest.mark.parametrize(("notes", "place"), [(3, 1), (1, 9999)], ids=["missing", "outside"])
def test_a_jpeg_of_which_pillow_only_warns_is_read(tmp_path: Path, notes: int, place: int) -> None:
    tag = struct.pack("<HHII", 282 if notes == 1 else 274, 5 if notes == 1 else 3, 1, place)
    note = b"Exif\0\0II*\0" + struct.pack("<I", 8) + struct.pack("<H", notes) + tag
    note += struct.pack("<I", 0) if notes == 1 else b""
    Image.new("RGB", (4, 4), (90, 90, 90)).save(tmp_path / "a.jpg", exif=note)
    with pytest.warns(UserWarning, match="EXIF|Truncated"):
        Image.open(tmp_path / "a.jpg").close()
    assert read_header(tmp_path / "a.jpg").size == (4, 4)
    assert (read_picture(tmp_path / "a.jpg", (1, 4, 4)).pixels == 90).all()


def test_16_bits_with_a_clear_value(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(16, 0, struct.pack(">HH", 0, 514), (b"tRNS", struct.pack(">H", 0))))
    got, notes = read_picture(path, (1, 1, 2))
    assert got.tolist() == [[[255, 2]]]
    assert notes == ("16-bit grey brought to 8 bits", "transparent ground laid on white")


def test_16_bits_of_colour_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(16, 2, struct.pack(">6H", 0, 65535, 257, 514, 1, 2)))
    got, notes = read_picture(path, (3, 1, 2))
    assert got.transpose(1, 2, 0).tolist() == [[[0, 255, 1], [2, 0, 0]]]
    assert notes == ("16 bits a channel brought to 8",)


@pytest.mark.parametrize(
    ("mode", "why"), [("F", "floats"), ("I", "32 bits"), ("LAB", "L\\*a\\*b\\*")]
)
def test_numbers_without_a_known_white_are_refused(tmp_path: Path, mode: str, why: str) -> None:
    path = written(tmp_path / "a.tif", mode, "TIFF")
    with pytest.raises(DataError, match=rf"a\.tif: its pixels are .*{why}.* Save it as"):
        read_picture(path, (1, 4, 4))


def test_grey_of_12_bits_and_grey_whose_white_is_0_are_refused(tmp_path: Path) -> None:
    for tag, value, why in ((258, 12, "12 bits"), (262, 0, "0 is white")):
        path = written(tmp_path / f"{tag}.tif", "I;16", "TIFF")
        raw = bytearray(path.read_bytes())
        at = raw.find(struct.pack("<HHI", tag, 3, 1))
        raw[at + 8 : at + 10] = struct.pack("<H", value)
        path.write_bytes(raw)
        with pytest.raises(DataError, match=why):
            read_picture(path, (1, 4, 4))


@pytest.mark.parametrize("ink", [255, 250, 240])
def test_white_ink_on_a_transparent_ground_is_refused(tmp_path: Path, ink: int) -> None:
    pixels = np.full((4, 4, 4), ink, np.uint8)
    pixels[0, :, 3] = 0
    Image.fromarray(pixels).save(tmp_path / "a.png")
    with pytest.raises(DataError, match="drawing is white"):
        read_picture(tmp_path / "a.png", (1, 4, 4))


@pytest.mark.parametrize("form", ["GIF", "PNG", "TIFF", "WEBP"])
def test_of_several_pictures_the_first_is_read_and_said(tmp_path: Path, form: str) -> None:
    path = tmp_path / "a"
    frames = [Image.new("RGB", (4, 4), (value,) * 3) for value in (0, 90, 200)]
    frames[0].save(path, form, save_all=True, append_images=frames[1:])
    got, notes = read_picture(path, (1, 4, 4))
    assert got.max() == 0
    assert "the first of 3 pictures in the file" in notes


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("cut", [0, 1, 9, 20, 40])
def test_half_a_file_is_refused(tmp_path: Path, form: str, cut: int) -> None:
    buffer = io.BytesIO()
    noise = drawn(np.random.default_rng(0), (64, 64), 3)
    Image.fromarray(noise).save(buffer, form)
    path = tmp_path / "a.png"
    path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) * cut // 50])
    with pytest.raises(DataError, match=r"a\.png is no picture that Pillow can read"):
        read_picture(path, (3, 64, 64))


def test_no_picture_no_file_and_no_pixel(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello", encoding="utf-8")
    (tmp_path / "none.png").write_bytes(png(8, 0, b"ab").replace(b"\0\0\0\2\0\0\0\1", bytes(8)))
    for name in ("text.png", "none.png", "missing.png", "."):
        with pytest.raises(DataError):
            read_picture(tmp_path / name, (1, 4, 4))


def test_how_it_lies_noted_behind_the_pixels_is_refused(tmp_path: Path) -> None:
    note = Image.Exif()
    note[274] = 6
    raw = png(8, 0, b"ab")
    body = note.tobytes().removeprefix(b"Exif\0\0")
    kind = b"eXIf"
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    end = raw.rindex(b"\0\0\0\0IEND")
    (tmp_path / "a.png").write_bytes(raw[:end] + chunk + raw[end:])
    with pytest.raises(DataError, match="after its pixels"):
        read_picture(tmp_path / "a.png", (1, 1, 2))
