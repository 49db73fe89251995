"""What each algorithm takes, predicted before anything is computed or allocated.

Each formula stands beside the code that it speaks of, in the `cost` of its file; here they are
side by side. FLOPs are exact, a multiply-accumulate being two; memory is what is in use at the
peak, x, weight and bias not counted, the output N*O*P counted. All in numbers, not bytes:

    loops          2*N*O*P*K
                   N*O*P
    im2col         2*N*O*P*K
                   N*K*P + max(frame, N*O*P)
    tiled-im2col   2*N*O*P*K
                   N*O*P + [columns + max(frame, product) of the largest tile]
    shift-and-add  2*N*O*P*K + N*O*P*KH*KW
                   2*N*O*P + N*C*P + frame + O*K
    pointwise      2*N*O*P*K
                   N*O*P
    winograd       2*n*n*(N*T*O*C + C*N*T*n*n + O*N*T*m*m + O*C*r*r)
                   n^4 + n*n*(m*m + r*r + O*C) + max(frame + D, 2*D, D + M, M + Y, Y + N*O*P),
                   where D = n*n*C*N*T, M = n*n*O*N*T, Y = m*m*O*N*T

    N images   C channels   O output channels   KH KW kernel   OH OW output   K = C*KH*KW
    P = OH*OW   frame: the padded images, 0 without padding   T tiles of m*m outputs an image
    n = m + r - 1   r = KH = KW

A bias adds N*O*P FLOPs (but to loops none: there the sum starts with it).

The arrays x and weight are taken to lie in memory in the order of their axes; others are
computed just as well, but a reshape may then copy.
"""

from __future__ import annotations

from typing import Any

from minin.algorithms.layer import Cost, Layer
from minin.algorithms.table import algorithm


def predict(
    name: str,
    x_shape: Any,
    weight_shape: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    *,
    dtype: Any = "float32",
    has_bias: bool = False,
    **options: Any,
) -> Cost:
    """Predict what an algorithm takes for a layer: FLOPs, bytes moved and peak memory.

    Args:
        name: of the algorithm, as `names` lists them.
        x_shape: (N, C, H, W).
        weight_shape: (O, C, KH, KW).
        stride: as for ops.conv2d; so are the next two.
        padding: zeros around the image.
        dilation: pixels from cell to cell.
        dtype: float32 or float64.
        has_bias: whether there is a bias.
        **options: ``budget_bytes`` for tiled-im2col, which cuts its tiles by it, ``m`` for
            winograd.

    Raises:
        UnknownNameError: if there is no such algorithm.
        ArgumentError: if it does not cover the layer, or a number is out of range.
        ShapeError: if the shapes do not fit together.

    Example:
        The second layer of Network in Network on CIFAR-10, for 64 images:

        >>> layer = (64, 96, 16, 16), (192, 96, 5, 5)
        >>> direct = predict("im2col", *layer, padding=2)
        >>> fast = predict("winograd", *layer, padding=2)
        >>> round(direct.flops / fast.flops, 1), direct.peak_bytes // 2**20
        (4.1, 162)
    """
    found = algorithm(name)
    layer = Layer.of_shapes(
        x_shape,
        weight_shape,
        stride,
        padding,
        dilation,
        dtype=dtype,
        has_bias=has_bias,
        op=name,
    )
    return found.predict(layer, **options)


def predict_bytes(
    name: str, x_shape: Any, weight_shape: Any, *geometry: Any, **options: Any
) -> int:
    """Predict the peak memory of an algorithm for a layer, in bytes, the output included.

    Args:
        name: of the algorithm, as `names` lists them.
        x_shape: (N, C, H, W).
        weight_shape: (O, C, KH, KW).
        *geometry: stride, padding and dilation, as for `predict`.
        **options: the same by name, and all else that `predict` takes.

    Raises:
        UnknownNameError: if there is no such algorithm.
        ArgumentError: if it does not cover the layer, or a number is out of range.
        ShapeError: if the shapes do not fit together.

    Example:
        >>> layer = (64, 96, 16, 16), (192, 96, 5, 5)
        >>> [predict_bytes(name, *layer, padding=2) // 2**20 for name in ("im2col", "loops")]
        [162, 12]
    """
    return predict(name, x_shape, weight_shape, *geometry, **options).peak_bytes
