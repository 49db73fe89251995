"""The 1x1 convolution: one matrix product, and nothing is copied.

Where the window is a single pixel, the sum over a and b has one term:

    y[n, o, i, j] = bias[o] + sum over c of weight[o, c] * x[n, c, i, j]

Every pixel passes its C channels through the same small dense layer. The image, seen as C rows
of H*W pixels, *is* its columns:

    weight (O, C)  @  x[n] (C, H*W)  =  y[n] (O, H*W)

This is the whole trick of Network in Network's mlpconv layer, and of all bottlenecks since.

    N images   C channels   H rows   W columns   O output channels

Covers: 1x1 kernels of stride 1 without padding.
Cost: 2*N*O*C*H*W FLOPs, no memory but the output.

Source: section 3.1 of Lin, Chen, Yan, "Network in Network" (2013), arXiv 1312.4400: "equivalent
to a convolution layer with 1x1 convolution kernel".
"""

from __future__ import annotations

from minin.algorithms.algorithm import Algorithm
from minin.algorithms.layer import Cost, Layer
from minin.backend import Array, namespace


def convolve(layer: Layer, x: Array, weight: Array, bias: Array) -> Array:
    """Convolve with a 1x1 kernel by one matrix product an image, on the image itself.

    **Shapes:** x (N, C, H, W), weight (O, C, 1, 1), bias (O) -> (N, O, OH, OW).

    Example:
        >>> import numpy as np
        >>> red_and_blue = np.array([[[[1.0, 2.0]], [[10.0, 20.0]]]])  # (1, 2, 1, 2)
        >>> conv2d_pointwise(red_and_blue, np.array([[[[1.0]], [[1.0]]]]))
        array([[[[11., 22.]]]])
    """
    xp = namespace(x)
    n, c, h, w = layer.x_shape
    o = layer.weight_shape[0]
    pixels = xp.reshape(x, (n, c, h * w))  # (N, C, H*W), a view
    y = xp.matmul(xp.reshape(weight, (o, c)), pixels)  # (O, C) @ (N, C, H*W) -> (N, O, H*W)
    if bias is not None:
        y += xp.reshape(bias, (o, 1))  # (O, 1)
    return xp.reshape(y, (n, o, h, w))


def why_not(layer: Layer) -> str | None:
    """Say why a layer is not covered; None if it is."""
    if layer.window.is_pointwise:
        return None
    window = layer.window
    return (
        "needs a 1x1 kernel, stride 1 and no padding, got "
        f"kernel {window.kernel}, stride {window.stride} and padding {window.padding}; "
        "take im2col or tiled-im2col"
    )


def cost(layer: Layer) -> Cost:
    """Predict what `conv2d_pointwise` takes.

    FLOPs: 2*N*O*C*P, and N*O*P for a bias.
    Read: image and weights; for a bias the output once more.
    Written: the output; for a bias twice.
    Peak: the output.
    """
    return layer.cost(
        flops=2 * layer.macs,
        read=layer.x_size + layer.weight_size,
        written=layer.y_size,
        peak=layer.y_size,
    )


conv2d_pointwise = Algorithm(
    "pointwise", convolve, cost, fix="take a smaller batch", why_not=why_not
)
