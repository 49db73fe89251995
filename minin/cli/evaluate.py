"""`minin evaluate`: how good a saved network is on test images."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from minin import backend, data, train
from minin.cli.arguments import add_data, add_device, add_epilog
from minin.cli.console import percent, say, size
from minin.cli.saved import open_saved
from minin.errors import ArgumentError

EXAMPLES = """\
examples:
  minin evaluate runs/nin-digits
  minin evaluate runs/nin-mnist/model.safetensors --data-root DIR
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_epilog(parser, EXAMPLES)
    parser.add_argument("run", metavar="DIR|FILE", help="a run's folder, or its model.safetensors")
    add_data(parser, "what the network was trained on")
    add_device(parser)
    parser.add_argument(
        "--batch-size", type=int, default=256, metavar="N", help="images at a time; default: 256"
    )


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
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
        f" guessing gets {percent(float(guess))}",
    )
    if summary is not None and source.data == dataset.name:
        say("saved as", f"{percent(summary['test_accuracy'])} when it was trained")
    return 0
