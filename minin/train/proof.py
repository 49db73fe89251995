"""One weight's gradient, found twice: by backward, and by moving the weight.

    slope = (loss(w + h) - loss(w - h)) / (2 h)

The left side is what the whole engine is for; the right side needs nothing but forward.
The weight is in the first layer, so the gradient has come back through all the others. Both
are computed in float64 on a copy: in float32 the difference of two losses is mostly
rounding. h = 1e-6 balances the error of the formula, h**2, against rounding, 1e-16 / h. In a
large network some ReLU or maximum switches even within that; then a tenth of it is tried.
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from minin import backend, ops
from minin.autograd import Tensor
from minin.data.transforms import Preprocess
from minin.doctor.inputs import Images, first_parameter, prepared
from minin.fast import one_blas_thread
from minin.nn import Module

_STEPS = (1e-6, 1e-7)
_TOLERANCE = 1e-5


class Proof(NamedTuple):
    """Two answers to one question.

    Attributes:
        weight: which weight, as in "0.weight[3, 0, 1, 2]".
        backward: its gradient by backward.
        differences: its gradient by central differences.
    """

    weight: str
    backward: float
    differences: float

    @property
    def holds(self) -> bool:
        """Whether the two agree to five digits."""
        larger = max(abs(self.backward), abs(self.differences))
        return abs(self.backward - self.differences) <= _TOLERANCE * larger


def prove(
    model: Module,
    images: Images,
    labels: npt.NDArray[Any],
    preprocess: Preprocess | None = None,
) -> Proof:
    """Find the gradient of the loss along one weight of the first layer, both ways.

    The weight with the largest gradient is taken, so that there is something to compare. The
    network itself is not touched.

    **Shapes:** images (N, C, H, W), labels (N,); a few images are enough.

    Args:
        model: a network that returns logits (N, classes).
        images: bytes as loaded, or floats that are prepared already.
        labels: the right class of each image.
        preprocess: how bytes become floats; left out, as `fit` noted it in the network.
    """
    twin = copy.deepcopy(model).eval()
    for parameter in twin.parameters():
        parameter.data = backend.namespace(parameter.data).astype(parameter.data, "float64")
        parameter.grad = None
    x = prepared(twin, images, preprocess)
    target = Tensor(labels).to(x.device)

    def loss() -> Tensor:
        return ops.cross_entropy(twin(x), target)

    weight = first_parameter(twin)
    weight.requires_grad = True
    with one_blas_thread():
        loss().backward()
        gradients = backend.to_numpy(weight.grad)
        place = np.unravel_index(np.abs(gradients).argmax(), gradients.shape)
        start = backend.to_numpy(weight.data)

        def loss_at(shift: float) -> float:
            moved = start.copy()
            moved[place] += shift
            weight.data = backend.asarray(moved, like=weight.data)
            return float(loss().item())

        name = next(name for name, _ in twin.named_parameters())
        cell = ", ".join(str(int(index)) for index in place)
        for h in _STEPS:
            differences = (loss_at(h) - loss_at(-h)) / (2 * h)
            proof = Proof(f"{name}[{cell}]", float(gradients[place]), differences)
            if proof.holds:
                break
    return proof
