"""Every op against its counterpart in PyTorch: same inputs, outputs and gradients to 1e-10.

The arguments are those of the laws. What PyTorch refuses is put another way or left out:

- asymmetric padding, and "same" with a stride: a border is put on before, by F.pad;
- for max pooling that border is of -inf; with ceil_mode it would count as image: left out;
- for average pooling the border would count as image: asymmetric padding is left out;
- reductions over no axis, which PyTorch reads as over all; indexing backwards: flip;
- dropout: two random streams cannot agree, but where p is 0 or 1, or training False, they do;
- several NaN in one window of max pooling: the first has the gradient here, the last there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

import minin
from minin import ops
from minin.shapes import Window
from tests.cases import CASES, is_float
from tests.test_rule_laws import op_named

pytestmark = pytest.mark.peers
Peer = Callable[..., Any]


class RefusedError(Exception):
    """PyTorch has no such call."""


def torch() -> Any:
    """Import PyTorch here, so that without it the other tests can be collected."""
    import torch as library

    return library


def functional() -> Any:
    return torch().nn.functional


def framed(x: Any, padding: Any, window: Window | None = None, value: float = 0.0) -> Any:
    """Put on the border that `padding` asks for, however it is spelt."""
    (top, bottom), (left, right) = (window or Window.of(1, padding=padding)).padding
    return functional().pad(x, (left, right, top, bottom), value=value)


def window_of(x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any = 1) -> Window:
    return Window.of(kernel, stride, padding, dilation, size=tuple(x.shape[2:]))


def conv2d(x: Any, weight: Any, bias: Any, stride: Any, padding: Any, **rest: Any) -> Any:
    window = window_of(x, tuple(weight.shape[2:]), stride, padding, rest.get("dilation", 1))
    return functional().conv2d(framed(x, None, window), weight, bias, stride, **rest)


def mlpconv(x: Any, weights: Any, biases: Any, final_relu: bool, **window: Any) -> Any:
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        x = conv2d(x, weight, bias, **(window if layer == 0 else {"stride": 1, "padding": 0}))
        if final_relu or layer < len(weights) - 1:
            x = functional().relu(x)
    return x


def im2col(x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    window = window_of(x, kernel_size, stride, padding, dilation)
    image = framed(x, None, window)
    return functional().unfold(image, kernel_size, dilation, 0, stride)


def col2im(
    cols: Any, output_size: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any
) -> Any:
    window = Window.of(kernel_size, stride, padding, dilation, size=output_size)
    (h, w), ((top, bottom), (left, right)) = output_size, window.padding
    framed_size = (h + top + bottom, w + left + right)
    image = functional().fold(cols, framed_size, kernel_size, dilation, 0, stride)
    return image[:, :, top : top + h, left : left + w]


def max_pool2d(x: Any, padding: Any, ceil_mode: bool, **rest: Any) -> Any:
    if isinstance(padding, tuple) and any(lo != hi for lo, hi in as_sides(padding)):
        if ceil_mode:
            raise RefusedError
        return functional().max_pool2d(framed(x, padding, value=-np.inf), **rest)
    (rows, _), (columns, _) = as_sides(padding)
    return functional().max_pool2d(x, padding=(rows, columns), ceil_mode=ceil_mode, **rest)


def avg_pool2d(x: Any, padding: Any, **rest: Any) -> Any:
    sides = as_sides(padding)
    if any(low != high for low, high in sides):
        raise RefusedError
    return functional().avg_pool2d(x, padding=(sides[0][0], sides[1][0]), **rest)


def as_sides(padding: Any) -> Any:
    return Window.of(1, padding=padding).padding


def reduced(name: str) -> Peer:
    def call(x: Any, axis: Any, keepdims: bool) -> Any:
        if axis == ():
            return x * 1  # PyTorch reads an empty tuple as all axes
        axes = tuple(range(x.ndim)) if axis is None else axis
        return getattr(torch(), name)(x, axes, keepdims) if axes != () else x * 1

    return call


def transpose(x: Any, axes: Any) -> Any:
    return x.permute(tuple(reversed(range(x.ndim))) if axes is None else axes)


def getitem(x: Any, key: Any) -> Any:
    parts = key if isinstance(key, tuple) else (key,)
    backwards = any(isinstance(p, slice) and p.step == -1 for p in parts)
    return x.flip(parts.index(slice(None, None, -1))) if backwards else x[key]


def dropout(x: Any, p: float, training: bool, **_: int) -> Any:
    if training and 0 < p < 1:
        raise RefusedError
    return functional().dropout(x, p, training)


PEERS: dict[str, Peer] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": lambda x, y: x**y,
    "negative": lambda x: -x,
    "getitem": getitem,
    "matmul": lambda x, y: torch().matmul(x, y),
    "sum": reduced("sum"),
    "mean": reduced("mean"),
    "max": reduced("amax"),
    "reshape": lambda x, shape: x.reshape(shape),
    "transpose": transpose,
    "flatten": lambda x, start_dim: torch().flatten(x, start_dim),
    "concatenate": lambda xs, axis: torch().cat(xs, axis),
    "pad2d": lambda x, padding, value: framed(x, padding, value=value),
    "where": lambda mask, x, y: torch().where(mask, x, y),
    "relu": lambda x: functional().relu(x),
    "leaky_relu": lambda x, negative_slope: functional().leaky_relu(x, negative_slope),
    "sigmoid": lambda x: torch().sigmoid(x),
    "tanh": lambda x: torch().tanh(x),
    "exp": lambda x: torch().exp(x),
    "log": lambda x: torch().log(x),
    "sqrt": lambda x: torch().sqrt(x),
    "abs": lambda x: torch().abs(x),
    "maximum": lambda x, y: torch().maximum(x, y),
    "linear": lambda x, weight, bias: functional().linear(x, weight, bias),
    "im2col": im2col,
    "col2im": col2im,
    "conv2d": conv2d,
    "mlpconv": mlpconv,
    "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d,
    "global_avg_pool2d": lambda x: functional().adaptive_avg_pool2d(x, 1).flatten(1),
    "softmax": lambda x, axis: torch().softmax(x, axis),
    "log_softmax": lambda x, axis: torch().log_softmax(x, axis),
    "cross_entropy": lambda logits, target, **given: functional().cross_entropy(
        logits, target, **given
    ),
    "mse_loss": lambda x, target, reduction: functional().mse_loss(x, target, reduction=reduction),
    "dropout": dropout,
}


def test_every_op_has_its_peer() -> None:
    assert set(PEERS) == set(CASES)


def ours(x: Any, leaves: list[Any]) -> Any:
    if isinstance(x, list):
        return [ours(y, leaves) for y in x]
    if not is_float(x):
        return x
    leaves.append(minin.tensor(x, requires_grad=True))
    return leaves[-1]


def theirs(x: Any, leaves: list[Any]) -> Any:
    if isinstance(x, list):
        return [theirs(y, leaves) for y in x]
    if not isinstance(x, np.ndarray):
        return x
    tensor = torch().from_numpy(x.copy())
    if is_float(x):
        leaves.append(tensor.requires_grad_())
    return tensor


def demand_equal(mine: Any, its: Any) -> None:
    np.testing.assert_allclose(mine, its, rtol=1e-10, atol=1e-10, strict=True)


def compare(name: str, arrays: list[Any], parameters: dict[str, Any], seed: int) -> None:
    """Run both, forward and back, and demand that all numbers agree."""
    mine: list[Any] = []
    its: list[Any] = []
    wanted = PEERS[name](*[theirs(a, its) for a in arrays], **parameters)
    y = op_named(name)(*[ours(a, mine) for a in arrays], **parameters)
    demand_equal(y.numpy(), wanted.detach().numpy())
    grad = np.random.default_rng(seed).normal(size=y.shape)
    y.backward(grad)
    wanted.backward(torch().from_numpy(np.asarray(grad)))
    assert any(leaf.grad is not None for leaf in its)
    for leaf, peer in zip(mine, its, strict=True):
        demand_equal(leaf.grad, np.zeros(leaf.shape) if peer.grad is None else peer.grad.numpy())


@pytest.mark.parametrize("name", PEERS)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_outputs_and_gradients_agree_to_1e_10(name: str, data: st.DataObject, seed: int) -> None:
    arguments = data.draw(CASES[name].draw)
    try:
        compare(name, arguments.arrays, arguments.parameters, seed)
    except RefusedError:
        reject()


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("size", [7, 8, 15, 32])
def test_the_published_poolings_agree(size: int, ceil_mode: bool) -> None:
    x = np.random.default_rng(size).normal(size=(2, 3, size, size))
    window = {"kernel_size": 3, "stride": 2, "padding": 0, "ceil_mode": ceil_mode}
    compare("max_pool2d", [x], window | {"dilation": 1}, 0)
    compare("avg_pool2d", [x], window | {"count_include_pad": True}, 0)


@pytest.mark.parametrize("fill", [0.0, -np.inf, np.inf])
@pytest.mark.parametrize("padding", [0, 1])
def test_ties_agree_in_max_pooling(fill: float, padding: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (2, 2, 7, 7)).astype(np.float64)
    x[rng.random(x.shape) < 0.6] = fill
    x[0, 0, :4] = fill  # whole windows of it
    window = {"kernel_size": 3, "stride": 2, "padding": padding, "ceil_mode": True}
    compare("max_pool2d", [x], window, 0)


def test_one_nan_in_a_window_agrees_in_max_pooling() -> None:
    x = np.random.default_rng(0).normal(size=(1, 1, 7, 7))
    x[0, 0, 1, 1] = x[0, 0, 4, 6] = x[0, 0, 6, 0] = np.nan
    window = {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}
    compare("max_pool2d", [x], window, 0)


@pytest.mark.parametrize("name", ["maximum", "max", "abs", "relu", "leaky_relu"])
def test_slopes_at_ties_and_zeros_agree(name: str) -> None:
    x = np.array([[0.0, 2.0, 2.0], [-1.0, 0.0, -1.0]])
    others: dict[str, tuple[list[Any], dict[str, Any]]] = {
        "maximum": ([x, np.array([0.0, 2.0, 3.0])], {}),
        "max": ([x], {"axis": 1, "keepdims": False}),
        "leaky_relu": ([x], {"negative_slope": 0.1}),
    }
    arrays, parameters = others.get(name, ([x], {}))
    compare(name, arrays, parameters, 0)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_huge_logits_agree(smoothing: float) -> None:
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 3.0]])
    given_ = {"reduction": "mean", "label_smoothing": smoothing}
    compare("cross_entropy", [logits, np.array([0, 0])], given_, 0)


def test_a_convolution_as_large_as_the_papers_agrees() -> None:
    rng = np.random.default_rng(0)
    x, weight, bias = rng.normal(size=(2, 3, 32, 32)), rng.normal(size=(24, 3, 5, 5)), np.ones(24)
    window = {"stride": 1, "padding": 2, "dilation": 1, "groups": 1}
    compare("conv2d", [x, weight, bias], window, 0)


# ---- what PyTorch's own samples of these ops hold beyond the laws' arguments ---------------------


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("shape", "outputs"), [((3,), 4), ((2, 3, 3), 4), ((2, 3, 8), 8), ((2, 1, 2, 1, 2), 4)]
)
def test_linear_of_any_number_of_axes_agrees(
    shape: tuple[int, ...], outputs: int, bias: bool
) -> None:
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=shape), rng.normal(size=(outputs, shape[-1]))
    compare("linear", [x, weight, rng.normal(size=outputs) if bias else None], {}, 0)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize(("shape", "axis"), [((5, 0, 0), -1), ((0, 5), 1), ((), 0), ((), -1)])
def test_softmax_of_an_empty_axis_and_of_no_axis_agrees(
    name: str, shape: tuple[int, ...], axis: int
) -> None:
    x = np.asarray(np.random.default_rng(0).normal(size=shape))
    compare(name, [x], {"axis": axis}, 0)


@pytest.mark.parametrize("padding", [(2,), [1], (0,)])
@pytest.mark.parametrize("stride", [(2,), [3], None])
def test_poolings_with_tuples_of_one_agree(padding: Any, stride: Any) -> None:
    x = np.random.default_rng(0).normal(size=(1, 2, 6, 6))
    window = {"kernel_size": (4,), "stride": stride, "padding": padding, "ceil_mode": True}
    its = torch().from_numpy(x)
    for name, pool in (("avg_pool2d", ops.avg_pool2d), ("max_pool2d", ops.max_pool2d)):
        wanted = getattr(functional(), name)(its, **window)
        demand_equal(pool(x, **window).numpy(), wanted.numpy())
