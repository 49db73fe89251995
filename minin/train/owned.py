"""Which files minin made: those of anybody else are never written over, moved or deleted."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from minin.errors import DataError, MininError
from minin.plots import SVG_MARK
from minin.train.history import Epoch
from minin.train.recipe import read_recipe

PathLike = str | os.PathLike[str]

# Pictures carry one: `minin.plots` writes it as the program that made them.
PICTURE_MARKS = b"Software\0minin", SVG_MARK
HEAD = 1 << 12  # bytes; what a file says about itself stands in front


def demand_ours(path: PathLike, made_by_minin: Callable[[Path], bool]) -> None:
    """Refuse to write over a file that minin did not make.

    Raises:
        DataError: if something lies at ``path`` and ``made_by_minin`` does not know it.
    """
    place = Path(path)
    if os.path.lexists(place) and not (place.is_file() and _is(made_by_minin, place)):
        raise DataError(
            f"{str(place)!r} is there already and was not made by minin, so it is not written"
            " over. Move it away, or use another place"
        )


def _is(made_by_minin: Callable[[Path], bool], path: Path) -> bool:
    try:
        return made_by_minin(path)
    except (OSError, MininError, ValueError, KeyError, TypeError, RecursionError):
        return False  # it cannot be read as what minin would have written


def is_picture(path: Path) -> bool:
    """Tell whether minin drew this PNG or SVG."""
    head = _head(path)
    return any(mark in head for mark in PICTURE_MARKS)


def is_run_file(path: Path) -> bool:
    """Tell, by the name that a run's file has, whether minin wrote it."""
    if path.suffix == ".safetensors":
        return b'"__metadata__":{"minin"' in _head(path)
    if path.suffix == ".png":
        return is_picture(path)
    if path.suffix == ".toml":
        return bool(read_recipe(path))  # it raises if this is none
    text = path.read_text("utf-8")
    if path.suffix == ".jsonl":
        return bool(Epoch.from_dict(json.loads(text.partition("\n")[0])))  # it raises, too
    return {"test_accuracy", "versions", "options"} <= dict(json.loads(text)).keys()


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)
