"""Where a data set's files may lie: the folder that was named, or one inside it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from minin.errors import DataError


def given_folder(name: str, root: str | os.PathLike[str] | None, remedy: str) -> Path:
    """Return the path that root, or else the variable MININ_DATA, names.

    Args:
        name: of the data set, for messages.
        root: what the caller gave.
        remedy: how to come by the files.

    Raises:
        DataError: if neither names a path.
    """
    given = root if root is not None else os.environ.get("MININ_DATA")
    if not given:
        raise DataError(
            f"{name} is not bundled, and neither root nor the variable MININ_DATA"
            f" says where it is. {remedy}"
        )
    return Path(given)


def base_folder(name: str, root: str | os.PathLike[str] | None, remedy: str) -> Path:
    """Return the folder that root, or else the variable MININ_DATA, names.

    Args:
        name: of the data set, for messages.
        root: what the caller gave.
        remedy: how to come by the files.

    Raises:
        DataError: if neither names a folder.
    """
    base = given_folder(name, root, remedy)
    if not base.is_dir():
        said_by = "root" if root is not None else "the variable MININ_DATA"
        raise DataError(f"{name}: {said_by} must name a folder; {str(base)!r} is none. {remedy}")
    return base


def find_file(
    name: str, base: Path, folders: Sequence[str], files: Sequence[str], remedy: str
) -> Path:
    """Return the first of several files that is there.

    Args:
        name: of the data set, for messages.
        base: the folder that was named.
        folders: where under it to look; it is itself looked at last.
        files: names under which the file may be known, the best first.
        remedy: how to come by the files.

    Raises:
        DataError: if none is there.
    """
    places = [*(base / folder for folder in folders), base]
    for place in places:
        for file in files:
            if (place / file).is_file():
                return place / file
    raise DataError(
        f"{name}: wanted {' or '.join(files)}; found it in none of"
        f" {', '.join(map(str, places))}. {remedy}"
    )
