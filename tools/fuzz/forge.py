"""Damage that knows a format: names that lead elsewhere, bombs, headers with right checksums."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import struct
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from minin.files.arrays import read_arrays, write_arrays
from minin.train import checkpoint
from minin.train.recipe import Recipe
from tests.data import writers

Rng = np.random.Generator
Trick = Callable[[Rng, Path], None]


def pick(rng: Rng, values: Any) -> Any:
    """Draw one of several values of any kind."""
    return values[int(rng.integers(len(values)))]


def _any_file(rng: Rng, folder: Path) -> Path:
    return Path(pick(rng, sorted(path for path in folder.rglob("*") if path.is_file())))


# -- where files lie ------------------------------------------------------------------------


def gone(rng: Rng, folder: Path) -> None:
    """Remove a file."""
    _any_file(rng, folder).unlink()


def a_folder(rng: Rng, folder: Path) -> None:
    """Put a folder in place of a file."""
    path = _any_file(rng, folder)
    path.unlink()
    path.mkdir()


def a_link(rng: Rng, folder: Path) -> None:
    """Put a link in place of a file: to the secret outside, to nothing, or to itself."""
    path = _any_file(rng, folder)
    path.unlink()
    path.symlink_to(pick(rng, [folder.parent / "secret", folder / "nothing", path, "/dev/null"]))


def a_stranger(rng: Rng, folder: Path) -> None:
    """Exchange the contents of two files."""
    first, second = _any_file(rng, folder), _any_file(rng, folder)
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


PLACES: tuple[Trick, ...] = (gone, a_folder, a_link, a_stranger)

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
    member = tarfile.TarInfo(f"{_INSIDE}/{pick(rng, ['test.bin', 'train.bin', 'stranger'])}")
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
    _any_file(rng, folder).with_name("odd.png").write_bytes(content + _chunk(b"IEND", b""))


def odd_entries(rng: Rng, folder: Path) -> None:
    """Disorder the folder: odd names, pipes, links, folders inside, strangers."""
    path = _any_file(rng, folder)
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
        Image.new(mode, size).save(_any_file(rng, folder), kind)
    except (OSError, KeyError, ValueError):  # not every format has every mode
        Image.new("L", size).save(_any_file(rng, folder), "GIF")


PICTURES: tuple[Trick, ...] = (odd_png, odd_entries, other_formats)

# -- weights, recipes, checkpoints ----------------------------------------------------------

ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**31,
    10**400,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "../../escaped",
    "/etc/passwd",
    "a\0b",
    "9" * 5000,
    "[" * 20_000,
    '{"a":' * 20_000,
    "nin-imagenet",
    [],
    {},
    [[[[[[]]]]]],
    {"__proto__": {}, "lr": "fast"},
)


def _header(path: Path, change: Callable[[dict[str, Any]], bytes]) -> None:
    """Replace the JSON header of a safetensors file."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = change(json.loads(content[8 : 8 + length]))
    path.write_bytes(struct.pack("<Q", len(header)) + header + content[8 + length :])


def odd_header(rng: Rng, folder: Path) -> None:
    """Announce odd arrays: types, shapes, places that overlap or lie outside."""

    def change(header: dict[str, Any]) -> bytes:
        name = pick(rng, sorted(set(header) - {"__metadata__"}))
        entry = header[name]
        odd = pick(rng, ["shape", "dtype", "data_offsets", "name", "deep", "words"])
        if odd == "shape":
            entry["shape"] = pick(rng, [[], [2**62, 4], [-1], [10**30], ["a"], None, [0, 5]])
        elif odd == "dtype":
            entry["dtype"] = pick(rng, ["F64", "BF16", "F8_E4M3", "U64", "BOOL", "X", 3, None])
        elif odd == "data_offsets":
            entry["data_offsets"] = pick(rng, [[0, 0], [5, 1], [0, 2**62], [-1, 3], [], [1]])
        elif odd == "name":
            header[pick(rng, ["../../escaped", "a\0b", "attached:", "__metadata__", ""])] = entry
        elif odd == "deep":
            return b'{"a":' * int(pick(rng, [100, 20_000])) + b"1"
        else:
            words = header.get("__metadata__", {})
            words["minin"] = pick(rng, [word for word in ODD if isinstance(word, str)])
            header["__metadata__"] = words
        return json.dumps(header).encode()

    _header(_any_file(rng, folder), change)


