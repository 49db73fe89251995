"""What is kept of a long run: one JSON file with all that was decided, and all that came of it.

The test images are looked at when training has ended: `minin train` counts the mistakes, and
here the saved weights are read back and must make as many, before they are told apart.
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import machine
from minin import data, train
from minin.explain.confusion import count_confusions
from minin.files.atomic import write_atomically
from minin.train.folder import MODEL, RECIPE
from tools.page import DOCS

RECORDS = DOCS / "results" / "runs"
STARTS = "starts.json"  # in a run's folder: the source at each start, as `starts` notes it
NORMAL = 1.959963984540054  # within so many standard deviations lie 95 % of a normal distribution


def wilson(wrong: int, count: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval for the share of which ``wrong`` of ``count`` is a sample.

    Source: Wilson, J. Am. Stat. Assoc. 22 (1927), 209-212.

    Example:
        >>> [round(x, 4) for x in wilson(47, 10_000)]
        [0.0035, 0.0062]
    """
    share, z2 = wrong / count, NORMAL**2
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = NORMAL * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    # rounding must not leave the share itself outside
    return max(min(centre - half, share), 0.0), min(max(centre + half, share), 1.0)


def errors(wrong: int, count: int) -> dict[str, Any]:
    """Write down a share of mistakes."""
    return {
        "images": count,
        "wrong": wrong,
        "error": wrong / count,
        "interval": [round(x, 6) for x in wilson(wrong, count)],
    }


def note_start(folder: Path, source: dict[str, Any]) -> None:
    """Note from which source a run is started, or gone on with."""
    folder.mkdir(parents=True, exist_ok=True)
    found = [*starts(folder), source]
    write_atomically(folder / STARTS, (json.dumps(found, indent=1) + "\n").encode())


def starts(folder: Path) -> list[dict[str, Any]]:
    """Read what `note_start` noted."""
    path = folder / STARTS
    return json.loads(path.read_text("utf-8")) if path.is_file() else []


def record(folder: Path) -> dict[str, Any]:
    """Collect the record of a run that has ended; the saved weights are read and judged again."""
    recipe, summary = train.read_recipe(folder / RECIPE), train.read_summary(folder)
    assert summary is not None, f"{folder} holds no finished run"
    assert recipe.data is not None
    dataset = data.load(recipe.data)
    rows = train.read_rows(folder)
    shares = train.probabilities(train.load_run(folder), dataset.test_images)  # (M, classes)
    counts = count_confusions(shares, dataset.test_labels, dataset.classes).counts
    tests = len(dataset.test_labels)
    wrong = tests - int(np.trace(counts))
    if wrong != tests - round(summary["test_accuracy"] * tests):
        raise ValueError(f"{folder}: the saved weights make {wrong} mistakes, training told others")
    found = {
        "recipe": recipe.to_dict(),
        "seed": recipe.options.seed,
        "parameters": summary["params"],
        "macs": summary["macs"],
        "curve": [row.to_dict() for row in rows],
        "validation": held_back(recipe, dataset, rows[-1].validation_accuracy),
        "test": {**errors(wrong, tests), "loss": summary["test_loss"]},
        "classes": list(dataset.classes),
        "confusions": counts.tolist(),
        "doctor": summary["doctor"],
        "seconds": summary["seconds"],
        "machine": machine.describe(),
        "versions": summary["versions"],
        "source": starts(folder),
        "weights": fingerprint(folder / MODEL),
    }
    return {"name": recipe.name, **found}


def held_back(
    recipe: train.Recipe, dataset: data.Dataset, accuracy: float | None
) -> dict[str, Any] | None:
    """Count the mistakes on the images that were held back, after the last epoch."""
    if accuracy is None:
        return None
    labels, options = dataset.train_labels, recipe.options
    count = len(data.split(labels, options.validation, options.seed)[1])
    return errors(count - round(accuracy * count), count)


def fingerprint(path: Path) -> dict[str, Any]:
    """Say by which the weights are known again."""
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def to_json(found: dict[str, Any]) -> bytes:
    """Write a record: a line for each of its parts, a row of a table in one line."""
    parts = []
    for key, value in found.items():
        text = json.dumps(value)
        if key in ("curve", "confusions"):
            text = "[\n  " + ",\n  ".join(json.dumps(row) for row in value) + "\n ]"
        parts.append(f" {json.dumps(key)}: {text}")
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()
