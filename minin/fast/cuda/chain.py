"""A convolution and the 1x1 convolutions after it, as one chain of products.

An mlpconv layer is a convolution, then 1x1 convolutions, with a ReLU after each; a conv2d is the
same chain with one layer and no ReLU. All layers work on tables of R = N*OH*OW rows:

    forward    y_l (R, O_l) = relu(y_(l-1) @ weight_l^T + bias_l)     one product, one kernel
    backward   grad <- grad where y_l > 0, and its sums are grad_bias_l       two kernels
               grad_weight_l = grad^T @ y_(l-1)                               a product
               grad <- grad @ weight_l                                        a product

Bias and ReLU run in place on the product, so a layer leaves one table, which is all that backward
needs: what a ReLU let through says where it was open. Where nothing is recorded, only the last
table is kept.

Cost: the products, and 2 passes a layer forward, 3 backward; `launches` counts the launches.
"""

from __future__ import annotations

import math
from typing import Any

from minin.autograd import declare_branch
from minin.autograd.operators import Gradient
from minin.autograd.state import STATE
from minin.backend import Array, namespace
from minin.fast.chained import accelerate, lazy_gradients
from minin.fast.cuda.columns import COLUMNS, Im2col, Pointwise, product
from minin.fast.cuda.launch import launch
from minin.fast.cuda.layout import channels_first, channels_last, taps_of
from minin.shapes import Window


class Chain:
    """A convolution and the 1x1 convolutions after it, on one batch.

    Attributes:
        first: the convolution.
        taps: for each 1x1 convolution its weights (O, I).
        biases: for each layer its bias (O) or None.
        relus: for each layer whether a ReLU follows it.
        recording: whether backward may follow, so that all layers' outputs are kept.
    """

    def __init__(
        self, first: Any, weights: list[Array], biases: list[Any], relus: list[bool]
    ) -> None:
        self.first, self.relus = first, relus
        self.taps = [taps_of(weight) for weight in weights[1:]]
        xp = namespace(weights[0])
        self.biases = [None if b is None else xp.ascontiguousarray(b) for b in biases]
        self.recording = STATE.get().recording

    def forward(self, images: Array) -> list[Array]:
        """Compute all layers; return what each puts out, or only the last if nothing is recorded.

        Shapes: images (N, H, W, C) -> (R, O) each.
        """
        outputs = [self._finished(self.first.forward(images), 0)]
        for layer, taps in enumerate(self.taps, start=1):
            y = self._finished(product(outputs[-1], taps.T), layer)  # (R, I) @ (I, O)
            outputs = [*outputs, y] if self.recording else [y]
        return outputs

    def _finished(self, y: Array, layer: int) -> Array:
        """Add the bias and apply the ReLU, in place.  Shapes: y (R, O) -> (R, O)."""
        bias, has_relu = self.biases[layer], self.relus[layer]
        if bias is not None:
            launch("bias_relu", y.size, y, bias, y.size, y.shape[1], has_relu, like=y)
        elif has_relu:
            launch("relu", y.size, y, y, y.size, like=y)
        return y

    def backward(
        self, images: Array, outputs: list[Array], grad: Array, wants_x: bool
    ) -> tuple[Any, list[Array], list[Any]]:
        """Take a gradient back through all layers.

        Shapes: grad (R, O) -> grad_images (N, H, W, C) or None, the weights' gradients, the
        biases' gradients.
        """
        grad_weights: list[Array] = []
        grad_biases: list[Any] = []
        ours = False  # whether grad may be written into
        for layer in reversed(range(len(self.relus))):
            grad, grad_bias = self._slope(grad, outputs[layer], layer, ours)
            grad_biases.insert(0, grad_bias)
            if layer > 0:
                taps = product(grad.T, outputs[layer - 1])  # (O, R) @ (R, I)
                grad_weights.insert(0, taps.reshape((*taps.shape, 1, 1)))
                grad, ours = product(grad, self.taps[layer - 1]), True  # (R, O) @ (O, I)
        grad_weight, grad_images = self.first.backward(images, grad, wants_x)
        return grad_images, [grad_weight, *grad_weights], grad_biases

    def _slope(self, grad: Array, y: Array, layer: int, ours: bool) -> tuple[Array, Any]:
        """Go back through a layer's ReLU and bias.

        Shapes: grad and y (R, O) -> grad (R, O), grad_bias (O) or None.
        """
        has_bias, has_relu = self.biases[layer] is not None, self.relus[layer]
        out = grad
        if has_relu and not ours:
            out = namespace(grad).empty(grad.shape, dtype=grad.dtype)
        if has_bias:
            return out, slope_sums(grad, y, out, has_relu)
        if has_relu:
            launch("relu_slope", grad.size, grad, y, out, grad.size, like=grad)
        return out, None

    def declare_branches(self, outputs: list[Array], shape: tuple[int, ...]) -> None:
        """Declare where each ReLU is open, as the plain rule does, if there is a tape."""
        if STATE.get().tape is not None and self.recording:
            for y, has_relu in zip(outputs, self.relus, strict=True):
                if has_relu:
                    declare_branch("mask", channels_first(y.reshape((*shape, -1)) > 0))