def odd_words(rng: Rng, folder: Path) -> None:
    """Forge what a file says about itself, with a digest that is right."""
    path = _any_file(rng, folder)
    kind = json.loads(_metadata(path))["format"]
    arrays, words = read_arrays(path, kind)
    forged = _changed(rng, dict(words or {}))
    if rng.random() < 0.2:
        name = pick(rng, sorted(arrays))
        arrays[name] = pick(rng, [np.zeros(0), np.zeros((1, 1)), arrays[name].astype("f8")])
    write_arrays(path, arrays, pick(rng, [kind, kind, kind, "other"]), forged)


def odd_options(rng: Rng, folder: Path) -> None:
    """Forge the JSON inside the description: how to build the network."""
    path = _any_file(rng, folder)
    arrays, words = read_arrays(path, json.loads(_metadata(path))["format"])
    odd = pick(rng, ODD)
    text = odd if isinstance(odd, str) else json.dumps({pick(rng, ["dropout", "rng", "x"]): odd})
    write_arrays(path, arrays, "minin-parameters", {**(words or {}), "options": text})


def _metadata(path: Path) -> str:
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    return str(json.loads(content[8 : 8 + length])["__metadata__"]["minin"])


def _changed(rng: Rng, words: dict[str, Any]) -> dict[str, Any]:
    """Put an odd value somewhere into nested words."""
    if not words:
        return {"name": pick(rng, ODD)}
    key = pick(rng, sorted(words))
    if isinstance(words[key], dict) and rng.random() < 0.7:
        words[key] = _changed(rng, words[key])
    elif rng.random() < 0.15:
        del words[key]
    else:
        words[key] = pick(rng, ODD)
    return words


WEIGHTS: tuple[Trick, ...] = (
    *(odd_header, odd_header, odd_words, odd_words, odd_options),
    *(a_link, a_folder, gone),
)


def write_checkpoint(folder: Path) -> None:
    """Write the checkpoint of a run that has only begun."""
    from minin import models, optim

    network = models.build("nin-digits", rng=0)
    optimiser = optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    state = checkpoint.Checkpoint.of(network, optimiser, checkpoint.Progress(), {"seed": 0})
    checkpoint.write(folder / "checkpoint.safetensors", state)


CHECKPOINTS = WEIGHTS


def write_recipe(folder: Path) -> None:
    """Write a recipe as minin does."""
    text = Recipe("mine", "nin-digits", data="digits", build={"dropout": 0.1}).to_toml()
    (folder / "recipe.toml").write_text(text, encoding="utf-8")


def odd_toml(rng: Rng, folder: Path) -> None:
    """Write odd values, keys and nesting into a recipe."""
    path = folder / "recipe.toml"
    lines = path.read_text("utf-8").splitlines()
    place = int(rng.integers(len(lines)))
    deep = int(pick(rng, [5, 3000, 15_000]))
    value = pick(
        rng,
        [
            "9" * 6000,
            "-1",
            "1e999",
            "nan",
            "inf",
            "[" * deep,
            "[" * deep + "]" * deep,
            "{a=" * deep,
            '"../../escaped"',
            '"a\\u0000b"',
            "1979-05-27T07:32:00Z",
            "[]",
            "{}",
            "true",
            '"nin-imagenet"',
            "0x" + "f" * 4000,
        ],
    )
    key = lines[place].partition("=")[0].strip("[] ") or "x"
    lines[place] = pick(
        rng, [f"{key} = {value}", f"[{key}]", f"[[{key}]]", ".".join("a" * deep) + " = 1", value]
    )
    path.write_text("\n".join(lines), encoding="utf-8")


RECIPES: tuple[Trick, ...] = (odd_toml, odd_toml, a_link, a_folder, gone)
