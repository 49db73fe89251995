"""The sizes of images and windows on which answers are tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np

from minin.sentences import sentence

Pair = tuple[int, int]


class Geometry(NamedTuple):
    """Sizes of one case; no two that a mistake could exchange are equal."""

    image: tuple[int, int, int, int]
    kernel: Pair
    stride: Pair
    padding: Pair

    @property
    def settings(self) -> dict[str, Any]:
        """The geometry as the references of the gradient checker take it."""
        ph, pw = self.padding
        pads = ((ph, ph), (pw, pw))
        return {"kernel_size": self.kernel, "stride": self.stride, "pad": pads}

    def __str__(self) -> str:
        """Say the sizes as the exercises name them."""
        return sentence(
            "exercises.windows",
            image=self.image,
            kernel=self.kernel,
            stride=self.stride,
            padding=self.padding,
        )


# From the smallest to the largest: the first that fails is the one a learner sees.
GEOMETRIES: Final = (
    Geometry((1, 1, 3, 3), (2, 2), (1, 1), (0, 0)),
    Geometry((1, 2, 3, 4), (1, 2), (1, 1), (0, 0)),
    Geometry((2, 1, 4, 3), (2, 1), (2, 1), (1, 0)),
    Geometry((2, 3, 5, 4), (3, 2), (1, 2), (1, 1)),
    Geometry((3, 2, 7, 6), (3, 3), (2, 2), (0, 1)),
    Geometry((2, 2, 6, 8), (2, 3), (3, 1), (0, 2)),
)
DRAWN: Final = 3  # more of them, of sizes that the seed decides
# For slopes: overlapping windows, unequal axes, rows that no window reaches.
FOR_SLOPES: Final = (
    Geometry((2, 3, 5, 6), (3, 2), (2, 1), (1, 1)),
    Geometry((3, 2, 7, 5), (2, 3), (1, 2), (1, 1)),
    Geometry((2, 2, 6, 8), (3, 3), (2, 2), (0, 0)),
)
# So many entries that trying each of them takes longer than an answer may.
LARGE: Final = Geometry((4, 6, 40, 36), (3, 2), (2, 1), (1, 1))


def geometries(rng: np.random.Generator) -> Iterator[Geometry]:
    """Give those above, then some whose sizes are drawn: nobody can have written for them."""
    yield from GEOMETRIES
    for _ in range(DRAWN):
        n, c, kh, kw = (int(k) for k in (*rng.integers(1, 4, 2), *rng.permutation(4)[:2] + 1))
        h, w = (int(k) for k in rng.permutation(4)[:2] + 4)
        sh, sw = (int(k) for k in rng.permutation(3)[:2] + 1)
        ph, pw = (int(rng.integers(0, k)) for k in (kh, kw))
        yield Geometry((n, c, h, w), (kh, kw), (sh, sw), (ph, pw))
