"""Reading Markdown: its code blocks and its links; and which files are the project's."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FENCE = re.compile(r"^(`{3,}|~{3,})\s*(\w*)")
SKIP = re.compile(r"^<!-- no test: \S.*-->$")
LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class Block(NamedTuple):
    """One fenced block: language, text, its first line, and the line before its fence."""

    language: str
    text: str
    line: int
    before: str


def blocks(markdown: str) -> Iterator[Block]:
    """Yield the fenced code blocks."""
    fence, language, before, start = "", "", "", 0
    inside: list[str] = []
    for number, line in enumerate(markdown.splitlines(), start=1):
        opening = FENCE.match(line)
        if fence:
            if opening and line.strip() == fence:
                yield Block(language, "\n".join(inside) + "\n", start, before)
                fence, before = "", ""
            else:
                inside.append(line)
        elif opening:
            fence, language = opening.groups()
            inside, start = [], number + 1
        elif line.strip():
            before = line.strip()
    if fence:
        raise ValueError(f"the code block from line {start} is never closed")


def run_python_blocks(markdown: str, name: str) -> int:
    """Run the python blocks in one namespace, and say how many there were.

    A block right after `<!-- no test: reason -->` is left out.
    """
    namespace: dict[str, object] = {"__name__": name}
    ran = 0
    for block in blocks(markdown):
        if block.language != "python" or SKIP.match(block.before):
            continue
        # Empty lines in front, so that a traceback names the line of the document.
        code = compile("\n" * (block.line - 1) + block.text, name, "exec")
        exec(code, namespace)
        ran += 1
    return ran


def broken_links(document: Path, root: Path) -> list[str]:
    """List the links to files or headings that are not there."""
    found = []
    for target in LINK.findall(_prose(document.read_text("utf-8"))):
        if ELSEWHERE.match(target):
            continue
        path, _, heading = target.partition("#")
        place = (document.parent / path).resolve() if path else document
        there = place.exists() and place.is_relative_to(root)
        if there and heading and place.suffix == ".md":
            there = heading in set(_anchors(place.read_text("utf-8")))
        if not there:
            found.append(target)
    return found


def _prose(markdown: str) -> str:
    """Take out code, in which brackets mean something else."""
    for block in blocks(markdown):
        markdown = markdown.replace(block.text, "\n")
    return re.sub(r"`[^`\n]*`", "", markdown)


def _anchors(markdown: str) -> Iterator[str]:
    """Yield the names by which headings are linked to."""
    for line in markdown.splitlines():
        if heading := HEADING.match(line):
            yield re.sub(r"[^\w\- ]", "", heading[1].lower()).replace(" ", "-")


def project_files(root: Path) -> list[Path] | None:
    """List the files that git tracks; None where there is no git to ask."""
    command = ["git", "ls-files", "-z"]
    try:
        listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    paths = (root / name for name in listed.decode().split("\0") if name)
    return sorted(path for path in paths if path.is_file())
