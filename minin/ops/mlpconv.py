"""The mlpconv layer: a small network that slides over the image.

A convolution looks at each window with a linear filter. Network in Network (section 3.1 of
the paper) looks at it with a small multilayer perceptron, the same one for every window:

    f1 = relu(w1 . x + b1)      a KH x KW convolution: x is the window
    f2 = relu(w2 . f1 + b2)     1x1 convolutions: they mix the maps at one pixel,
    f3 = relu(w3 . f2 + b3)     pixel by pixel (equation 2; Caffe's "cccp" layers)

So an mlpconv layer is nothing new to compute: a convolution, and then 1x1 convolutions, with
a ReLU after each. The rule below says just that, and runs the same chain backwards.
"""

from __future__ import annotations

import functools
from typing import Any

from minin.autograd import differentiable, nesting
from minin.autograd.operators import Gradient, OutputAndBackward, work_out
from minin.autograd.shapes_line import ShapesLine
from minin.backend import Array, require
from minin.errors import ShapeError
from minin.ops.conv import conv2d
from minin.ops.elementwise import relu


@differentiable
def mlpconv(
    x: Array,
    weights: list[Array],
    biases: list[Array],
    *,
    stride: Any = 1,
    padding: Any = 0,
    final_relu: bool = True,
) -> OutputAndBackward:
    """Slide a small multilayer perceptron over images.

    Shapes: x (N, C, H, W), weights [(M, C, KH, KW), (O, M, 1, 1)], biases [(M), (O)]
    -> (N, O, OH, OW).

    Args:
        x: images.
        weights: the filters of the convolution, then those of each 1x1 convolution.
        biases: one array or None for each of the weights.
        stride: the convolution's, int or (SH, SW).
        padding: the convolution's, as conv2d takes it.
        final_relu: whether a ReLU follows the last 1x1 too. The paper's layers have it;
            without it the last layer's class maps cannot die.

    Raises:
        ShapeError: if there is not one bias for each weight, or shapes do not fit together.
        DtypeError: if an array holds no floats, or not all have one dtype.

    Example:
        >>> import numpy as np
        >>> shapes = (192, 3, 5, 5), (160, 192, 1, 1), (96, 160, 1, 1)
        >>> weights, biases = [np.ones(s) for s in shapes], [np.zeros(s[0]) for s in shapes]
        >>> minin.ops.mlpconv(np.ones((1, 3, 32, 32)), weights, biases, padding=2).shape
        (1, 96, 32, 32)

    Source: section 3.1 and equation 2 of the paper.
    """
    check_layers(x, weights, biases)
    backwards = []
    y = x
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        window = {"stride": stride, "padding": padding} if layer == 0 else {}
        y, backward_conv = conv2d.rule(y, weight, bias, **window)  # (N, maps of this layer, OH, OW)
        backward_relu = None
        if final_relu or layer < len(weights) - 1:
            y, backward_relu = relu.rule(y)  # y keeps its shape
        backwards.append((backward_conv, backward_relu))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_weights: list[Gradient] = []
        grad_biases: list[Gradient] = []
        grad: Gradient = grad_y
        for backward_conv, backward_relu in reversed(backwards):
            if backward_relu is not None:
                (grad,) = backward_relu(work_out(grad))  # as this layer's output
            grad, grad_weight, grad_bias = backward_conv(work_out(grad))  # grad: as its input
            grad_weights.insert(0, grad_weight)
            grad_biases.insert(0, grad_bias)
        return grad, grad_weights, grad_biases

    return y, backward


def check_layers(x: Array, weights: Any, biases: Any) -> None:
    """Refuse arrays that do not fit together, for the plain rule and the fast ones."""
    if not isinstance(weights, list) or not isinstance(biases, list) or not weights:
        raise ShapeError("mlpconv: weights and biases must be lists, one entry a layer")
    if len(biases) != len(weights):
        raise ShapeError(
            f"mlpconv: biases must have one entry (an array or None) for each of the "
            f"{len(weights)} weights, got {len(biases)}"
        )
    line, arrays = _line_of(len(weights)), [x, *weights, *biases]
    line.check(arrays)
    require.one_float_dtype("mlpconv", **dict(zip(line.names, arrays, strict=True)))


@functools.cache
def _line_of(layers: int) -> ShapesLine:
    """Write the Shapes line of so many layers."""
    names = nesting.names(("x", "weights", "biases"), [-1, layers, layers])
    said = "x (N, C0, H, W)"
    for layer in range(layers):
        window = "1, 1" if layer else "KH, KW"
        said += f", weights[{layer}] (C{layer + 1}, C{layer}, {window})"
        said += f", biases[{layer}] (C{layer + 1})"
    defaults = dict.fromkeys(names[1 + layers :])  # a bias may be None
    return ShapesLine("mlpconv", f"Shapes: {said} -> (N, C{layers}, OH, OW).", names, defaults)
