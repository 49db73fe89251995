"""Damage that knows a format: names that lead elsewhere, bombs, headers with right checksums."""

from __future__ import annotations

import gzip
import os
import shutil
import struct
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.data import writers

Rng = np.random.Generator
Trick = Callable[[Rng, Path], None]


def pick(rng: Rng, values: Any) -> Any:
    """Draw one of several values of any kind."""
    return values[int(rng.integers(len(values)))]


def any_file(rng: Rng, folder: Path) -> Path:
    """Draw one of the files in a folder."""
    return Path(pick(rng, sorted(path for path in folder.rglob("*") if path.is_file())))


# -- where files lie ------------------------------------------------------------------------


def gone(rng: Rng, folder: Path) -> None:
    """Remove a file."""
    any_file(rng, folder).unlink()


def a_folder(rng: Rng, folder: Path) -> None:
    """Put a folder in place of a file."""
    path = any_file(rng, folder)
    path.unlink()
    path.mkdir()


def a_link(rng: Rng, folder: Path) -> None:
    """Put a link in place of a file: to the secret outside, to nothing, or to itself."""
    path = any_file(rng, folder)
    path.unlink()
    path.symlink_to(pick(rng, [folder.parent / "secret", folder / "nothing", path, "/dev/null"]))


def a_student_program(rng: Rng, folder: Path) -> None:
    """Exchange the contents of two files."""
    first, second = any_file(rng, folder), any_file(rng, folder)
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


PLACES: tuple[Trick, ...] = (gone, a_folder, a_link, a_student_program)

# -- archives -------------------------------------------------------------------------------

_ARCHIVE, _INSIDE = "cifar-100-binary.tar.gz", "cifar-100-binary"


def odd_names(rng: Rng, folder: Path) -> None:
    """Give the members names that lead elsewhere."""
    before = pick(rng, ["../", "../../", f"{folder.parent}/", "/", "./", "a\0b/", "x" * 300 + "/"])
    files = writers.cifar_files("cifar100", count=2)
    members: Any = [(f"{before}{_INSIDE}/{name}", content) for name, content in files.items()]
    members += [(f"{_INSIDE}/{before}{name}", content) for name, content in files.items()]
    (folder / _ARCHIVE).write_bytes(writers.tar_bytes(members))


def odd_members(rng: Rng, folder: Path) -> None:
    """Put links, devices, pipes or folders in place of files."""
    members: Any = []
    for name, content in writers.cifar_files("cifar100", count=2).items():
        member = tarfile.TarInfo(f"{_INSIDE}/{name}")
        if rng.random() < 0.5:
            member.type = pick(rng, [b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"S", b"Z"])
            member.linkname = pick(rng, ["../secret", "/etc/passwd", str(folder.parent / "secret")])
        members.append((member, content))
    (folder / _ARCHIVE).write_bytes(writers.tar_bytes(members * int(rng.integers(1, 3))))


def odd_sizes(rng: Rng, folder: Path) -> None:
    """Announce members, names or extended headers of absurd sizes."""
    member = tarfile.TarInfo(f"{_INSIDE}/{pick(rng, ['test.bin', 'train.bin', 'student_program'])}")
    member.size = pick(rng, [2**16, 2**24, 2**33, 2**40, 2**62])
    member.type = pick(rng, [b"0", b"0", b"L", b"K", b"x", b"g", b"S"])
    zeros = gzip.compress(bytes(2**22)) * int(pick(rng, [1, 4, 16, 100]))
    (folder / _ARCHIVE).write_bytes(gzip.compress(member.tobuf(tarfile.GNU_FORMAT)) + zeros)


def odd_pax(rng: Rng, folder: Path) -> None:
    """Say in an extended header what contradicts the plain one."""
    member = tarfile.TarInfo(f"{_INSIDE}/test.bin")
    member.pax_headers = {
        pick(rng, ["size", "path", "linkpath", "GNU.sparse.map", "GNU.sparse.size", "mtime"]): pick(
            rng, ["-1", "1" * 50, "../x", "0,1,2,3", "nan", "", "a\nb", "9" * 5000]
        )
    }
    (folder / _ARCHIVE).write_bytes(writers.tar_bytes([(member, bytes(3074))]))


def a_chain(rng: Rng, folder: Path) -> None:
    """Put an extended header before an extended header, thousands of times."""
    head = tarfile.TarInfo("x")
    head.type, head.size = pick(rng, [b"x", b"g", b"L"]), 0
    count = int(pick(rng, [10, 900, 5000]))
    (folder / _ARCHIVE).write_bytes(gzip.compress(head.tobuf() * count + bytes(1024)))


ARCHIVES: tuple[Trick, ...] = (odd_names, odd_members, odd_sizes, odd_pax, a_chain)

# -- MATLAB ---------------------------------------------------------------------------------


