"""What documents show runs, what they point at exists, and nobody's machine is named."""

from __future__ import annotations

import configparser
import re
import tempfile
from pathlib import Path

import pytest

from tests.documents import blocks, broken_links, project_files, run_python_blocks

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    {*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "minin").rglob("*.md")}
)


def name_of(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_python_blocks_run(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_python_blocks(document.read_text("utf-8"), name_of(document))


def test_the_fifteen_lines_of_the_readme_learn(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "README.md").read_text("utf-8").partition("## Fifteen lines")[2]
    shown = next(blocks(text))
    exec(compile(shown.text, "README.md", "exec"), {})
    losses = [float(line.rpartition(":")[2]) for line in capsys.readouterr().out.splitlines()]
    assert losses[-1] < 1.0  # guessing among ten classes costs ln 10 = 2.30
    assert (shown.language, len(shown.text.splitlines())) == ("python", 15)


def test_the_readme_is_short_and_its_minutes_are_honest() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 150
    rows = re.findall(r"^\| (\[`minin/.*?) \|.*\| (\d+) \|$", text, re.MULTILINE)
    assert len(rows) >= 10
    for names, minutes in rows:
        files = re.findall(r"\((minin/[^)]+)\)", names)
        lines = sum(len((ROOT / name).read_text("utf-8").splitlines()) for name in files)
        assert abs(lines / 25 - int(minutes)) <= 1.5, (names, lines)  # 25 lines a minute


def test_the_readme_lists_every_extra() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    installing = (ROOT / "README.md").read_text("utf-8").partition("## Installing")[2]
    extras = setup.options("options.extras_require")
    assert extras
    assert [name for name in extras if f"`{name}`" not in installing] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(document: Path) -> None:
    assert broken_links(document, ROOT) == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_the_usual_documents_are_there(name: str) -> None:
    assert (ROOT / name).is_file()


def test_contributing_shows_an_op_that_runs() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    shown = [block.text for block in blocks(text) if block.language == "python"]
    assert any("@differentiable" in block for block in shown)


def machine_paths() -> list[str]:
    """Name the folders that are this machine's affair: none may be written into a file."""
    private = {ROOT, Path.home(), Path(tempfile.gettempdir())}
    named = [str(path) for path in private if len(path.parts) > 1]
    return [*named, *(f"/{folder}/" for folder in ("home", "Users"))]


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    files = project_files(ROOT)
    if not files:
        pytest.skip("not a git checkout, so it is unknown which files belong to the project")
    pattern = re.compile("|".join(rf"(?<![\w.]){re.escape(p)}" for p in machine_paths()))
    guilty = []
    for path in files:
        content = path.read_bytes()
        if b"\0" not in content and (hit := pattern.search(content.decode("utf-8", "replace"))):
            guilty.append(f"{name_of(path)}: {hit[0]}")
    assert guilty == []


# ---- the reader of documents itself ---------------------------------------------------

FENCE = "`" * 3


def fenced(language: str, text: str) -> str:
    return f"{FENCE}{language}\n{text}\n{FENCE}\n"


def test_blocks_share_a_namespace_and_skipped_ones_do_not_run() -> None:
    text = (
        fenced("python", "x = 2")
        + "<!-- no test: needs a GPU -->\n"
        + fenced("python", "x = 1 / 0")
        + fenced("console", "x = 3")
        + fenced("python", "assert x == 2")
    )
    assert run_python_blocks(text, "planted") == 2


@pytest.mark.parametrize("reason", ["<!-- no test: -->", "<!-- a remark -->", "words"])
def test_a_skip_needs_a_reason(reason: str) -> None:
    text = f"{reason}\n" + fenced("python", "1 / 0")
    with pytest.raises(ZeroDivisionError):
        run_python_blocks(text, "planted")


def test_a_traceback_names_the_line_of_the_document() -> None:
    text = "one\n\ntwo\n" + fenced("python", "y = 1\ny / 0")
    with pytest.raises(ZeroDivisionError) as caught:
        run_python_blocks(text, "planted")
    assert caught.traceback[-1].lineno + 1 == 6
    assert str(caught.traceback[-1].path).endswith("planted")


def test_a_block_that_never_ends_is_an_error() -> None:
    with pytest.raises(ValueError, match="from line 2 is never closed"):
        list(blocks(f"{FENCE}python\nx = 1\n"))


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A Heading, `this`\n", "utf-8")
    document = tmp_path / "here.md"
    document.write_text(
        "[a](there.md) [b](there.md#a-heading-this) [c](https://a.org) `[d](code.md)`\n"
        "[e](gone.md) [f](there.md#gone) [g](../outside) ![h](gone.png)\n"
        + fenced("text", "[i](in-a-block.md)"),
        "utf-8",
    )
    assert broken_links(document, tmp_path) == [
        "gone.md",
        "there.md#gone",
        "../outside",
        "gone.png",
    ]
