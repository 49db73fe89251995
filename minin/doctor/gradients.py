"""One backward pass that leaves no trace: gradients, modes and random states stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from minin import ops
from minin.autograd import Tensor
from minin.autograd.state import settings
from minin.backend import to_numpy
from minin.doctor.judge import Labels, to_targets
from minin.fast import one_blas_thread
from minin.nn import Module

Floats = npt.NDArray[np.float64]


@contextmanager
def untouched(model: Module) -> Iterator[None]:
    """Run the block in eval mode; afterwards modes and gradients are what they were.

    Gradients are set aside and not copied, so that nothing of the caller's is written to.
    With dropout off no random number is drawn.
    """
    modes = [(module, module.training) for module in model.modules()]
    gradients = [(parameter, parameter.grad) for parameter in model.parameters()]
    model.eval()
    try:
        with settings(recording=True), one_blas_thread(), np.errstate(all="ignore"):
            yield
    finally:
        for module, training in modes:
            module.training = training
        for parameter, gradient in gradients:
            parameter.grad = gradient


def halves(model: Module, x: Tensor, labels: Labels) -> tuple[dict[str, Floats], float]:
    """Return the gradient of the mean loss, and how well the two halves of the batch agree.

    Images of even and of odd number are the halves, so that sorted labels are no matter.

    **Shapes:** x (N, C, H, W), labels (N,) -> an array for each parameter with a gradient,
    and the cosine between the gradients of the halves; NaN if one is 0 or missing.
    """
    parts = [part for part in (slice(0, None, 2), slice(1, None, 2)) if len(labels[part])]
    found = [_gradient(model, x, labels, part) for part in parts]
    shares = [len(labels[part]) / len(labels) for part in parts]
    mean = {
        name: sum(
            (share * one[name] for share, one in zip(shares, found, strict=True)),
            np.zeros(()),
        )
        for name in found[0]
    }
    return mean, _cosine(found[0], found[-1]) if len(found) == 2 else float("nan")


def _gradient(model: Module, x: Tensor, labels: Labels, part: slice) -> dict[str, Floats]:
    for parameter in model.parameters():
        parameter.grad = None
    logits = model(Tensor(x.data[part]))
    loss = ops.cross_entropy(logits, to_targets(logits, labels[part]))
    if loss.requires_grad:
        loss.backward()
    return {
        name: to_numpy(parameter.grad).astype(np.float64)
        for name, parameter in model.named_parameters()
        if parameter.grad is not None
    }


def _cosine(one: dict[str, Floats], other: dict[str, Floats]) -> float:
    """Return the cosine between two gradients, all parameters taken together."""
    dot = sum(float(np.sum(one[name] * other[name])) for name in one)
    lengths = [sum(float(np.sum(g**2)) for g in part.values()) for part in (one, other)]
    length = float(np.sqrt(lengths[0]) * np.sqrt(lengths[1]))
    return dot / length if length > 0 else float("nan")
