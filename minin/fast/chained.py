"""conv2d and mlpconv as a chain of layers, for any array library that can run one.

A convolution is a chain of one layer, an mlpconv layer one of several. `fast.cpu.chain` and
`fast.cuda.chain` each run chains in their own way; what both must cover, the two signatures and
the order of a backward are said here, once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minin.autograd.operators import Gradient, OutputAndBackward
from minin.backend import Array
from minin.fast.coverage import covers_conv2d, covers_mlpconv
from minin.ops.conv import conv2d
from minin.ops.mlpconv import mlpconv
from minin.shapes import Window

RunChain = Callable[[Array, list[Array], list[Any], Window, list[bool]], tuple[Array, Any]]


def accelerate(library: str, run_chain: RunChain) -> None:
    """Register the fast rules of conv2d and mlpconv for one array library.

    Args:
        library: "numpy" or "cupy".
        run_chain: called with x (N, C, H, W), weights, biases, the first layer's window and
            whether a ReLU follows each layer; returns y (N, O, OH, OW), and backward(grad_y),
            which returns gradients for x, for the weights and for the biases.
    """

    @conv2d.accelerate(library, covers_conv2d)
    def fast_conv2d(
        x: Array,
        weight: Array,
        bias: Array = None,
        *,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: Any = 1,  # noqa: ARG001  # the signature of the plain rule; covered is 1
    ) -> OutputAndBackward:
        """Convolve as a chain of one layer."""
        size = (x.shape[2], x.shape[3])
        window = Window.of(weight.shape[2:], stride, padding, dilation, size=size)
        y, backward_chain = run_chain(x, [weight], [bias], window, [False])

        def backward(grad_y: Array) -> tuple[Gradient, ...]:
            grad_x, (grad_weight,), (grad_bias,) = backward_chain(grad_y)
            return grad_x, grad_weight, grad_bias

        return y, backward

    @mlpconv.accelerate(library, covers_mlpconv)
    def fast_mlpconv(
        x: Array,
        weights: list[Array],
        biases: list[Array],
        *,
        stride: Any = 1,
        padding: Any = 0,
        final_relu: bool = True,
    ) -> OutputAndBackward:
        """Run the whole layer as one chain."""
        size = (x.shape[2], x.shape[3])
        window = Window.of(weights[0].shape[2:], stride, padding, size=size)
        relus = [True] * (len(weights) - 1) + [bool(final_relu)]
        return run_chain(x, weights, biases, window, relus)


def lazy_gradients(
    walk: Callable[[bool], tuple[Any, list[Array], list[Array]]], has_bias: list[bool]
) -> tuple[Gradient, list[Gradient], list[Gradient]]:
    """Make the gradients of a backward; one walk over the layers serves all that are asked for.

    The engine asks for x first if x needs its gradient; otherwise the walk leaves it out.

    Args:
        walk: called with whether x's gradient is wanted; returns it, or None, and the lists of
            the weights' and the biases' gradients.
        has_bias: for each layer.
    """
    found: list[Any] = []

    def gradients(wants_x: bool) -> Any:
        if not found or (wants_x and found[0] is None):
            found[:] = walk(wants_x)
        return found

    def lazy(kind: int, layer: int) -> Gradient:
        def grad_of_layer() -> Array:
            return gradients(False)[kind][layer]

        return grad_of_layer

    def grad_x() -> Array:
        return gradients(True)[0]

    weights = [lazy(1, layer) for layer in range(len(has_bias))]
    biases = [lazy(2, layer) if has else None for layer, has in enumerate(has_bias)]
    return grad_x, weights, biases
