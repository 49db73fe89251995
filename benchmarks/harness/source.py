"""What was measured: the version of minin, its commit, and whether files were changed since."""

from __future__ import annotations

import subprocess
from typing import Any

from benchmarks.harness.peers import ROOT
from minin import __version__

# What measuring writes does not change what is measured.
PATHS = (
    "minin",
    "benchmarks",
    ":!benchmarks/results",
    ":!benchmarks/pictures",
    ":!benchmarks/README.md",
)


def describe() -> dict[str, Any]:
    """Describe the source, as every result records it; None where there is no git to ask."""
    commit = _git("rev-parse", "HEAD")
    changes = _git("status", "--porcelain", "--", *PATHS)
    return {
        "minin": __version__,
        "commit": commit,
        "modified": None if changes is None else bool(changes),
    }


def last_change(path: str) -> str | None:
    """Name the last commit that changed a folder: results that were committed since did not."""
    return _git("log", "-1", "--format=%H", "--", path)


def _git(*words: str) -> str | None:
    command = ["git", "--no-optional-locks", *words]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
