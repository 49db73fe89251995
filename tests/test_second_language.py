"""A second language, end to end: where every sentence is in Greek letters, no English is left."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from importlib.resources import files
from itertools import islice
from pathlib import Path
from string import ascii_letters
from typing import Any

import numpy as np
import pytest

from minin import exercises, sentences
from minin.exercises import source
from minin.files.toml import read_toml
from minin.gradcheck import check_backward
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.sentences import speaking
from minin.zoo.equivalence import telling
from minin.zoo.mutant import Mutant
from minin.zoo.mutants import MUTANTS

GREEK = str.maketrans(ascii_letters, "αβγδεζηθικλμνξοπρστυφχψωσξ" + "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΣΞ")
PLACE = re.compile(r"(\{\w*\})")


def in_greek(text: str) -> str:
    """Write a sentence in other letters; its places keep their names."""
    return "".join(p if PLACE.fullmatch(p) else p.translate(GREEK) for p in PLACE.split(text))


@pytest.fixture(autouse=True)
def greek(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with a second language: every sentence and exercise of English."""
    english = files("minin.sentences") / "en"
    (tmp_path / "el").mkdir()
    shutil.copytree(str(english), tmp_path / "en")
    for name in ("en", "el"):
        shutil.copytree(str(files(exercises) / "sources" / "en"), tmp_path / "sources" / name)
    for part in english.iterdir():
        rows = []
        for name, text in read_toml(part.read_text("utf-8")).items():
            group = text if isinstance(text, dict) else {"": text}
            rows += [
                f"{name}{'.' if key else ''}{key} = {json.dumps(in_greek(t), ensure_ascii=False)}"
                for key, t in group.items()
            ]
        (tmp_path / "el" / part.name).write_text("\n".join(rows), encoding="utf-8")
    monkeypatch.setattr(sentences, "files", lambda _: tmp_path)
    monkeypatch.setattr(source, "files", lambda _: tmp_path)
    for read in (sentences._part, source._all_in):
        read.cache_clear()
    yield
    for read in (sentences._part, source._all_in):
        read.cache_clear()


def english(text: str) -> set[str]:
    """Return the words in letters of English."""
    return set(re.findall(r"[A-Za-z_]{2,}\w*", text))


def test_a_wrong_answer_is_told_without_english() -> None:
    def gap_forward(x: Any) -> Any:
        return x.mean((2, 3)), x.shape

    def gap_backward(grad: Any, shape: Any) -> Any:
        return np.broadcast_to(grad[:, :, None, None], shape).copy()

    told = exercises.check("global_avg_pool", locals(), language="el")
    assert told.state == "wrong"
    assert told.bug == "A3"
    names = {"global_avg_pool", "global_avg_pool2d", "backward", "seed", *told.marks}
    assert english(told.text) <= names


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("mutant", MUTANTS[::37], ids=lambda m: f"{m.op}-{m.bug.id}")
def test_a_report_has_no_english(mutant: Mutant, known: bool) -> None:
    """Where the operation is not known, the recognisers speak."""
    inputs, params = next(islice(telling(mutant, 3), 1))
    names = REFERENCES[mutant.op].arguments
    with speaking("el"):
        op = mutant.op if known else None
        told = str(check_backward(*mutant.make(), inputs, op, params, names, 1))
    assert len(told.splitlines()) > 3
    given = {*names, *(f"d{name}" for name in names), *params}
    assert english(told) <= {"backward", *REFERENCES, *given}
