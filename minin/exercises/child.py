"""The child process: run a learner's file, check it, and put the outcome where the parent looks.

The job comes on standard input, and the outcome goes to a file whose name only the job tells,
with the word that the job brought: nothing that a learner's file prints, and no way in which
it ends the process, can be taken for a pass.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from minin.exercises.checking import check, in_words
from minin.exercises.outcome import Outcome, crashed
from minin.files.ordinary import open_file
from minin.gradcheck.subject.printed import catch_prints
from minin.sentences import sentence, speaking


def run(job: dict[str, Any]) -> Outcome:
    """Run the file and check what it defines."""
    path, name = job["path"], job["exercise"]
    try:
        with open_file(path) as file:
            program = compile(file.read(), path, "exec")
    except SyntaxError as error:
        text = sentence("exercises.at_line", line=error.lineno, error=error.msg)
        return crashed(name, sentence("labels.syntax"), text)
    except (ValueError, OSError, RecursionError, MemoryError) as error:
        return crashed(name, sentence("labels.unread"), str(error) or type(error).__name__)
    namespace = {"__name__": "answer", "__file__": path}
    try:
        exec(program, namespace)
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: nobody else sends one
        text = sentence("exercises.while_read", error=in_words(error, path))
        return crashed(name, sentence("labels.raised"), text)
    said = partial(_leave, Path(job["said"]))
    try:
        with catch_prints(said, live=True):  # live: an endless loop is where a print helps most
            return check(name, namespace, job["feedback"], job["seed"])
    except BaseException as error:
        text = sentence("exercises.check_itself", error=in_words(error, path))
        return crashed(name, sentence("labels.stopped"), text)


def main() -> None:
    """Read the job, and write the outcome beside its word."""
    job = json.loads(sys.stdin.read())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # an answer that asks gets no reply
    word, result = job.pop("word"), Path(job.pop("result"))
    sys.argv = [job["path"]]
    sys.path.append(str(Path(job["path"]).parent))  # behind the rest: it shadows no module
    _limit_memory(job["memory"])
    with speaking(job.pop("language")):
        outcome = run(job)
    with contextlib.suppress(OSError, ValueError, AttributeError):  # the answer may have closed it
        sys.stdout.flush()
    _leave(result, json.dumps({"word": word, "outcome": outcome.to_dict()}))
    os._exit(0)  # and wait for no thread that the answer has left behind


def _leave(path: Path, text: str) -> None:
    """Write a text whole or not at all: this process may be killed meanwhile."""
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _limit_memory(most: int) -> None:
    """Turn a list without end into a MemoryError, where the system can."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
