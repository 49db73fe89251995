from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from minin.data import Dataset
from minin.errors import DataError


def fields(**changes: Any) -> dict[str, Any]:
    """Give the arguments of a Dataset that is right but for ``changes``."""
    right = {
        "train_images": np.zeros((3, 1, 4, 5), dtype=np.uint8),
        "train_labels": np.array([0, 1, 1]),
        "test_images": np.zeros((2, 1, 4, 5), dtype=np.uint8),
        "test_labels": np.array([1, 0]),
        "classes": ("cat", "dog"),
        "name": "pets",
    }
    return right | changes


def test_a_right_one_says_what_it_is() -> None:
    dataset = Dataset(**fields())
    assert dataset.image_shape == (1, 4, 5)
    assert repr(dataset) == ("Dataset('pets': 3 training and 2 test images of 1x4x5, 2 classes)")


def test_it_cannot_be_changed() -> None:
    dataset = Dataset(**fields())
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.name = "other"  # type: ignore[misc]  # that is what is tested


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_images": [[1]]}, "train_images must be a NumPy array of uint8.*got list"),
        (
            {"train_images": np.zeros((3, 1, 4, 5), dtype=np.float32)},
            r"train_images must .*got float32\. Use train_images\.astype\(np\.uint8\)",
        ),
        (
            {"test_images": np.zeros((2, 4, 5), dtype=np.uint8)},
            r"test_images must .*got shape \(2, 4, 5\).*images\[:, None\]",
        ),
        (
            {"train_images": np.zeros((0, 1, 4, 5), dtype=np.uint8)},
            "train_images must hold at least one image",
        ),
        (
            {"test_images": np.zeros((2, 0, 4, 5), dtype=np.uint8)},
            "test_images must hold at least one image of at least one pixel",
        ),
        (
            {"test_images": np.zeros((2, 3, 4, 5), dtype=np.uint8)},
            r"must have one size .* got \(1, 4, 5\) and \(3, 4, 5\)",
        ),
        ({"train_labels": np.zeros(3, dtype=np.uint8)}, "train_labels must .*got uint8"),
        ({"train_labels": np.zeros((3, 1), dtype=np.int64)}, r"got shape \(3, 1\)"),
        (
            {"test_labels": np.array([0])},
            "one label an image; got 1 labels for 2 test_images",
        ),
        ({"train_labels": np.array([0, 1, 2])}, "from 0 to 1.*got 2 at index 2"),
        ({"test_labels": np.array([0, -1])}, "from 0 to 1.*got -1 at index 1"),
        ({"classes": ()}, "at least one name"),
        ({"classes": "cat"}, "classes must be a tuple"),
    ],
)
def test_each_fault_is_named_with_the_set(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=rf"^pets: .*{message}"):
        Dataset(**fields(**changes))
