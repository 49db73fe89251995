"""Max pooling, channels last: one kernel forward, one back (pool.cu).

Kept for backward is which cell of each window won: two bytes an output.
"""

from __future__ import annotations

import math
from typing import Any

from minin.autograd import declare_branch
from minin.autograd.operators import Gradient, OutputAndBackward
from minin.backend import Array, namespace
from minin.fast.coverage import covers_max_pool2d
from minin.fast.cuda.launch import launch
from minin.fast.cuda.layout import channels_first, channels_last, geometry
from minin.ops.pool import max_pool2d, pooling_window

CELLS = 1 << 16  # of a window: a winner's number has two bytes


@max_pool2d.accelerate("cupy", covers_max_pool2d)
def fast_max_pool2d(
    x: Array,
    *,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> OutputAndBackward:
    """Pool, and note the winners."""
    window = pooling_window("max_pool2d", x, kernel_size, stride, padding, dilation, ceil_mode)
    if math.prod(window.kernel) > CELLS:
        return NotImplemented  # type: ignore[no-any-return]  # the op knows it
    xp, images = namespace(x), channels_last(x)  # (N, H, W, C)
    n, h, w, c = shape = images.shape
    sizes = geometry(window, (h, w), c)
    y = xp.empty((n, *window.output_size((h, w)), c), dtype=x.dtype)
    winner = xp.empty(y.shape, dtype=xp.uint16)
    launch("max_pool", y.size, images, y, winner, y.size, *sizes, like=y)
    declare_branch("winner", channels_first(winner))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad = channels_last(grad_y)  # (N, OH, OW, C)
        out = xp.empty(shape, dtype=grad.dtype)
        launch("max_pool_slope", out.size, grad, winner, out, out.size, *sizes, like=out)
        return (channels_first(out),)

    return channels_first(y), backward
