"""A convolution and the 1x1 convolutions after it, computed tile by tile while it is hot.

An mlpconv layer is a convolution, then 1x1 convolutions, with a ReLU after each; a conv2d is the
same chain with one layer and no ReLU. The convolution is done by one of three algorithms, which
plan.py chooses by the shapes (im2col.py, winograd.py). It hands over its output in tiles, and
for each tile the rest of the chain runs at once:

    forward    rows of layer l:  y_l (R, O_l + 1) = relu([y_(l-1) | 1] @ [weight; bias]) and a 1
    backward   grad through the ReLU: where y_l > 0      (its input need not be kept)
               [grad_weight; grad_bias] = [y_(l-1) | 1]^T @ grad      summed tile after tile
               grad_(l-1) = grad @ weight^T

so that a tile's rows stay in the cache from the first layer to the last. Kept for backward is
what each ReLU let through; where nothing is recorded it is not kept either, and only the last
output is ever written to memory.

Cost: as plan.py counts it; memory N*P*(sum of O_l) numbers, whatever the kernel.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minin.autograd import declare_branch
from minin.autograd.operators import Gradient
from minin.autograd.state import STATE, current_mode
from minin.backend import Array
from minin.fast.chained import accelerate, lazy_gradients
from minin.fast.cpu import plan, recycle, scratch
from minin.fast.cpu.blas import one_blas_thread
from minin.fast.cpu.im2col import Im2col, Pointwise
from minin.fast.cpu.layout import (
    WorkTile,
    channels_first,
    channels_last,
    relu_into,
    relu_slope_into,
    taps_of,
    weight_of,
    with_bias,
)
from minin.fast.cpu.winograd import Winograd
from minin.shapes import Pair, Window


class Chain:
    """A convolution and the 1x1 convolutions after it, on one batch.

    Attributes:
        first: the convolution.
        taps: for each 1x1 convolution [weight; bias] (I+1, O).
        relus: for each layer whether a ReLU follows it.
        widths: for each layer O, the number of its maps.
        shape: (N, OH, OW) of all outputs.
        recording: whether all layers' outputs are kept, for backward or for a tape.
    """

    def __init__(
        self, first: Any, weights: list[Array], biases: list[Any], relus: list[bool], shape: Any
    ) -> None:
        self.first, self.relus, self.shape = first, relus, shape
        self.widths = [weight.shape[0] for weight in weights]
        self.taps = [with_bias(taps_of(w), b) for w, b in zip(weights[1:], biases[1:], strict=True)]
        self.dtype = weights[0].dtype
        state = STATE.get()
        self.recording = state.recording or state.tape is not None

    def forward(self, images: Array) -> list[Array]:
        """Compute all layers; return what each puts out, or only the last if nothing is recorded.

        Shapes: images (N, H, W, C) -> (N, OH, OW, O+1) each, but the last (N, OH, OW, O).
        """
        inner = [width + 1 for width in self.widths[:-1] if self.recording]
        outputs = [recycle.empty((*self.shape, o), self.dtype) for o in (*inner, self.widths[-1])]

        def write(tile: WorkTile, y: Array) -> None:
            self._follow(outputs, tile, y)

        self.first.forward(images, write)
        return outputs

    def _follow(self, outputs: list[Array], tile: WorkTile, y: Array) -> None:
        """Take over a tile of the convolution's output, and run the layers after it.

        Shapes: y (n, >= rows, >= OW, O of the first layer).
        """
        n, rows, across, _ = tile.of(outputs[-1]).shape
        y = here = y[:, :rows, :across]
        for layer, width in enumerate(self.widths):
            if layer > 0:
                table = here.reshape(n * rows * across, -1)  # (R, I+1)
                y = scratch.take("layer", (n, rows, across, width), self.dtype)
                np.matmul(table, self.taps[layer - 1], out=y.reshape(len(table), width))
            here = self._place(outputs, tile, layer, y.shape)  # (n, rows, OW, O or O+1)
            if self.relus[layer]:
                relu_into(here[..., :width], y)
            else:
                np.copyto(here[..., :width], y)

    def _place(self, outputs: list[Array], tile: WorkTile, layer: int, shape: Any) -> Array:
        """Find where a tile of a layer's output goes, its column of ones already written."""
        if layer == len(self.widths) - 1:
            return tile.of(outputs[-1])
        if self.recording:
            here = tile.of(outputs[layer])
        else:
            here = scratch.take(f"kept {layer % 2}", (*shape[:3], shape[3] + 1), self.dtype)
        here[..., -1] = 1
        return here

    def backward(
        self, images: Array, outputs: list[Array], grad_y: Array, wants_x: bool
    ) -> tuple[Any, list[Array], list[Array]]:
        """Take a gradient back through all layers.

        Shapes: grad_y (N, OH, OW, O) -> grad_images (N, H, W, C) or None, the weights'
        gradients, the biases' gradients.
        """
        totals = [np.zeros(taps.shape, self.dtype) for taps in self.taps]

        def begin(tile: WorkTile) -> tuple[Array, list[Array]]:
            return self._return(outputs, tile, tile.rows(grad_y))

        grad_weight, grad_bias, grad_images = self.first.backward(images, begin, totals, wants_x)
        weights = [grad_weight, *(weight_of(total[:-1], (1, 1)) for total in totals)]
        return grad_images, weights, [grad_bias, *(total[-1] for total in totals)]

    def _return(
        self, outputs: list[Array], tile: WorkTile, grad: Array
    ) -> tuple[Array, list[Array]]:
        """Go back from a tile's gradient to that of the convolution's output.

        Shapes: grad (R, O) -> (R, O of the first layer), shares of `taps`' gradients.
        """
        shares: list[Array] = []
        for layer in reversed(range(len(self.widths))):
            if self.relus[layer]:
                y = tile.rows(outputs[layer])  # (R, O or O+1)
                out = scratch.take(f"grad {layer % 2}", y.shape, self.dtype)
                if out.shape != grad.shape:
                    out, y = out[:, :-1], y[:, :-1]
                relu_slope_into(out, grad, y)
                grad = out
            if layer > 0:
                before = tile.rows(outputs[layer - 1])  # (R, I+1)
                shares.insert(0, before.T @ grad)  # (I+1, R) @ (R, O)
                shape = (len(grad), before.shape[1] - 1)
                lower = scratch.take(f"lower {layer % 2}", shape, self.dtype)
                np.matmul(grad, self.taps[layer - 1][:-1].T, out=lower)  # (R, O) @ (O, I)
                grad = lower
        return grad, shares

    def declare_branches(self, outputs: list[Array]) -> None:
        """Declare where each ReLU is open, as the plain rule does, if there is a tape."""
        if STATE.get().tape is not None:
            for layer, width in enumerate(self.widths):
                if self.relus[layer]:
                    y = outputs[layer][..., :width]
                    declare_branch("mask", channels_first(y > 0))


