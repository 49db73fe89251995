"""Draw minin's folders as the floors of a house, from their imports: docs/architecture.svg.

The floors are those of `tests/architecture.py`. Under each name stands what the folder is for, and
what it imports: only what it does not reach through another that it names as well. Nothing in the
drawing depends on a clock, a path or the length of a file, so a test compares it letter by letter.

    python -m tools.floors
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from minin.files.toml import read_toml
from minin.text import wrap
from tests.architecture import ROW_OF, ROWS, TOP, imports, package_sources, part_of

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "architecture.svg"

PURPOSES = read_toml(Path(__file__).with_suffix(".toml").read_text("utf-8"))
LEARNER = {"autograd", "ops", "shapes", "nn", "models", "optim", "errors", "backend"}

WIDTH, FLOOR, GAP, MARGIN = 960, 56, 7, 20  # in SVG's units
LETTER = 6.3  # how wide one of the small letters is, at most
# The drawing brings its own ground and its own ink, so it reads alike on a light and a dark page.
GROUND, ROOM, EDGE, INK, SOFT = "#faf8f3", "#ffffff", "#b9b2a3", "#1d1d1b", "#5f5a50"
READ = "#dfeaf6"  # the rooms in which a learner reads what Network in Network is


def known(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Find which folder imports which: {folder: the folders it imports}."""
    found: dict[str, set[str]] = {part: set() for row in ROWS for part in row}
    for module, source in sources.items():
        part = part_of(module)
        if part is None or part in TOP:
            continue
        others = {part_of(one.target) for one in imports(module, source, sources)}
        found[part] |= {other for other in others - {part, None} if other is not None}
    return found


def nearest(part: str, graph: Mapping[str, set[str]]) -> list[str]:
    """List what a folder imports and does not reach through another import, from the top down."""
    direct = graph[part]
    through = {far for near in direct for far in _below(near, graph)}
    return sorted(direct - through, key=lambda other: (ROW_OF[other], other))


def _below(part: str, graph: Mapping[str, set[str]]) -> set[str]:
    found = set(graph[part])
    for near in graph[part]:
        found |= _below(near, graph)
    return found


def drawing(sources: Mapping[str, str]) -> str:
    """Draw the house as SVG."""
    graph = known(sources)
    there = {part_of(module) for module in sources}
    rows = [row for row in ([p for p in row if p in there] for row in ROWS) if row]
    height = 2 * MARGIN + len(rows) * (FLOOR + GAP) + 18
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="DejaVu Sans, Verdana, sans-serif">',
        "<title>minin, floor by floor: a folder imports only from floors below its own</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="10" fill="{GROUND}"/>',
    ]
    for number, row in enumerate(rows):
        lines += _floor(row, MARGIN + number * (FLOOR + GAP), graph)
    foot = (
        "A folder imports only from floors below its own; \u201con\u201d names those it stands on. "
        "Blue: what a learner reads."
    )
    lines += [_words(MARGIN, height - 16, foot, 11, SOFT), "</svg>"]
    return "\n".join(lines) + "\n"


def _floor(row: list[str], top: int, graph: Mapping[str, set[str]]) -> Iterator[str]:
    """Draw the rooms of one floor, all of one width."""
    room = (WIDTH - 2 * MARGIN - (len(row) - 1) * GAP) / len(row)
    for place, part in enumerate(row):
        left = MARGIN + place * (room + GAP)
        yield (
            f'<rect x="{left:.0f}" y="{top}" width="{room:.0f}" height="{FLOOR}" rx="5" '
            f'fill="{READ if part in LEARNER else ROOM}" stroke="{EDGE}"/>'
        )
        text = left + 10
        yield _words(text, top + 19, part, 14, INK, bold=True)
        on = ", ".join(nearest(part, graph))
        letters = int((room - 20) / LETTER)
        said = [PURPOSES[part], *wrap(f"on {on}" if on else "", letters)]
        assert len(said) <= 3, f"{part} imports more than its room can show"
        for line, words in enumerate(said):
            yield _words(text, top + 34 + 12 * line, words, 11, INK if line == 0 else SOFT)


def _words(x: float, y: float, words: str, size: int, colour: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    place = f'x="{x:.0f}" y="{y}" font-size="{size}" fill="{colour}"{weight}'
    return f"<text {place}>{escape(words)}</text>"


def main() -> None:
    """Write the drawing."""
    TARGET.write_text(drawing(package_sources(ROOT)), "utf-8")
    print(f"written: {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
