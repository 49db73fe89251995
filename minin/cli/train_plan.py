"""What `minin train` is asked to do: one recipe, and all that has to fit it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from minin import backend, data, models, train
from minin.cli.console import size
from minin.cli.saved import start_from
from minin.cli.train_place import free_folder, keep_recipe
from minin.errors import ArgumentError, UnknownNameError
from minin.train.folder import RECIPE, RunFolder

# arguments of the command that change an option of the recipe
CHANGES = ("epochs", "batch_size", "lr", "seed")


@dataclass(frozen=True)
class TrainingPlan:
    """Everything that is decided, and checked, before the first step."""

    recipe: train.Recipe
    dataset: data.Dataset
    preprocess: data.Preprocess  # as fit will fit it, but for more images
    model: models.Network
    device: str
    automatic: bool
    out: Path
    going_on: bool
    new: bool
    start: str | None  # where its first weights are from, in words

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W) as the network sees it."""
        return self.preprocess.output_shape(self.dataset.image_shape)


def make_plan(args: argparse.Namespace) -> TrainingPlan:
    """Decide and check everything; nothing is written yet.

    Raises:
        MininError: if anything that was asked for cannot be had.
    """
    if args.resume and args.restart:
        raise ArgumentError("--resume and --restart cannot be used together: go on, or start again")
    device = backend.resolve(args.device)
    recipe = choose_recipe(args)
    out = Path(args.out or free_folder(recipe, again=args.resume or args.restart))
    RunFolder(out, args.resume, args.restart)  # it refuses what must not be written over
    if args.resume:
        recipe = resumed_recipe(recipe, out, args)
    elif not args.restart:
        keep_recipe(recipe, out)
    if recipe.data is None:
        raise ArgumentError(f"the recipe {recipe.name} names no data set; name one with --data")
    dataset = data.load(recipe.data, args.data_root)
    preprocess = data.Preprocess.fit(recipe.options.preprocess, dataset.train_images[:1000])
    model = models.build(
        recipe.model,
        num_classes=len(dataset.classes),
        in_channels=dataset.image_shape[0],
        rng=recipe.options.seed,
        **recipe.build,
    )
    start = start_from(model, args.start) if args.start else None
    shape = preprocess.output_shape(dataset.image_shape)
    try:
        model.output_shape(shape)
    except ValueError as error:
        raise ArgumentError(
            f"{recipe.model} does not fit the {size(shape)} images of {recipe.data}: {error}"
        ) from error
    return TrainingPlan(
        recipe,
        dataset,
        preprocess,
        model.to(device),
        device,
        automatic=args.device == "auto",
        out=out,
        going_on=args.resume and (out / train.LAST).is_file(),
        new=args.resume and not (out / RECIPE).is_file(),
        start=start,
    )


def choose_recipe(args: argparse.Namespace) -> train.Recipe:
    """Take the recipe that was named, or that of the network, with what was asked to change.

    Raises:
        MininError: if a name is unknown, or a value makes no sense.
    """
    if args.recipe is not None:
        return changed(train.find_recipe(args.recipe), args)
    data_name, model_name = choose_names(args.data, args.model)
    return changed(replace(train.RECIPES[model_name], data=data_name), args)


def changed(recipe: train.Recipe, args: argparse.Namespace) -> train.Recipe:
    """Change in a recipe what the command line names."""
    asked = {name: getattr(args, name) for name in CHANGES}
    recipe = recipe.changed(**{name: value for name, value in asked.items() if value is not None})
    return replace(recipe, data=args.data or recipe.data, model=args.model or recipe.model)


def resumed_recipe(recipe: train.Recipe, out: Path, args: argparse.Namespace) -> train.Recipe:
    """Read what the run in the folder was started with; what is asked for must agree.

    Raises:
        DataError: if the folder's recipe is damaged.
        ArgumentError: if something else is asked for than the run was started with.
    """
    if not (out / RECIPE).is_file():
        return recipe
    begun = train.read_recipe(out / RECIPE)
    wanted = changed(begun, args) if args.recipe is None else recipe
    if wanted != begun:
        old, new = flat(begun), flat(wanted)
        names = [
            f"{name} {old[name]!r}, not {new[name]!r}" for name in old if old[name] != new[name]
        ]
        raise ArgumentError(
            f"the run in {str(out)!r} was started with {'; '.join(names)}. Leave that out to go"
            " on, or start again with --restart"
        )
    return begun


def flat(recipe: train.Recipe) -> dict[str, Any]:
    """Give a recipe's values by name, those of its options among them."""
    values = {"data": None, **recipe.to_dict()}
    return {**{k: v for k, v in values.items() if k != "options"}, **values["options"]}


def choose_names(data_name: str | None, model_name: str | None) -> tuple[str | None, str]:
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
        return train.RECIPES[model_name or "nin-digits"].data, model_name or "nin-digits"
    if data_name not in data.names():
        raise UnknownNameError.among("data set", data_name, data.names())
    if model_name is None:
        partner = f"nin-{data_name}"
        model_name = partner if partner in models.names() else "nin-mnist"
    return data_name, model_name
