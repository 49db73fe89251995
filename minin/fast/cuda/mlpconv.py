"""conv2d and mlpconv as a chain of layers (chain.py): coverage, and the two signatures."""

from __future__ import annotations

from typing import Any

from minin.autograd.operators import Entry, Pulled
from minin.backend import Array
from minin.fast.cuda.chain import run_chain
from minin.fast.cuda.layout import is_covered
from minin.ops.conv import check_conv, conv2d
from minin.ops.mlpconv import check_layers, mlpconv
from minin.shapes import Window, integer


def covers_conv2d(
    x: Array, weight: Array, bias: Array = None, *, groups: Any = 1, **_: Any
) -> bool:
    """Cover one group of any window, in float32 and float64."""
    check_conv(x, weight, bias, integer("groups", groups))
    return groups == 1 and is_covered(x) and weight.size > 0


@conv2d.accelerate("cupy", covers_conv2d)
def fast_conv2d(
    x: Array,
    weight: Array,
    bias: Array = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,  # noqa: ARG001  # the signature of the book; covered is 1
) -> Pulled:
    """Convolve as a chain of one layer."""
    size = (x.shape[2], x.shape[3])
    window = Window.of(weight.shape[2:], stride, padding, dilation, size=size)
    y, pull = run_chain(x, [weight], [bias], window, [False])

    def backward(grad_y: Array) -> tuple[Entry, ...]:
        grad_x, (grad_weight,), (grad_bias,) = pull(grad_y)
        return grad_x, grad_weight, grad_bias

    return y, backward


def covers_mlpconv(x: Array, weights: Any, biases: Any, **_: Any) -> bool:
    """Cover what the plain rule takes, in float32 and float64."""
    check_layers(x, weights, biases)
    return is_covered(x) and all(weight.size > 0 for weight in weights)


@mlpconv.accelerate("cupy", covers_mlpconv)
def fast_mlpconv(
    x: Array,
    weights: list[Array],
    biases: list[Array],
    *,
    stride: Any = 1,
    padding: Any = 0,
    final_relu: bool = True,
) -> Pulled:
    """Run the whole layer as one chain."""
    size = (x.shape[2], x.shape[3])
    window = Window.of(weights[0].shape[2:], stride, padding, size=size)
    relus = [True] * (len(weights) - 1) + [bool(final_relu)]
    return run_chain(x, weights, biases, window, relus)
