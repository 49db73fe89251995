"""From bytes to what a network sees: steps with names, fitted on the training images.

    resize:224     bilinear, to 224 x 224
    scale          to the range 0 to 1
    gcn            global contrast: each image with mean 0 and length 55 (or "gcn:LENGTH")
    zca            whitening, with eps 0.1 (or "zca:EPS")
    standardise    each channel with mean 0 and spread 1

In this order, because no other makes sense: whitening after contrast is what the published
networks saw, contrast after whitening would undo it, and bytes are scaled first or never.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.data.dataset import Images
from minin.data.transforms.contrast import ContrastNormalise
from minin.data.transforms.resize import Resize
from minin.data.transforms.scale import Scale
from minin.data.transforms.specs import Spec, read_specs
from minin.data.transforms.standardise import Standardise, check_images
from minin.data.transforms.step import Floats, ImageShape, Learner, Training, Transform
from minin.data.transforms.whiten import Whiten
from minin.errors import ArgumentError, DataError, MininError, ShapeError
from minin.shapes import integer

STEPS: dict[str, type[Transform]] = {
    "resize": Resize,
    "scale": Scale,
    "gcn": ContrastNormalise,
    "zca": Whiten,
    "standardise": Standardise,
}
_CHUNK_BYTES = 2**23  # of floats at a time, so that memory does not grow with the set


class Preprocess:
    """Make floats of bytes, in the same way for ever: `fit` builds one, or `from_dict`.

    Fit it on the training images alone. An image's floats depend on that image and the
    fitted numbers, never on the other images of its batch.

    Attributes:
        specs: the steps by name, in their order.

    Example:
        >>> pixels = np.array([0, 50, 100, 200], dtype=np.uint8).reshape(1, 1, 2, 2)
        >>> preprocess = Preprocess.fit(["scale"], pixels)
        >>> preprocess
        Preprocess(['scale'])
        >>> preprocess(pixels).ravel()
        array([0.  , 0.25, 0.5 , 1.  ], dtype=float32)
    """

    def __init__(self, specs: Sequence[Spec], steps: Sequence[Transform]) -> None:
        self.specs = tuple(map(str, specs))
        self._specs, self._steps = tuple(specs), tuple(steps)

    def __repr__(self) -> str:
        return f"Preprocess({list(self.specs)})"

    @staticmethod
    def check(specs: Sequence[str]) -> None:
        """Find what is wrong with a list of steps, without an image.

        Raises:
            DtypeError: if specs is no list of texts.
            UnknownNameError: if there is no such step.
            ArgumentError: if a step comes twice, out of order, or with a wrong number.

        Example:
            >>> Preprocess.check(["gcn", "zca:0.1"])
            >>> Preprocess.check(["zca", "gcn"])
            Traceback (most recent call last):
            minin.errors.ArgumentError: steps must come in the order resize, scale, gcn, zca, \
