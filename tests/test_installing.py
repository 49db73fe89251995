"""What documents and messages tell a reader to install can be had: minin is in no index."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from minin.errors import BOUNDS, pip_install
from tests.documents import project_files

ROOT = Path(__file__).resolve().parent.parent
# `minin[plots]`, also as a pattern of a test, and `pip install minin`; `'.[plots]'` is meant.
FROM_AN_INDEX = re.compile(r"\bminin\\?\[[a-z]+[0-9]*\\?\]|pip install +['\"]?minin\b")


def asked_of_an_index(text: str) -> list[str]:
    """List what asks a package index for minin."""
    return FROM_AN_INDEX.findall(text)


@pytest.mark.parametrize(
    ("text", "guilty"),
    [
        ("pip install 'minin[cuda13]'", True),
        ("needs minin[plots]", True),
        (r'r"minin\[images\]"', True),
        ("pip install minin", True),
        ('pip install "minin"', True),
        ("pip install -e '.[plots]'", False),
        ("pip install -e .", False),
        ("minin train", False),
    ],
)
def test_the_pattern_finds_what_it_should(text: str, guilty: bool) -> None:
    assert bool(asked_of_an_index(text)) is guilty


def test_no_file_asks_an_index_for_minin() -> None:
    files = project_files(ROOT)
    if not files:
        pytest.skip("not a git checkout, so it is unknown which files belong to the project")
    guilty = {
        path.relative_to(ROOT).as_posix(): found
        for path in files
        if path != Path(__file__).resolve()
        and (found := asked_of_an_index(path.read_bytes().decode("utf-8", "replace")))
    }
    assert guilty == {}


def test_messages_take_the_command_from_one_place() -> None:
    sources = (ROOT / "minin").rglob("*.py")
    assert [p.name for p in sources if "pip install" in p.read_text("utf-8")] == ["errors.py"]


def test_messages_name_the_versions_of_setup_cfg() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    lists = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    wanted = {line.partition(";")[0].strip() for text in lists for line in text.splitlines()}
    assert {f"{name}{bound}" for name, bound in BOUNDS.items()} <= wanted


def test_the_command_quotes_its_bounds() -> None:
    assert pip_install("Pillow") == f"pip install 'Pillow{BOUNDS['Pillow']}'"


def test_readme_says_how_minin_is_installed_and_that_no_gpu_ran_it() -> None:
    installing = (ROOT / "README.md").read_text("utf-8").partition("## Installing")[2]
    assert "pip install -e ." in installing
    assert "no GPU has run" in " ".join(installing.split())
