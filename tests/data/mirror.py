"""A web server on this machine that misbehaves in the ways that real mirrors do."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Mirror:
    """What a server gives, and what it was asked.

    Args:
        content: the bytes of every file.
        breaks_after: bytes after which the first answers break off; one entry an answer.
        ranges: whether it understands Range.
        status: what it answers.
        lengthless: whether it leaves Content-Length out.
    """

    def __init__(
        self,
        content: bytes,
        breaks_after: tuple[int, ...] = (),
        ranges: bool = True,
        status: int = 200,
        lengthless: bool = False,
    ) -> None:
        self.content, self.ranges, self.status = content, ranges, status
        self.lengthless = lengthless
        self.breaks = list(breaks_after)
        self.asked: list[str | None] = []
        self.url = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Send an answer, or the beginning of one."""
        wanted = handler.headers.get("Range")
        self.asked.append(wanted)
        start = 0
        if self.status == 200 and wanted and self.ranges:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            handler.send_response(206)
            last = len(self.content) - 1
            handler.send_header("Content-Range", f"bytes {start}-{last}/{last + 1}")
        else:
            handler.send_response(self.status)
        rest = self.content[start:]
        if not self.lengthless:
            handler.send_header("Content-Length", str(len(rest)))
        handler.end_headers()
        handler.wfile.write(rest[: self.breaks.pop(0)] if self.breaks else rest)


@contextlib.contextmanager
def served(mirror: Mirror) -> Iterator[Mirror]:
    """Run the server while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with contextlib.suppress(ConnectionError):
                mirror.answer(self)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    mirror.url = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield mirror
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
