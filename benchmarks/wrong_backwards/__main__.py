"""The command line: see the package."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.wrong_backwards import __doc__ as about
from benchmarks.wrong_backwards import judging, score
from benchmarks.wrong_backwards.checkers import CHECKERS, find, versions
from benchmarks.wrong_backwards.programs import sets


def main(words: list[str] | None = None) -> int:
    """Ask a checker, or read what one said; print the counts."""
    options = _options(words)
    try:
        for result in _results(options):
            _tell(result, options)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.wrong_backwards",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    one = parser.add_mutually_exclusive_group(required=True)
    one.add_argument("--checker", metavar="NAME", help=f"{', '.join(CHECKERS)}, MODULE:FUNCTION")
    one.add_argument("--read", metavar="FILE", type=Path, help="what --json wrote earlier")
    parser.add_argument("--set", choices=sets(), help="default: all of them")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes; default: 1")
    parser.add_argument("--json", metavar="OUT", type=Path, help="write the answers; needs --set")
    parser.add_argument("--pairs", metavar="OUT", type=Path, help="write what judges read")
    parser.add_argument(
        "--labels", metavar="FILE", nargs="+", type=Path, help="what judges wrote, a file each"
    )
    options = parser.parse_args(words)
    if options.checker and not options.set and (options.json or options.pairs or options.labels):
        parser.error("--json, --pairs and --labels are of one set; give --set")
    return options


def _results(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the answers of each set: read, or asked for now."""
    if options.read:
        return [json.loads(options.read.read_text("utf-8"))]
    find(options.checker)  # an unknown one is refused here
    found = []
    for name in [options.set] if options.set else sets():
        rows = list(score.answers_of(options.checker, name, options.workers))
        head = {"checker": options.checker, "set": name, "versions": versions(options.checker)}
        found.append(head | {"answers": rows})
    return found


def _tell(result: dict[str, Any], options: argparse.Namespace) -> None:
    """Print the counts of one set, and write what was asked for."""
    name, rows = result["set"], result["answers"]
    if options.labels:
        result["labels"] = [judging.read_labels(path, name) for path in options.labels]
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    if options.pairs:
        options.pairs.write_text(judging.pairs(name, rows), "utf-8")
    print(f"{result['checker']} on set {name}")
    lines = score.table(score.count(name, rows))
    if "labels" in result:
        lines += judging.table(judging.judged(result["labels"]))
    print("\n".join(f"  {line}" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