def strip(rows: int) -> int:
    """Return how many rows a thread adds up: the root of all, so both sums are short."""
    return max(1, math.isqrt(rows - 1) + 1)


def slope_sums(grad: Array, y: Array, out: Array, has_relu: bool) -> Array:
    """Add up each column of grad where y is positive; without a ReLU everywhere.

    Shapes: grad, y and out (R, O) -> (O); with a ReLU, out gets what was added up.
    """
    xp = namespace(grad)
    rows, o = grad.shape
    each = strip(rows)
    strips = -(-rows // each)
    partial = xp.empty((strips, o), dtype=grad.dtype)
    sizes = (partial.size, rows, o, each, has_relu)
    cut = out if has_relu else partial  # nothing is cut off: the kernel leaves it alone
    launch("slope_sums", partial.size, grad, y, cut, partial, *sizes, like=grad)
    if strips == 1:
        return partial.reshape((o,))
    total = xp.empty((o,), dtype=grad.dtype)
    launch("sum_strips", o, partial, total, o, strips, like=grad)
    return total


def run_chain(
    x: Array,
    weights: list[Array],
    biases: list[Any],
    window: Window,
    relus: list[bool],
    limit: int = COLUMNS,
) -> tuple[Array, Any]:
    """Run a chain.

    Args:
        x: (N, C, H, W).
        weights: (O, C, KH, KW), then (O, I, 1, 1) each.
        biases: (O) or None for each.
        window: the first layer's.
        relus: for each layer whether a ReLU follows it.
        limit: how many numbers of columns there may be at a time.

    Shapes: -> y (N, O, OH, OW), and backward(grad_y), which returns gradients for x, for the
    weights and for the biases.
    """
    images = channels_last(x)
    shape = (len(images), *window.output_size((x.shape[2], x.shape[3])))
    kind: Any = Pointwise if window.is_pointwise else Im2col
    chain = Chain(kind(images, weights[0], window, limit), weights, biases, relus)
    outputs = chain.forward(images)
    chain.declare_branches(outputs, shape)

    def backward(grad_y: Array) -> tuple[Gradient, list[Gradient], list[Gradient]]:
        last = channels_last(grad_y)  # (N, OH, OW, O)
        grad = last.reshape((-1, last.shape[3]))  # (R, O)

        def walk(wants_x: bool) -> Any:
            grad_images, *others = chain.backward(images, outputs, grad, wants_x)
            return channels_first(grad_images) if wants_x else None, *others

        return lazy_gradients(walk, [bias is not None for bias in biases])

    return channels_first(outputs[-1].reshape((*shape, -1))), backward


accelerate("cupy", run_chain)
