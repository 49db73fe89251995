"""Random changes that leave an image's class as it is: more images from the same ones.

    pad-crop:4     a border of 4 zeros on every side, and a cut of the old size anywhere in it
    translate:2    a shift of up to 2 pixels; what moves in repeats the image's border
    flip           left and right exchanged, half of the time; wrong for digits

After "standardise" or "gcn" a zero is the mean and stands for nothing in particular; where
the background is uniform and no zero, as in the MNIST family, "translate" keeps it.

Source: the paper's section 4.1 (translation and horizontal flipping); pad and crop as in
Lee et al., AISTATS 2015 (Deeply-Supervised Nets), and since then in most work on CIFAR.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from minin.data.transforms.draws import draw_below
from minin.data.transforms.specs import Spec, no_value, pixels, read_specs
from minin.data.transforms.step import Floats
from minin.errors import ArgumentError, DtypeError, ShapeError
from minin.shapes import integer

# (which draw, how many outcomes) -> the outcome of each image, (N,)
Draw: TypeAlias = Callable[[int, int], npt.NDArray[np.int64]]


class Change(NamedTuple):
    """One kind of change: how its number is read, and what it does."""

    read: Callable[[Spec], Any]
    apply: Callable[[Floats, Any, Draw], Floats]


class Augment:
    """Random changes of prepared images; `read` builds one.

    What happens to an image follows from the seed, the epoch and the image's number in the
    training set: the batch that it comes in, and when, make no difference.

    Attributes:
        specs: the changes by name, in their order.

    Example:
        >>> augment = Augment.read(["flip"])
        >>> row = np.arange(3, dtype=np.float32).reshape(1, 1, 1, 3)
        >>> [augment(row, seed=0, epoch=e, indices=np.array([7])).ravel().tolist() for e in (1, 3)]
        [[2.0, 1.0, 0.0], [0.0, 1.0, 2.0]]
    """

    def __init__(self, specs: Sequence[Spec]) -> None:
        self.specs = tuple(map(str, specs))
        self._changes = [(CHANGES[s.name].apply, CHANGES[s.name].read(s)) for s in specs]

    def __repr__(self) -> str:
        return f"Augment({list(self.specs)})"

    @classmethod
    def read(cls, specs: Sequence[str]) -> Augment:
        """Read a list of changes.

        Raises:
            DtypeError: if specs is no list of texts.
            UnknownNameError: if there is no such change.
            ArgumentError: if a change comes twice or with a wrong number.
        """
        return cls(read_specs(specs, CHANGES))

    def __call__(
        self, images: Floats, *, seed: int, epoch: int, indices: npt.NDArray[np.integer[Any]]
    ) -> Floats:
        """Change each image in its own way; the images themselves stay as they are.

        **Shapes:** images (N, C, H, W), indices (N,) -> (N, C, H, W).

        Args:
            images: floats, after preprocessing.
            seed: of the run, at least 0.
            epoch: which walk over the images, at least 0.
            indices: each image's number in the training set, from 0 and below 2**32.

        Raises:
            DtypeError: if images holds no floats, or indices no integers.
            ShapeError: if a shape is not as said above.
            ArgumentError: if a number is out of range.
        """
        _check(images, indices)
        seed, epoch = integer("seed", seed, least=0), integer("epoch", epoch, least=0)
        for place, (apply, value) in enumerate(self._changes):

            def draw(which: int, outcomes: int, place: int = place) -> npt.NDArray[np.int64]:
                return draw_below(outcomes, seed, epoch, (place, which), indices)

            images = apply(images, value, draw)
        return images if self._changes else images.copy()


def _pad_crop(images: Floats, border: int, draw: Draw) -> Floats:
    n, c, h, w = images.shape
    padded = np.zeros((n, c, h + 2 * border, w + 2 * border), dtype=images.dtype)
    padded[:, :, border : border + h, border : border + w] = images
    return _cut(padded, border, draw)


def _translate(images: Floats, most: int, draw: Draw) -> Floats:
    h, w = images.shape[2:]
    rows = np.arange(-most, h + most).clip(0, h - 1)
    columns = np.arange(-most, w + most).clip(0, w - 1)
    return _cut(np.take(np.take(images, columns, axis=3), rows, axis=2), most, draw)


def _cut(padded: Floats, border: int, draw: Draw) -> Floats:
    """Cut the size without borders out of every image, anywhere."""
    n, _, h, w = padded.shape
    size = (h - 2 * border, w - 2 * border)
    cuts = np.lib.stride_tricks.sliding_window_view(padded, size, axis=(2, 3))
    down, right = draw(0, 2 * border + 1), draw(1, 2 * border + 1)  # (N,)
    found: Floats = cuts[np.arange(n), :, down, right]  # (N, C, H, W)
    return found


def _flip(images: Floats, _: None, draw: Draw) -> Floats:
    chosen = draw(0, 2) == 1  # (N,)
    out = images.copy()
    out[chosen] = images[chosen, :, :, ::-1]
    return out


CHANGES = {
    "pad-crop": Change(pixels, _pad_crop),
    "translate": Change(pixels, _translate),
    "flip": Change(no_value, _flip),
}


def _check(images: Any, indices: Any) -> None:
    if not isinstance(images, np.ndarray) or images.dtype.kind != "f":
        came = getattr(images, "dtype", type(images).__name__)
        raise DtypeError(
            f"images must be a NumPy array of floats; got {came}. Use Preprocess(...) before"
        )
    if not isinstance(indices, np.ndarray) or indices.dtype.kind not in "iu":
        came = getattr(indices, "dtype", type(indices).__name__)
        raise DtypeError(f"indices must be a NumPy array of integers; got {came}")
    if images.ndim != 4 or indices.shape != images.shape[:1]:
        raise ShapeError(
            "images must have shape (N, C, H, W) and indices (N,);"
            f" got {images.shape} and {indices.shape}"
        )
    if indices.size and not 0 <= indices.min() <= indices.max() < 2**32:
        raise ArgumentError(
            "indices must be from 0 and below 2**32; got"
            f" {int(indices.min())} to {int(indices.max())}"
        )
