"""Makes README.md of this folder, and its pictures, from the results alone.

python -m benchmarks.page            # writes the page and draws the pictures
python -m benchmarks.page --check    # writes nothing; tells whether the page is up to date
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness.errors import RefusedError
from benchmarks.harness.record import RESULTS, read_all
from benchmarks.report.pictures import draw
from benchmarks.report.sections import SECTIONS, section
from minin.errors import pip_install

PAGE = RESULTS.parent / "README.md"
PICTURES = RESULTS.parent / "pictures"

HEAD = RESULTS.parent / "report" / "head.txt"


def page(folder: Path = RESULTS) -> str:
    """Write the page.

    Raises:
        RefusedError: if a file among the results is none.
    """
    lines = [HEAD.read_text(encoding="utf-8")]
    for one in SECTIONS:
        lines += section(one, read_all(one.name, folder))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return text.rstrip("\n") + "\n"


def draw_all(results: Path, pictures: Path) -> list[Path]:
    """Draw every picture of the page."""
    return [
        draw(one, record, file, pictures)
        for one in SECTIONS
        if one.picture
        for file, record in read_all(one.name, results).items()
    ]


def main(
    argv: Sequence[str] | None = None,
    results: Path = RESULTS,
    target: Path = PAGE,
    pictures: Path = PICTURES,
) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.page",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if out of date")
    check = parser.parse_args(argv).check
    try:
        text = page(results)
    except RefusedError as error:
        print(f"no page: {error}", file=sys.stderr)
        return 1
    if check:
        fresh = target.exists() and target.read_text(encoding="utf-8") == text
        print(f"{target.name} is {'up to date' if fresh else 'out of date'}")
        return 0 if fresh else 1
    target.write_text(text, encoding="utf-8")
    try:
        drawn = draw_all(results, pictures)
    except ImportError as error:
        print(f"no pictures ({error}): {pip_install('matplotlib')}", file=sys.stderr)
        return 1
    print(f"written: {target.name} and {len(drawn)} pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
