"""The child process: run a learner's file, check it, and put the outcome where the parent looks.

The job comes on standard input, and the outcome goes to a file whose name only the job tells,
with the word that the job brought: nothing that a learner's file prints, and no way in which
it ends the process, can be taken for a pass.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from minin.exercises.checking import Outcome, check, in_words


def run(job: dict[str, Any]) -> Outcome:
    """Run the file and check what it defines."""
    path, name = job["path"], job["exercise"]

    def told(label: str, text: str) -> Outcome:
        return Outcome(name, "crashed", f"{name}: NOT YET\n  {label:<9} {text}")

    try:
        program = compile(Path(path).read_bytes(), path, "exec")
    except SyntaxError as error:
        return told("syntax", f"line {error.lineno}: {error.msg}")
    except (ValueError, OSError, RecursionError, MemoryError) as error:
        return told("unread", str(error))
    namespace = {"__name__": "answer", "__file__": path}
    try:
        exec(program, namespace)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too
        return told("raised", f"while the file is read, {in_words(error, path)}")
    return check(name, namespace, job["feedback"], job["seed"])


def main() -> None:
    """Read the job, and write the outcome beside its word."""
    job = json.loads(sys.stdin.read())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # an answer that asks gets no reply
    word, result = job.pop("word"), Path(job.pop("result"))
    outcome = run(job)
    sys.stdout.flush()
    part = result.with_suffix(".part")
    part.write_text(json.dumps({"word": word, "outcome": outcome.to_dict()}), encoding="utf-8")
    part.replace(result)
    os._exit(0)  # and wait for no thread that the answer has left behind


if __name__ == "__main__":
    main()
