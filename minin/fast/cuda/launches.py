"""How many kernels a training step starts, by formula.

A launch costs some microseconds however little it computes, so that for small layers the
launches are the time. What a step starts, from the shapes alone (g groups of images whose
columns fit at once, L layers; b of them with a bias, r with a ReLU but no bias):

    convolution + 1x1s     forward     [x copied] + [weights copied] + 2g + (L - 1) + b + r
                           backward    2b + r + 2(L - 1) + (3g - 1) [+ 2g where x needs it]
    ... a 1x1 at first     forward     [x copied] + 1 + (L - 1) + b + r
                           backward    2b + r + 2(L - 1) + 1 [+ 1]
    relu, max_pool2d, global_avg_pool2d, dropout, cross_entropy         1 and 1
    the engine             1 for the gradient of the loss, and a copy of each parameter's gradient
    SGD, Adam              1 a parameter

x is copied where it does not lie with channels last: the images of a batch, and nothing after
them. Filters larger than a pixel are copied into the order of the columns. A bias's gradient
takes one launch instead of two where there are few rows (one strip). What each product costs
cuBLAS is its own business: it counts as one.

A step of nin-cifar10 (9 layers, 18 parameters) with SGD: 31 forward, 46 backward, 19 for the
engine, 18 for the optimiser: 114. The plain rules start several times as many.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from minin.autograd import Step
from minin.fast.cuda.chain import strip
from minin.fast.cuda.columns import COLUMNS
from minin.fast.cuda.layout import lies_behind, lies_channels_last
from minin.shapes import Window

Pair: TypeAlias = tuple[int, int]  # (forward, backward)


@dataclass(frozen=True)
class Launches:
    """The launches of one training step.

    Attributes:
        forward: of the rules.
        backward: of the rules.
        engine: for the gradient of the loss, and for the gradients that parameters own.
        optimiser: one a parameter.
    """

    forward: int
    backward: int
    engine: int
    optimiser: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.forward + self.backward + self.engine + self.optimiser


def launches(steps: Sequence[Step], parameters: int) -> Launches:
    """Count what a recorded forward, its backward, and an optimiser's step start.

    Args:
        steps: of a tape, on CuPy arrays; only the ops of the networks in `minin.models`.
        parameters: how many tensors learn.
    """
    made: set[int] = set()
    forward = backward = 0
    for step in steps:
        there, back = _RULES[step.op.__name__](step, id(step.arguments[0]) in made)
        forward, backward = forward + there, backward + back
        made.add(id(step.output))
    return Launches(forward, backward, 1 + parameters, parameters)


def _conv2d(step: Step, wants_x: bool) -> Pair:
    x, weight, bias = step.arguments
    return _chain(x, [weight], [bias], [False], step.parameters, wants_x)


def _mlpconv(step: Step, wants_x: bool) -> Pair:
    x, weights, biases = step.arguments
    relus = [True] * (len(weights) - 1) + [bool(step.parameters.get("final_relu", True))]
    return _chain(x, weights, biases, relus, step.parameters, wants_x)


def _chain(
    x: Any, weights: Any, biases: Any, relus: list[bool], given: dict[str, Any], wants_x: bool
) -> Pair:
    n, c, h, w = x.shape
    kernel = weights[0].shape[2:]
    names = given.keys() & {"stride", "padding", "dilation"}
    window = Window.of(kernel, **{name: given[name] for name in names}, size=(h, w))
    pixels, further = math.prod(window.output_size((h, w))), len(weights) - 1
    strips = -(-n * pixels // strip(n * pixels))
    finish = sum(b is not None or relu for b, relu in zip(biases, relus, strict=True))
    gradients = sum(
        1 + (strips > 1) if b is not None else int(relu)
        for b, relu in zip(biases, relus, strict=True)
    )
    copies = int(not lies_channels_last(x)) + int(c > 1 and math.prod(kernel) > 1)
    if window.is_pointwise:
        return copies + 1 + further + finish, gradients + 2 * further + 1 + wants_x
    each = max(1, min(n, COLUMNS // (pixels * c * math.prod(kernel))))
    groups = -(-n // each)
    first = 3 * groups - 1 + 2 * groups * wants_x
    return copies + 2 * groups + further + finish, gradients + 2 * further + first


def _over_images(step: Step, wants_x: bool) -> Pair:
    return 1 + int(not lies_channels_last(step.arguments[0])), int(wants_x)


def _as_it_lies(step: Step, wants_x: bool) -> Pair:
    x = step.arguments[0]
    return 1 + int(not x.flags.c_contiguous and not lies_behind(x)), int(wants_x)


def _cross_entropy(step: Step, wants_x: bool) -> Pair:
    logits, target = step.arguments
    copies = int(not logits.flags.c_contiguous) + int(str(target.dtype) != "int64")
    return 1 + copies, int(wants_x)


_RULES: dict[str, Callable[[Step, bool], Pair]] = {
    "conv2d": _conv2d,
    "mlpconv": _mlpconv,
    "max_pool2d": _over_images,
    "global_avg_pool2d": _over_images,
    "relu": _as_it_lies,
    "dropout": _as_it_lies,
    "cross_entropy": _cross_entropy,
}
