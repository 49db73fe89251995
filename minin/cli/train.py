"""`minin train`: learn from a data set, show how, save the run."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minin import backend, data, models, train
from minin.autograd import current_mode
from minin.cli.arguments import add_data, add_device, add_epilog
from minin.cli.console import percent, say, size
from minin.cli.mistake import show_mistake
from minin.cli.progress import Progress
from minin.errors import ArgumentError, UnknownNameError
from minin.train.run import cores

EXAMPLES = """\
examples:
  minin train                                      the bundled digits
  minin train --seed 3 --epochs 10 --out runs/short
  minin train --data mnist --data-root DIR         MNIST from its four files
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_epilog(parser, EXAMPLES)
    add_data(parser, "that of the network, else digits")
    parser.add_argument(
        "--model", metavar="NAME", help="a name of `minin summary`; default: that of the data"
    )
    add_device(parser)
    parser.add_argument("--epochs", type=int, metavar="N", help="walks over the images")
    parser.add_argument("--batch-size", type=int, metavar="N", help="images a step")
    parser.add_argument("--lr", type=float, metavar="X", help="peak of the learning rate")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="decides all that is drawn; default: 0"
    )
    parser.add_argument(
        "--out", metavar="DIR", help="folder to save the run in; default: runs/NETWORK"
    )
    parser.add_argument(
        "--quiet", action="store_true", help="print only the result and where it is saved"
    )


@dataclass(frozen=True)
class Plan:
    """Everything that is decided, and checked, before the first step."""

    dataset: data.Dataset
    model: models.Network
    options: train.Options
    device: str
    automatic: bool
    out: Path


def run(args: argparse.Namespace) -> int:
    """Train, judge, save; exit code 1 if backward and finite differences disagree."""
    plan = make_plan(args)
    if not args.quiet:
        describe(plan)
        if not show_proof(plan):
            return 1
    history = learn(plan, args.quiet)
    dataset, model = plan.dataset, plan.model
    test = train.evaluate(model, dataset.test_images, dataset.test_labels)
    macs = models.summary(model, dataset.image_shape).macs
    guess = guessing(dataset.test_labels)
    train.save_run(plan.out, model, history, test, macs=macs, guessing_accuracy=guess)
    say(
        "test",
        f"{percent(test.accuracy)} of {len(dataset.test_labels):,} images right after"
        f" {history.seconds:,.0f} s; guessing gets {percent(guess)}",
    )
    index = None if args.quiet else show_mistake(model, dataset)
    say("saved", str(plan.out))
    if index is not None:
        say("next", f"minin predict {plan.out} --index {index}")
    return 0


def make_plan(args: argparse.Namespace) -> Plan:
    """Decide and check everything; nothing is written yet.

    Raises:
        MininError: if anything that was asked for cannot be had.
    """
    device = backend.resolve(args.device)
    data_name, model_name = choose_names(args.data, args.model)
    asked = {"epochs": args.epochs, "batch_size": args.batch_size, "lr": args.lr}
    changes = {name: value for name, value in asked.items() if value is not None}
    base = train.options_for(model_name)
    options = base.changed(seed=args.seed, **changes)
    same = model_name == f"nin-{data_name}"
    name = model_name if same else f"{data_name}-{model_name}"
    out = train.check_folder(args.out or Path("runs") / name)
    dataset = data.load(data_name, args.data_root)
    model = models.build(
        model_name,
        num_classes=len(dataset.classes),
        in_channels=dataset.image_shape[0],
        rng=args.seed,
        **train.build_options_for(model_name),
    )
    try:
        model.output_shape(dataset.image_shape)
    except ValueError as error:
        raise ArgumentError(
            f"{model_name} does not fit the {size(dataset.image_shape)} images of"
            f" {data_name}: {error}"
        ) from error
    return Plan(dataset, model.to(device), options, device, args.device == "auto", out)


def choose_names(data_name: str | None, model_name: str | None) -> tuple[str, str]:
    """Find the partner of a data set or network that was named alone.

    Raises:
        UnknownNameError: if a name is not known.

    Example:
        >>> choose_names(None, None), choose_names("fashion-mnist", None)
        (('digits', 'nin-digits'), ('fashion-mnist', 'nin-mnist'))
        >>> choose_names(None, "nin-mnist")
        ('mnist', 'nin-mnist')
    """
    if model_name is not None and model_name not in models.names():
        raise UnknownNameError.among("network", model_name, models.names())
    if data_name is None:
        partner = (model_name or "nin-digits").removeprefix("nin-")
        data_name = partner if partner in data.names() else "digits"
    if data_name not in data.names():
        raise UnknownNameError.among("data set", data_name, data.names())
    if model_name is None:
        partner = f"nin-{data_name}"
        model_name = partner if partner in models.names() else "nin-mnist"
    return data_name, model_name


def describe(plan: Plan) -> None:
    """Print the data, the network and the machine, a line each."""
    dataset = plan.dataset
    count, tests = len(dataset.train_labels), len(dataset.test_labels)
    say(
        "data",
        f"{dataset.name}: {count:,} training and {tests:,} test images,"
        f" {size(dataset.image_shape)}, {len(dataset.classes)} classes",
    )
    cost = models.summary(plan.model, dataset.image_shape)
    say("model", f"{plan.model.name}: {cost.params:,} parameters, {cost.macs:,} MACs an image")
    device = plan.device + (
        " (no GPU can be used)" if plan.automatic and plan.device == "cpu" else ""
    )
    say(
        "machine",
        f"{device}, {cores()} cores, NumPy {np.__version__}; rules {current_mode()},"
        f" seed {plan.options.seed}",
    )


def show_proof(plan: Plan) -> bool:
    """Print one weight's slope, found both ways, and tell whether they agree."""
    images, labels = plan.dataset.train_images[:8], plan.dataset.train_labels[:8]
    found = train.prove(plan.model, images, labels, data.Standardise.fit(plan.dataset.train_images))
    say(
        "proof",
        f"slope along weight {found.weight}: {found.backward:.8f} by backward,"
        f" {found.differences:.8f} by finite differences"
        + ("" if found.holds else "; they DISAGREE, so nothing is trained"),
    )
    return found.holds


def learn(plan: Plan, quiet: bool) -> train.History:
    """Run the training loop and show its rows.

    Raises:
        KeyboardInterrupt: with a message that says where it was stopped.
    """
    with Progress(plan.options.epochs, quiet) as progress:
        try:
            return train.fit(
                plan.model,
                plan.dataset,
                plan.options,
                on_epoch=progress.on_epoch,
                on_step=progress.on_step,
            )
        except KeyboardInterrupt:
            at = progress.last.epoch if progress.last else 1
            raise KeyboardInterrupt(
                f"stopped by Ctrl-C in epoch {at} of {plan.options.epochs}; nothing was saved"
            ) from None


def guessing(labels: np.ndarray[Any, Any]) -> float:
    """Return the share that is right if the most frequent class is always said."""
    return float(np.bincount(labels).max() / len(labels))
