"""Short runs that chose the numbers of a recipe, each on a part of the training images.

    MININ_DATA=DIR python -m tools.recipe_trials     write docs/results/trials.json

A quarter of the part is held back and judged after each epoch. The test images are not looked at.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from minin import models, train
from minin.files.atomic import write_atomically
from tools.page import DOCS
from tools.recipe_seeds import few_of

TARGET = DOCS / "results" / "trials.json"
IMAGES, SEED = 16_000, 0
BASE = "nin-mnist"
SHARED = {"epochs": 3, "validation": 0.25, "label_smoothing": 0.0, "weight_decay": 5e-4}
FASHION = {**SHARED, "data": "fashion-mnist", "augment": ["translate:2", "flip"]}
# what each trial changes
TRIALS: tuple[dict[str, Any], ...] = (
    {**FASHION, "batch_size": 64, "lr": 0.05},
    {**FASHION, "batch_size": 64, "lr": 0.1},
    {**FASHION, "batch_size": 64, "optimiser": "adam", "lr": 0.002, "weight_decay": 0.0},
    {**FASHION, "batch_size": 32, "lr": 0.05},
)


def trial(data: str, **changes: Any) -> dict[str, Any]:
    """Train once, and return what was asked for and each epoch's row."""
    part = few_of(data, IMAGES, SEED)
    recipe = train.RECIPES[BASE].changed(seed=SEED, **changes)
    model = models.build(recipe.model, rng=SEED, **recipe.build)
    history = train.fit(model, part, recipe.options)
    return {
        "model": recipe.model,
        "data": data,
        "images": IMAGES,
        "build": dict(recipe.build),
        "options": history.options.to_dict(),
        "rows": [row.to_dict() for row in history],
    }


def main() -> None:
    """Train, and write the record after each trial."""
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    found = []
    for changes in TRIALS:
        found.append(trial(**changes))
        write_atomically(TARGET, (json.dumps(found, indent=1) + "\n").encode())
        print(changes, [row["validation_accuracy"] for row in found[-1]["rows"]], flush=True)


if __name__ == "__main__":
    main()
