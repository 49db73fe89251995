"""`minin summary`: a network layer by layer, without running it."""

from __future__ import annotations

import argparse

from minin import explain, models
from minin.cli.arguments import fill, image_shape
from minin.cli.console import say
from minin.shapes import integer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    fill(parser, "summary", names=", ".join(models.names()))


def run(args: argparse.Namespace) -> int:
    """Count and print."""
    shape = image_shape(args.input) if args.input else None
    if args.classes is not None:
        integer("--classes", args.classes)
    model = models.build(
        args.name or "nin-digits",
        num_classes=args.classes,
        in_channels=shape[0] if shape else None,
        rng=0,
    )
    print(models.summary(model, shape))
    if args.compare:
        print()
        print(explain.compare(model, shape))
    if args.name is None:
        print()
        say("names", ", ".join(models.names()))
    return 0
