"""Which exercise a file answers: its name, its first line and the request must agree."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

from minin.errors import DataError
from minin.exercises.source import find, names
from minin.files.ordinary import open_file

MARK = "# minin exercise: "


def exercise_of(path: str | os.PathLike[str], exercise: str | None = None) -> str:
    """Tell which exercise a file answers.

    What `minin learn start` wrote says it twice, in the file's name and in its first line; an
    easy exercise's answer under a hard one's name must not pass for the hard one. A file of
    another name answers what is asked for, or else what its first line says.

    Args:
        path: the file.
        exercise: the exercise that it shall answer; None to know it by the file.

    Raises:
        DataError: if there is no such file, or what it answers is not said or said in two ways.
        UnknownNameError: if there is no exercise of that name.
    """
    file, wanted = Path(path), None if exercise is None else find(exercise).name
    head, named = _head(file), _named(file.name)
    if named is None and wanted is not None:
        return wanted
    if head is not None and head not in names():
        raise DataError(
            f"{str(file)!r}: its first line says {head!r}, which is no exercise: there are"
            f" {', '.join(names())}; mend that line"
        )
    said = {
        "its name": named or (_like(file.name) if wanted is None and head else None),
        "its first line": head,
        "--exercise": wanted,
    }
    told = {where: name for where, name in said.items() if name is not None}
    if not told:
        raise DataError(
            f"{str(file)!r} answers no exercise: its first line must be as `minin learn start`"
            f" wrote it, such as {MARK + names()[0]!r}; or say --exercise NAME"
        )
    if len(set(told.values())) > 1:
        raise DataError(
            f"{str(file)!r}: {', '.join(f'{where} says {name}' for where, name in told.items())};"
            f" they must agree: {_remedy(head, named, wanted)}"
        )
    return next(iter(told.values()))


def _remedy(head: str | None, named: str | None, wanted: str | None) -> str:
    if named is None:
        return f"rename it to {find(str(head)).file_name}, or say --exercise NAME"
    if wanted not in (named, None):
        return f"say --exercise {named}, or give the file another name: then --exercise decides"
    return f"make its first line {find(named).mark!r}, or rename it to {find(str(head)).file_name}"


def _head(file: Path) -> str | None:
    """Return what the first line says, if it is a mark."""
    try:
        with io.TextIOWrapper(open_file(file), "utf-8-sig", "replace") as stream:
            first = stream.readline(200).strip()
    except OSError as error:
        raise DataError(f"{str(file)!r} cannot be read: {error.strerror or error}") from error
    return first.removeprefix(MARK).strip() if first.startswith(MARK) else None


def _named(file_name: str) -> str | None:
    """Return the exercise whose file has this name, as `minin learn start` wrote it or bare."""
    for name in names():
        if file_name.lower() in (find(name).file_name, f"{name}.py"):
            return name
    return None


def _like(file_name: str) -> str | None:
    """Return the one exercise that a name speaks of, as in "anna_col2im (2).py".

    Example:
        >>> _like("anna_col2im (2).py"), _like("submission.py")
        ('col2im', None)
    """
    found = [n for n in names() if re.search(rf"(?<![a-z0-9]){n}(?![a-z0-9])", file_name.lower())]
    return found[0] if len(found) == 1 else None
