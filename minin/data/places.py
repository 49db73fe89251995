"""Where a data set's files may lie: the folder that was named, or one inside it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from minin.data.sources import DataSource
from minin.errors import DataError


def given_folder(source: DataSource, root: str | os.PathLike[str] | None) -> Path:
    """Return the path that root, or else the variable MININ_DATA, names.

    Raises:
        DataError: if neither names a path.
    """
    given = root if root is not None else os.environ.get("MININ_DATA")
    if not given:
        raise DataError(
            f"{source.name} is not bundled, and neither root nor the variable MININ_DATA"
            f" says where it is. {source.remedy}"
        )
    return Path(given)


def base_folder(source: DataSource, root: str | os.PathLike[str] | None) -> Path:
    """Return the folder that root, or else the variable MININ_DATA, names.

    Raises:
        DataError: if neither names a folder.
    """
    base = given_folder(source, root)
    if not base.is_dir():
        said_by = "root" if root is not None else "the variable MININ_DATA"
        raise DataError(
            f"{source.name}: {said_by} must name a folder; {str(base)!r} is none. {source.remedy}"
        )
    return base


def find_file(source: DataSource, base: Path, files: Sequence[str]) -> Path:
    """Return the first of several files that is there.

    Args:
        source: the data set; its folders are looked at first, the base last.
        base: the folder that was named.
        files: names under which the file may be known, the best first.

    Raises:
        DataError: if none is there.
    """
    places = [*(base / folder for folder in source.folders), base]
    for place in places:
        for file in files:
            if (place / file).is_file():
                return place / file
    raise DataError(
        f"{source.name}: wanted {' or '.join(files)}; found it in none of"
        f" {', '.join(map(str, places))}. {source.remedy}"
    )
