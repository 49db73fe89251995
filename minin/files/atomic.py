"""Writing files so that a reader never meets half of one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from minin.errors import DataError
from minin.files.ordinary import demand_ordinary


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """Write ``content`` to ``path``: whole, or not at all.

    The bytes go to a temporary name in the same folder, reach the disk, and only then take
    the name. An interruption at any moment leaves the old file, or none, in place.

    Args:
        path: the file to make or to replace; its folder must exist.
        content: all the bytes that the file shall hold.

    Raises:
        DataError: if the folder is missing, not writable or full, or ``path`` is a pipe or a
            device; nothing is left behind.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_atomically(Path(folder) / "note.txt", b"all of it")
        ...     print(Path(folder, "note.txt").read_text(), os.listdir(folder))
        all of it ['note.txt']
    """
    target = Path(os.path.realpath(path))  # a symbolic link stays one
    temporary = target.with_name(f".{target.name[:80]}.{os.urandom(6).hex()}.part")
    try:
        demand_ordinary(target)
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        raise DataError(
            f"{path} could not be written: {error.strerror or error}. Does the folder "
            "exist, may you write to it, and is there room on the disk?"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
