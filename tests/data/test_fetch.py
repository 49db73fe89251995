from __future__ import annotations

import fcntl
import hashlib
import os
import resource
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest

from minin.data import load, sources
from minin.data.fetch import fetch, fetch_file
from minin.data.sources import File
from minin.errors import BackendUnavailableError, DataError, UnknownNameError
from tests.data.idx_writer import write_set
from tests.data.mirror import Mirror, served

pytest.importorskip("pooch", reason="Pooch is not installed")

CONTENT = np.random.default_rng(0).bytes(300_000)
OTHER = np.random.default_rng(1).bytes(300_000)
FILE = File("data.bin", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
Serve = Callable[..., Mirror]
NOBODY = "http://127.0.0.1:9/"  # the port that throws everything away, and is closed


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda *args, **words: stack.enter_context(served(Mirror(*args, **words)))


def content_of(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def assert_only_the_file(folder: Path) -> None:
    assert content_of(folder) == ["data.bin"]
    assert (folder / "data.bin").read_bytes() == CONTENT


def test_a_file_comes_whole_and_the_watcher_sees_it_grow(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(CONTENT)
    seen: list[tuple[str, int, int]] = []
    assert fetch_file(FILE, (mirror.url,), tmp_path, lambda *step: seen.append(step)) == (
        tmp_path / "data.bin"
    )
    assert_only_the_file(tmp_path)
    assert [step[1] for step in seen] == sorted({step[1] for step in seen})
    assert seen[-1] == ("data.bin", len(CONTENT), len(CONTENT))
    # Readable as any new file is, and not as secret as a temporary one.
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "data.bin").stat().st_mode & 0o777 == 0o666 & ~umask


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(CONTENT)
    assert fetch_file(FILE, (NOBODY,), tmp_path).read_bytes() == CONTENT


def test_a_file_of_other_content_is_left_as_it_is(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(CONTENT)
    (tmp_path / "data.bin").write_bytes(b"my own")
    with pytest.raises(DataError, match=r"not the official file.*not changed"):
        fetch_file(FILE, (mirror.url,), tmp_path)
    assert (tmp_path / "data.bin").read_bytes() == b"my own"
    assert mirror.asked == []


def test_a_connection_that_breaks_is_taken_up_where_it_broke(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(CONTENT, breaks_after=(100_000, 70_000))
    fetch_file(FILE, (mirror.url,), tmp_path)
    assert_only_the_file(tmp_path)
    assert mirror.asked == [None, "bytes=100000-", "bytes=170000-"]


def test_a_mirror_that_brings_nothing_more_is_given_up(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(CONTENT, breaks_after=(100_000, 0, 0, 0, 0, 0))
    with pytest.raises(DataError, match=r"broke off after 100,000 of 300,000.*100,000 .* kept"):
        fetch_file(FILE, (mirror.url,), tmp_path)
    assert len(mirror.asked) == 2
    assert content_of(tmp_path) == ["data.bin.part"]
    assert (tmp_path / "data.bin.part").read_bytes() == CONTENT[:100_000]


def test_the_next_mirror_goes_on_with_what_the_first_one_gave(tmp_path: Path, serve: Serve) -> None:
    first = serve(CONTENT, breaks_after=(90_000, 0))
    second = serve(CONTENT)
    fetch_file(FILE, (first.url, second.url), tmp_path)
    assert_only_the_file(tmp_path)
    assert second.asked == ["bytes=90000-"]


@pytest.mark.parametrize("lengthless", [False, True])
def test_a_mirror_that_ignores_range_sends_all_of_it(
    tmp_path: Path,
    serve: Serve,
    lengthless: bool,
) -> None:
    (tmp_path / "data.bin.part").write_bytes(CONTENT[:1000])
    mirror = serve(CONTENT, ranges=False, lengthless=lengthless)
    fetch_file(FILE, (mirror.url,), tmp_path)
    assert_only_the_file(tmp_path)
    assert mirror.asked == ["bytes=1000-"]


@pytest.mark.parametrize("status", [403, 404, 416, 500, 503])
def test_a_mirror_that_refuses_is_passed_over(tmp_path: Path, serve, status: int) -> None:  # type: ignore[no-untyped-def]
    first, second = serve(b"no", status=status), serve(CONTENT)
    fetch_file(FILE, (first.url, second.url), tmp_path)
    assert_only_the_file(tmp_path)


def test_where_all_refuse_each_reason_is_said(tmp_path: Path, serve: Serve) -> None:
    first = serve(b"no", status=404)
    with pytest.raises(DataError) as caught:
        fetch_file(FILE, (first.url, NOBODY), tmp_path)
    assert f"{first.url} answered 404; {NOBODY} could not be asked" in str(caught.value)
    assert content_of(tmp_path) == []


def test_a_page_in_place_of_the_file_costs_nothing_of_the_part(
    tmp_path: Path, serve: Serve
) -> None:
    (tmp_path / "data.bin.part").write_bytes(CONTENT[:1000])
    mirror = serve(b"<html>log in</html>", ranges=False)
    with pytest.raises(DataError, match="announced 19 bytes, and 300,000 are wanted"):
        fetch_file(FILE, (mirror.url,), tmp_path)
    assert (tmp_path / "data.bin.part").read_bytes() == CONTENT[:1000]


def test_other_bytes_never_take_the_name(tmp_path: Path, serve: Serve) -> None:
    (tmp_path / "neighbour").write_bytes(b"good")
    mirror = serve(OTHER)
    with pytest.raises(DataError, match="sent bytes that are not those of the official file"):
        fetch_file(FILE, (mirror.url,), tmp_path)
    assert content_of(tmp_path) == ["neighbour"]
    assert len(mirror.asked) == 1


def test_after_other_bytes_the_next_mirror_is_asked(tmp_path: Path, serve: Serve) -> None:
    fetch_file(FILE, (serve(OTHER).url, serve(CONTENT).url), tmp_path)
    assert_only_the_file(tmp_path)


@pytest.mark.parametrize("part", [OTHER[:1000], OTHER, OTHER + b"too long"])
def test_a_part_of_something_else_is_found_out_and_dropped(
    tmp_path: Path,
    serve: Serve,
    part: bytes,
) -> None:
    (tmp_path / "data.bin.part").write_bytes(part)
    fetch_file(FILE, (serve(CONTENT).url,), tmp_path)
    assert_only_the_file(tmp_path)


def test_a_part_that_is_whole_needs_no_mirror(tmp_path: Path) -> None:
    (tmp_path / "data.bin.part").write_bytes(CONTENT)
    fetch_file(FILE, (NOBODY,), tmp_path)
    assert_only_the_file(tmp_path)


def test_a_mirror_without_an_end_is_cut_off(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(CONTENT + OTHER, lengthless=True)
    with pytest.raises(DataError, match="sent more than the 300,000 bytes"):
        fetch_file(FILE, (mirror.url,), tmp_path)
    assert not (tmp_path / "data.bin").exists()
    assert (tmp_path / "data.bin.part").stat().st_size <= len(CONTENT)


def child(
    code: str, *words: str, before: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,
    )


FETCH = """
import sys
from dataclasses import replace
from minin.cli import main
from minin.data import sources
url, size, digest, root = sys.argv[1:]
file = sources.File("data.bin", int(size), digest)
sources.SOURCES["svhn"] = replace(sources.SVHN, mirrors=(url,), files=(file,))
sys.exit(main(["data", "fetch", "svhn", "--root", root]))
"""


def words(mirror: Mirror, root: Path) -> list[str]:
    return [mirror.url, str(FILE.size), FILE.sha256, str(root)]


def test_ctrl_c_leaves_the_part_and_the_next_run_goes_on(tmp_path: Path) -> None:
    class Slow(Mirror):
        def answer(self, handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", str(FILE.size))
            handler.end_headers()
            handler.wfile.write(CONTENT[:150_000])
            handler.wfile.flush()
            time.sleep(20)

    part = tmp_path / "svhn" / "data.bin.part"
    with served(Slow(CONTENT)) as slow:
        process = child(FETCH, *words(slow, tmp_path))
        deadline = time.monotonic() + 30
        while not (part.is_file() and part.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "minin: stopped by Ctrl-C\n")
    assert out == "fetching  data.bin, 0.3 MB\n"
    assert content_of(part.parent) == ["data.bin.part"]
    kept = part.stat().st_size
    assert 0 < kept <= 150_000
    with served(Mirror(CONTENT)) as mirror:
        process = child(FETCH, *words(mirror, tmp_path))
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert "SHA-256 as published" in out
    assert mirror.asked == [f"bytes={kept}-"]
    assert_only_the_file(part.parent)


def test_a_full_disk_leaves_the_part_and_says_so(tmp_path: Path) -> None:
    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    with served(Mirror(CONTENT)) as mirror:
        process = child(FETCH, *words(mirror, tmp_path), before=small)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 2
        assert err.startswith("minin: error: ")
        assert "has the disk room?" in err
        assert content_of(tmp_path / "svhn") == ["data.bin.part"]
        assert (tmp_path / "svhn" / "data.bin.part").read_bytes() == CONTENT[:100_000]
        fetch_file(FILE, (mirror.url,), tmp_path / "svhn")
    assert_only_the_file(tmp_path / "svhn")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "root").write_bytes(b"a file")
    with pytest.raises(DataError, match=r"root/mnist.*cannot be made"):
        fetch("mnist", tmp_path / "root")


def test_names_and_roots_that_make_no_sense(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MININ_DATA", raising=False)
    with pytest.raises(UnknownNameError, match="did you mean 'mnist'"):
        fetch("mnits", tmp_path)
    with pytest.raises(DataError, match="bundled"):
        fetch("digits", tmp_path)
    with pytest.raises(DataError, match="neither root nor"):
        fetch("mnist")


def test_without_pooch_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(BackendUnavailableError, match=r"pip install 'pooch>=1\.8', or fetch"):
        load("mnist", tmp_path, download=True)


def test_load_fetches_what_is_not_there(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = []
    for path in write_set(tmp_path / "elsewhere").values():
        content = path.read_bytes()
        files.append((File(path.name, len(content), hashlib.sha256(content).hexdigest()), content))
    by_name = {f"/{file.name}": content for file, content in files}

    class Named(Mirror):
        def answer(self, handler: BaseHTTPRequestHandler) -> None:
            self.content = by_name[handler.path]
            super().answer(handler)

    with served(Named(b"")) as mirror:
        source = replace(
            sources.MNIST, mirrors=(mirror.url,), files=tuple(file for file, _ in files)
        )
        monkeypatch.setitem(sources.SOURCES, "mnist", source)
        monkeypatch.setenv("MININ_DATA", str(tmp_path / "root"))
        assert load("mnist", download=True).train_images.shape == (6, 1, 5, 5)
        assert len(mirror.asked) == 4
        assert len(load("mnist", download=True).test_images) == 4
        assert len(mirror.asked) == 4


def test_on_a_terminal_a_bar_is_drawn_and_taken_away(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    with served(Mirror(CONTENT)) as mirror:
        process = subprocess.Popen(
            [sys.executable, "-c", FETCH, *words(mirror, tmp_path)],
            stdout=theirs,
            stderr=subprocess.PIPE,
        )
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # Linux says so when the other end has closed
                break
            if not piece:
                break
            shown += piece
        _, err = process.communicate(timeout=30)
    os.close(ours)
    assert (process.returncode, err) == (0, b"")
    assert b"data.bin:" in shown
    assert b"%|" in shown
    assert b"fetching" not in shown
    assert b"SHA-256 as published" in shown
