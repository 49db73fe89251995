"""Plain words: pictures that only their author understands do not come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What was said -> what is said, as in the glossary of CONTRIBUTING.md.
INSTEAD = {
    "cotangents?": "upstream gradient",
    "sights?": "comparison",
    "rulers?": "measurement",
    "ill|ills|ail|ails": "what is wrong, diagnosis",
    "anew": "again",
    "spelt": "written, in the form",
    "whoever": "the one that",
    "mends?|mended": "fix",
    "dials?": "feedback",
    "stumps?": "rule of place",
    "doors?": "function",
    "strangers?": "other people's",
    "pulled|pulls? back|pull (the|a) gradient": "take back, run backward",
    "is no recipe": "is not a recipe",
    "answers no exercise": "is not the answer of an exercise",
    "guessing gets": "by guessing",
    "(by )?the book": "the plain rules",
}
PRIVATE = re.compile(rf"(?<![A-Za-z])({'|'.join(INSTEAD)})(?![A-Za-z])", re.IGNORECASE)


def private_words(text: str) -> list[str]:
    """The private words of a text."""
    return [found.group().lower() for found in PRIVATE.finditer(" ".join(text.split()))]


def read_by_people() -> list[Path]:
    """Programs, sentences and documents; the changelog quotes old names."""
    files = [
        *ROOT.glob("minin/**/*.py"),
        *ROOT.glob("minin/**/*.toml"),
        *ROOT.glob("minin/**/*.md"),
    ]
    files += [*ROOT.glob("docs/**/*.md"), *ROOT.glob("tools/*.toml")]
    return [*files, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "pyproject.toml"]


def test_no_private_word_comes_back() -> None:
    found = {
        file.relative_to(ROOT).as_posix(): words
        for file in read_by_people()
        if (words := private_words(file.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "text", ["the Ruler", "two sights_of it", "what ails it", "by the\nbook", "a _cotangent"]
)
def test_a_private_word_is_seen(text: str) -> None:
    assert private_words(text)


@pytest.mark.parametrize("text", ["still", "details", "recommend", "indoors", "the bookshelf"])
def test_other_words_pass(text: str) -> None:
    assert private_words(text) == []
