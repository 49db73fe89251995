"""`minin data`: list the known data sets, fetch one, check the files of a folder."""

from __future__ import annotations

import argparse

from minin.cli.arguments import fill, listed
from minin.cli.bars import Bar
from minin.cli.console import say, size
from minin.data import load, locate
from minin.data.check import check
from minin.data.fetch import fetch
from minin.data.sources import SOURCES, DataSource


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    fill(parser, "data")
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    for name, do in (("list", show_list), ("fetch", fetch_files), ("check", check_files)):
        action = actions.add_parser(name, help=listed()[f"data {name}"]["line"])
        fill(action, f"data {name}", names=", ".join(SOURCES))
        action.set_defaults(do=do)


def run(args: argparse.Namespace) -> int:
    """Do what was asked for."""
    return int(args.do(args))


def show_list(args: argparse.Namespace) -> int:
    """Print each set: how much of what, and where."""
    digits = load("digits")
    counts = (len(digits.train_labels), len(digits.test_labels))
    _show_set("digits", counts, digits.image_shape, len(digits.classes))
    say("  where", "bundled")
    for source in SOURCES.values():
        _show_set(source.name, source.images, source.image_shape, source.classes)
        say("  files", _files(source))
        say("  where", str(locate(source.name, args.root) or "not here"))
    return 0


def _show_set(
    name: str, counts: tuple[int, int], shape: tuple[int, int, int], classes: int
) -> None:
    print(name)
    train, test = counts
    say("  images", f"{train:,} training and {test:,} test, {size(shape)}, {classes} classes")


def _files(source: DataSource) -> str:
    names = ", ".join(file.name for file in source.files)
    return f"{_megabytes(source.size)}: {names}"


def _megabytes(size_: int) -> str:
    return f"{size_ / 1e6:.1f} MB"


def fetch_files(args: argparse.Namespace) -> int:
    """Fetch a set, with a bar on a terminal and a line a file elsewhere."""
    with _Files() as bars:
        paths = fetch(args.name, args.root, bars.watch)
    for path in paths:
        say("here", f"{path}: {_megabytes(path.stat().st_size)}, SHA-256 as published")
    say("next", f"minin train --data {args.name} --data-root {paths[0].parent.parent}")
    return 0


class _Files(Bar):
    """A bar for each file in turn, on a terminal; elsewhere one line when it begins."""

    name, done = "", 0

    def watch(self, name: str, done: int, whole: int) -> None:
        """Show how far a file is."""
        if name != self.name:
            self.close()
            self.name, self.done = name, 0
            if not self.draws:
                say("fetching", f"{name}, {_megabytes(whole)}")
        self.move(done - self.done, total=whole, desc=name, unit="B", unit_scale=True)
        self.done = done


def check_files(args: argparse.Namespace) -> int:
    """Check every known file, and name each fault."""
    found = check(args.folder)
    for checked in found:
        for fault in checked.faults:
            say("FAULT", f"{checked.path} ({checked.source}): {fault}")
        if not checked.faults:
            note = f"; {checked.note}" if checked.note else ""
            say("fine", f"{checked.path} ({checked.source}){note}")
    wrong = sum(bool(checked.faults) for checked in found)
    say("result", f"{len(found) - wrong} of {len(found)} files are fine")
    return 1 if wrong else 0
