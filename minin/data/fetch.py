"""Fetching a data set: mirrors in turn, broken downloads resumed, every byte hashed.

Pooch compares the sums and puts a file in its place at once, when it is whole; what it cannot
do is to go on where a broken download stopped. That part is here: bytes gather in NAME.part,
and a second fetch, after a Ctrl-C or on a full disk, asks only for the rest.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from minin.data.places import given_folder
from minin.data.sources import SOURCES, File
from minin.errors import BackendUnavailableError, DataError, UnknownNameError
from minin.files.ordinary import demand_ordinary, open_file

Watch = Callable[[str, int, int], None]  # file, bytes that are here, bytes that it has

ATTEMPTS = 5  # at one mirror, as long as each brings something
_WAIT = (10.0, 30.0)  # seconds for a connection, and between two pieces
_PIECE = 2**16


class _BrokenError(Exception):
    """A mirror did not give what it was asked for; its words are the reason."""


def fetch(
    name: str, root: str | os.PathLike[str] | None = None, watch: Watch | None = None
) -> list[Path]:
    """Fetch the official files of a data set into its own folder under ``root``.

    A file that is there already is left as it is. A new one takes its name only when it is
    whole and its SHA-256 sum is the published one.

    Args:
        name: a name of `minin.data.names`, but for "digits", which is bundled.
        root: where to; it is made if need be. Without it the variable MININ_DATA says where.
        watch: called as bytes arrive, with the file's name, the bytes that are here, and
            the bytes that it has.

    Raises:
        UnknownNameError: if there is no such set.
        DataError: if no mirror gives the official bytes, a file of another content is in
            the way, or the disk is full; a part that is left is gone on with next time.
        BackendUnavailableError: if Pooch is not installed.
    """
    if name == "digits":
        raise DataError("digits is bundled with minin; there is nothing to fetch")
    if name not in SOURCES:
        raise UnknownNameError.among("data set", name, SOURCES)
    source = SOURCES[name]
    folder = given_folder(source, root) / source.folders[0]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise DataError(f"{str(folder)!r} cannot be made: {error}") from error
    return [fetch_file(file, source.mirrors, folder, watch) for file in source.files]


def fetch_file(
    file: File, mirrors: tuple[str, ...], folder: Path, watch: Watch | None = None
) -> Path:
    """Fetch one file from the first mirror that has it.

    Raises:
        DataError: as `fetch` says.
        BackendUnavailableError: if Pooch is not installed.
    """
    target = folder / file.name
    if target.exists():
        if digest_of(target) == file.sha256:
            return target
        raise DataError(
            f"{target} is there and is not the official file: its SHA-256 sum differs. "
            "It was not changed; move it away, or fetch into another folder"
        )
    reasons = []
    for mirror in mirrors:
        reason = _from_mirror(file, mirror, target, watch or (lambda *_: None))
        if reason is None:
            return target
        reasons.append(f"{mirror} {reason}")
    kept = target.with_name(f"{file.name}.part")
    there = f" {kept.stat().st_size:,} bytes are kept in {kept}." if kept.is_file() else ""
    raise DataError(
        f"{file.name} could not be fetched: {'; '.join(reasons)}.{there} Try again later:"
        " what is here is not fetched twice"
    )


def digest_of(path: Path) -> str:
    """Compute the SHA-256 sum of a file.

    Raises:
        DataError: if it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with open_file(path) as file:
            while piece := file.read(2**20):
                digest.update(piece)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    return digest.hexdigest()


def _from_mirror(file: File, mirror: str, target: Path, watch: Watch) -> str | None:
    """Fetch from one mirror, going on where it broke off as long as bytes arrive.

    Returns None when the file is in its place, or else the reason why it is not.
    """
    part = target.with_name(f"{file.name}.part")
    for _ in range(ATTEMPTS):
        before = _size(part)
        reason = _attempt(file, mirror, target, part, watch)
        if reason is None:
            return None
        # A part that came to nothing may have been another file's: once more, from byte 0.
        spoiled = before > 0 and not part.exists()
        if not (spoiled or _size(part) > before):
            break
    return reason


