"""Opening a saved network, or one that comes with minin, and what it was trained on."""

from __future__ import annotations

import argparse
from pathlib import Path

from minin import models, train
from minin.errors import ArgumentError, DataError, UnknownNameError
from minin.nn import Module
from minin.text import some


def name_network(args: argparse.Namespace) -> None:
    """Let the argument that names a run name what ``--pretrained`` asks for.

    What stands in its place then is the first image, for a command that takes images.

    Raises:
        ArgumentError: if no network is named, or two are.
        UnknownNameError: if no such trained network comes with minin.
    """
    place = "network" if hasattr(args, "network") else "run"
    if not hasattr(args, "pretrained"):
        return
    named = getattr(args, place)
    if args.pretrained is None and named is None:
        raise ArgumentError("name a run, or a trained network: --pretrained NETWORK:DATA")
    if args.pretrained is None:
        return
    if args.pretrained not in models.trained():
        raise UnknownNameError.among("trained network", args.pretrained, models.trained())
    if named is not None and not hasattr(args, "images"):
        raise ArgumentError(f"name one network; got {named!r} and --pretrained {args.pretrained}")
    if named is not None:
        args.images.insert(0, named)
    setattr(args, place, args.pretrained)


def load_network(path: str) -> Module:
    """Read the network of a run, or one that comes with minin, named as NETWORK:DATA.

    Raises:
        UnknownNameError: if no such network comes with minin.
        DataError: if there is no run, or its network is damaged.
    """
    name, colon, data = path.partition(":")
    if colon and name in models.names() and not Path(path).exists():
        return models.build(name, pretrained=data)
    return train.load_run(path)


def open_saved(path: str) -> tuple[Module, train.Source]:
    """Read a network and its note about the data.

    Raises:
        DataError: if there is no network, or it carries no note.
        UnknownNameError: if no such network comes with minin.
    """
    model = load_network(path)
    source = train.read_source(model)
    if source is None:
        raise DataError(
            f"{path!r} does not say how its images are prepared: it was not trained by"
            " `minin train` or minin.train.fit"
        )
    return model, source


def start_from(model: models.Network, path: str) -> str:
    """Take over a saved network's weights, as far as the shapes are the same; say which are not.

    Those of the class maps differ where the classes do: they stay fresh.

    Raises:
        ArgumentError: if it is another network.
        MininError: as for `load_network`.
    """
    found = load_network(path)
    if not isinstance(found, models.Network) or found.name != model.name:
        raise ArgumentError(
            f"--from must name a {model.name}, to start one from its weights; {path!r} holds"
            f" a {getattr(found, 'name', type(found).__name__)}. Choose with --model"
        )
    given, own = found.state_dict(), model.state_dict()
    fits = {name: given[name] for name in own if given[name].shape == own[name].shape}
    model.load_state_dict(own | fits)
    fresh = [name for name in own if name not in fits]
    return f"from {path}" + (f"; {some(fresh)} fresh" if fresh else "")
