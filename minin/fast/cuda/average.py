"""Global average pooling, channels last: one kernel forward, one back (average.cu)."""

from __future__ import annotations

from minin.autograd.operators import Gradient, OutputAndBackward
from minin.backend import Array, namespace
from minin.fast.coverage import is_covered
from minin.fast.cuda.launch import launch
from minin.fast.cuda.layout import channels_first, channels_last
from minin.ops.pool import global_avg_pool2d


@global_avg_pool2d.accelerate("cupy", is_covered)
def fast_global_avg_pool2d(x: Array) -> OutputAndBackward:
    """Average each map."""
    xp, images = namespace(x), channels_last(x)  # (N, H, W, C)
    n, h, w, c = shape = images.shape
    y = xp.empty((n, c), dtype=x.dtype)
    launch("average", y.size, images, y, y.size, h, w, c, like=y)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad = xp.ascontiguousarray(grad_y)  # (N, C)
        out = xp.empty(shape, dtype=grad.dtype)
        launch("average_slope", out.size, grad, out, out.size, h * w, c, like=out)
        return (channels_first(out),)

    return y, backward
