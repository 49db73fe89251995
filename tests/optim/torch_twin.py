"""The same steps twice: by minin and by PyTorch, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minin import Tensor
from minin.optim import clip_gradients

STEPS = 20


def assert_same_path(
    ours: Callable[[Any], Any], theirs: Callable[[Any], Any], clip: float | None = None
) -> None:
    """Take both optimisers through the same slopes, and compare all weights every step.

    There are two groups, the second with a rate and a decay of its own, and one parameter
    has no gradient on every third step. With ``clip`` both shorten their gradients before.
    """
    import torch

    rng = np.random.default_rng(0)
    shapes = [(4, 3), (5,), (2, 2)]
    starts = [rng.standard_normal(shape) for shape in shapes]
    own = [Tensor(start.copy(), requires_grad=True) for start in starts]
    other: list[Any] = [torch.tensor(start, requires_grad=True) for start in starts]

    def groups(p: list[Any]) -> list[dict[str, Any]]:
        return [{"params": p[:2]}, {"params": p[2:], "lr": 0.01, "weight_decay": 0.3}]

    one, two = ours(groups(own)), theirs(groups(other))
    for step in range(STEPS):
        for place, (w, v) in enumerate(zip(own, other, strict=True)):
            idle = place == 1 and step % 3 == 0
            slope = rng.standard_normal(w.shape)
            w.grad = None if idle else slope
            v.grad = None if idle else torch.tensor(slope)
        if clip is not None:
            clip_gradients(own, clip)
            torch.nn.utils.clip_grad_norm_(other, clip)
        one.step()
        two.step()
        for w, v in zip(own, other, strict=True):
            np.testing.assert_allclose(w.data, v.detach().numpy(), rtol=0, atol=1e-10)
