"""Stochastic gradient descent, with momentum and Nesterov's look ahead.

    v <- momentum * v + g                    v: velocity, 0 before the first step
    w <- w - lr * v                          plain momentum
    w <- w - lr * (g + momentum * v)         Nesterov: the gradient, and where v leads next

g is the gradient plus weight_decay * w. As in PyTorch the rate is outside the velocity, so a
change of the rate acts at once; the authors' cuda-convnet had it inside.

Source: Sutskever, Martens, Dahl, Hinton, ICML 2013, section 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minin.backend import Array
from minin.errors import ArgumentError
from minin.fast.cuda import steps
from minin.optim.groups import Group, Optimiser, Params, below_one


class SGD(Optimiser):
    """Steps of ``lr`` times a velocity that remembers earlier gradients.

    Args:
        params_or_groups: tensors, or mappings with "params" and their own "lr" or
            "weight_decay".
        lr: learning rate.
        momentum: the share of the velocity that is kept from step to step; 0 keeps none.
        nesterov: whether to step where the velocity is about to lead.
        weight_decay: factor of the L2 penalty.

    Raises:
        ArgumentError: if a number is out of range, there is no parameter, or nesterov
            comes without momentum.

    Example:
        >>> w = minin.tensor([1.0, 2.0], requires_grad=True)
        >>> optimiser = SGD([w], lr=0.25)
        >>> (w * w).sum().backward()
        >>> optimiser.step()
        >>> w.numpy()
        array([0.5, 1. ], dtype=float32)
    """

    def __init__(
        self,
        params_or_groups: Params,
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params_or_groups, lr, weight_decay)
        self.momentum = below_one("momentum", momentum)
        self.nesterov = bool(nesterov)
        self.slots = ("velocity",) if self.momentum else ()
        if self.nesterov and self.momentum == 0:
            raise ArgumentError(
                "nesterov=True needs a momentum above 0, because it looks "
                "ahead along the velocity; got momentum 0. The usual one is 0.9"
            )

    def fused(self, weight: Array, grad: Array, group: Group, memory: Mapping[str, Any]) -> bool:
        """Move a CuPy array in one kernel."""
        return steps.sgd(
            weight,
            grad,
            memory.get("velocity"),
            lr=group.lr,
            momentum=self.momentum,
            nesterov=self.nesterov,
            weight_decay=group.weight_decay,
        )

    def update(self, weight: Array, grad: Array, lr: float, memory: Mapping[str, Any]) -> None:
        """Move weights along their velocity."""
        if not self.momentum:
            weight -= lr * grad
            return
        velocity = memory["velocity"]
        velocity *= self.momentum
        velocity += grad
        ahead = grad + self.momentum * velocity if self.nesterov else velocity
        weight -= lr * ahead
