"""Remake minin/data/digits.npz from the copy of the digits that scikit-learn ships.

Needed once; minin itself never imports scikit-learn. It prints the SHA-256 sum that
minin/data/DIGITS.md records.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from minin.data import split

TEST_IMAGES = 360
SEED = 0
PLACE = Path(__file__).resolve().parent.parent / "minin" / "data" / "digits.npz"


def main() -> None:
    """Write the file and print its sum."""
    source = load_digits()
    images = source.images.astype(np.uint8)[:, None]  # (1797, 1, 8, 8), values 0 to 16
    labels = source.target.astype(np.uint8)  # (1797,)
    _, test_index = split(labels, TEST_IMAGES / len(labels), rng=SEED)
    np.savez_compressed(
        PLACE, images=images, labels=labels, test_index=test_index.astype(np.uint16)
    )
    content = PLACE.read_bytes()
    total = hashlib.sha256(content).hexdigest()
    print(f"{PLACE.name}: {len(content):,} bytes, sha256 {total}")


if __name__ == "__main__":
    main()