def odd_variables(rng: Rng, folder: Path) -> None:
    """Write X and y of other kinds and sizes."""
    from scipy.sparse import csc_matrix

    nested: Any = np.array([1], dtype=object)
    for _ in range(int(rng.integers(1, 60))):
        nested = np.array([nested, 1], dtype=object)
    count = int(rng.integers(0, 4))
    values = [
        nested,
        {"a": {"b": [1, 2]}},
        "text",
        csc_matrix(np.eye(3)),
        np.zeros((32, 32, 3, count), dtype=np.uint8),
        np.zeros((0, 0)),
        np.ones((3, 1)) * pick(rng, [0, 1.5, np.nan, np.inf, -1, 11, 1e300]),
        np.ones((3, 1), dtype=complex),
        np.array([True, False, True]),
        np.full((1, 3), 2**63 - 1),
    ]
    writers.write_svhn(
        folder / pick(rng, ["train_32x32.mat", "test_32x32.mat"]),
        3,
        packed=bool(rng.integers(2)),
        **{pick(rng, ["X", "y"]): pick(rng, values)},
    )


def odd_dimensions(rng: Rng, folder: Path) -> None:
    """Announce other dimensions, with checksums that are right."""
    path = folder / "train_32x32.mat"
    writers.write_svhn(path, 3, packed=False)
    content = path.read_bytes()
    head, first, rest = content[:128], content[128:], b""
    place = int(rng.integers(16, 64)) // 4 * 4
    number = pick(rng, [0, 1, 2, 3, 2**16, 2**22, 2**31 - 1, 2**31, 2**32 - 1])
    first = first[:place] + struct.pack("<I", number) + first[place + 4 :]
    if rng.random() < 0.5:  # all of it as one packed element
        rest = zlib.compress(first)
        first = struct.pack("<II", 15, len(rest))
    path.write_bytes(head + first + rest)


def unpacks_long(rng: Rng, folder: Path) -> None:
    """Announce few or many images, and let zeros without end follow."""
    count = int(pick(rng, [3, 99_999, 100_001, 2**24]))
    inner = struct.pack("<IIIIIIIIIIII", 6, 8, 9, 0, 5, 16, 32, 32, 3, count, 0x10001, 0x58)
    inner += struct.pack("<II", 2, min(3072 * count, 2**32 - 1))
    packed = zlib.compress(struct.pack("<II", 14, 2**31) + inner + bytes(2**24))
    path = folder / "train_32x32.mat"
    path.write_bytes(path.read_bytes()[:128] + struct.pack("<II", 15, len(packed)) + packed)


MATLAB: tuple[Trick, ...] = (odd_variables, odd_dimensions, unpacks_long)

# -- pictures -------------------------------------------------------------------------------


def _chunk(kind: bytes, content: bytes) -> bytes:
    total = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", total)


def odd_png(rng: Rng, folder: Path) -> None:
    """Write a PNG of odd headers and chunks, each with the right checksum."""
    width, height = (int(pick(rng, [0, 1, 8, 8, 300, 9000, 2**20, 2**31 - 1])) for _ in "wh")
    depth, colour = int(pick(rng, [1, 2, 4, 8, 8, 16, 3])), int(pick(rng, [0, 0, 2, 3, 4, 6, 7]))
    content = b"\x89PNG\r\n\x1a\n" + _chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(rng.integers(2)))
    )
    extra = pick(rng, [b"", b"PLTE", b"tRNS", b"zTXt", b"iTXt", b"iCCP", b"acTL", b"gAMA", b"eXIf"])
    if extra:
        swollen = zlib.compress(bytes(2**24)) if rng.random() < 0.5 else rng.bytes(20)
        content += _chunk(extra, b"name\0\0" + swollen)
    content += _chunk(b"IDAT", zlib.compress(bytes(int(pick(rng, [0, 72, 2**22]))), 9))
    any_file(rng, folder).with_name("odd.png").write_bytes(content + _chunk(b"IEND", b""))


def odd_entries(rng: Rng, folder: Path) -> None:
    """Disorder the folder: odd names, pipes, links, folders inside, student_programs."""
    path = any_file(rng, folder)
    place = path.with_name(
        pick(rng, ["..png", ".hidden", "a\nb.png", "x" * 200 + ".png", "notes.txt", "\udcff.jpg"])
    )
    action = int(rng.integers(6))
    if action == 0:
        place.write_bytes(path.read_bytes())
    elif action == 1:
        os.mkfifo(place)
    elif action == 2:
        place.mkdir()
    elif action == 3:
        place.symlink_to(pick(rng, [folder.parent / "secret", "../../secret", folder, "nothing"]))
    elif action == 4:
        shutil.move(path, folder / path.name)
    else:
        shutil.move(path.parent, folder / pick(rng, ["train", "test", ".cat", "a b", "\n"]))


def other_formats(rng: Rng, folder: Path) -> None:
    """Save a picture in another format or mode, under the name of a PNG or JPEG."""
    from PIL import Image

    mode = pick(rng, ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
    kind = pick(rng, ["PNG", "JPEG", "GIF", "BMP", "TIFF", "ICO", "PPM"])
    size = (int(rng.integers(1, 40)), int(rng.integers(1, 40)))
    try:
        Image.new(mode, size).save(any_file(rng, folder), kind)
    except (OSError, KeyError, ValueError):  # not every format has every mode
        Image.new("L", size).save(any_file(rng, folder), "GIF")


PICTURES: tuple[Trick, ...] = (odd_png, odd_entries, other_formats)
