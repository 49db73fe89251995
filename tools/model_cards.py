"""A trained network for the package: its weights as the run saved them, and a card beside them.

python -m tools.model_cards RUN...     the best of the runs by validation error

The test set plays no part in the choice. Of runs with equally few mistakes, that of the lowest
seed is taken. Each run needs its record in docs/results/runs.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from minin.explain.confusion import Confusion
from minin.files.atomic import write_atomically
from minin.files.toml import read_toml
from minin.models.trained import FOLDER
from minin.train.folder import MODEL
from tools.page import page
from tools.results_page import with_interval
from tools.run_record import RECORDS, record


def best(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Choose by the mistakes on the images held back, and then by the seed."""
    return min(records, key=lambda found: (found["validation"]["wrong"], found["seed"]))


def card(found: dict[str, Any], seeds: int) -> str:
    """Write the card of a record; ``seeds`` runs were there to choose from."""
    recipe, test = found["recipe"], found["test"]
    about = read_toml(Path(__file__).with_suffix(".toml").read_text("utf-8"))[recipe["data"]]
    pairs = Confusion(np.array(found["confusions"]), tuple(found["classes"])).pairs(None)
    options = recipe["options"]
    return page(
        "model_card",
        **about,
        model=recipe["model"],
        data=recipe["data"],
        run=f"{found['name']}-seed{found['seed']}",
        right=f"{test['images'] - test['wrong']:,}",
        images=f"{test['images']:,}",
        test=with_interval(test),
        validation=with_interval(found["validation"]),
        held=f"{found['validation']['images']:,}",
        seed=found["seed"],
        choice=f"the best of {seeds} seeds by validation error" if seeds > 1 else "the only one",
        epochs=len(found["curve"]),
        params=f"{found['parameters']:,}",
        macs=f"{found['macs']:,}",
        file=f"{recipe['model']}.{recipe['data']}.safetensors",
        sha256=found["weights"]["sha256"],
        versions=", ".join(f"{name} {version}" for name, version in found["versions"].items()),
        preprocess=", ".join(f"`{step}`" for step in options["preprocess"]),
        augment=", ".join(f"`{step}`" for step in options["augment"]) or "no augmentation",
        reason=recipe["reason"],
        recipe=recipe["name"],
        pairs="; ".join(f"{truth} for {answer}: {count}" for truth, answer, count in pairs) or "-",
    )


def main() -> None:
    """Judge the runs again, choose, copy the weights and write the card."""
    parser = argparse.ArgumentParser(description="Ship the best of some runs with its card.")
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    folders = parser.parse_args().runs
    records = [record(folder) for folder in folders]
    found = best(records)
    recipe = found["recipe"]
    name = f"{recipe['model']}.{recipe['data']}"
    kept = RECORDS / f"{found['name']}-seed{found['seed']}.json"
    if json.loads(kept.read_text("utf-8"))["weights"] != found["weights"]:
        raise SystemExit(f"{kept} is the record of other weights")
    FOLDER.mkdir(exist_ok=True)
    shutil.copyfile(folders[records.index(found)] / MODEL, FOLDER / f"{name}.safetensors")
    write_atomically(FOLDER / f"{name}.md", card(found, len(records)).encode())
    print(f"{name}: {found['test']['wrong']} of {found['test']['images']} wrong")


if __name__ == "__main__":
    main()
