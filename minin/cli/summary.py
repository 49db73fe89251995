"""`minin summary`: a network layer by layer, without running it."""

from __future__ import annotations

import argparse

from minin import explain, models
from minin.cli.arguments import add_epilog, image_shape
from minin.cli.console import say
from minin.shapes import integer

EXAMPLES = """\
examples:
  minin summary nin-cifar10
  minin summary nin-imagenet --compare       beside AlexNet
  minin summary nin-cifar10 --input 3x64x64
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_epilog(parser, EXAMPLES)
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help=f"one of {', '.join(models.names())}; default: nin-digits, and the names",
    )
    parser.add_argument("--input", metavar="CxHxW", help="image size; default: as published")
    parser.add_argument("--classes", type=int, metavar="N", help="default: as published")
    parser.add_argument(
        "--compare",
        action="store_true",
        help="add AlexNet's costs, and those of a fully connected head",
    )


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
