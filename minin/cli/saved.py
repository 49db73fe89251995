"""Opening a saved network, or one that comes with minin, and what it was trained on."""

from __future__ import annotations

import argparse
from pathlib import Path

from minin import models, train
from minin.errors import ArgumentError, DataError, UnknownNameError
from minin.text import some


def name_network(args: argparse.Namespace) -> None:
    """Let the argument that names a run name what ``--pretrained`` asks for.

    What stands in its place then is the first image, for a command that takes images.

    Raises:
        ArgumentError: if no network is named, or two are.
        UnknownNameError: if no such trained network comes with minin.
    """
    place = "network" if hasattr(args, "network") else "run"
    named, wanted = getattr(args, place, None), getattr(args, "pretrained", None)
    if wanted is None:
        if named is None and hasattr(args, "pretrained"):
            raise ArgumentError(
                "name a run, or a trained network with --pretrained NETWORK:DATA; see"
                f" `minin {args.command} --help`"
            )
        return
    if wanted not in models.trained():
        raise UnknownNameError.among("trained network", wanted, models.trained())
    if named is not None and not hasattr(args, "images"):
        raise ArgumentError(f"name one network; got {named!r} and --pretrained {wanted}")
    if named is not None:
        args.images.insert(0, named)
    setattr(args, place, wanted)


def load_network(path: str) -> models.Network:
    """Read the network of a run, or one that comes with minin, named as NETWORK:DATA.

    Raises:
        DataError: if there is neither, or the network is damaged.
    """
    if path in models.trained() and not Path(path).exists():
        name, _, data = path.partition(":")
        return models.build(name, pretrained=data)
    return train.load_run(path)


def open_saved(path: str) -> tuple[models.Network, train.Source]:
    """Read a network and its note about the data.

    Raises:
        DataError: if there is no network, or it carries no note.
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
        DataError: if there is none, or it is damaged.
    """
    found = load_network(path)
    if found.name != model.name:
        raise ArgumentError(
            f"--from must name a {model.name}, to start one from its weights; {path!r} holds"
            f" a {found.name}. Choose with --model"
        )
    given, own = found.state_dict(), model.state_dict()
    fits = {name: given[name] for name in own if given[name].shape == own[name].shape}
    model.load_state_dict(own | fits)
    fresh = [name for name in own if name not in fits]
    return f"from {path}" + (f"; {some(fresh)} fresh" if fresh else "")
