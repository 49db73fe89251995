"""Numbers that change between forward and backward: an error, or the gradient of what was computed.

Never the gradient of anything else, whichever array the rule happens to keep: an input that lies
channels last is kept as it is, one that does not is copied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minin
from minin import Tensor, autograd, ops, optim
from minin.errors import ChangedInPlaceError
from minin.fast.cpu import chain, plan
from minin.fast.cpu.winograd import Winograd
from tests.choice import mostly_thorough
from tests.fast.cpu.calls import Call, Leaves, apply, cotangent, leaves_of
from tests.fast.cpu.helpers import Array, laid_out, limits


def drawn(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).uniform(-1.5, 1.5, shape)


def convolution(op: str, *shapes: tuple[int, ...], bias: bool = True, **parameters: Any) -> Call:
    x, *weights = (drawn(*shape) for shape in shapes)
    biases = [drawn(len(w)) if bias else None for w in weights]
    return Call(op, x, list(weights), biases, parameters)


X = (2, 3, 7, 6)
CALLS: dict[str, Call] = {
    "conv2d": convolution("conv2d", X, (4, 3, 3, 3), padding=1),
    "conv2d without border": convolution("conv2d", X, (4, 3, 3, 3), bias=False),
    "conv2d of one map": convolution("conv2d", X, (1, 3, 3, 3), stride=2),
    "conv2d of one channel": convolution("conv2d", (2, 1, 7, 6), (4, 1, 2, 2)),
    "conv2d of one pixel": convolution("conv2d", X, (4, 3, 1, 1)),
    "conv2d of one pixel, one map": convolution("conv2d", X, (1, 3, 1, 1)),
    "conv2d of one pixel, one channel": convolution("conv2d", (2, 1, 7, 6), (4, 1, 1, 1)),
    "conv2d of one pixel, one of all": convolution("conv2d", (1, 1, 1, 1), (1, 1, 1, 1)),
    "conv2d by Winograd": convolution("conv2d", X, (4, 3, 3, 3), padding=1),
    "conv2d by Winograd, one map": convolution("conv2d", X, (1, 3, 3, 3), padding=((0, 1), (2, 1))),
    "conv2d by Winograd, one channel": convolution("conv2d", (2, 1, 7, 6), (4, 1, 5, 5), padding=2),
    "mlpconv": convolution("mlpconv", X, (4, 3, 3, 3), (5, 4, 1, 1), (2, 5, 1, 1), padding=1),
    "mlpconv without its last ReLU": convolution(
        "mlpconv", X, (4, 3, 3, 3), (5, 4, 1, 1), final_relu=False
    ),
    "mlpconv of one layer": convolution("mlpconv", X, (4, 3, 3, 3)),
    "mlpconv of single maps": convolution("mlpconv", X, (1, 3, 1, 1), (1, 1, 1, 1), (3, 1, 1, 1)),
    "mlpconv by Winograd": convolution("mlpconv", X, (4, 3, 3, 3), (2, 4, 1, 1), padding=1),
    "max_pool2d": Call("max_pool2d", drawn(*X), parameters={"kernel_size": 3, "stride": 2}),
    "max_pool2d without overlap": Call("max_pool2d", drawn(*X), parameters={"kernel_size": 2}),
    "dropout": Call("dropout", drawn(*X), parameters={"rng": 0}),
    "dropout of all": Call("dropout", drawn(*X), parameters={"p": 1.0, "rng": 0}),
    "relu": Call("relu", drawn(*X)),
}


def change_in_place(tensor: Tensor) -> None:
    tensor.data *= -0.5


def change_by_another_array(tensor: Tensor) -> None:
    tensor.data = tensor.data * -0.5


def step_of_an_optimiser(tensor: Tensor) -> None:
    tensor.grad = np.ones_like(tensor.data)
    optim.SGD([tensor], lr=0.3).step()
    tensor.grad = None


WAYS: dict[str, Callable[[Tensor], None]] = {
    "in place": change_in_place,
    "by another array": change_by_another_array,
    "by an optimiser": step_of_an_optimiser,
}


def leaves_in(call: Call, layout: str) -> Leaves:
    leaves = leaves_of(call)
    for leaf in leaves.all:
        leaf._data = laid_out(leaf._data, layout).copy("K")
    return leaves


def targets(call: Call) -> list[str]:
    names = ["x", "y"]
    for layer in range(len(call.weights)):
        names += [f"weight {layer}"] + [f"bias {layer}"] * (call.biases[layer] is not None)
    return names


def target_of(name: str, leaves: Leaves, y: Tensor) -> Tensor:
    if name in ("x", "y"):
        return {"x": leaves.x, "y": y}[name]
    kind, layer = name.split()
    found = (leaves.weights if kind == "weight" else leaves.biases)[int(layer)]
    assert found is not None
    return found


ROWS = [(name, target) for name, call in CALLS.items() for target in targets(call)]


def forward(name: str, leaves: Leaves) -> Tensor:
    with pytest.MonkeyPatch.context() as patch, autograd.record() as tape:
        made = []

        def watched(*arguments: Any) -> Winograd:
            made.append(arguments)
            return Winograd(*arguments)

        patch.setattr(chain, "Winograd", watched)
        if "Winograd" in name:
            patch.setattr(plan, "winograd_outputs", lambda *_: 4)
        y = apply(CALLS[name], leaves)
        assert bool(made) == ("Winograd" in name)
    assert tape.steps[0].kind == "fast"
    return y


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "layout", mostly_thorough(["as it is", "channels last", "fortran"], lambda w: w == "as it is")
)
@pytest.mark.parametrize(("name", "target"), ROWS)
def test_a_change_is_an_error_or_does_no_harm(
    name: str, target: str, layout: str, way: str
) -> None:
    call = CALLS[name]
    right = leaves_in(call, layout)
    y = forward(name, right)
    slope = cotangent(call, y)
    y.backward(slope)

    leaves = leaves_in(call, layout)
    y = forward(name, leaves)
    changed = target_of(target, leaves, y)
    before = changed.data.copy()
    WAYS[way](changed)
    assert np.any(changed.data != before) or not before.any(), "nothing was changed"
    refused = ""
    try:
        y.backward(slope)
    except ChangedInPlaceError as error:
        refused = str(error)
    if refused:
        assert refused.startswith(f"{call.op}: ")
        assert [leaf.grad for leaf in leaves.all] == [None] * len(leaves.all)
        return
    for leaf, wanted in zip(leaves.all, right.all, strict=True):
        np.testing.assert_array_equal(leaf.grad, wanted.grad)


@pytest.mark.parametrize("name", [n for n in CALLS if CALLS[n].weights])
def test_a_step_between_two_batches_is_no_mistake(name: str) -> None:
    """Forward, backward, step, forward, backward: as every loop does it."""
    call = CALLS[name]
    leaves = leaves_of(call)
    y = forward(name, leaves)
    slope = cotangent(call, y)
    y.backward(slope)
    for leaf in leaves.all:
        leaf.data -= 0.01 * leaf.grad
        leaf.grad = None
    twins = leaves_of(call)
    for twin, leaf in zip(twins.all, leaves.all, strict=True):
        twin.data = leaf.data.copy()
    for these in (leaves, twins):
        forward(name, these).backward(slope)
    for leaf, twin in zip(leaves.all, twins.all, strict=True):
        np.testing.assert_array_equal(leaf.grad, twin.grad)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("layout", ["as it is", "channels last"])
def test_what_was_computed_may_change_when_backward_is_over(name: str, layout: str) -> None:
    """A leaf's gradient is its own: no later call writes into it, and it into nothing."""
    call = CALLS[name]
    leaves = leaves_in(call, layout)
    y = forward(name, leaves)
    slope = cotangent(call, y)
    y.backward(slope)
    kept = [leaf.grad.copy() for leaf in leaves.all]
    again = leaves_in(call, layout)
    z = forward(name, again)
    z.backward(100 * slope)
    z.data *= 0
    for leaf, before in zip(leaves.all, kept, strict=True):
        np.testing.assert_array_equal(leaf.grad, before)
        leaf.grad *= 0  # would raise if it were read-only
    for one in leaves.all:
        for other in again.all:
            assert not np.may_share_memory(one.grad, other.grad)


@pytest.mark.parametrize("cached", [1, plan.CACHED])
@pytest.mark.parametrize("layout", ["as it is", "channels last"])
def test_numbers_written_behind_the_tensors_back_leave_another_call_alone(
    cached: int, layout: str
) -> None:
    """Two calls share an input; what one computes is not what the other keeps."""
    call = CALLS["mlpconv"]
    with limits(CACHED=cached):
        one, two = leaves_in(call, layout), leaves_in(call, layout)
        shared = one.x
        first = forward("mlpconv", one)
        second = apply(call, Leaves(shared, two.weights, two.biases))
        slope = cotangent(call, first)
        second.backward(slope)
        alone = shared.grad.copy()
        first.backward(slope)
    np.testing.assert_array_equal(shared.grad, 2 * alone)
    for mine, others in zip(one.weights, two.weights, strict=True):
        np.testing.assert_array_equal(mine.grad, others.grad)


def test_the_error_says_which_argument() -> None:
    x = minin.tensor(laid_out(drawn(*X), "as it is"), requires_grad=True)
    y = ops.max_pool2d(x, 2).sum()
    x.data -= 1.0
    with pytest.raises(ChangedInPlaceError, match=r"^max_pool2d: x was changed in place"):
        y.backward()
