"""The command line: see the package."""

from __future__ import annotations

import argparse

from tools.who_catches_what import __doc__ as about
from tools.who_catches_what.measure import STYLES, installed, measured, read, write
from tools.who_catches_what.page import PAGE, page


def main() -> None:
    """Measure, write the record after each check, and write the page."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.who_catches_what",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("styles", nargs="*", metavar="CHECK", help=", ".join(STYLES))
    parser.add_argument("--page", action="store_true", help="measure nothing, write the page")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if unknown := set(options.styles) - set(STYLES):
        parser.error(f"unknown checks {sorted(unknown)}; there are {', '.join(STYLES)}")
    for name in [] if options.page else options.styles or STYLES:
        if installed(STYLES[name]) is None:
            print(f"{name}: {STYLES[name].needs} is not installed; its record stays as it is")
            continue
        found = measured(name, options.workers)
        write(read() | {name: found})
    PAGE.write_text(page(read()), encoding="utf-8")


if __name__ == "__main__":
    main()
