"""ReLU on its own, as in a network of separate convolutions: piece by piece, as numbers lie.

The positive part of a number does not depend on its neighbours, so an array is walked as it lies
in memory, whatever its axes mean. The plain rule's `where` waits at every number for a guess of the
processor that is wrong half of the time; here the mask is laid over the bits (layout.py).

Kept for backward is the output, which the next layer keeps anyway.

Cost: one pass forward, three in the cache backward.
"""

from __future__ import annotations

from minin.autograd import declare_branch
from minin.autograd.operators import Gradient, OutputAndBackward
from minin.autograd.state import STATE
from minin.backend import Array
from minin.fast.coverage import is_covered
from minin.fast.cpu import plan, recycle
from minin.fast.cpu.layout import as_it_lies, like_it, relu_into, relu_slope_into
from minin.fast.cpu.workers import run
from minin.ops.elementwise import relu


@relu.accelerate("numpy", is_covered)
def fast_relu(x: Array) -> OutputAndBackward:
    """Keep the positive part, piece by piece."""
    numbers = as_it_lies(x)  # (size,)
    positive = recycle.empty_like(numbers)
    parts = plan.groups(0, numbers.size, x.itemsize, plan.CACHED, least=1)

    def forward(number: int) -> None:
        first, last = parts[number]
        relu_into(positive[first:last], numbers[first:last])

    run(forward, len(parts))
    y = like_it(positive, x)
    if STATE.get().tape is not None:
        declare_branch("mask", y > 0)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad = as_it_lies(grad_y, like=y)
        grad_numbers = recycle.empty_like(grad)

        def task(number: int) -> None:
            first, last = parts[number]
            here = slice(first, last)
            relu_slope_into(grad_numbers[here], grad[here], positive[here])

        run(task, len(parts))
        return (like_it(grad_numbers, y),)

    return y, backward
