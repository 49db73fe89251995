"""Adam: steps of about ``lr`` in every weight, however large or small its gradient.

    m <- b1 * m + (1 - b1) * g               running mean of the gradient
    s <- b2 * s + (1 - b2) * g * g           running mean of its square
    w <- w - lr * m_hat / (sqrt(s_hat) + eps)

m and s start at 0 and are too small at first; m_hat = m / (1 - b1**t) and likewise s_hat
put that right at step t. g is the gradient plus weight_decay * w (an L2 penalty, not AdamW's
decoupled decay).

Source: Kingma, Ba, ICLR 2015, algorithm 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from minin.backend import Array, namespace
from minin.errors import ArgumentError
from minin.fast.cuda import steps
from minin.optim.groups import Group, Optimiser, Params, below_one, finite


class Adam(Optimiser):
    """Steps scaled, weight by weight, by the size of recent gradients.

    Args:
        params_or_groups: tensors, or mappings with "params" and their own "lr" or
            "weight_decay".
        lr: learning rate, about the length of a step in each weight.
        betas: (b1, b2), the shares that the two running means keep.
        eps: added to the divisor, so that a gradient of 0 divides.
        weight_decay: factor of the L2 penalty.

    Raises:
        ArgumentError: if a number is out of range or there is no parameter.

    Example:
        >>> w = minin.tensor([1.0, 2.0], requires_grad=True)
        >>> optimiser = Adam([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimiser.step()
        >>> w.numpy().round(4)
        array([0.5, 1.5], dtype=float32)
    """

    slots = ("mean", "square")
    counts = ("steps",)

    def __init__(
        self,
        params_or_groups: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params_or_groups, lr, weight_decay)
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise ArgumentError(f"betas must be a pair such as (0.9, 0.999); got {betas!r}")
        self.betas = below_one("betas[0]", betas[0]), below_one("betas[1]", betas[1])
        self.eps = finite("eps", eps)

    def fused(self, weight: Array, grad: Array, group: Group, memory: Mapping[str, Any]) -> bool:
        """Move a CuPy array in one kernel."""
        return steps.adam(
            weight,
            grad,
            memory["mean"],
            memory["square"],
            steps=memory["steps"],
            lr=group.lr,
            betas=self.betas,
            eps=self.eps,
            weight_decay=group.weight_decay,
        )

    def update(self, weight: Array, grad: Array, lr: float, memory: Mapping[str, Any]) -> None:
        """Move weights along their mean gradient, divided by the gradient's usual size."""
        mean, square, steps = memory["mean"], memory["square"], memory["steps"]
        b1, b2 = self.betas
        mean *= b1
        mean += (1 - b1) * grad
        square *= b2
        square += (1 - b2) * grad * grad
        # The corrections are numbers, so they join lr and the root and cost no arrays.
        root = namespace(grad).sqrt(square) / math.sqrt(1 - b2**steps)
        weight -= lr / (1 - b1**steps) * mean / (root + self.eps)
