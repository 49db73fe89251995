"""A few real digits, and one short training run that the tests only look at."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from minin import data, models, train


class Trained(NamedTuple):
    dataset: data.Dataset
    model: models.Network
    history: train.History


def few_digits(count: int = 96, tests: int = 32) -> data.Dataset:
    whole = data.load("digits")
    return data.Dataset(
        whole.train_images[:count],
        whole.train_labels[:count],
        whole.test_images[:tests],
        whole.test_labels[:tests],
        whole.classes,
        whole.name,
    )


def small_run(**options: Any) -> Trained:
    dataset = few_digits()
    model = models.build("nin-digits", rng=0)
    changes: dict[str, Any] = {"epochs": 2, "batch_size": 16, "validation": 0.25, **options}
    return Trained(dataset, model, train.fit(model, dataset, **changes))


@pytest.fixture(scope="session")
def dataset() -> data.Dataset:
    return few_digits()


@pytest.fixture(scope="session")
def trained() -> Trained:
    return small_run()
