"""What runs in a peer's process: it waits for a word, does what it says, and waits again.

    python -m benchmarks.harness.child MODULE

Words come as lines of JSON on stdin, answers go as lines to what was stdout; whatever a
library prints goes to stderr. While it waits it sleeps in a read. When stdin ends, it ends.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Iterable
from importlib import import_module
from typing import Any, TextIO

from benchmarks.harness import memory
from benchmarks.harness.programs import Missing, Program


class Server:
    """The answers to all words; each is the method of that name."""

    def __init__(self, module: str) -> None:
        self.module: Any = import_module(module)
        self.program: Program
        self.after_imports = 0

    def begin(self, _: dict[str, Any]) -> dict[str, Any]:
        """Import the library."""
        versions = {"python": platform.python_version(), **numpy_version()}
        versions |= getattr(self.module, "versions", dict)()
        self.after_imports = memory.held()
        return {"versions": versions}

    def start(self, word: dict[str, Any]) -> dict[str, Any]:
        """Build the program."""
        self.program = self.module.start(word["job"])
        return {}

    def check(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"found": self.program.check()}

    def first(self, word: dict[str, Any]) -> dict[str, Any]:
        """Call for the first time: whatever is compiled at first use is compiled here."""
        start = time.perf_counter()
        self.program.first()
        seconds = time.perf_counter() - start
        time.sleep(word["settle"])
        return {"seconds": seconds}

    def turn(self, word: dict[str, Any]) -> dict[str, Any]:
        """Take a turn; the processor time is that of the whole turn, rest included."""
        before, start = time.process_time(), time.perf_counter()
        counted = self.program.turn(word["calls"])
        cores = (time.process_time() - before) / (time.perf_counter() - start)
        time.sleep(word["settle"])
        return {
            "numbers": counted.numbers,
            "seconds": counted.seconds,
            "cores": cores,
            "cpu": time.process_time() - before,
        }

    def facts(self, _: dict[str, Any]) -> dict[str, Any]:
        most = {"after_imports": self.after_imports, "peak": memory.most()}
        return {"threads": None, "settings": {}, "memory": most, "blas": thread_pools()} | (
            self.program.facts()
        )


def serve(module: str, words: Iterable[str], answers: TextIO) -> None:
    """Answer every word."""
    server: Server | None = None
    for line in words:
        word = json.loads(line)
        try:
            server = server or Server(module)
            answer = getattr(server, word["do"])(word)
        except Missing as missing:
            answer = {"missing": str(missing)}
        except ImportError as missing:
            answer = {"missing": f"{missing} (Python {platform.python_version()})"}
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


def numpy_version() -> dict[str, str]:
    import numpy

    return {"numpy": numpy.__version__}


def thread_pools() -> list[dict[str, Any]]:
    """Name the thread pools of linear algebra in this process, without their places on disk."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return []
    kept = ("user_api", "internal_api", "version", "threading_layer", "architecture", "num_threads")
    return [{key: pool[key] for key in kept if pool.get(key)} for pool in threadpool_info()]


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries print; what they print is no answer
    serve(sys.argv[1], iter(sys.stdin.readline, ""), answers)


if __name__ == "__main__":
    main()
