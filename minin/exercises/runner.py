"""Checking a learner's file in a process of its own, within a time limit.

The file is anybody's code: it may loop for ever, print without end, start processes, or end
its own. So it runs in a child process with a process group of its own, which is killed as a
whole; what it prints is kept up to a limit (what its functions print comes in a file, a page of
each); and the verdict comes from the packaged check.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from minin.exercises.outcome import Outcome, crashed, headline
from minin.exercises.source import find
from minin.exercises.which import exercise_of
from minin.files.ordinary import open_file
from minin.sentences import language as language_in_use
from minin.sentences import sentence, speaking

SECONDS = 30.0
PRINTED = 64 * 1024  # bytes of the learner's own output that are kept
MEMORY = 2 * 2**30  # bytes that it may ask for: a mistake must not freeze the machine
# The search path comes in the arguments: with Python's own, which begins with the folder one
# stands in, a learner's `random.py` would take the place of the standard library's.
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from minin.exercises.child import main; main()"
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class OutcomeAndPrints(NamedTuple):
    """An outcome, and what was printed meanwhile, which is no verdict.

    Attributes:
        outcome: the verdict.
        printed: what the file itself printed, cut to 64 KiB.
        said: what its functions printed, a page for each, as `gradcheck.subject.printed` writes it.
    """

    outcome: Outcome
    printed: str
    said: str


def check_file(
    path: str | os.PathLike[str],
    exercise: str | None = None,
    feedback: str = "fix",
    seconds: float = SECONDS,
    seed: int = 0,
    language: str | None = None,
) -> OutcomeAndPrints:
    """Check a learner's file in a child process.

    Args:
        path: the file.
        exercise: which one it answers; None to know that by the file's name and first line.
        feedback: how much to give away: "verdict", "where", "what" or "fix".
        seconds: how long it may take.
        seed: of the numbers that are drawn.
        language: of the verdict, one of `minin.sentences.languages`; None for MININ_LANGUAGE,
            or English.

    Raises:
        DataError: if there is no such file, or what it answers is not said or said in two ways.
        UnknownNameError: if there is no exercise or language of that name.
    """
    with speaking(language):
        name = exercise_of(path, exercise)
        asked = {"feedback": feedback, "seed": seed, "language": language_in_use()}
        return _check_file(path, name, asked, seconds)


def _check_file(
    path: str | os.PathLike[str], name: str, asked: Mapping[str, Any], seconds: float
) -> OutcomeAndPrints:
    """Give a child its job, and judge what it has left and how it ended."""
    with tempfile.TemporaryDirectory(prefix="minin-") as folder:
        result, said = Path(folder) / "outcome.json", Path(folder) / "said.txt"
        word = secrets.token_hex(16)
        job = {
            "path": str(Path(path).resolve()),
            "exercise": name,
            **asked,
            "memory": MEMORY,
            "word": word,
            "result": str(result),
            "said": str(said),
        }
        child = _run(json.dumps(job), seconds)
        outcome, by_functions = _read(result, word, name), _read_said(said)
    if child.code is None:
        text = sentence("exercises.too_long", seconds=f"{seconds:g}")
        outcome = crashed(name, sentence("labels.time"), text)
    elif outcome is None:
        outcome = crashed(name, sentence("labels.ended"), _ending(child.code))
    elif outcome.ok:  # the child ran somebody's code: what it says of points may be theirs
        rest = outcome.text.partition("\n")[2]
        points = float(find(name).points)
        outcome = replace(outcome, text=f"{headline(find(name))}\n{rest}", points=points)
    else:
        outcome = replace(outcome, points=0.0)
    return OutcomeAndPrints(outcome, child.printed, by_functions)


def _ending(code: int) -> str:
    """Say how a child ended that has left no outcome."""
    if code < 0:
        with contextlib.suppress(ValueError):
            sent = signal.Signals(-code).name
            if sent == "SIGKILL":
                return sentence("exercises.out_of_memory", signal=sent)
            return sentence("exercises.killed", signal=sent)
    return sentence("exercises.ended")


class _Ended(NamedTuple):
    """What the child printed, and its exit code; None if it was stopped."""

    printed: str
    code: int | None


def _run(job: str, seconds: float) -> _Ended:
    child = subprocess.Popen(
        [sys.executable, "-u", "-W", "ignore", "-c", _PROGRAM, *_search_path()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env=_environment(),
    )
    assert child.stdin is not None
    assert child.stdout is not None
    kept: list[bytes] = []
    cut = sentence("exercises.cut", size=PRINTED // 1024)  # here: a thread begins in English
    reader = threading.Thread(target=_keep, args=(child.stdout, kept, cut), daemon=True)
    reader.start()
    code = None
    try:
        with contextlib.suppress(BrokenPipeError), child.stdin as stream:
            stream.write(job.encode())  # if it is over already, the missing outcome tells
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = child.wait(seconds)
    finally:  # on Ctrl-C as well
        _kill_all(child)
    reader.join(timeout=2)
    return _Ended(b"".join(kept).decode("utf-8", "replace"), code)


def _search_path() -> list[str]:
    """Return this process's search path, without the folder it stands in, and with this minin."""
    here, root = str(Path.cwd()), str(Path(__file__).resolve().parents[2])
    paths = [p for p in map(os.path.abspath, sys.path) if p == root or p != here]
    return paths if root in paths else [root, *paths]


def _environment() -> dict[str, str]:
    """Let the child use one thread."""
    return {**os.environ, **dict.fromkeys(_THREADS, "1")}


def _keep(stream: IO[bytes], kept: list[bytes], cut: str) -> None:
    """Read to the end, and keep the first bytes; then say that the rest was cut."""
    room = PRINTED
    with stream:
        while chunk := stream.read(8192):
            kept.append(chunk[: max(room, 0)])
            if room >= 0 > room - len(chunk):
                kept.append(f"\n{cut}\n".encode())
            room -= len(chunk)


def _kill_all(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it has started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left in it
            os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()
    child.wait()


def _read_said(path: Path) -> str:
    """Read what the functions printed; nothing if they printed nothing."""
    try:
        with open_file(path) as file:  # it could have been written to by anybody's code
            return file.read(PRINTED).decode("utf-8", "replace")
    except OSError:
        return ""


def _read(path: Path, word: str, name: str) -> Outcome | None:
    """Read the outcome; None if there is none with the right word."""
    try:
        with open_file(path) as file:
            found: dict[str, Any] = json.load(file)
        values = found["outcome"]
        if found["word"] != word or values["exercise"] != name:
            return None
        values.pop("ok")
        return Outcome(**values)
    except (OSError, ValueError, KeyError, TypeError):
        return None
