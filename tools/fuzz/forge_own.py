"""Damage to what minin itself writes: parameters, checkpoints and recipes."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from minin.files import read_arrays, write_arrays
from minin.train import checkpoint
from minin.train.recipe import Recipe
from tools.fuzz.forge import Rng, Trick, a_folder, a_link, any_file, gone, pick

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


def _parts(path: Path) -> tuple[dict[str, Any], bytes]:
    """Read the JSON header of a safetensors file, and what follows it."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def _kind(path: Path) -> str:
    """Read which of minin's own files it is."""
    return str(json.loads(_parts(path)[0]["__metadata__"]["minin"])["format"])


def odd_header(rng: Rng, folder: Path) -> None:
    """Announce odd arrays: types, shapes, places that overlap or lie outside."""
    path = any_file(rng, folder)
    header, rest = _parts(path)
    entry = header[pick(rng, sorted(set(header) - {"__metadata__"}))]
    odd = pick(rng, ["shape", "dtype", "data_offsets", "name", "deep", "words"])
    if odd == "shape":
        entry["shape"] = pick(rng, [[], [2**62, 4], [-1], [10**30], ["a"], None, [0, 5]])
    elif odd == "dtype":
        entry["dtype"] = pick(rng, ["F64", "BF16", "F8_E4M3", "U64", "BOOL", "X", 3, None])
    elif odd == "data_offsets":
        entry["data_offsets"] = pick(rng, [[0, 0], [5, 1], [0, 2**62], [-1, 3], [], [1]])
    elif odd == "name":
        header[pick(rng, ["../../escaped", "a\0b", "attached:", "__metadata__", ""])] = entry
    elif odd == "words":
        words = header.setdefault("__metadata__", {})
        words["minin"] = pick(rng, [word for word in ODD if isinstance(word, str)])
    text = json.dumps(header).encode()
    if odd == "deep":
        text = b'{"a":' * int(pick(rng, [100, 20_000])) + b"1"
    path.write_bytes(struct.pack("<Q", len(text)) + text + rest)


def odd_words(rng: Rng, folder: Path) -> None:
    """Forge what a file says about itself, with a digest that is right."""
    path = any_file(rng, folder)
    kind = _kind(path)
    arrays, words = read_arrays(path, kind)
    forged = _changed(rng, dict(words or {}))
    if rng.random() < 0.2:
        name = pick(rng, sorted(arrays))
        arrays[name] = pick(rng, [np.zeros(0), np.zeros((1, 1)), arrays[name].astype("f8")])
    write_arrays(path, arrays, pick(rng, [kind, kind, kind, "other"]), forged)


def odd_options(rng: Rng, folder: Path) -> None:
    """Forge the JSON inside the description: how to build the network."""
    path = any_file(rng, folder)
    arrays, words = read_arrays(path, _kind(path))
    odd = pick(rng, ODD)
    text = odd if isinstance(odd, str) else json.dumps({pick(rng, ["dropout", "rng", "x"]): odd})
    write_arrays(path, arrays, "minin-parameters", {**(words or {}), "options": text})


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
