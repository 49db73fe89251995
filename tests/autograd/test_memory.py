"""What stays alive, and for how long: only what a rule mentions, only until it has run."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import minin
from minin import Tensor, differentiable, no_grad, ops
from minin.autograd.operators import OutputAndBackward
from minin.backend import Array

rng = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    """Memory has to go by itself, not when Python next looks for cycles."""
    gc.disable()
    yield
    gc.enable()


class Thing:
    """Something that a weak reference can watch."""


def chain(things: list[weakref.ref[Thing]], alive: list[list[bool]]) -> tuple[Tensor, Tensor]:
    """Three rules; each keeps a thing, and in backward notes which things still live."""

    @differentiable
    def keeping(x: Array) -> OutputAndBackward:
        thing = Thing()
        things.append(weakref.ref(thing))

        def backward(grad_y: Array) -> tuple[Any, ...]:
            assert thing is not None
            alive.append([ref() is not None for ref in things])
            return (grad_y,)

        return x * 1, backward

    x = minin.tensor([1.0], requires_grad=True)
    return x, keeping(keeping(keeping(x)))


def test_each_closure_is_dropped_as_soon_as_it_has_run() -> None:
    things: list[weakref.ref[Thing]] = []
    alive: list[list[bool]] = []
    _, loss = chain(things, alive)
    loss.backward()
    assert alive == [[True, True, True], [True, True, False], [True, False, False]]
    assert [ref() for ref in things] == [None, None, None]


def test_retain_graph_drops_none() -> None:
    things: list[weakref.ref[Thing]] = []
    _, loss = chain(things, [])
    loss.backward(retain_graph=True)
    assert all(ref() is not None for ref in things)


def test_without_backward_all_goes_with_the_loss() -> None:
    things: list[weakref.ref[Thing]] = []
    _, loss = chain(things, [])
    del loss
    assert [ref() for ref in things] == [None, None, None]


def test_under_no_grad_nothing_is_kept() -> None:
    things: list[weakref.ref[Thing]] = []
    with no_grad():
        _, result = chain(things, [])
    assert [ref() for ref in things] == [None, None, None]
    assert not result.requires_grad


def test_upstream_gradients_go_too() -> None:
    cotangents: list[weakref.ref[Any]] = []
    alive: list[bool] = []

    @differentiable
    def watching(x: Array) -> OutputAndBackward:
        def backward(grad_y: Array) -> tuple[Any, ...]:
            alive.extend(ref() is not None for ref in cotangents)
            new = grad_y * 2
            cotangents.append(weakref.ref(new))
            return (new,)

        return x * 1, backward

    watching(watching(watching(minin.tensor([1.0], requires_grad=True)))).backward()
    assert alive == [True, False, True]  # what arrives is alive, what came before is not


# One intermediate h of shape (2, 3, 4, 4): its numbers are of no use to these in backward.
NEEDLESS: dict[str, Callable[[Tensor], Tensor]] = {
    "add": lambda h: h + 1.0,
    "subtract": lambda h: 1.0 - h,
    "negative": lambda h: -h,
    "sum": lambda h: h.sum(axis=0),
    "mean": lambda h: h.mean(),
    "relu": ops.relu,
    "leaky_relu": ops.leaky_relu,
    "abs": ops.abs,
    "exp": ops.exp,
    "sqrt": ops.sqrt,
    "tanh": ops.tanh,
    "sigmoid": ops.sigmoid,
    "softmax": ops.softmax,
    "log_softmax": ops.log_softmax,
    "max": lambda h: ops.max(h, axis=1),
    "maximum": lambda h: ops.maximum(h, 0.5),
    "where": lambda h: ops.where(rng.random((2, 3, 4, 4)) < 0.5, h, 0.0),
    "concatenate": lambda h: ops.concatenate([h, h]),
    "pad2d": lambda h: ops.pad2d(h, 1),
    "dropout": lambda h: ops.dropout(h, 0.5, rng=0),
    "im2col": lambda h: ops.im2col(h, 2),
    "conv2d of more than one pixel": lambda h: ops.conv2d(h, np.ones((1, 3, 2, 2))),
    "max_pool2d": lambda h: ops.max_pool2d(h, 2),
    "avg_pool2d": lambda h: ops.avg_pool2d(h, 2),
    "global_avg_pool2d": ops.global_avg_pool2d,
    "cross_entropy": lambda h: ops.cross_entropy(h[:, :, 0, 0], np.array([0, 1])),
    "mse_loss": lambda h: ops.mse_loss(h, np.zeros((2, 3, 4, 4))),
}


@pytest.mark.usefixtures("plain_rules")
@pytest.mark.parametrize("name", NEEDLESS)
def test_an_op_does_not_keep_an_intermediate_that_it_has_no_use_for(name: str) -> None:
    x = minin.tensor(rng.random((2, 3, 4, 4)), requires_grad=True)
    h = x + 1.0
    watched = weakref.ref(h.data)
    y = NEEDLESS[name](h)
    del h
    assert watched() is None, f"{name} keeps its argument alive"
    y.sum().backward()
    assert x.grad is not None


def test_an_op_keeps_an_intermediate_that_it_has_use_for() -> None:
    """The other test could pass because weak references see nothing."""
    h = minin.tensor([1.0], requires_grad=True) + 1.0
    watched = weakref.ref(h.data)
    y = ops.log(h)
    del h
    assert watched() is not None
    y.backward()
    assert watched() is None


def test_a_one_by_one_convolution_copies_no_image() -> None:
    """What it keeps for backward is the image itself, seen as columns."""
    h = minin.tensor(rng.random((2, 3, 4, 4)), requires_grad=True) + 1.0
    cols = ops.conv2d.rule(h.data, np.ones((5, 3, 1, 1)))[1].__closure__
    kept = [c.cell_contents for c in cols if isinstance(c.cell_contents, np.ndarray)]
    images = [array for array in kept if array.size == h.data.size]
    assert images
    assert all(np.shares_memory(array, h.data) for array in images)


def test_backward_frees_memory_while_it_runs() -> None:
    """At no time are more than a few of forty large arrays alive beside the graph's own."""
    import tracemalloc

    x = minin.tensor(np.ones(50_000), requires_grad=True)
    u = x
    for _ in range(40):
        u = ops.sigmoid(u)  # keeps its output
    loss = u.sum()
    del u
    tracemalloc.start()
    try:
        loss.backward()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * x.data.nbytes
