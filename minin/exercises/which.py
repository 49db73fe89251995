"""Which exercise a file answers: its name, its first line and the request must agree."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

from minin.errors import DataError
from minin.exercises.source import find, names
from minin.files.ordinary import open_file
from minin.sentences import sentence

MARK = "# minin exercise: "
LARGEST = 2**20  # bytes of an answer


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
        known = ", ".join(names())
        raise DataError(
            sentence("exercises.unknown_mark", file=repr(str(file)), name=repr(head), known=known)
        )
    said = {
        sentence("exercises.its_name"): named
        or (_like(file.name) if wanted is None and head else None),
        sentence("exercises.its_first_line"): head,
        "--exercise": wanted,
    }
    told = {what: name for what, name in said.items() if name is not None}
    if not told:
        mark = repr(MARK + names()[0])
        raise DataError(sentence("exercises.no_mark", file=repr(str(file)), mark=mark))
    if len(set(told.values())) > 1:
        says = ", ".join(sentence("exercises.says", what=w, name=n) for w, n in told.items())
        fix = _fix(head, named, wanted)
        raise DataError(sentence("exercises.disagree", file=repr(str(file)), told=says, fix=fix))
    return next(iter(told.values()))


def _fix(head: str | None, named: str | None, wanted: str | None) -> str:
    if named is None:
        return sentence("exercises.rename", file=find(str(head)).file_name)
    if wanted not in (named, None):
        return sentence("exercises.other_option", name=named)
    mark, file = repr(find(named).mark), find(str(head)).file_name
    return sentence("exercises.other_mark", mark=mark, file=file)


def read_answer(path: str | os.PathLike[str]) -> bytes:
    """Read a learner's file.

    A link is refused: it could lead to somebody else's answer, or to a file with the solution.

    Raises:
        DataError: if it cannot be read, is a link or no ordinary file, or is too large.
    """
    try:
        if Path(path).is_symlink():
            raise OSError(errno.ELOOP, "it is a link, and no ordinary file")
        with open_file(path) as stream:
            found = stream.read(LARGEST + 1)
        if len(found) > LARGEST:
            raise OSError(errno.EFBIG, f"it is larger than {LARGEST} bytes")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        text = sentence("exercises.cannot_be_read", file=repr(str(path)), why=why)
        raise DataError(text) from error
    return found


def _head(file: Path) -> str | None:
    """Return what the first line says, if it is a mark."""
    first = read_answer(file)[:200].decode("utf-8-sig", "replace").split("\n")[0].strip()
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
        >>> _like("anna_col2im (2).py"), _like("ConvBackward.py"), _like("submission.py")
        ('col2im', 'conv_backward', None)
    """
    found = [name for name in names() if _speaks_of(name, file_name.lower())]
    return found[0] if len(found) == 1 else None


def _speaks_of(name: str, file_name: str) -> bool:
    """Look for an exercise's name with anything, or nothing, between its words."""
    words = name.replace("_", r"[\W_]*")
    return re.search(rf"(?<![a-z0-9]){words}(?![a-z0-9])", file_name) is not None