standardise; got ['zca', 'gcn']
        """
        _read(specs)

    @classmethod
    def fit(cls, specs: Sequence[str], images: Images) -> Preprocess:
        """Find each step's numbers in the training images, as the steps before leave them.

        **Shapes:** images (N, C, H, W) of uint8.

        Args:
            specs: the steps, such as ``["gcn", "zca:0.1"]``; none make floats of the bytes.
            images: the training images.

        Raises:
            MininError: as `check` does.
            DtypeError: if images is not a NumPy array of uint8.
            ShapeError: if it is not of shape (N, C, H, W) or is empty.
            ArgumentError: if the images are too large for "zca".
        """
        found = _read(specs)
        check_images(images)
        if images.size == 0:
            raise ShapeError(f"images must hold at least one pixel; got shape {images.shape}")
        shape = _image_shape(images.shape[1:])
        steps: list[Transform] = []
        for spec in found:
            step = STEPS[spec.name].read(spec)
            if isinstance(step, Learner):
                so_far = cls(found[: len(steps)], steps)
                step = step.learn(Training(partial(so_far._chunks, images), shape))
            steps.append(step)
            shape = step.output_shape(shape)
        return cls(found, steps)

    def __call__(self, images: Images) -> Floats:
        """Make floats of a batch; the batch itself stays as it is.

        **Shapes:** images (N, C, H, W) of uint8 -> (N, C', H', W') of float32, as
        `output_shape` says.

        Args:
            images: the pixels as they were loaded.

        Raises:
            DtypeError: if images is not a NumPy array of uint8.
            ShapeError: if it is not of shape (N, C, H, W), or a step cannot take it.
        """
        check_images(images)
        shape = self.output_shape(images.shape[1:])
        out = np.empty((len(images), *shape), dtype=np.float32)
        start = 0
        for chunk in self._chunks(images):
            out[start : start + len(chunk)] = chunk
            start += len(chunk)
        return out

    def output_shape(self, shape: Sequence[int]) -> ImageShape:
        """Say what (C, H, W) becomes of an image of ``shape``.

        Raises:
            ShapeError: if shape is not (C, H, W), or a step cannot take it.

        Example:
            >>> pixels = np.zeros((1, 1, 28, 28), dtype=np.uint8)
            >>> Preprocess.fit(["resize:224"], pixels).output_shape((1, 28, 28))
            (1, 224, 224)
        """
        found = _image_shape(shape)
        for step in self._steps:
            found = step.output_shape(found)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Give the steps and their numbers in a form that JSON keeps exactly.

        Example:
            >>> pixels = np.array([0, 4], dtype=np.uint8).reshape(2, 1, 1, 1)
            >>> Preprocess.fit(["standardise"], pixels).to_dict()
            {'specs': ['standardise'], 'numbers': {'standardise': {'mean': [2.0], 'std': [2.0]}}}
        """
        numbers = {name: step.numbers() for name, step in self._learners()}
        return {"specs": list(self.specs), "numbers": numbers}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Give what is too large for JSON, by names such as "zca.matrix"."""
        return {
            f"{step_name}.{name}": array
            for step_name, step in self._learners()
            for name, array in step.arrays().items()
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], arrays: Mapping[str, Any]) -> Preprocess:
        """Read back what `to_dict` and `arrays` gave.

        Args:
            values: what `to_dict` gave.
            arrays: what `arrays` gave; empty where no step has any.

        Raises:
            DataError: if anything is missing, unknown or makes no sense.
        """
        try:
            return cls._saved(values, arrays)
        except MininError as error:
            raise DataError(f"saved preprocessing: {error}") from error

    @classmethod
    def _saved(cls, values: Any, arrays: Any) -> Preprocess:
        _demand_names("it", values, ["numbers", "specs"])
        specs = _read(values["specs"])
        steps = [STEPS[spec.name].read(spec) for spec in specs]
        blank = cls(specs, steps)._learners()
        _demand_names("numbers", values["numbers"], [name for name, _ in blank])
        _demand_names("arrays", arrays, [f"{s}.{n}" for s, step in blank for n in step.array_names])
        if not all(isinstance(array, np.ndarray) for array in arrays.values()):
            raise DataError("arrays must be NumPy arrays")
        for place, (spec, step) in enumerate(zip(specs, steps, strict=True)):
            if isinstance(step, Learner):
                numbers = values["numbers"][spec.name]
                _demand_names(spec.name, numbers, step.number_names)
                large = {name: arrays[f"{spec.name}.{name}"] for name in step.array_names}
                steps[place] = step.saved({**numbers, **large})
        return cls(specs, steps)

    def _learners(self) -> list[tuple[str, Learner]]:
        pairs = zip(self._specs, self._steps, strict=True)
        return [(spec.name, step) for spec, step in pairs if isinstance(step, Learner)]

    def _chunks(self, images: Images) -> Iterator[Floats]:
        """Walk over the images, some at a time, through all steps.  Yields (n, C', H', W')."""
        before = math.prod(images.shape[1:])
        largest = max(before, math.prod(self.output_shape(images.shape[1:])))
        count = max(1, _CHUNK_BYTES // (4 * largest))
        for start in range(0, len(images), count):
            chunk: Floats = images[start : start + count].astype(np.float32, order="C")
            for step in self._steps:
                chunk = step.apply(chunk)
            yield chunk


def _read(specs: Sequence[str]) -> list[Spec]:
    found = read_specs(specs, STEPS)
    order = list(STEPS)
    places = [order.index(spec.name) for spec in found]
    if places != sorted(places):
        raise ArgumentError(f"steps must come in the order {', '.join(order)}; got {list(specs)}")
    for spec in found:
        STEPS[spec.name].read(spec)
    return found


def _image_shape(shape: Any) -> ImageShape:
    """Read (C, H, W), each at least 1."""
    try:
        c, h, w = (integer("shape", size) for size in shape)
    except (TypeError, ValueError) as error:
        raise ShapeError(
            f"an image must have a shape (C, H, W) of at least 1 each; got {shape!r:.60}"
        ) from error
    return c, h, w


def _demand_names(what: str, values: Any, names: Sequence[str]) -> None:
    """Demand a mapping with exactly these names."""
    if not isinstance(values, Mapping) or set(values) != set(names):
        came = sorted(map(str, values)) if isinstance(values, Mapping) else repr(values)[:60]
        raise DataError(f"{what} must be a mapping with the names {sorted(names)}; got {came}")
