"""Who checks the checker? Faults planted in minin/gradcheck, each of which its tests must notice.

    python -m tools.planted_faults             all of them, a few minutes on one core
    python -m tools.planted_faults --only 3    one of them, with what pytest says

For each fault the package and its tests are copied to a temporary folder, one piece of text is
replaced there, and the tests that are named beside it are run until one fails: the quick part,
which a plain `pytest` runs, and only if that notices nothing, all of them. Written:
docs/gradcheck-planted-faults.md. A fault that no test notices makes the command fail.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from minin.files.toml import read_toml
from tools.page import DOCS, page, rows

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path("minin") / "gradcheck"
TESTS = "tests/gradcheck"
TARGET = DOCS / "gradcheck-planted-faults.md"
FOLDERS, SETTINGS = ("minin", "tests"), ("setup.cfg", "pyproject.toml")  # what is copied
SECONDS = 240  # for the tests of one fault
OTHERWISE = "slips_in_the_checker"  # written because a fault had gone unnoticed


class Fault(NamedTuple):
    """One slip, as `planted_faults.toml` has it."""

    file: str
    old: str
    new: str
    why: str
    tests: tuple[str, ...]


LIST = Path(__file__).with_suffix(".toml")
_ROWS = read_toml(LIST.read_text("utf-8"))["faults"]
FAULTS = [Fault(**row | {"tests": tuple(row["tests"])}) for row in _ROWS]


class Notice(NamedTuple):
    """The first test that fails, and whether a plain `pytest` leaves it out."""

    test: str
    thorough: bool

    def __str__(self) -> str:
        return f"`{self.test}`" + ", thorough" * self.thorough


# It would notice every fault, and for no good reason.
NOT_HERE = f"{TESTS}/test_slips_in_the_checker.py::test_the_list_has_not_rotted"


def occurrences(fault: Fault) -> int:
    """Count how often a fault's old text is in its file."""
    return (ROOT / PACKAGE / fault.file).read_text(encoding="utf-8").count(fault.old)


def copy_of_all(folder: Path) -> None:
    """Copy what the tests need into an empty folder."""
    leave_out = shutil.ignore_patterns("__pycache__", "*.pyc", ".hypothesis")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=leave_out)
    for name in SETTINGS:
        shutil.copy(ROOT / name, folder / name)


def plant(fault: Fault, folder: Path) -> None:
    """Replace a fault's text in a copy.

    Raises:
        ValueError: if the text is not there exactly once.
    """
    path = folder / PACKAGE / fault.file
    text = path.read_text(encoding="utf-8")
    if text.count(fault.old) != 1:
        raise ValueError(f"{fault.file}: {fault.old!r} is there {text.count(fault.old)} times")
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")


def files_of(names: tuple[str, ...]) -> list[str]:
    """Return the test files that go by these names, and the file for what they miss."""
    every = dict.fromkeys((*names, OTHERWISE))
    inner = ("recognisers", "contributions")
    return [f"{TESTS}/{'diagnose/' if n in inner else ''}test_{n}.py" for n in every]


def tried(folder: Path, files: list[str], thorough: bool) -> tuple[int, str]:
    """Run tests in a copy until one fails; return pytest's exit code and what it said."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "--tb=line"]
    command += ["-p", "no:cacheprovider", f"--deselect={NOT_HERE}", *files]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["MININ_THOROUGH"] = str(int(thorough))
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def noticed(fault: Fault, show: bool = False) -> Notice | None:
    """Return the test that notices a fault, of the quick part if one does."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_of_all(folder)
        plant(fault, folder)
        for thorough in (False, True):
            code, said = tried(folder, files_of(fault.tests), thorough)
            if show:
                print(said)
            found = re.search(r"^FAILED (.+?)(?: - .*)?$", said, re.MULTILINE)
            if code == 1 and found:
                return Notice(found[1].removeprefix(f"{TESTS}/"), thorough)
    return None


def sound() -> bool:
    """Tell whether the same tests pass where nothing is planted."""
    names = tuple(dict.fromkeys(name for fault in FAULTS for name in fault.tests))
    with tempfile.TemporaryDirectory() as name:
        copy_of_all(Path(name))
        code, said = tried(Path(name), files_of(names), thorough=True)
    if code:
        print(said)
    return code == 0


def written(found: list[Notice | None]) -> str:
    """Write the page."""
    seen = [one for one in found if one]
    return page(
        "gradcheck-planted-faults",
        count=len(seen),
        all=len(found),
        quick=sum(not one.thorough for one in seen),
        rows=rows(
            [number, f"`{fault.file}`", fault.why, notice or "**nobody**"]
            for number, (fault, notice) in enumerate(zip(FAULTS, found, strict=True), 1)
        ),
    )


def main() -> int:
    """Plant what was asked for; exit with 1 if something is not noticed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", type=int, metavar="N", help="the number of one fault, from 1")
    only = parser.parse_args().only
    if only is not None:
        notice = noticed(FAULTS[only - 1], show=True)
        print(notice or "NOT NOTICED")
        return 0 if notice else 1
    if not sound():
        print("the tests fail where nothing is planted")
        return 1
    found: list[Notice | None] = []
    for number, fault in enumerate(FAULTS, 1):
        found.append(noticed(fault))
        print(f"{number:>3} {fault.file:<24} {found[-1] or 'NOT NOTICED'}", flush=True)
    TARGET.write_text(written(found), encoding="utf-8")
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
