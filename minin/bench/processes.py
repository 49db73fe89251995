"""Every block in a process of its own.

Where a process finds its memory, and in which state its threads are, is chance, and stays as it
is until its end: the same call can be five percent slower in the next process, though in each the
blocks agree to one percent. Only blocks in several processes show that, so their range is what
another run may differ by.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict
from typing import IO

from minin.bench.plan import Options
from minin.bench.rows import Row, Visit
from minin.errors import BackendUnavailableError

_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from minin.bench.child import main; main()"


class Processes:
    """Blocks in new processes, for `minin.bench.run.Run`.

    Args:
        options: from which the process makes the same plan.
        program: what it runs.
    """

    def __init__(self, options: Options, program: str = _PROGRAM) -> None:
        self.options, self.program = options, program

    def __call__(self, rows: Sequence[Row], seconds: float) -> Iterator[tuple[int, Visit]]:
        """Visit rows in a new process, which ends with the block, or when nobody listens.

        Raises:
            BackendUnavailableError: if it ends before its time.
        """
        request = {
            "options": asdict(self.options),
            "seconds": seconds,
            "rows": [[row.key, row.calls] for row in rows],
        }
        with tempfile.TemporaryFile() as errors, self._process(errors) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps(request).encode())
                process.stdin.close()
            done = yield from _visits(process.stdout)
            code = process.wait()
            if done < len(rows):
                errors.seek(0)
                said = errors.read().decode(errors="replace").strip().splitlines()
                raise BackendUnavailableError(
                    f"a measuring process ended after {done} of {len(rows)} rows, with code {code} "
                    f"and {(said or ['no word'])[-1][:200]!r}; leave out what it was at with --ops "
                    "or --libraries"
                )

    @contextlib.contextmanager
    def _process(self, errors: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
        """Start the process in a session of its own, so that Ctrl-C reaches this one only."""
        warnings = [word for option in sys.warnoptions for word in ("-W", option)]
        path = [entry or os.getcwd() for entry in sys.path]  # noqa: PTH109 - a string
        process = subprocess.Popen(
            [sys.executable, *warnings, "-c", self.program, *path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            process.wait()


def _visits(lines: IO[bytes]) -> Generator[tuple[int, Visit], None, int]:
    """Read a visit a line; return how many there were."""
    done = 0
    for line in lines:
        number, values = json.loads(line)
        done += 1
        yield number, Visit(**values)
    return done
