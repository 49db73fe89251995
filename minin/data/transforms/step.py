"""What every preprocessing step is: fitted once, then a function of floats alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from minin.data.transforms.specs import Spec

Floats: TypeAlias = npt.NDArray[np.float32]  # (N, C, H, W)
ImageShape: TypeAlias = tuple[int, int, int]  # (C, H, W)
Chunks: TypeAlias = Callable[
    [], Iterator[Floats]
]  # walks over all images, each time from the start


class Training(NamedTuple):
    """The training images as the steps before leave them, and the (C, H, W) of one."""

    chunks: Chunks
    shape: ImageShape


class Transform(ABC):
    """One step of `Preprocess`."""

    @classmethod
    @abstractmethod
    def read(cls, spec: Spec) -> Transform:
        """Build the step from its text.

        Raises:
            ArgumentError: if the number behind the name makes no sense.
        """

    @abstractmethod
    def apply(self, floats: Floats) -> Floats:
        """Apply the step; it may write into ``floats`` or return them."""

    def output_shape(self, shape: ImageShape) -> ImageShape:
        """Say what becomes of an image's (C, H, W).

        Raises:
            ShapeError: if the step cannot take such an image.
        """
        return shape


class Learner(Transform):
    """A step with numbers of its own, which it finds in the training images.

    Attributes:
        number_names: what `numbers` gives.
        array_names: what `arrays` gives.
    """

    number_names: ClassVar[tuple[str, ...]] = ()
    array_names: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def learn(self, training: Training) -> Learner:
        """Return the step with its numbers found."""

    @abstractmethod
    def saved(self, values: Mapping[str, Any]) -> Learner:
        """Return the step with its numbers and arrays as they were saved.

        Raises:
            MininError: if they make no sense.
        """

    @abstractmethod
    def numbers(self) -> dict[str, Any]:
        """Give the numbers in a form that JSON keeps exactly."""

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Give what is too large for JSON."""
        return {}
