"""The page on what the networks reach says what the records say, and nothing else."""

from __future__ import annotations

import json
from typing import Any

from minin import train
from tools.page import rows
from tools.results_page import TARGET, read_records, run_row, written
from tools.run_record import RECORDS, errors


def made_up(seed: int, wrong: int) -> dict[str, Any]:
    """Make a record of a run that never was."""
    recipe = train.RECIPES["mnist-long"].changed(seed=seed)
    counts = [[1000 * (row == column) for column in range(10)] for row in range(10)]
    counts[4][4], counts[4][9] = 1000 - wrong, wrong
    return {
        "name": recipe.name,
        "seed": seed,
        "recipe": recipe.to_dict(),
        "curve": [{}] * 12,
        "validation": errors(wrong // 2, 5000),
        "test": errors(wrong, 10_000),
        "classes": [str(k) for k in range(10)],
        "confusions": counts,
        "seconds": 3600.0,
    }


def test_means_and_spread_are_those_of_the_seeds() -> None:
    text = written([made_up(0, 40), made_up(1, 50), made_up(2, 60)])
    # the mean of 40, 50 and 60 in 10,000; a deviation of 10 either way, divided by 3 - 1
    assert (
        "| mnist-long | mnist | translate:2 | 3 | 0.50 % | 0.10 % | 0.40 to 0.60 % | 0.47 % |"
        in text
    )
    assert "| mnist-long | 4 for 9: 50 |" in text
    assert "| mnist-long | nin-mnist | 349,674 | mnist | 0.47 % | yes |" in text
    assert "| nin-cifar10 | 10.41 % | not measured here |" in text.replace(
        " 966,986 | cifar10 |", ""
    )


def test_one_seed_has_no_spread() -> None:
    text = written([made_up(0, 47)])
    assert "| mnist-long | mnist | translate:2 | 1 | 0.47 % | - | - | 0.47 % |" in text
    assert "| 0.47 % (0.35 to 0.62) | 47 of 10,000 | 60.0 |" in text


def test_every_run_on_the_page_is_a_record() -> None:
    """A record may be newer than the page, but what the page tells is in the records."""
    said = TARGET.read_text("utf-8").splitlines()
    runs = [line for line in said if "](results/runs/" in line and line.startswith("| [")]
    known = {rows([run_row(record)]) for record in read_records()}
    assert set(runs) <= known


def test_a_record_bears_the_name_of_its_file() -> None:
    for path in RECORDS.glob("*.json"):
        found = json.loads(path.read_text("utf-8"))
        assert path.stem == f"{found['name']}-seed{found['seed']}"
        assert found["test"]["wrong"] == found["test"]["images"] - sum(
            row[k] for k, row in enumerate(found["confusions"])
        )
