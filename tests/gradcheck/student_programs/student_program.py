"""What a program is, and how numbers are drawn for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Draw: TypeAlias = Callable[[np.random.Generator], tuple[list[Array], dict[str, Any]]]


@dataclass(frozen=True)
class StudentProgram:
    """A student's op: the forward is right, and exactly one thing in the backward is wrong.

    `forward(*inputs, **params)` returns (out, cache), `backward(grad_out, cache)` one gradient
    for each input, in order, None for labels and masks. `inputs(rng)` draws inputs and params
    on which the mistake shows.

    Names of ops say how the arrays lie:

        conv2d                   x (N, C, H, W), w (F, C, KH, KW), b (F) if there is one
        max_pool2d, avg_pool2d   x (N, C, H, W)
        global_avg_pool2d        x (N, C, H, W) -> (N, C)
        linear                   x (N, C), w (O, C), b (O) if there is one: x @ w.T + b
        affine                   x (N, D), w (D, M), b (M): x @ w + b, as in CS231n
        dense_columns            a (D, m), w (M, D), b (M, 1): w @ a + b, a sample a column
        softmax_cross_entropy    scores (N, C), labels (N) -> mean loss, a number
        bias_add                 x (N, C, H, W), b (C)
        multiply                 x (N, C, H, W), gate (N, 1, H, W)
        channel_scale            x (N, C, H, W), gamma (C), beta (C): x * gamma + beta
        relu, leaky_relu, sigmoid, clip, dropout
    """

    name: str
    op: str
    bug: str | None  # what a good teacher would write in the margin; None: no known pattern
    also: tuple[str, ...]  # what a fair examiner would accept as well
    says: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    inputs: Draw


def spread(rng: np.random.Generator, *shape: int) -> Array:
    """Draw distinct numbers between -2 and 2, far from each other and from 0: no kink is near."""
    count = int(np.prod(shape))
    return ((rng.permutation(count) + 0.5) * 4.0 / count - 2.0).reshape(shape)


def images(x: tuple[int, ...], w: tuple[int, ...], **params: Any) -> Draw:
    """Draw images and kernels; a bias as well."""

    def draw(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
        return [rng.normal(size=x), rng.normal(size=w), rng.normal(size=w[0])], params

    return draw


def maps(*x: int, **params: Any) -> Draw:
    """Draw images alone, without ties."""

    def draw(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
        return [spread(rng, *x)], params

    return draw
