"""`minin predict`: what a saved network sees in an image."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import numpy as np

from minin import backend, data, train
from minin.cli.art import explain
from minin.cli.console import indent, say, show, width
from minin.cli.pictures import Pixels, read_images
from minin.cli.saved import name_network, open_saved
from minin.errors import ArgumentError
from minin.explain import class_maps
from minin.nn import Module
from minin.text import fit, in_columns, percent
from minin.train import Source

WIDTHS = (-12, 8, 0)  # of a class, its probability and its bar


def run(args: argparse.Namespace) -> int:
    """Classify and print."""
    name_network(args)
    if not args.images and args.index is None:
        raise ArgumentError("name an image to predict, or --index N for a test image")
    if args.top < 1:
        raise ArgumentError(f"--top must be at least 1; got {args.top}")
    device = backend.resolve(args.device)
    model, source = open_saved(args.run)
    model.to(device)
    found = list(images_of(args, source))  # all are read before any is judged
    for name, image, truth in found:
        show_prediction(model, source, image, name, truth, args.top)
    return 0


def images_of(args: argparse.Namespace, source: Source) -> Iterator[tuple[str, Pixels, str | None]]:
    """Yield each image as (name, pixels (1, C, H, W), its class if it is known)."""
    for path in args.images:
        images, notes = read_images(path, source, args.invert)
        if notes:  # beside what is seen in it, and so on the other stream
            say("read", f"{path}: {', '.join(notes)}", sys.stderr)
        for number in range(len(images)):
            name = path if len(images) == 1 else f"{path}[{number}]"
            yield name, images[number : number + 1], None
    if args.index is not None:
        dataset = data.load(args.data or source.data, args.data_root)
        count = len(dataset.test_labels)
        if not 0 <= args.index < count:
            raise ArgumentError(
                f"--index must be from 0 to {count - 1}, a test image of {dataset.name};"
                f" got {args.index}"
            )
        truth = dataset.classes[int(dataset.test_labels[args.index])]
        image = dataset.test_images[args.index : args.index + 1]
        yield f"{dataset.name} test image {args.index}", image, truth


def show_prediction(
    model: Module, source: Source, image: Pixels, name: str, truth: str | None, top: int
) -> None:
    """Print the likeliest classes, the image, and where the likeliest were seen."""
    shares = train.probabilities(model, image)[0]  # (classes,)
    order = np.argsort(-shares, kind="stable")[:top]
    say("image", name if truth is None else f"{name}, which is {truth!r}")
    for place, c in enumerate(order):
        share = float(shares[c])
        bar = "#" * round(share * max(0, width() - 40))
        say(
            "" if place else "seen",
            in_columns([fit(source.classes[c], 12), percent(share), bar], WIDTHS),
        )
    maps = class_maps(model, image)
    planes = [] if maps is None else [(f"{source.classes[c]} seen", maps[0, c]) for c in order[:2]]
    show(explain(image[0], source.white, planes, width() - indent()))
