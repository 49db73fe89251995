"""Every block in a process of its own.

Where a process finds its memory, and in which state its threads are, is chance, and stays as it
is until its end: the same call can be five percent slower in the next process, though in each the
blocks agree to one percent. Only blocks in several processes show that, so their range is what
another run may differ by.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from minin.bench.pipe import Child
from minin.bench.plan import Request
from minin.bench.rows import ResultRow, Visit
from minin.errors import BackendUnavailableError

_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from minin.bench.child import main; main()"


class Processes:
    """Blocks in new processes, for `minin.bench.run.Run`.

    Args:
        options: from which the process makes the same plan.
        program: what it runs.
    """

    def __init__(self, options: Request, program: str = _PROGRAM) -> None:
        self.options, self.program = options, program

    def __call__(self, rows: Sequence[ResultRow], seconds: float) -> Iterator[tuple[int, Visit]]:
        """Visit rows in a new process, which ends with the block, or when nobody listens.

        Raises:
            BackendUnavailableError: if it ends before its time.
        """
        request = {
            "options": asdict(self.options),
            "seconds": seconds,
            "rows": [[row.key, row.calls] for row in rows],
        }
        warnings = [word for option in sys.warnoptions for word in ("-W", option)]
        path = [entry or os.getcwd() for entry in sys.path]  # noqa: PTH109 - a string
        child, done = Child([sys.executable, *warnings, "-c", self.program, *path]), 0
        try:
            child.say(request)
            for number, values in child.answers():
                done += 1
                yield number, Visit(**values)
            if done < len(rows):
                raise BackendUnavailableError(
                    f"a measuring process ended after {done} of {len(rows)} rows, with code "
                    f"{child.process.wait()} and {(child.last_words() or 'no word')[:200]!r}; "
                    "leave that row out with --ops or --libraries"
                )
        finally:
            child.end()
