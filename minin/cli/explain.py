"""`minin explain`: pictures of what a network is and of what a trained one does."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from minin import explain, models, ops, train
from minin.autograd import Tensor
from minin.cli.arguments import fill, image_shape, listed
from minin.cli.console import say
from minin.cli.evaluate import rows_of
from minin.cli.predict import images_of
from minin.cli.saved import load_network, name_network, open_saved
from minin.errors import ArgumentError, UnknownNameError
from minin.explain.blocks import RIVALS
from minin.files import write_atomically
from minin.plots import Drawing, need_matplotlib
from minin.train.owned import demand_ours, is_picture


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    fill(parser, "explain")
    actions = parser.add_subparsers(dest="kind", metavar="kind", required=True)
    for name in KINDS:
        action = actions.add_parser(name, help=listed()[f"explain {name}"]["line"])
        fill(action, f"explain {name}", names=", ".join(models.names()))
        fill(action, "explain *")


def run(args: argparse.Namespace) -> int:
    """Draw what was asked for, and write it to a file.

    Raises:
        ArgumentError: if the file's name does not end in .svg or .png.
        DataError: if it is there and minin did not draw it, or it cannot be written.
        BackendUnavailableError: if it is PNG and matplotlib is not installed.
    """
    name_network(args)
    if args.kind == "graph" and args.dot:
        print(graph_of(args).dot(), end="")
        return 0
    path = Path(args.out or f"{args.kind}.svg")
    if path.suffix not in (".svg", ".png"):
        raise ArgumentError(f"-o must end in .svg or .png; got {str(path)!r}")
    demand_ours(path, is_picture)
    if path.suffix == ".png":
        need_matplotlib()  # before the work that leads to a picture
    write_atomically(path, KINDS[args.kind](args).encode(path.suffix, args.dark))
    say("saved", str(path))
    return 0


def network_of(name: str) -> models.Network:
    """Build a network by its name, or open that of a run.

    Raises:
        UnknownNameError: if it is neither.
        DataError: if the run holds no network.
    """
    known = [*models.names(), *models.trained()]
    if name not in known and not Path(name).exists():
        raise UnknownNameError.among("network or run", name, known)
    return models.build(name, rng=0) if name in models.names() else load_network(name)


def draw_maps(args: argparse.Namespace) -> Drawing:
    """Draw the class maps of one image, by default the first test image."""
    model, source = open_saved(args.run)
    args.index = 0 if not args.images and args.index is None else args.index
    name, image, truth = next(images_of(args, source))
    told = name if truth is None else f"{name}, a {truth!r},"
    return explain.maps_picture(model, source, image, told)


def graph_of(args: argparse.Namespace) -> explain.DrawnGraph:
    """Run a network forward on zeros, and read the graph of its loss."""
    model = network_of(args.network)
    image = Tensor(np.zeros((1, *model.input_shape), np.float32))
    return explain.graph(
        ops.cross_entropy(model(image), np.zeros(1, int)), model.named_parameters()
    )


def draw_blocks(args: argparse.Namespace) -> Drawing:
    """Draw a network, and another one below it if that is asked for."""
    others = [RIVALS[args.beside]] if args.beside else []
    return explain.blocks(explain.layers_of(network_of(args.network)), *others)


def draw_im2col(args: argparse.Namespace) -> Drawing:
    """Draw a small convolution as a product."""
    window = {"kernel": args.kernel, "stride": args.stride, "padding": args.padding}
    shape = image_shape(args.input)
    return explain.im2col_picture(shape, args.filters, args.window, args.seed, **window)


KINDS: dict[str, Callable[[argparse.Namespace], Drawing]] = {
    "maps": draw_maps,
    "filters": lambda args: explain.filters_picture(network_of(args.network), args.layer),
    "graph": lambda args: graph_of(args).picture(),
    "receptive-field": lambda args: explain.fields_picture(network_of(args.network)),
    "curves": lambda args: train.curves_picture(rows_of(args.run)),
    "blocks": draw_blocks,
    "im2col": draw_im2col,
}
