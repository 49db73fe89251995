from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from minin.data import Dataset, fingerprint

PIXELS = np.arange(3 * 2 * 4 * 5, dtype=np.uint8).reshape(3, 2, 4, 5)
LABELS = np.array([0, 1, 1])
PETS = Dataset(PIXELS, LABELS, PIXELS[:1], LABELS[:1], ("cat", "dog"), "pets")


def test_it_is_the_sum_of_shape_classes_pixels_and_labels() -> None:
    whole = b"((3, 2, 4, 5), ('cat', 'dog'))" + PIXELS.tobytes() + LABELS.astype("<i8").tobytes()
    assert fingerprint(PETS) == hashlib.sha256(whole).hexdigest()


def test_any_change_of_the_training_half_changes_it() -> None:
    pixels, labels = PIXELS.copy(), LABELS.copy()
    pixels[2, 1, 3, 4] ^= 1
    labels[0] = 1
    tall = PIXELS.reshape(3, 2, 5, 4)
    others = [
        replace(PETS, train_images=pixels),
        replace(PETS, train_labels=labels),
        replace(PETS, train_images=PIXELS[::-1].copy()),
        replace(PETS, train_images=tall, test_images=tall[:1]),
        replace(PETS, classes=("cat", "cow")),
    ]
    assert len({fingerprint(PETS), *map(fingerprint, others)}) == 6


def test_neither_the_test_half_nor_the_name_nor_the_memory_counts() -> None:
    strided = np.asfortranarray(PIXELS)
    same = replace(PETS, test_images=PIXELS, test_labels=LABELS, name="x", train_images=strided)
    assert fingerprint(same) == fingerprint(PETS)