def run_chain(
    x: Array, weights: list[Array], biases: list[Any], window: Window, relus: list[bool]
) -> tuple[Array, Any]:
    """Run a chain.

    Shapes: x (N, C, H, W) -> y (N, O, OH, OW), and backward(grad_y), which returns gradients for
    x, for the weights and for the biases.
    """
    images, size = channels_last(x), window.output_size((x.shape[2], x.shape[3]))
    with one_blas_thread():
        first = _convolution(images, weights[0], biases[0], window, size)
        chain = Chain(first, weights, biases, relus, (len(images), *size))
        outputs = chain.forward(images)
    chain.declare_branches(outputs)

    def backward(grad_y: Array) -> tuple[Gradient, list[Gradient], list[Gradient]]:
        grad = channels_last(grad_y)  # (N, OH, OW, O)

        def walk(wants_x: bool) -> Any:
            with one_blas_thread():
                grad_images, *others = chain.backward(images, outputs, grad, wants_x)
            return channels_first(grad_images) if wants_x else None, *others

        return lazy_gradients(walk, [bias is not None for bias in biases])

    return channels_first(outputs[-1]), backward


def _convolution(
    images: Array, weight: Array, bias: Array | None, window: Window, size: Pair
) -> Any:
    """Choose the algorithm of the first layer."""
    if window.is_pointwise:
        return Pointwise(images, weight, bias)
    m = 0
    if current_mode() == "fast":
        m = plan.winograd_outputs(len(images), images.shape[3], len(weight), size, window)
    if m:
        return Winograd(images, weight, bias, window, size, m)
    return Im2col(images, weight, bias, window, size)


accelerate("numpy", run_chain)
