"""Where `minin train` saves a run: in the folder that is named, or in one that is free."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import count, takewhile
from pathlib import Path

from minin import train
from minin.errors import ArgumentError, DataError
from minin.train.folder import RECIPE


def default_folder(recipe: train.Recipe) -> Path:
    """Name the folder of a run after its recipe, and its data set if it is another's.

    Example:
        >>> default_folder(train.RECIPES["nin-mnist"]).name
        'nin-mnist'
    """
    usual = train.RECIPES[recipe.name].data if recipe.name in train.RECIPES else recipe.data
    name = Path(recipe.name).name or "run"
    return Path("runs") / (name if recipe.data == usual else f"{recipe.data}-{name}")


def numbered(folder: Path) -> Iterator[Path]:
    """Yield the folder, and then those with -2, -3 and so on behind its name.

    Example:
        >>> [path.name for path, _ in zip(numbered(Path("runs/a")), range(3))]
        ['a', 'a-2', 'a-3']
    """
    yield folder
    for number in count(2):
        yield folder.with_name(f"{folder.name}-{number}")


def free_folder(recipe: train.Recipe, again: bool) -> Path:
    """Find a folder for a run that names none.

    It is that of an unfinished run, if there is one; else the latest, to do it ``again``, or
    the first that is not there yet.
    """
    default = default_folder(recipe)
    there = list(takewhile(lambda path: path.exists(), numbered(default)))
    unfinished = next(filter(train.is_unfinished, there), None)
    if unfinished is not None:
        return unfinished
    if again:
        return there[-1] if there else default
    return next(path for path in numbered(default) if path not in there)


def claim(recipe: train.Recipe) -> Path:
    """Make the first folder that is not there yet, so that no other run can take it.

    Raises:
        DataError: if it cannot be made.
    """
    default = default_folder(recipe)
    try:
        default.parent.mkdir(parents=True, exist_ok=True)
        for path in numbered(default):
            with contextlib.suppress(FileExistsError):
                path.mkdir()
                return path
    except OSError as error:
        raise DataError(f"{str(default)!r} cannot be made: {error}. Name one (--out)") from error
    raise AssertionError("there is always another number")


def keep_recipe(recipe: train.Recipe, out: Path) -> None:
    """Refuse to write over a recipe that says something else, as one that was put there by hand.

    Raises:
        ArgumentError: if there is one.
    """
    path = out / RECIPE
    if path.is_file() and train.read_recipe(path) != recipe:
        raise ArgumentError(
            f"{str(path)!r} holds the recipe of another run. Use it (--recipe {path}), replace "
            "it (--restart), or use another folder (--out)"
        )
