"""What `import minin` costs: each check runs in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import minin

ROOT = Path(__file__).resolve().parent.parent

# Whatever is only sometimes needed is imported where it is used.
LATER = (
    "PIL",
    "cupy",
    "hypothesis",
    "matplotlib",
    "pooch",
    "pytest",
    "safetensors",
    "scipy",
    "sklearn",
    "torch",
    "tqdm",
)
LIST_LOADED = f"import sys; print(*sorted(set({LATER}) & set(sys.modules)))"


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a fresh interpreter in which a warning is an error."""
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_importing_minin_loads_nothing_that_is_only_sometimes_needed() -> None:
    done = python("-c", f"import minin; {LIST_LOADED}")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_so_does_asking_for_the_version() -> None:
    script = (
        "import runpy, sys; sys.argv = ['minin', '--version']\n"
        "try:\n    runpy.run_module('minin', run_name='__main__')\n"
        f"except SystemExit as end:\n    assert not end.code, end.code\n{LIST_LOADED}"
    )
    done = python("-c", script)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["minin", minin.__version__]


def test_the_version_is_the_one_in_the_metadata() -> None:
    assert f"\nversion = {minin.__version__}\n" in (ROOT / "setup.cfg").read_text("utf-8")


def test_help_is_there_and_loads_as_little() -> None:
    done = python("-m", "minin", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "train" in done.stdout
