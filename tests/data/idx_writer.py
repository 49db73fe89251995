"""IDX files for tests, written by the description of the format and not by minin."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


def idx_bytes(array: npt.NDArray[Any]) -> bytes:
    """Give the bytes of an IDX file that holds ``array``."""
    header = struct.pack(">BBBB", 0, 0, 8, array.ndim)
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return header + sizes + array.astype(np.uint8).tobytes()


def write_set(
    folder: Path, train: int = 6, test: int = 4, size: int = 5, packed: bool = True
) -> dict[str, Path]:
    """Write the four files of a small set in MNIST's form; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    paths = {}
    for stem, count in (("train", train), ("t10k", test)):
        images = rng.integers(0, 256, (count, size, size))
        labels = np.arange(count) % 10
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            name = f"{stem}-{kind}-ubyte"
            content = idx_bytes(array)
            path = folder / (f"{name}.gz" if packed else name)
            path.write_bytes(gzip.compress(content) if packed else content)
            paths[name] = path
    return paths
