"""ReLU on its own: one kernel forward and one back, over the numbers as they lie."""

from __future__ import annotations

from minin.autograd import declare_branch
from minin.autograd.operators import Gradient, OutputAndBackward
from minin.autograd.state import STATE
from minin.backend import Array, namespace
from minin.fast.coverage import is_covered
from minin.fast.cuda.launch import launch
from minin.fast.cuda.layout import as_it_lies, lies_behind, like_it
from minin.ops.elementwise import relu


@relu.accelerate("cupy", is_covered)
def fast_relu(x: Array) -> OutputAndBackward:
    """Keep the positive part; kept for backward is the output."""
    behind = lies_behind(x)
    numbers = as_it_lies(x, behind)  # (size,)
    positive = namespace(x).empty(numbers.shape, dtype=x.dtype)
    launch("relu", x.size, numbers, positive, x.size, like=x)
    y = like_it(positive, x.shape, behind)
    if STATE.get().tape is not None:
        declare_branch("mask", y > 0)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad = as_it_lies(grad_y, behind)
        out = namespace(grad).empty(grad.shape, dtype=grad.dtype)
        launch("relu_slope", out.size, grad, positive, out, out.size, like=out)
        return (like_it(out, y.shape, behind),)

    return y, backward
