"""A peer whose job says what it does: how long its turns are, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from benchmarks.harness.programs import Counted, Missing


def versions() -> dict[str, str]:
    if os.environ.get("FAKE_MISSING"):
        raise Missing("fake is not installed")
    return {"fake": "1.0"}


def start(job: dict[str, Any]) -> Fake:
    if job.get("needs"):
        __import__(job["needs"])
    return Fake(job)


class Fake:
    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        self.turns = 0

    def first(self) -> None:
        print("a library prints what it likes")

    def turn(self, calls: int) -> Counted:
        self.turns += 1
        if self.turns == self.job.get("fails at"):
            raise ValueError("nothing to multiply")
        if self.turns == self.job.get("killed at"):
            print("last words", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        if self.turns == self.job.get("ends at"):
            os._exit(3)
        number = self.job.get("seconds", 1.0) * self.turns
        return Counted({"step": number}, number * calls)

    def check(self) -> dict[str, Any]:
        return {"parameters": self.job.get("parameters", 1)}

    def facts(self) -> dict[str, Any]:
        return {"threads": 1, "settings": {"rules": os.environ.get("MININ_RULES", "")}}
