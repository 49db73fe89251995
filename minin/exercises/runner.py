"""Checking a learner's file in a process of its own, within a time limit.

The file is anybody's code: it may loop for ever, print without end, start processes, or end
its own. So it runs in a child process with a process group of its own, which is killed as a
whole; what it prints is kept up to a limit; and the verdict comes from the packaged check.
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
from pathlib import Path
from typing import IO, Any

from minin.errors import DataError
from minin.exercises.checking import Outcome
from minin.exercises.source import find, names

SECONDS = 30.0
PRINTED = 64 * 1024  # bytes of the learner's own output that are kept
_MARK = "# minin exercise: "


def exercise_of(path: str | os.PathLike[str]) -> str:
    """Tell which exercise a file answers: by its first line, or else by its name.

    Raises:
        DataError: if there is no such file, or it is no exercise.
    """
    file = Path(path)
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            first = stream.readline(200).strip()
    except OSError as error:
        raise DataError(f"{str(path)!r} cannot be read: {error.strerror or error}") from error
    for name in names():
        if first == f"{_MARK}{name}":
            return name
    for name in names():
        if file.name in (find(name).file_name, f"{name}.py"):
            return name
    raise DataError(
        f"{str(path)!r} answers no exercise: its first line must be as `minin learn start` wrote"
        f" it, such as {_MARK + names()[0]!r}"
    )


def check_file(
    path: str | os.PathLike[str],
    exercise: str | None = None,
    feedback: str = "fix",
    seconds: float = SECONDS,
    seed: int = 0,
) -> tuple[Outcome, str]:
    """Check a learner's file in a child process.

    Args:
        path: the file.
        exercise: which one it answers; None to read that from the file.
        feedback: how much to give away: "verdict", "where", "what" or "fix".
        seconds: how long it may take.
        seed: of the numbers that are drawn.

    Returns:
        The outcome, and what the file itself printed, cut to 64 KiB.

    Raises:
        DataError: if there is no such file, or it is no exercise.
    """
    name = exercise_of(path) if exercise is None else find(exercise).name
    with tempfile.TemporaryDirectory(prefix="minin-") as folder:
        result, word = Path(folder) / "outcome.json", secrets.token_hex(16)
        job = {
            "path": str(Path(path).resolve()),
            "exercise": name,
            "feedback": feedback,
            "seed": seed,
            "word": word,
            "result": str(result),
        }
        printed, late = _run(json.dumps(job), seconds)
        outcome = _read(result, word, name)
    if late:
        text = f"stopped after {seconds:g} s; is there an endless loop?"
        outcome = _failed(name, "time", text)
    elif outcome is None:
        text = "the file ended the process before its check was done; take exit calls out of it"
        outcome = _failed(name, "ended", text)
    return outcome, printed


def _failed(name: str, label: str, text: str) -> Outcome:
    return Outcome(name, "crashed", f"{name}: NOT YET\n  {label:<9} {text}")


def _run(job: str, seconds: float) -> tuple[str, bool]:
    """Run the child; return what it printed, and whether it was too late."""
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "minin.exercises.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env=_environment(),
    )
    assert child.stdin is not None
    assert child.stdout is not None
    kept: list[bytes] = []
    reader = threading.Thread(target=_keep, args=(child.stdout, kept), daemon=True)
    reader.start()
    late = False
    try:
        with contextlib.suppress(BrokenPipeError), child.stdin as stream:
            stream.write(job.encode())  # if it is over already, the missing outcome tells
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            late = True
    finally:  # on Ctrl-C as well
        _kill_all(child)
    reader.join(timeout=2)
    return b"".join(kept).decode("utf-8", "replace"), late


def _environment() -> dict[str, str]:
    """Let the child find this minin, wherever it was imported from, and use one thread."""
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return {**os.environ, **threads, "PYTHONPATH": os.pathsep.join(paths)}


def _keep(stream: IO[bytes], kept: list[bytes]) -> None:
    """Read to the end, and keep the first bytes."""
    room = PRINTED
    with stream:
        while chunk := stream.read(8192):
            kept.append(chunk[: max(room, 0)])
            room -= len(chunk)


def _kill_all(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it has started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left in it
            os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()
    child.wait()


def _read(path: Path, word: str, name: str) -> Outcome | None:
    """Read the outcome; None if there is none with the right word."""
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        values = found["outcome"]
        if found["word"] != word or values["exercise"] != name:
            return None
        values.pop("ok")
        return Outcome(**values)
    except (OSError, ValueError, KeyError, TypeError):
        return None
