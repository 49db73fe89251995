"""The IDX format of MNIST and its relatives.

    bytes 0-1   zero
    byte  2     element type; 0x08 is the unsigned byte, the only one that images use
    byte  3     number of axes
    then        one big-endian 32-bit size per axis
    then        the elements, the last axis varying fastest

A file comes from anywhere, so nothing in it is believed before it is checked, and no more
is ever read than its own header announces.
"""

from __future__ import annotations

import gzip
import math
import os
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from minin.errors import DataError
from minin.files.ordinary import open_file

MOST_AXES = 4
MOST_BYTES = 2**31  # the largest relative of MNIST needs a quarter of this
_CHUNK = 2**20
_AGAIN = "Fetch the file again"
_TYPES = {0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}


def read_idx(path: str | os.PathLike[str], most_bytes: int = MOST_BYTES) -> npt.NDArray[np.uint8]:
    """Read one IDX file of unsigned bytes, plain or compressed with gzip.

    Which of the two it is, the first bytes say and not the name: browsers unpack files
    without renaming them. The array is the caller's own and may be written to.

    **Shapes:** (N,) for labels, (N, H, W) for images: whatever the header says.

    Args:
        path: the file.
        most_bytes: the most elements that a header may announce.

    Raises:
        DataError: if the file is missing, cut short, too long, damaged or not IDX.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "labels")
        ...     _ = file.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
        ...     read_idx(file)
        array([7, 2, 1], dtype=uint8)
    """
    path = Path(path)
    try:
        with open_file(path) as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if not packed:
                return _read(raw, path, most_bytes)
            with gzip.GzipFile(fileobj=raw) as unpacked:
                return _read(unpacked, path, most_bytes)  # type: ignore[arg-type]  # reads all the same
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(
            f"{path}: a gzip file must unpack to its end; got: {error}."
            f" The file is incomplete or damaged. {_AGAIN}"
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"{path}: wanted a data file; got: {getattr(error, 'strerror', None) or error}."
            " Check the path and whether you may read it"
        ) from error


def _read(stream: BinaryIO, path: Path, most_bytes: int) -> npt.NDArray[np.uint8]:
    """Read header and elements, and see that the stream ends where they do."""
    shape = _read_header(stream, path, most_bytes)
    wanted = math.prod(shape)
    # One byte more than announced: it tells a file that is too long, and for gzip it makes
    # the reader reach the checksum at the end.
    content = _read_at_most(stream, wanted + 1)
    if len(content) != wanted:
        came = "more" if len(content) > wanted else f"only {len(content):,}"
        raise DataError(
            f"{path}: the header announces {' x '.join(map(str, shape))} = {wanted:,}"
            f" bytes, and {came} came. {_AGAIN}"
        )
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


def _read_header(stream: BinaryIO, path: Path, most_bytes: int) -> tuple[int, ...]:
    """Read the sizes of the axes, none of which is believed unless all make sense."""
    magic = stream.read(4)
    if len(magic) < 4:
        raise DataError(f"{path}: the IDX header has 4 bytes; only {len(magic)} came. {_AGAIN}")
    zeros, kind, ndim = magic[:2], magic[2], magic[3]
    if zeros != b"\0\0":
        guess = (
            "It looks like a web page that was saved in place of the data"
            if magic.lstrip()[:1] == b"<"
            else "It is no IDX file"
        )
        raise DataError(
            f"{path}: an IDX file starts with bytes 00 00 08; got {magic[:3].hex(' ')}."
            f" {guess}. {_AGAIN}"
        )
    if kind != 0x08:
        raise DataError(
            f"{path}: the element type must be 0x08 (uint8); got 0x{kind:02x}"
            f" ({_TYPES.get(kind, 'unknown')}). Images and labels of the MNIST family"
            " are uint8"
        )
    if not 1 <= ndim <= MOST_AXES:
        raise DataError(
            f"{path}: the number of axes must be 1 to {MOST_AXES}; the header says {ndim}. {_AGAIN}"
        )
    sizes = stream.read(4 * ndim)
    if len(sizes) < 4 * ndim:
        raise DataError(
            f"{path}: the header announces {ndim} axes, {4 * ndim} bytes of sizes;"
            f" only {len(sizes)} came. {_AGAIN}"
        )
    shape = tuple(int.from_bytes(sizes[i : i + 4], "big") for i in range(0, 4 * ndim, 4))
    if math.prod(shape) > most_bytes:
        raise DataError(
            f"{path}: the header announces {' x '.join(map(str, shape))} bytes; at most"
            f" {most_bytes:,} are read. The header is damaged. {_AGAIN}"
        )
    return shape


def _read_at_most(stream: BinaryIO, limit: int) -> bytearray:
    """Read up to ``limit`` bytes, in pieces: a lying header then costs no memory."""
    content = bytearray()
    while len(content) < limit:
        piece = stream.read(min(_CHUNK, limit - len(content)))
        if not piece:
            break
        content += piece
    return content
