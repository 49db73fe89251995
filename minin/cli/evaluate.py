"""`minin evaluate`: how good a saved network is on test images."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from minin import backend, data, explain, train
from minin.cli.console import indent, say, show, size, width
from minin.cli.mistake import show_mistakes
from minin.cli.saved import name_network, open_saved
from minin.doctor import examine
from minin.errors import ArgumentError, DataError
from minin.explain.confusion import count_confusions
from minin.explain.mistakes import MOST_TILES, pick_surest
from minin.nn import Module
from minin.plots import need_matplotlib
from minin.text import percent
from minin.train.owned import demand_ours, is_picture

PICTURES = "confusion.png", "mistakes.png"
SURE = 20  # mistakes that are shown where nobody says how many


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    name_network(args)
    check_wishes(args)
    device = backend.resolve(args.device)
    model, source = open_saved(args.run)
    summary = train.read_summary(args.run) if Path(args.run).is_dir() else None
    dataset = data.load(args.data or source.data, args.data_root)
    if dataset.image_shape != source.shape or len(dataset.classes) != len(source.classes):
        raise ArgumentError(
            f"the network was trained on {size(source.shape)} images of {len(source.classes)}"
            f" classes ({source.data}); {dataset.name} has {size(dataset.image_shape)} of"
            f" {len(dataset.classes)}"
        )
    found = train.evaluate(
        model.to(device), dataset.test_images, dataset.test_labels, args.batch_size
    )
    count = len(dataset.test_labels)
    guess = np.bincount(dataset.test_labels).max() / count
    wrong = count - round(found.accuracy * count)
    say("data", f"{dataset.name}: {count:,} test images, {size(dataset.image_shape)}")
    say(
        "test",
        f"{percent(found.accuracy)} right, {wrong:,} wrong, loss {found.loss:.4f};"
        f" by guessing {percent(float(guess))}",
    )
    if summary is not None and source.data == dataset.name:
        say("saved as", f"{percent(summary['test_accuracy'])} when it was trained")
    if args.curves:
        show(train.curves_text(rows_of(args.run), max(40, width() - indent())).splitlines())
    look_closer(args, model, dataset)
    return show_health(model, dataset, args.run) if args.doctor else 0


def check_wishes(args: argparse.Namespace) -> None:
    """Refuse what cannot be done, before anything is measured.

    Raises:
        ArgumentError: if there is no such number of mistakes.
        DataError: if the folder for the pictures cannot be made or written to, or holds
            pictures of these names that minin did not draw.
        BackendUnavailableError: if pictures are wanted and matplotlib is not installed.
    """
    if args.mistakes is not None and args.mistakes < 1:
        raise ArgumentError(f"--mistakes must be at least 1; got {args.mistakes}")
    if args.pictures is not None:
        if args.mistakes is not None and args.mistakes > MOST_TILES:
            raise ArgumentError(
                f"--mistakes must be at most {MOST_TILES} with --pictures, which draws them on"
                f" one sheet; got {args.mistakes}"
            )
        folder = train.check_folder(args.pictures)
        for name in PICTURES:
            demand_ours(folder / name, is_picture)
        need_matplotlib()
    if args.curves:
        rows_of(args.run)


def rows_of(run: str) -> list[train.Epoch]:
    """Read the rows of a run.

    Raises:
        ArgumentError: if there are none, as in a single file.
    """
    rows = train.read_rows(run) if Path(run).is_dir() else []
    if not rows:
        raise ArgumentError(f"--curves needs the folder of a run, with its rows; got {run!r}")
    return rows


def look_closer(args: argparse.Namespace, model: Module, dataset: data.Dataset) -> None:
    """Show what is taken for what, as far as it is asked for; the network runs once."""
    if not args.confusion and args.mistakes is None and args.pictures is None:
        return
    images, labels = dataset.test_images, dataset.test_labels
    shares = train.probabilities(model, images, args.batch_size)  # (M, classes)
    confusion = count_confusions(shares, labels, dataset.classes)
    mistakes = pick_surest(shares, labels, args.mistakes or SURE)
    if args.confusion:
        say("confusion", "rows are the truth, columns the answers")
        show(confusion.text(width() - indent()).splitlines())
    if args.mistakes is not None:
        show_mistakes(mistakes, images, dataset.classes)
    if args.pictures is not None:
        write_pictures(args.pictures, confusion, mistakes, dataset)


def write_pictures(
    folder: str,
    confusion: explain.Confusion,
    mistakes: list[explain.Mistake],
    dataset: data.Dataset,
) -> None:
    """Write the confusion matrix and the surest mistakes as PNG files.

    Raises:
        DataError: if the folder cannot be made or written to.
    """
    path = train.check_folder(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder!r} cannot be made: {error}. Use another folder") from error
    confusion.write_png(path / PICTURES[0])
    explain.contact_sheet(path / PICTURES[1], mistakes, dataset.test_images, dataset.classes)
    say("pictures", f"{' and '.join(PICTURES)} in {path}")


def show_health(model: Module, dataset: data.Dataset, run: str) -> int:
    """Let the doctor look at the network and at the course of its run; 1 if it is sick."""
    summary = train.read_summary(run) if Path(run).is_dir() else None
    rows = train.read_rows(run) if Path(run).is_dir() else []
    options = (summary or {}).get("options") or {}
    report = examine(
        model,
        dataset.train_images,
        dataset.train_labels,
        history_losses=[row.loss for row in rows],
        lr=options.get("lr"),
        train_accuracy=rows[-1].train_accuracy if rows else None,
        validation=rows[-1].validation_accuracy if rows else None,
        classes=dataset.classes,
    )
    print(report)
    return 0 if report.healthy else 1
