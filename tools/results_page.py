"""The page on what the networks reach, made from the records of the long runs.

python -m tools.results_page     write docs/results.md
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minin import models, train
from minin.explain.confusion import Confusion
from tools.page import DOCS, page, rows
from tools.recipe_trials import TARGET as TRIALS
from tools.run_record import RECORDS

TARGET = DOCS / "results.md"
PAIRS = 3
Record = dict[str, Any]
# test errors without augmentation: the paper's tables, and the readme of the ImageNet network
PUBLISHED = {
    "nin-mnist mnist": "0.47 %",
    "nin-cifar10 cifar10": "10.41 %",
    "nin-cifar100 cifar100": "35.68 %",
    "nin-svhn svhn": "2.35 %",
    "nin-imagenet ": "40.64 % (top-1)",
}


def read_records(folder: Path = RECORDS) -> list[Record]:
    """Read the records, those of a recipe beside each other."""
    found = [json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")]
    return sorted(found, key=lambda record: (record["name"], record["seed"]))


def percent(share: float) -> str:
    """Write a share as of 10,000 images."""
    return f"{100 * share:.2f} %"


def with_interval(judged: dict[str, Any] | None) -> str:
    """Write an error and its interval."""
    if judged is None:
        return "-"
    low, high = judged["interval"]
    return f"{percent(judged['error'])} ({100 * low:.2f} to {100 * high:.2f})"


def published(recipe: dict[str, Any]) -> str:
    """Look up what was published of a recipe's network on its data."""
    return PUBLISHED.get(f"{recipe['model']} {recipe.get('data') or ''}", "-")


def run_row(record: Record) -> tuple[str, ...]:
    """Write the row of a run."""
    test, name = record["test"], f"{record['name']}-seed{record['seed']}"
    return (
        f"[{name}](results/runs/{name}.json)",
        str(len(record["curve"])),
        with_interval(record["validation"]),
        with_interval(test),
        f"{test['wrong']:,} of {test['images']:,}",
        f"{record['seconds'] / 60:.1f}",
    )


def mean_row(name: str, found: Sequence[Record]) -> tuple[str, ...]:
    """Write the row of a recipe: the mean over its seeds."""
    errors = [record["test"]["error"] for record in found]
    several = len(errors) > 1
    return (
        name,
        found[0]["recipe"]["data"],
        ", ".join(found[0]["recipe"]["options"]["augment"]) or "none",
        str(len(errors)),
        percent(statistics.mean(errors)),
        percent(statistics.stdev(errors)) if several else "-",
        f"{100 * min(errors):.2f} to {percent(max(errors))}" if several else "-",
        published(found[0]["recipe"]),
    )


def confusion_row(name: str, found: Sequence[Record]) -> tuple[str, str]:
    """Write the pairs that a recipe's runs confuse most."""
    counts = np.sum([record["confusions"] for record in found], axis=0)
    pairs = Confusion(counts, tuple(found[0]["classes"])).pairs(PAIRS)
    said = [f"{truth} for {answer}: {count / len(found):.0f}" for truth, answer, count in pairs]
    return name, "; ".join(said)


def trial_row(trial: dict[str, Any]) -> tuple[str, ...]:
    """Write the row of a short run."""
    options = trial["options"]
    errors = [percent(1 - row["validation_accuracy"]) for row in trial["rows"]]
    return (
        trial["data"],
        options["optimiser"],
        f"{options['lr']:g}",
        str(options["batch_size"]),
        f"{options['weight_decay']:g}",
        ", ".join(errors),
    )


def recipe_row(recipe: train.Recipe, measured: Iterable[str]) -> tuple[str, ...]:
    """Write the row of a recipe, and whether it was measured."""
    return (
        recipe.name,
        recipe.model,
        f"{models.summary(models.build(recipe.model, rng=0)).params:,}",
        recipe.data or "images of one's own",
        published(recipe.to_dict()),
        "yes" if recipe.name in measured else "not measured here",
    )


def written(records: Sequence[Record]) -> str:
    """Fill in the page."""
    by_name: dict[str, list[Record]] = {}
    for record in records:
        by_name.setdefault(record["name"], []).append(record)
    trials = json.loads(TRIALS.read_text("utf-8"))
    return page(
        "results",
        means=rows(mean_row(*item) for item in by_name.items()),
        runs=rows(run_row(record) for record in records),
        confusions=rows(confusion_row(*item) for item in by_name.items()),
        part=f"{trials[0]['images']:,}",
        trials=rows(trial_row(trial) for trial in trials),
        recipes=rows(recipe_row(recipe, by_name) for recipe in train.RECIPES.values()),
    )


def main() -> None:
    """Write the page."""
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    TARGET.write_text(written(read_records()), encoding="utf-8")


if __name__ == "__main__":
    main()
