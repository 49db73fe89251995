"""Opening files that are ordinary: no pipe, which waits for ever, and no device without an end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def open_file(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file to read its bytes, if it is an ordinary one.

    Reading a pipe waits for a writer that may never come, and a device may never end.

    Raises:
        OSError: if it cannot be opened, or is no ordinary file.

    Example:
        >>> open_file(os.curdir)
        Traceback (most recent call last):
        IsADirectoryError: [Errno 21] it is a folder, and no ordinary file: '.'
    """
    demand_ordinary(path)
    return Path(path).open("rb")


def demand_ordinary(path: str | os.PathLike[str]) -> None:
    """Refuse what would be read or replaced as a file and is none; what is missing passes.

    Raises:
        OSError: if it is a folder, a pipe, a socket or a device.
    """
    try:
        kind = stat.S_IFMT(Path(path).stat().st_mode)
    except FileNotFoundError:
        return
    if kind != stat.S_IFREG:
        number = errno.EISDIR if kind == stat.S_IFDIR else errno.EINVAL
        said = f"it is {_KINDS.get(kind, 'something else')}, and no ordinary file"
        raise OSError(number, said, os.fspath(path))
