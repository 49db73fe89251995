"""Arguments for every op that leave a wrong gradient nowhere to hide.

`SAMPLES` lists for each op some ways to draw a call: arrays, then parameters. No two axes of
a drawing have one length, all numbers of an array differ and none is near 0, and beside the
plain case stand the awkward ones: a stride that leaves rows over, one that jumps over pixels,
a 1x1 kernel, a kernel as large as the image, ties, zeros, logits of 1000, both ways to
broadcast, the last class as a label.

Only NumPy is used, and no op: who checks must not share the bugs.

Example:
    >>> arrays, parameters = SAMPLES["max_pool2d"][0](np.random.default_rng(0))
    >>> arrays[0].shape, parameters
    ((2, 3, 7, 5), {'kernel_size': 2, 'stride': 2})
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from minin.gradcheck.recognise.references.values import Rng, distinct

Arguments: TypeAlias = tuple[list[Any], dict[str, Any]]
Draw: TypeAlias = Callable[[Rng], Arguments]

IMAGE = (2, 3, 7, 5)  # (N, C, H, W)


def numbers(*shapes: tuple[int, ...], low: float = -2.0, high: float = 2.0, **p: Any) -> Draw:
    """Make a draw of arrays whose numbers are spread from ``low`` to ``high``."""

    def drawn(rng: Rng) -> Arguments:
        middle, reach = (low + high) / 2, (high - low) / 2
        arrays = [np.asarray(middle + distinct(rng, shape, reach)) for shape in shapes]
        return arrays, dict(p)

    return drawn


def apart(draw: Draw) -> Draw:
    """Make a draw in which no number of the last array meets one of the others."""

    def drawn(rng: Rng) -> Arguments:
        arrays, p = draw(rng)
        return [*arrays[:-1], np.asarray(arrays[-1] + 0.01)], p

    return drawn


def lists(*counts: int, **p: Any) -> Draw:
    """Make a draw of one list of arrays (2, count, 5)."""
    return lambda rng: ([[distinct(rng, (2, n, 5)) for n in counts]], dict(p))


def zeros(draw: Draw, share: float = 0.3) -> Draw:
    """Make a draw in which some numbers of the first array are exactly 0."""

    def drawn(rng: Rng) -> Arguments:
        arrays, p = draw(rng)
        arrays[0][rng.random(arrays[0].shape) < share] = 0.0
        return arrays, p

    return drawn


def rounded(draw: Draw) -> Draw:
    """Make a draw with few different numbers, so that many are tied."""

    def drawn(rng: Rng) -> Arguments:
        arrays, p = draw(rng)
        return [np.round(x) for x in arrays], p

    return drawn


def views(draw: Draw) -> Draw:
    """Make a draw of the same arrays, stored column by column."""

    def drawn(rng: Rng) -> Arguments:
        arrays, p = draw(rng)
        return [np.asfortranarray(x) for x in arrays], p

    return drawn


def convolution(
    kernel: tuple[int, int] = (3, 2), groups: int = 1, bias: bool = True, **p: Any
) -> Draw:
    """Make a draw of image, weight and bias."""

    def drawn(rng: Rng) -> Arguments:
        c, o = (4, 6) if groups > 1 else (3, 4)
        weight = distinct(rng, (o, c // groups, *kernel))
        arrays = [distinct(rng, (2, c, 7, 5)), weight, distinct(rng, (o,)) if bias else None]
        return arrays, {**p, "groups": groups}

    return drawn


def perceptron(widths: tuple[int, ...], kernel: tuple[int, int], **p: Any) -> Draw:
    """Make a draw of image, weights and biases of an mlpconv; the second layer has no bias."""

    def drawn(rng: Rng) -> Arguments:
        weights: list[Any] = []
        biases: list[Any] = []
        channels = 3
        for layer, width in enumerate(widths):
            window = (1, 1) if layer else kernel
            weights.append(distinct(rng, (width, channels, *window), 1.0))
            biases.append(None if layer == 1 else distinct(rng, (width,), 1.0))
            channels = width
        return [distinct(rng, (2, 3, 7, 5)), weights, biases], dict(p)

    return drawn


def columns(kernel: tuple[int, int], outputs: tuple[int, int], **p: Any) -> Draw:
    """Make a draw of columns of an image (2, 3, 7, 5) whose windows are ``outputs``."""
    shape = (2, 3 * kernel[0] * kernel[1], outputs[0] * outputs[1])
    return numbers(shape, output_size=(7, 5), kernel_size=kernel, **p)


def labelled(reach: float = 2.0, **p: Any) -> Draw:
    """Make a draw of logits and labels, the last class among them."""

    def drawn(rng: Rng) -> Arguments:
        labels = rng.integers(0, 7, size=3)
        labels[0] = 6
        return [distinct(rng, (3, 7), reach), labels], dict(p)

    return drawn


def chosen(rng: Rng) -> Arguments:
    """Draw a mask and two arrays that are stretched to its shape."""
    mask = rng.random((2, 3, 5)) < 0.5
    return [mask, distinct(rng, (3, 5)), distinct(rng, (2, 1, 1))], {}


def tied(rng: Rng) -> Arguments:
    """Draw two arrays that are equal at some places."""
    x, y = distinct(rng, (3, 5)), distinct(rng, (3, 5))
    same = rng.random(x.shape) < 0.3
    return [x, np.where(same, x, y)], {}


def _broadcasts(low: float = -2.0, high: float = 2.0) -> tuple[Draw, ...]:
    """List the ways to stretch: not at all, a new axis in front, an axis of length 1."""
    pairs = (((3, 5), (3, 5)), ((2, 3, 5), (5,)), ((2, 1, 5), (3, 1)), ((), (3, 5)))
    return tuple(numbers(x, y, low=low, high=high) for x, y in pairs)


PLAIN = numbers((2, 3, 5))
MATRIX = numbers((3, 5))
PICTURE = numbers(IMAGE)
POSITIVE = numbers((3, 5), low=0.3, high=3.0)
POOLS: tuple[dict[str, Any], ...] = (
    {"kernel_size": 2, "stride": 2},
    {"kernel_size": 3, "stride": 2, "ceil_mode": True},  # overlapping, as in the paper
    {"kernel_size": (3, 2), "stride": (1, 2), "padding": 1},
    {"kernel_size": 2, "stride": 3},  # jumps over pixels
    {"kernel_size": (7, 5)},
)
REDUCTIONS: tuple[Draw, ...] = tuple(
    numbers((2, 3, 5), axis=axis, keepdims=keepdims)
    for axis, keepdims in ((None, False), (1, False), (-1, True), ((0, 2), False))
)

SAMPLES: dict[str, tuple[Draw, ...]] = {
    "add": _broadcasts(),
    "subtract": _broadcasts(),
    "multiply": _broadcasts(),
    "divide": _broadcasts(0.3, 3.0),
    "power": _broadcasts(0.3, 3.0),
    "negative": (PLAIN,),
    "getitem": (
        numbers((4, 5), key=-1),
        numbers((4, 5), key=(slice(1, None), None, 0)),
        numbers((4, 5), key=(..., slice(None, None, -2))),
    ),
    "matmul": (numbers((2, 3), (3, 5)), numbers((2, 1, 3, 4), (5, 4, 2)), numbers((3,), (3, 2))),
    "sum": REDUCTIONS,
    "mean": REDUCTIONS,
    "max": (*REDUCTIONS, rounded(numbers((3, 7), axis=1))),
    "reshape": (numbers((2, 3, 5), shape=(5, -1)), views(numbers((3, 5), shape=(5, 3)))),
    "transpose": (numbers((2, 3, 5), axes=(1, 2, 0)), numbers((2, 3, 5), axes=None)),
    "flatten": (PICTURE, numbers((2, 3, 5), start_dim=0)),
    "concatenate": (lists(3, 1, 2, axis=1), lists(3, 4, axis=-2)),
    "pad2d": (numbers(IMAGE, padding=((0, 1), (2, 3)), value=0.5), numbers(IMAGE, padding=0)),
    "where": (chosen,),
    "relu": (PLAIN, zeros(PLAIN), views(MATRIX)),
    "leaky_relu": (PLAIN, numbers((3, 5), negative_slope=0.3), zeros(MATRIX)),
    "sigmoid": (PLAIN, numbers((3, 5), low=-30, high=30)),
    "tanh": (PLAIN, numbers((3, 5), low=-9, high=9)),
    "exp": (PLAIN,),
    "log": (POSITIVE,),
    "sqrt": (POSITIVE,),
    "abs": (PLAIN, zeros(PLAIN)),
    "maximum": (*map(apart, _broadcasts()), tied),
    "linear": (
        numbers((2, 3), (5, 3), (5,)),
        lambda rng: ([distinct(rng, (4, 3)), distinct(rng, (2, 3)), None], {}),
    ),
    "im2col": (
        numbers(IMAGE, kernel_size=(3, 2), stride=2, padding=1),
        numbers(IMAGE, kernel_size=2, stride=3),
        numbers(IMAGE, kernel_size=(2, 2), dilation=(2, 3), padding=((0, 1), (2, 1))),
    ),
    "col2im": (
        columns((3, 2), (4, 3), stride=2, padding=1),
        columns((2, 2), (2, 2), stride=3),
        columns((1, 1), (7, 5)),
    ),
    "conv2d": (
        convolution(stride=2, padding=1),
        convolution((2, 1), stride=3, bias=False),
        convolution((1, 1)),
        convolution((7, 5)),
        convolution((2, 3), groups=2, dilation=(2, 1), padding=((0, 1), (2, 1))),
        convolution((3, 2), padding="same"),
    ),
    "mlpconv": (
        perceptron((4, 2, 3), (3, 2), stride=2, padding=1),
        perceptron((4, 5), (1, 1), final_relu=False),
    ),
    "max_pool2d": (*(numbers(IMAGE, **p) for p in POOLS), rounded(numbers(IMAGE, **POOLS[1]))),
    "avg_pool2d": (
        *(numbers(IMAGE, **p) for p in POOLS),
        numbers(IMAGE, **POOLS[2], count_include_pad=False),
    ),
    "global_avg_pool2d": (PICTURE, views(PICTURE)),
    "softmax": (numbers((3, 5), axis=-1), numbers((2, 3, 5), axis=1), views(MATRIX)),
    "log_softmax": (numbers((3, 5), axis=-1), numbers((3, 5), axis=0, low=-1000, high=1000)),
    "cross_entropy": (
        labelled(reduction="mean"),
        labelled(reduction="none", label_smoothing=0.1),
        labelled(1000.0, reduction="sum"),
    ),
    "mse_loss": tuple(apart(numbers((3, 5), (3, 5), reduction=r)) for r in ("mean", "sum", "none")),
    "dropout": (numbers((3, 5), p=0.4, rng=1), numbers((3, 5), p=0.5, training=False)),
}


def samples(op: str, rng: Rng) -> list[Arguments]:
    """Draw one call of each kind for an op.

    Example:
        >>> [parameters for _, parameters in samples("flatten", np.random.default_rng(0))]
        [{}, {'start_dim': 0}]
    """
    return [draw(rng) for draw in SAMPLES[op]]
