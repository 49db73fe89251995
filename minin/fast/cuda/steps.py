"""The optimisers' steps on CuPy arrays, each in one kernel (steps.cu).

`minin.optim` asks here first: a function that returns False has done nothing, because the arrays
are not CuPy's, or lie otherwise than densely, or the plain rules were asked for; then the
optimiser moves the weights in its own words, which say the same.
"""

from __future__ import annotations

from typing import Any

from minin.autograd.state import current_mode
from minin.backend import Array, library, namespace
from minin.fast.coverage import is_covered
from minin.fast.cuda.launch import launch


def sgd(
    weight: Array,
    grad: Array,
    velocity: Array | None,
    *,
    lr: float,
    momentum: float = 0.0,
    nesterov: bool = False,
    weight_decay: float = 0.0,
) -> bool:
    """Take a step of stochastic gradient descent, in place.

    Args:
        weight: what moves.
        grad: its gradient, without the weight decay; not changed.
        velocity: what earlier steps left, of weight's shape; None without momentum.
        lr: learning rate.
        momentum: the share of the velocity that is kept.
        nesterov: whether to step where the velocity is about to lead.
        weight_decay: factor of the L2 penalty.

    Returns:
        Whether the step was taken.
    """
    slots = [] if velocity is None else [velocity]
    if not _is_ours(weight, *slots):
        return False
    dense, rates = _dense(grad), (float(lr), float(weight_decay))
    if velocity is None:
        launch("sgd", weight.size, weight, dense, weight.size, *rates, like=weight)
    else:
        numbers = (weight.size, *rates, float(momentum), nesterov)
        launch("sgd_momentum", weight.size, weight, dense, velocity, *numbers, like=weight)
    return True


def adam(
    weight: Array,
    grad: Array,
    mean: Array,
    square: Array,
    *,
    steps: int,
    lr: float,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float = 0.0,
) -> bool:
    """Take a step of Adam, in place.

    Args:
        weight: what moves.
        grad: its gradient, without the weight decay; not changed.
        mean: the running mean of the gradient, of weight's shape.
        square: the running mean of its square, of weight's shape.
        steps: how many steps there are with this one.
        lr: learning rate.
        betas: the shares that the two running means keep.
        eps: added to the divisor.
        weight_decay: factor of the L2 penalty.

    Returns:
        Whether the step was taken.
    """
    if not _is_ours(weight, mean, square):
        return False
    b1, b2 = map(float, betas)
    rate, correction = lr / (1 - b1**steps), (1 - b2**steps) ** 0.5
    shares = (b1, 1 - b1, b2, 1 - b2)
    numbers = (weight.size, float(rate), float(weight_decay), *shares, correction, float(eps))
    arrays = (weight, _dense(grad), mean, square)
    launch("adam", weight.size, *arrays, *numbers, like=weight)
    return True


def _is_ours(*arrays: Array) -> bool:
    """Tell whether the kernels can write to these arrays."""
    return (
        all(library(x) == "cupy" and is_covered(x) for x in arrays)
        and all(x.flags.c_contiguous for x in arrays)
        and current_mode() != "plain"
    )


def _dense(grad: Array) -> Any:
    return namespace(grad).ascontiguousarray(grad)
