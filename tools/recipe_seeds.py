"""Twenty seeds of every recipe that bears a network's name, on short real runs.

    MININ_DATA=DIR python -m tools.recipe_seeds     write docs/recipe-seeds.md

No run may end with a dead class: one whose logit is the same for every image. The runs are
short, so accuracies are low; what they show is that every class still has a gradient.
"""

from __future__ import annotations

import argparse
import statistics
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from minin import data, models, train
from tools.page import DOCS, page

TARGET = DOCS / "recipe-seeds.md"
SEEDS = 20
# recipe, data set, training images, epochs: as much as a CPU does within seconds
RUNS = (
    ("nin-digits", "digits", 1437, 20),  # the whole run
    ("nin-mnist", "mnist", 320, 1),
    ("nin-mnist", "fashion-mnist", 320, 1),
    ("nin-cifar10", "fashion-mnist", 64, 1),
    ("nin-cifar100", "mnist", 64, 1),
    ("nin-svhn", "mnist", 64, 1),
    ("nin-imagenet", "fashion-mnist", 16, 1),
    ("nin-d2l", "fashion-mnist", 16, 1),
    ("nin-example224", "mnist", 2, 1),
)


@dataclass(frozen=True)
class Ending:
    """How one run ended."""

    dead: int
    first: float
    last: float
    accuracy: float


def few_of(name: str, count: int, seed: int) -> data.Dataset:
    """Draw some training images of a data set, beside its first test images."""
    whole = data.load(name)
    chosen = np.random.default_rng(seed).permutation(len(whole.train_labels))[:count]
    return replace(
        whole,
        train_images=whole.train_images[chosen],
        train_labels=whole.train_labels[chosen],
        test_images=whole.test_images[:100],
        test_labels=whole.test_labels[:100],
    )


def run(recipe: str, name: str, count: int, epochs: int, seed: int) -> Ending:
    """Train one seed on a subset, and look for dead classes."""
    few = few_of(name, count, seed)
    found = train.RECIPES[recipe]
    large = models.build(recipe, rng=0).input_shape[1] == 224
    changes = {"preprocess": ["resize:224", "standardise"]} if large else {}
    model = models.build(recipe, len(few.classes), 1, rng=seed, **found.build)
    losses: list[float] = []
    options = found.changed(
        epochs=epochs, validation=0.0, batch_size=min(32, count), seed=seed, **changes
    ).options
    train.fit(model, few, options, on_step=lambda step: losses.append(step.loss))
    shown = few.train_images[:64]
    logits = np.log(np.maximum(train.probabilities(model, shown), 1e-30))
    dead = sum(bool(np.ptp(logits[:, k] - logits.mean(axis=1)) == 0) for k in range(10))
    found_here = train.evaluate(model, shown, few.train_labels[:64])
    return Ending(dead, losses[0], losses[-1], found_here.accuracy)


def measured(seeds: int, workers: int, only: list[str]) -> dict[str, str]:
    """Train the runs of some recipes, or of all; return a line of the table for each."""
    found = {}
    with ProcessPoolExecutor(workers) as pool:
        for recipe, name, count, epochs in RUNS:
            if only and recipe not in only:
                continue
            jobs = [[x] * seeds for x in (recipe, name, count, epochs)]
            endings = list(pool.map(run, *jobs, range(seeds)))
            first, last = (
                statistics.median(getattr(e, k) for e in endings) for k in ("first", "last")
            )
            accuracy = statistics.median(e.accuracy for e in endings)
            start = f"| {recipe} | {name} |"
            found[start] = (
                f"{start} {count} | {epochs} | {seeds} | {sum(e.dead > 0 for e in endings)} |"
                f" {first:.2f} to {last:.2f} | {accuracy:.0%} |"
            )
            print(found[start], flush=True)
    return found


def written(found: dict[str, str]) -> str:
    """Write the page; a run that was not made again keeps its line."""
    before = TARGET.read_text("utf-8").splitlines() if TARGET.exists() else []
    lines = []
    for recipe, name, _, _ in RUNS:
        start = f"| {recipe} | {name} |"
        old = [line for line in before if line.startswith(start)]
        lines += [found[start]] if start in found else old[:1]
    return page("recipe-seeds", rows="\n".join(lines))


def main() -> None:
    """Train, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--only", nargs="*", default=[], metavar="RECIPE")
    options = parser.parse_args()
    found = measured(options.seeds, options.workers, options.only)
    TARGET.write_text(written(found), encoding="utf-8")


if __name__ == "__main__":
    main()
