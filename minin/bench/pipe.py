"""A process that is spoken to over a pipe: lines of JSON there, lines of JSON back."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any


class Child:
    """A process in a session of its own, so that Ctrl-C reaches this one only.

    Args:
        command: what it runs; its answers are lines on stdout, and stderr is kept for the words
            that it ends with.
        cwd: its folder; None for that of this process.
        env: its variables; None for those of this process.
    """

    def __init__(
        self, command: Sequence[str], cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        # Open as long as the process.
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            encoding="utf-8",
            cwd=cwd,
            env=env,
            start_new_session=True,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._there, self._back = self.process.stdin, self.process.stdout

    def say(self, word: Any) -> None:
        """Write a line; whether anybody reads it shows in the answers."""
        with suppress(BrokenPipeError):
            self._there.write(json.dumps(word) + "\n")
            self._there.flush()

    def answers(self) -> Iterator[Any]:
        """Read answers until the process has no more."""
        while line := self._back.readline():
            yield json.loads(line)

    def ending(self) -> str:
        """Say how the process ended, after its last answer."""
        try:
            code = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "closed its pipe"
        if code >= 0:
            return f"ended with exit code {code}"
        return f"was killed by {signal.Signals(-code).name}"

    def last_words(self) -> str:
        """Return the last line that it printed."""
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def end(self, patience: float = 0.0) -> None:
        """Close the pipes; kill the process if it is still there after some seconds."""
        for pipe in (self._there, self._back):
            with suppress(OSError):  # nobody reads any more
                pipe.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=patience)
        self.process.kill()
        self.process.wait()
        self._said.close()
