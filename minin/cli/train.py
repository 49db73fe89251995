"""`minin train`: learn from a data set, show how, save the run."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from minin import models, train
from minin.autograd import current_mode
from minin.cli.console import say, size
from minin.cli.mistake import show_mistake
from minin.cli.progress import ProgressPrinter, show_diagnoses
from minin.cli.train_place import claim
from minin.cli.train_plan import TrainingPlan, choose_recipe, make_plan
from minin.doctor import Diagnosis, examine
from minin.errors import StoppedError
from minin.files.atomic import write_atomically
from minin.machine import cores
from minin.text import percent
from minin.train.folder import RECIPE, RunFolder


def run(args: argparse.Namespace) -> int:
    """Train, judge, save; exit code 1 if backward and finite differences disagree."""
    if args.show:
        print(choose_recipe(args).to_toml(), end="")
        return 0
    plan = make_plan(args)
    if not args.quiet:
        describe(plan)
        if not plan.going_on and not show_proof(plan):
            return 1
    if args.out is None and not args.resume and not args.restart:
        plan = replace(plan, out=claim(plan.recipe))
    history = learn(plan, args)
    dataset, model = plan.dataset, plan.model
    test = train.evaluate(model, dataset.test_images, dataset.test_labels)
    macs = models.summary(model, plan.image_shape).macs
    guess = guessing(dataset.test_labels)
    diagnoses = ask_doctor(plan, history)
    train.save_run(
        plan.out,
        model,
        history,
        test,
        recipe=plan.recipe.name,
        doctor=[diagnosis.name for diagnosis in diagnoses],
        macs=macs,
        guessing_accuracy=guess,
    )
    say(
        "test",
        f"{percent(test.accuracy)} of {len(dataset.test_labels):,} images right after"
        f" {history.seconds:,.0f} s; by guessing {percent(guess)}",
    )
    show_diagnoses(diagnoses)
    index = None if args.quiet else show_mistake(model, dataset)
    say("saved", str(plan.out))
    if index is not None:
        say("next", f"minin predict {plan.out} --index {index}")
    return 0


def describe(plan: TrainingPlan) -> None:
    """Print the data, the network and the machine, a line each."""
    dataset = plan.dataset
    count, tests = len(dataset.train_labels), len(dataset.test_labels)
    say(
        "data",
        f"{dataset.name}: {count:,} training and {tests:,} test images,"
        f" {size(dataset.image_shape)}, {len(dataset.classes)} classes",
    )
    cost = models.summary(plan.model, plan.image_shape)
    say("model", f"{plan.model.name}: {cost.params:,} parameters, {cost.macs:,} MACs an image")
    if plan.recipe.name != plan.model.name:
        say("recipe", f"{plan.recipe.name}: {plan.recipe.reason}")
    device = plan.device + (
        " (no GPU can be used)" if plan.automatic and plan.device == "cpu" else ""
    )
    say(
        "machine",
        f"{device}, {cores()} cores, NumPy {np.__version__}; rules {current_mode()},"
        f" seed {plan.recipe.options.seed}",
    )
    if plan.start and not plan.going_on:
        say("weights", plan.start)
    if plan.going_on:
        say("resumed", f"from {plan.out}")
    elif plan.new:
        say("resumed", f"there is no run to go on with in {plan.out}: it begins here")


def show_proof(plan: TrainingPlan) -> bool:
    """Print one weight's gradient, found both ways, and tell whether they agree."""
    images, labels = plan.dataset.train_images[:8], plan.dataset.train_labels[:8]
    found = train.prove(plan.model, images, labels, plan.preprocess)
    say(
        "proof",
        f"gradient of weight {found.weight}: {found.backward:.8f} by backward,"
        f" {found.differences:.8f} by finite differences"
        + ("" if found.holds else "; they DISAGREE, so nothing is trained"),
    )
    return found.holds


def learn(plan: TrainingPlan, args: argparse.Namespace) -> train.History:
    """Run the training loop and show its rows.

    Raises:
        KeyboardInterrupt: with a message that says where it was stopped and how to go on.
    """
    epochs = plan.recipe.options.epochs
    if not plan.going_on:
        RunFolder(plan.out, args.resume, args.restart).begin()
    if args.restart or not (plan.out / RECIPE).is_file():
        write_atomically(plan.out / RECIPE, plan.recipe.to_toml().encode())
    with ProgressPrinter(epochs, args.quiet) as progress, train.ctrl_c() as pressed:
        try:
            history = train.fit(
                plan.model,
                plan.dataset,
                plan.recipe.options,
                on_epoch=progress.on_epoch,
                on_step=progress.on_step,
                folder=plan.out,
                resume=args.resume,
                restart=args.restart,
                stop=pressed,
            )
        except (StoppedError, KeyboardInterrupt):
            at = progress.last.epoch if progress.last else 1
            raise KeyboardInterrupt(
                f"stopped by Ctrl-C in epoch {at} of {epochs}; {how_to_go_on(plan, args)}"
            ) from None
        if pressed():
            raise KeyboardInterrupt(f"stopped by Ctrl-C; {how_to_go_on(plan, args)}")
    return history


def ask_doctor(plan: TrainingPlan, history: train.History) -> Sequence[Diagnosis]:
    """Look for what is wrong with the trained network."""
    report = examine(
        plan.model,
        plan.dataset.train_images,
        plan.dataset.train_labels,
        history_losses=history.losses,
        lr=plan.recipe.options.lr,
        train_accuracy=history[-1].train_accuracy,
        validation=history[-1].validation_accuracy,
        classes=plan.dataset.classes,
    )
    return report.diagnoses


def how_to_go_on(plan: TrainingPlan, args: argparse.Namespace) -> str:
    """Write the command that resumes the run."""
    words = ["minin", "train", "--resume", "--out", str(plan.out)]
    if args.data_root is not None:
        words += ["--data-root", str(args.data_root)]
    if args.device != "auto":
        words += ["--device", args.device]
    return f"go on with: {shlex.join(words)}"


def guessing(labels: np.ndarray[Any, Any]) -> float:
    """Return the share that is right if the most frequent class is always said."""
    return float(np.bincount(labels).max() / len(labels))
