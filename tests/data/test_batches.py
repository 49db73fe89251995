from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from minin.data import batches, split
from minin.errors import ArgumentError, DtypeError, ShapeError


def numbered(count: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Give images that each carry their own number, and the numbers."""
    labels = np.arange(count)
    return labels.astype(np.uint8).reshape(-1, 1, 1, 1), labels


@given(
    count=st.integers(1, 40),
    size=st.integers(1, 50),
    seed=st.integers(0, 2**32),
    shuffle=st.booleans(),
)
def test_every_image_comes_once_with_its_label(
    count: int, size: int, seed: int, shuffle: bool
) -> None:
    images, labels = numbered(count)
    seen: list[int] = []
    parts = list(batches(images, labels, size, seed, shuffle=shuffle))
    for pixels, numbers in parts:
        np.testing.assert_array_equal(pixels.ravel(), numbers)
        seen += numbers.tolist()
    assert sorted(seen) == list(range(count))
    assert [len(numbers) for _, numbers in parts[:-1]] == [size] * (len(parts) - 1)
    if not shuffle:
        assert seen == list(range(count))


@given(count=st.integers(1, 40), size=st.integers(1, 40))
def test_drop_last_keeps_full_batches_only(count: int, size: int) -> None:
    assume(size <= count)
    images, labels = numbered(count)
    parts = list(batches(images, labels, size, 0, drop_last=True))
    assert [len(numbers) for _, numbers in parts] == [size] * (count // size)


def order(rng: np.random.Generator | int) -> list[int]:
    images, labels = numbered(50)
    return [int(n) for _, part in batches(images, labels, 8, rng) for n in part]


def test_a_seed_repeats_and_a_generator_goes_on() -> None:
    assert order(3) == order(3)
    assert order(3) != order(4)
    running = np.random.default_rng(3)
    assert order(running) == order(3)
    assert order(running) != order(3)


def test_the_order_is_drawn_at_the_call() -> None:
    images, labels = numbered(50)
    running = np.random.default_rng(3)
    walk = batches(images, labels, 8, running)
    running.integers(10, size=100)
    assert [int(n) for _, part in walk for n in part] == order(3)


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_batch_shares_nothing_with_the_caller(shuffle: bool) -> None:
    images, labels = numbered(9)
    images.flags.writeable = labels.flags.writeable = False
    for pixels, numbers in batches(images, labels, 4, 0, shuffle=shuffle):
        pixels[...] = 0
        numbers[...] = 0
    np.testing.assert_array_equal(images.ravel(), np.arange(9))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"images": [[1]]}, DtypeError, "images must be a NumPy array; got list"),
        ({"labels": (0, 1)}, DtypeError, "labels must be a NumPy array; got tuple"),
        ({"labels": np.arange(3)}, ShapeError, r"the same N.*\(4, 1, 2, 2\) and \(3,\)"),
        ({"labels": np.zeros((4, 1), int)}, ShapeError, "the same N"),
        ({"images": np.zeros(0), "labels": np.zeros(0, int)}, ShapeError, "at least 1"),
        (
            {"batch_size": 0},
            ArgumentError,
            "batch_size must be an int of at least 1; got 0",
        ),
        ({"batch_size": 2.0}, ArgumentError, "batch_size"),
        (
            {"batch_size": 5, "drop_last": True},
            ArgumentError,
            "leaves no batch of 4 images",
        ),
        ({"rng": None}, ArgumentError, "rng must be a seed"),
        ({"rng": -1}, ArgumentError, "rng must be"),
    ],
)
def test_faults_are_named_at_the_call(
    changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    right: dict[str, Any] = {
        "images": np.zeros((4, 1, 2, 2), dtype=np.uint8),
        "labels": np.arange(4),
        "batch_size": 2,
        "rng": 0,
    }
    with pytest.raises(error, match=message):
        batches(**(right | changes))


@given(
    sizes=st.lists(st.integers(0, 30), min_size=1, max_size=8),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 1000),
)
def test_each_class_gives_its_exact_share_rounded(
    sizes: list[int], fraction: float, seed: int
) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    total = round(len(labels) * fraction)
    assume(0 < total < len(labels))
    train, validation = split(labels, fraction, seed)
    assert len(validation) == total
    np.testing.assert_array_equal(
        np.sort(np.concatenate([train, validation])), np.arange(len(labels))
    )
    here = np.bincount(labels[validation], minlength=len(sizes))
    exact = np.array(sizes) * total / len(labels)
    assert np.all(np.abs(here - exact) < 1 + 1e-9)
    assert np.all(np.diff(train) > 0)
    assert np.all(np.diff(validation) > 0)


def test_equal_classes_are_split_equally() -> None:
    labels = np.tile(np.arange(10), 30)
    _, validation = split(labels, 0.1, 0)
    assert np.bincount(labels[validation]).tolist() == [3] * 10


def test_the_split_is_the_seeds() -> None:
    labels = np.tile(np.arange(5), 20)
    first, second, other = (split(labels, 0.3, seed)[1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("labels", "fraction", "error", "message"),
    [
        ([0, 1], 0.5, DtypeError, "labels must be a NumPy array of integers; got list"),
        (np.zeros(4), 0.5, DtypeError, "got float64"),
        (np.zeros((2, 2), int), 0.5, ShapeError, r"shape \(N,\); got \(2, 2\)"),
        *(
            (np.arange(4), fraction, ArgumentError, "fraction must leave at least one")
            for fraction in (0, 1, -0.5, 1.5, 0.01, 0.99, float("nan"), float("inf"))
        ),
        (np.zeros(0, int), 0.5, ArgumentError, "fraction must leave at least one"),
        (np.arange(4), "half", ArgumentError, "fraction must be a float"),
        (np.arange(4), True, ArgumentError, "fraction must be a float"),
    ],
)
def test_split_names_its_faults(
    labels: Any, fraction: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        split(labels, fraction, 0)


def test_no_two_epochs_of_one_generator_are_alike() -> None:
    running = np.random.default_rng(0)
    epochs = [order(running) for _ in range(4)]
    assert all(a != b for a, b in itertools.combinations(epochs, 2))


def test_split_needs_a_seed() -> None:
    with pytest.raises(ArgumentError, match="rng must be a seed"):
        split(np.arange(4), 0.5, None)
