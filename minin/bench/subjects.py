"""The table of what is measured: the operations of Network in Network.

Counts are those of the definition, whatever a rule really does: a Winograd convolution
multiplies less than is counted here, and its share of the ceiling can pass 100 %. Numbers are
those that have to pass between memory and processor at least: what comes in, once, and what
goes out, once.

    N images   C channels   H rows   W columns   O output channels   K = C*KH*KW   P = OH*OW
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from minin import ops
from minin.autograd import Op
from minin.backend import Array, Shape
from minin.bench.steps import STEPS
from minin.bench.subject import BenchSubject, Host, Work, normal, op_subject

IMAGES = {
    "tiny": (1, 16, 8, 8),
    "small": (8, 32, 16, 16),
    "medium": (32, 96, 16, 16),
    "large": (64, 96, 32, 32),
}
CONVOLVED = {
    "tiny": (1, 16, 8, 8),
    "small": (4, 32, 16, 16),
    "medium": (16, 96, 16, 16),
    "large": (64, 96, 16, 16),
}
SQUARES = {"tiny": (64,), "small": (256,), "medium": (1024,), "large": (2048,)}
SCORES = {"tiny": (16, 10), "small": (128, 10), "medium": (128, 1000), "large": (1024, 1000)}


def _images(shape: Shape, rng: np.random.Generator) -> list[Host]:
    return [normal(rng, shape)]


def _same(shape: Shape) -> Shape:
    return shape


# matmul: x (n, n) @ y (n, n); backward is two such products


def _squares(shape: Shape, rng: np.random.Generator) -> list[Host]:
    (n,) = shape
    return [normal(rng, (n, n)), normal(rng, (n, n))]


def _matmul_work(shape: Shape, way: str) -> Work:
    (n,) = shape
    return Work(2 * n**3, 3 * n * n, n) if way == "forward" else Work(4 * n**3, 5 * n * n, n)


# conv2d: as many channels out as in, padded so that the size stays


def _filters(kernel: int) -> Callable[[Shape, np.random.Generator], list[Host]]:
    def inputs(shape: Shape, rng: np.random.Generator) -> list[Host]:
        c = shape[1]
        weight = normal(rng, (c, c, kernel, kernel), 1 / math.sqrt(c * kernel**2))
        return [normal(rng, shape), weight, normal(rng, (c,))]

    return inputs


def _conv_work(kernel: int) -> Callable[[Shape, str], Work]:
    def work(shape: Shape, way: str) -> Work:
        n, c, h, w = shape
        macs, pixels = n * h * w * c * c * kernel**2, n * c * h * w
        weights = c * c * kernel**2 + c
        if way == "forward":
            return Work(2 * macs + pixels, 2 * pixels + weights, c * kernel**2)
        return Work(4 * macs + pixels, 3 * pixels + 2 * weights, n * h * w + c * kernel**2)

    return work


# mlpconv: 5x5, then 1x1 twice. Its numbers lie on a grid and its biases between the lines, so
# that every sum keeps a distance from the kink of a ReLU: rounding cannot move one across.


def _layers(shape: Shape, rng: np.random.Generator) -> list[Host]:
    c = shape[1]

    def grid(count: int, step: float, size: Shape) -> Host:
        return rng.integers(-count, count + 1, size) * step

    weights = [grid(4, 2**-6, (c, c, k, k)) for k in (5, 1, 1)]
    biases = [(2 * rng.integers(-8, 8, c) + 1) * 2.0**-exponent for exponent in (9, 16, 16)]
    return [grid(4, 2**-2, shape), *weights, *biases]


def _as_layers(arrays: list[Array]) -> tuple[Any, ...]:
    return arrays[0], arrays[1:4], arrays[4:7]


def _mlpconv_work(shape: Shape, way: str) -> Work:
    n, c, h, w = shape
    macs, pixels = n * h * w * c * c * (25 + 2), n * c * h * w
    weights = c * c * (25 + 2) + 3 * c
    if way == "forward":
        return Work(2 * macs + 5 * pixels, 2 * pixels + weights, 25 * c)
    return Work(4 * macs + 5 * pixels, 3 * pixels + 2 * weights, n * h * w + 25 * c)


# max_pool2d: 3x3 at stride 2, rounding up, as the networks do


def _pooled(shape: Shape) -> Shape:
    n, c, h, w = shape
    return n, c, -(-(h - 3) // 2) + 1, -(-(w - 3) // 2) + 1


def _pool_work(shape: Shape, way: str) -> Work:
    x, y = math.prod(shape), math.prod(_pooled(shape))
    return Work(8 * y if way == "forward" else y, x + y, 9)


def _average_work(shape: Shape, way: str) -> Work:
    x, y = math.prod(shape), shape[0] * shape[1]
    return Work(x + y if way == "forward" else y, x + y, shape[2] * shape[3])


def _relu_work(shape: Shape, way: str) -> Work:
    x = math.prod(shape)
    return Work(x, 2 * x if way == "forward" else 3 * x, 1)


def _dropout_work(shape: Shape, _: str) -> Work:
    x = math.prod(shape)
    return Work(x, 2 * x, 1)  # the integers of the hash are not counted


# cross_entropy: scores (N, K), class numbers (N,)


def _scores(shape: Shape, rng: np.random.Generator) -> list[Host]:
    n, k = shape
    return [normal(rng, shape), rng.integers(0, k, n)]


def _entropy_work(shape: Shape, way: str) -> Work:
    n, k = shape
    if way == "forward":
        return Work(5 * n * k + n, n * k + n, n * k)
    return Work(3 * n * k, 2 * n * k, n * k)


def _on_images(
    op: Op[Any],
    name: str,
    work: Callable[[Shape, str], Work],
    output: Callable[[Shape], Shape] = _same,
    sizes: Mapping[str, Shape] = IMAGES,
    inputs: Callable[[Shape, np.random.Generator], list[Host]] = _images,
    **more: Any,
) -> BenchSubject:
    return op_subject(op, name, sizes, "N C H W", inputs, output, work, **more)


OPS = (
    op_subject(ops.matmul, "matmul", SQUARES, "n", _squares, lambda n: n * 2, _matmul_work),
    _on_images(
        ops.conv2d, "conv2d-5x5", _conv_work(5), sizes=CONVOLVED, inputs=_filters(5), padding=2
    ),
    _on_images(ops.conv2d, "conv2d-1x1", _conv_work(1), inputs=_filters(1), padding=0),
    _on_images(
        *(ops.mlpconv, "mlpconv", _mlpconv_work, _same, CONVOLVED, _layers),
        arguments=_as_layers,
        padding=2,
        final_relu=False,
    ),
    _on_images(
        *(ops.max_pool2d, "max_pool2d", _pool_work, _pooled),
        kernel_size=3,
        stride=2,
        ceil_mode=True,
    ),
    _on_images(ops.global_avg_pool2d, "global_avg_pool2d", _average_work, lambda shape: shape[:2]),
    _on_images(ops.relu, "relu", _relu_work),
    _on_images(ops.dropout, "dropout", _dropout_work, p=0.5, rng=7),
    op_subject(
        ops.cross_entropy, "cross_entropy", SCORES, "N K", _scores, lambda _: (), _entropy_work
    ),
)
SUBJECTS: dict[str, BenchSubject] = {subject.name: subject for subject in (*OPS, *STEPS)}
