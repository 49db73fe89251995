"""From the bytes of a data set to what a network sees; the network carries the recipe.

The training decides how bytes become floats, and all later use has to do
exactly the same. So `fit` writes the numbers into the network's description, which
`minin.save` keeps in the file: evaluation and prediction years later need nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.autograd import Tensor
from minin.backend import to_device
from minin.data import Dataset
from minin.data.transforms import Preprocess
from minin.errors import ArgumentError, DataError, DtypeError
from minin.nn import Module

Images = npt.NDArray[Any]


@dataclass(frozen=True)
class Source:
    """What a network was trained on, as far as its later use depends on it.

    Attributes:
        data: the name of the data set.
        classes: the name of each class.
        shape: (C, H, W) of the images.
        white: the highest pixel value of the set, 255 in most, 16 in the bundled digits.
        preprocess: how its pixels become floats.
    """

    data: str
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    white: int
    preprocess: Preprocess

    @classmethod
    def of(cls, dataset: Dataset, preprocess: Preprocess) -> Source:
        """Note what matters of a data set."""
        white = int(dataset.train_images.max())
        return cls(dataset.name, dataset.classes, dataset.image_shape, white, preprocess)

    def to_dict(self) -> dict[str, Any]:
        """Give the values in a form that JSON keeps exactly."""
        return {
            "data": self.data,
            "classes": list(self.classes),
            "shape": list(self.shape),
            "white": self.white,
            "preprocess": self.preprocess.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], arrays: Mapping[str, Images]) -> Source:
        """Read back what `to_dict` gave; ``arrays`` are those of the preprocessing.

        Raises:
            DataError: if a value is missing or of the wrong kind.
        """
        try:
            c, h, w = (int(n) for n in values["shape"])
            return cls(
                data=str(values["data"]),
                classes=tuple(str(name) for name in values["classes"]),
                shape=(c, h, w),
                white=int(values["white"]),
                preprocess=Preprocess.from_dict(values["preprocess"], arrays),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                f"the network's description of its training data is damaged: {error!r}."
                " Train it again"
            ) from error


_KEY = "trained_on"


def write_source(model: Module, source: Source) -> None:
    """Note in the network's description what it is trained on."""
    model.description = {**(model.description or {}), _KEY: json.dumps(source.to_dict())}
    model.attachments = source.preprocess.arrays()


def read_source(model: Module) -> Source | None:
    """Return what the network was trained on, or None if nobody noted it.

    Raises:
        DataError: if the note is damaged.
    """
    text = (model.description or {}).get(_KEY)
    if text is None:
        return None
    try:
        values = json.loads(text)
    except ValueError as error:
        raise DataError(f"the network's description is no JSON: {error}") from error
    return Source.from_dict(values, model.attachments)


def prepared(model: Module, images: Images, preprocess: Preprocess | None = None) -> Tensor:
    """Turn a batch into what the network takes: floats of its dtype, on its device.

    **Shapes:** images (N, C, H, W) -> (N, C, H, W); a resize changes H and W.

    Args:
        model: the network; its first parameter shows dtype and device.
        images: bytes, which are preprocessed, or floats, which are taken as they are.
        preprocess: how bytes become floats; None asks the network's description.

    Raises:
        DtypeError: if the images are bytes and nobody says how to make floats of them.
    """
    if images.dtype == np.uint8:
        images = (preprocess or _noted(model))(images)
    first = first_parameter(model)
    return Tensor(to_device(images.astype(first.dtype.name, copy=False), first.device))


def _noted(model: Module) -> Preprocess:
    """Read how the network's images are prepared from its description."""
    source = read_source(model)
    if source is None:
        raise DtypeError(
            "images: bytes must be prepared before a network sees them, and this one was not"
            " trained by minin.train.fit; pass floats, or"
            ' preprocess=minin.data.Preprocess.fit(["standardise"], training_images)'
        )
    return source.preprocess


def first_parameter(model: Module) -> Tensor:
    """Return the parameter that stands for the network's dtype and device.

    Raises:
        ArgumentError: if there is none.
    """
    for parameter in model.parameters():
        return parameter
    raise ArgumentError(f"model must have parameters; {type(model).__name__} has none")
