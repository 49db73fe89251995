"""Files out of a .tar.gz, by exact name, without unpacking it.

An archive can be made to unpack without end, to announce a name of a gigabyte, or to lead
anywhere with names and links. Here no name is followed, links are not files, and whatever
is read has a limit.
"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from minin.errors import DataError
from minin.files.ordinary import open_file

MOST_UNPACKED = 2**28  # bytes; CIFAR's archives unpack to 185 million
MOST_MEMBERS = 1000
_PIECE = 2**16  # bytes that may be asked for at once: no header and no name is longer


class _Bounded:
    """A stream for tarfile: forwards only, in small pieces, up to a limit."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._done = 0

    def read(self, size: int) -> bytes:
        """Read a piece."""
        if not 0 <= size <= _PIECE:
            raise tarfile.ReadError(f"a header announces {size:,} bytes")
        content = self._stream.read(size)
        self._done += len(content)
        if self._done > MOST_UNPACKED:
            raise tarfile.ReadError(f"it unpacks to more than {MOST_UNPACKED:,} bytes")
        return content

    def tell(self) -> int:
        """Say how much was read."""
        return self._done

    def seek(self, position: int) -> None:
        """Read and drop what lies before ``position``."""
        if position < self._done:
            raise tarfile.ReadError("its members overlap")
        while self._done < position and self.read(min(_PIECE, position - self._done)):
            pass

    def take(self, size: int) -> bytearray:
        """Read as much as a member has, or as there is."""
        content = bytearray()
        while len(content) < size and (piece := self.read(min(_PIECE, size - len(content)))):
            content += piece
        return content


def read_members(path: Path, most: Mapping[str, int], remedy: str) -> dict[str, bytearray]:
    """Read the members of exactly these names; those that are missing are left out.

    Args:
        path: the archive.
        most: how many bytes each member may have, by name.
        remedy: how to come by the archive, for messages.

    Raises:
        DataError: if the archive is damaged, cut short, or asks for more than it may.
    """
    try:
        with open_file(path) as packed, gzip.open(packed) as unpacked:
            stream = _Bounded(unpacked)  # type: ignore[arg-type]
            with tarfile.open(fileobj=stream, mode="r:", errorlevel=2) as archive:  # type: ignore[call-overload]
                found = _walk(archive, stream, most)
            while stream.read(_PIECE):  # to the end, where the checksum is
                pass
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{path}: the archive is incomplete or damaged ({error}). {remedy}"
        ) from error
    return found


def _walk(
    archive: tarfile.TarFile, stream: _Bounded, most: Mapping[str, int]
) -> dict[str, bytearray]:
    """Read the wanted members as they come by."""
    found: dict[str, bytearray] = {}
    for _ in range(MOST_MEMBERS):
        member = archive.next()
        if member is None:
            return found
        if member.name not in most or not member.isreg():  # a link leads anywhere
            continue
        if member.name in found:
            raise tarfile.ReadError(f"it has two members {member.name}")
        if not 0 <= member.size <= most[member.name] or member.issparse():
            raise tarfile.ReadError(f"{member.name} announces {member.size:,} bytes")
        stream.seek(member.offset_data)
        found[member.name] = stream.take(member.size)
        if len(found[member.name]) != member.size:
            raise tarfile.ReadError(f"{member.name} ends too early")
    raise tarfile.ReadError(f"it has more than {MOST_MEMBERS:,} members")
