"""The sentences for learners: every language has all of them, and no module keeps its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pytest

from minin import exercises, sentences
from minin.doctor import NAMES
from minin.errors import DataError, UnknownNameError
from minin.exercises.source import read, texts
from minin.files.toml import read_toml
from minin.gradcheck.catalogue import BUGS
from minin.sentences import languages, places, sentence, speaking

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = files("minin.sentences") / "en"
PARTS = sorted(f.name.removesuffix(".toml") for f in ENGLISH.iterdir())
KEY = re.compile(rf"({'|'.join(PARTS)})\.[a-z0-9_]+")

# These folders and modules speak to learners, so that their words are data.
SPEAKERS = (
    "cli/gradcheck/",
    "cli/learn.py",
    "doctor/dead.py",
    "doctor/progress.py",
    "doctor/sizes.py",
    "exercises/",
    "gradcheck/",
)
GROUPED = ("bugs.", "doctor.")  # a group of sentences for each entry
PROSE = re.compile(r"[A-Za-z]{2,}[,;:]? [A-Za-z]{2,}")
KIND = re.compile(r"[a-z_]+/[a-z ]+")  # a row of the checker's table of ranks
NO_SENTENCES = (
    "the images",  # a name among those of layers and parameters
    "\nimport json, sys\n",  # a program
    *("# minin exercise: ", "# BEGIN SOLUTION", "# END SOLUTION"),  # marks in a learner's file
    *("BEGIN SOLUTION", "END SOLUTION", "raise NotImplementedError"),
    *("the padding must be the same on both sides", "an array of "),  # parts of errors
    *("tasks.py does not say what is asked in ", "no task"),  # for those who write exercises
    *("examples:", "real floating"),  # the help of a command, a kind of dtype
    *("<", ";padding-left:8px", '" style='),  # HTML
)


class Use(NamedTuple):
    """A key in a program, and what it is filled with."""

    key: str
    values: frozenset[str]


def written(language: str) -> dict[str, str]:
    folder = files("minin.sentences") / language
    return {
        f"{entry.name.removesuffix('.toml')}.{name}": text
        for entry in folder.iterdir()
        for name, text in sentences._flat(read_toml(entry.read_text("utf-8")))
    }


def uses(tree: ast.AST) -> Iterator[Use]:
    """Yield the keys that a program says; what a table's row gives takes no values."""
    called = set(looked_up(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("sentence", "phrase"):
            first = node.args[0]
            keys = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            for key in keys:
                assert not isinstance(key, ast.JoinedStr | ast.BinOp), f"made: {node.lineno}"
                if isinstance(key, ast.Constant):
                    called.add(key)
                    yield Use(str(key.value), frozenset(k.arg or "**" for k in node.keywords))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in called and KEY.fullmatch(str(node.value)):
            yield Use(str(node.value), frozenset())


def looked_up(tree: ast.AST) -> Iterator[ast.AST | None]:
    """Yield what stands left in a dict, or is compared: nothing is said there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from node.keys
        if isinstance(node, ast.Compare):
            yield from (inner for side in node.comparators for inner in ast.walk(side))


def prose(tree: ast.AST) -> Iterator[str]:
    """Yield the constants that read like words of a language; not docstrings, errors and help."""
    docs = {inner for node in ast.walk(tree) if is_error_or_help(node) for inner in ast.walk(node)}
    docs |= {
        body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and isinstance((body := node.body)[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in docs:
            text = str(node.value)
            named = KIND.fullmatch(text) or text.startswith(NO_SENTENCES)
            if PROSE.search(text) and not named:
                yield text


def is_error_or_help(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return isinstance(node, ast.Raise)
    called = node.func
    owner = getattr(called, "value", called)
    return getattr(owner, "id", "").endswith("Error") or (
        getattr(called, "attr", "") == "add_argument"
    )


def programs() -> dict[str, ast.Module]:
    return {
        path.relative_to(ROOT / "minin").as_posix(): ast.parse(path.read_text("utf-8"))
        for path in (ROOT / "minin").rglob("*.py")
        if "exercises/sources" not in path.as_posix()
    }


@pytest.mark.parametrize("language", languages())
def test_every_language_has_every_sentence_with_the_same_places(language: str) -> None:
    there, english = written(language), written("en")
    assert set(there) == set(english)
    for key, text in there.items():
        assert places(text) == places(english[key]), key
        assert text.rstrip(" \t") == text != "", key
        assert not key.startswith("labels.") or len(text) <= 9 or places(text), key


def test_every_sentence_is_used_and_every_one_that_is_used_is_there() -> None:
    english, found = written("en"), {u for t in programs().values() for u in uses(t)}
    english = {key: text for key, text in english.items() if not key.startswith(GROUPED)}
    assert {use.key for use in found} == set(english)
    for use in found:
        assert use.values == places(english[use.key]), use


def test_every_bug_has_a_name_what_is_wrong_and_a_fix() -> None:
    fields = {f"bugs.{bug}.{field}" for bug in BUGS for field in ("name", "sentence", "fix")}
    assert fields == {key for key in written("en") if key.startswith("bugs.")}


def test_every_illness_has_its_evidence_and_a_remedy() -> None:
    keys = {key.split(".")[1] for key in written("en") if key.startswith("doctor.")} - {"words"}
    assert {name.replace(" ", "_") for name in NAMES} <= keys
    trees = (tree for name, tree in programs().items() if name.startswith("doctor/"))
    said = {str(n.value) for t in trees for n in ast.walk(t) if isinstance(n, ast.Constant)}
    assert keys <= said
    for key in keys:
        assert {f"doctor.{key}.evidence", f"doctor.{key}.remedy"} <= set(written("en"))


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_no_sentence_is_left_in_a_program(speaker: str) -> None:
    left = {name: [*prose(t)] for name, t in programs().items() if name.startswith(speaker)}
    assert {name: words for name, words in left.items() if words} == {}
    assert left


def test_sentences_left_in_a_program_are_found() -> None:
    left = '''def f(n):
        """Some words here."""
        if n < 0:
            raise DtypeError(f"must not be {n}")
        say("hint", f"{n} of them are wrong")
    '''
    assert list(prose(ast.parse(left))) == [" of them are wrong"]
    assert list(uses(ast.parse('a = sentence("labels.fix", n=1), {1: "labels.hint"}'))) == [
        Use("labels.fix", frozenset({"n"})),
        Use("labels.hint", frozenset()),
    ]


@pytest.mark.parametrize("language", languages())
def test_every_language_has_the_same_exercises(language: str) -> None:
    """Words may differ; what is asked, what it earns and what the programs do may not."""
    there, english = texts(language), texts("en")
    assert set(there) == set(english)
    for name, text in there.items():
        mine, first = read(text, name), read(english[name], name)
        for value in ("number", "name", "stars", "minutes", "points", "mutants"):
            assert getattr(mine, value) == getattr(first, value), (name, value)
        assert code(mine.solution()) == code(first.solution()), name


def code(text: str) -> str:
    """Return what a program does: without comments and docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


@pytest.fixture
def second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with a second language: every sentence of English in brackets."""
    for part in PARTS:
        for language, form in (("en", "{}"), ("xx", "<{}>")):
            (tmp_path / language).mkdir(exist_ok=True)
            rows = [
                f"{name} = {form.format(text)!r}\n".replace("\\n", " ")
                for name, text in read_toml((ENGLISH / f"{part}.toml").read_text("utf-8")).items()
                if "'" not in text and part != "bugs"
            ]
            (tmp_path / language / f"{part}.toml").write_text("".join(rows))
    monkeypatch.setattr(sentences, "files", lambda _: tmp_path)
    sentences._part.cache_clear()
    yield tmp_path
    sentences._part.cache_clear()


@pytest.mark.usefixtures("second")
def test_the_language_is_the_parameter_or_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert languages() == ["en", "xx"]
    assert sentence("labels.fix") == "fix"
    monkeypatch.setenv("MININ_LANGUAGE", "xx")
    assert sentence("labels.fix") == "<fix>"
    with speaking("en"):
        assert sentence("labels.fix") == "fix"
        with speaking(None):
            assert sentence("labels.fix") == "fix"
        with speaking("xx"):
            assert sentence("exercises.to_do", function="f").startswith("<f still")
        assert sentence("labels.fix") == "fix"
    monkeypatch.setenv("MININ_LANGUAGE", "")
    assert sentence("labels.fix") == "fix"


def test_a_language_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownNameError, match="unknown language 'klingon'; Known: en"):
        exercises.check("im2col", {}, language="klingon")
    monkeypatch.setenv("MININ_LANGUAGE", "../en")
    with pytest.raises(UnknownNameError, match="unknown language"):
        exercises.check("im2col", {})
    with pytest.raises(UnknownNameError, match="unknown sentence"), speaking("en"):
        sentence("labels.nothing_of_the_kind")


@pytest.mark.parametrize("text", ["{}", "{0}", "{a.b}", "{a[0]}", "{a:.3g}", "{a!r}", "{a", "}"])
def test_a_place_is_a_name_and_nothing_else(text: str, second: Path) -> None:
    with pytest.raises(DataError):
        places(text)
    (second / "xx" / "labels.toml").write_text(f"fix = '{text}'\n")
    with speaking("xx"), pytest.raises(DataError):
        sentence("labels.fix")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"fix = 7\n", "fix must be a text in quotes; got 7"),
        (b"fix = fix\n", "no TOML"),
        (b"fix = '\xe9'\n", "utf-8"),
        (b"fix = 'a {} b'\n", "a place must be a name"),
    ],
)
def test_a_faulty_file_is_named(content: bytes, words: str, second: Path) -> None:
    (second / "xx" / "labels.toml").write_bytes(content)
    with speaking("xx"), pytest.raises(DataError, match=rf"xx/labels\.toml: .*{words}"):
        sentence("labels.fix")