def _attempt(file: File, mirror: str, target: Path, part: Path, watch: Watch) -> str | None:
    """Let Pooch fetch, hash and rename; its downloader is ours."""
    pooch = _pooch()

    def downloader(url: str, output: str, _: Any) -> None:
        _download(url, file, part, watch)
        part.replace(output)

    try:
        pooch.retrieve(
            url=f"{mirror}{file.name}",
            known_hash=f"sha256:{file.sha256}",
            fname=file.name,
            path=target.parent.resolve(),
            downloader=downloader,
        )
    except _BrokenError as error:
        return str(error)
    except DataError:
        raise
    except OSError as error:
        raise _disk(target, error) from error
    except ValueError:  # Pooch's word for a wrong sum
        return "sent bytes that are not those of the official file"
    return None


def _download(url: str, file: File, part: Path, watch: Watch) -> None:
    """Bring ``part`` to its full length."""
    try:
        demand_ordinary(part)
    except OSError as error:
        raise _disk(part, error) from error
    start = _size(part)
    if start > file.size:
        part.unlink()
        start = 0
    if start == file.size:
        return
    for place, piece in _pieces(url, file, start):
        try:
            # Opened for each piece: what has come is on disk whatever happens next.
            with part.open("ab" if place else "wb") as stream:
                stream.write(piece)
        except OSError as error:
            raise _disk(part, error) from error
        watch(file.name, place + len(piece), file.size)
    if _size(part) < file.size:
        raise _BrokenError(f"broke off after {_size(part):,} of {file.size:,} bytes")


def _pieces(url: str, file: File, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield pieces with their places, from ``start`` on, or from 0 if the mirror insists."""
    import requests
    import urllib3

    # Not compressed on the way: the sums are those of the files as they lie there.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        with closing(requests.get(url, headers=headers, stream=True, timeout=_WAIT)) as response:
            start = _answered(response.status_code, response.headers, start, file.size)
            for piece in response.raw.stream(_PIECE, decode_content=False):
                if start + len(piece) > file.size:
                    raise _BrokenError(f"sent more than the {file.size:,} bytes of the file")
                yield start, piece
                start += len(piece)
    except requests.RequestException as error:
        raise _BrokenError(f"could not be asked ({_short(error)})") from error
    except urllib3.exceptions.HTTPError as error:
        raise _BrokenError(f"broke off after {start:,} of {file.size:,} bytes") from error


def _answered(status: int, headers: Any, start: int, size: int) -> int:
    """Judge an answer by its head, and say from which byte on it goes."""
    if status == 206 and headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        begin = start
    elif status == 200:  # Range is ignored: all of it comes
        begin = 0
    else:
        raise _BrokenError(f"answered {status}")
    # A page of regrets with status 200 must not take the place of what is here.
    announced = headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) != size - begin:
        raise _BrokenError(f"announced {int(announced):,} bytes, and {size - begin:,} are wanted")
    return begin


def _pooch() -> Any:
    """Import Pooch where it is needed, and keep it quiet.

    Raises:
        BackendUnavailableError: if it is not installed.
    """
    try:
        import pooch
    except ImportError as error:
        raise BackendUnavailableError.needs(
            "fetching data", "pooch", ", or fetch by hand"
        ) from error
    pooch.get_logger().setLevel(logging.WARNING)
    return pooch


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _disk(path: Path, error: OSError) -> DataError:
    return DataError(
        f"{path} could not be written: {error.strerror or error}. May the folder be written"
        " to, and has the disk room? What has come is kept, and gone on with next time"
    )


def _short(error: Exception) -> str:
    """Name the innermost cause: the outer ones repeat the address."""
    cause: BaseException = error
    while cause.args and isinstance(cause.args[0], BaseException):
        cause = cause.args[0]
    reason = getattr(cause, "reason", None)
    return f"{type(reason or cause).__name__}"
