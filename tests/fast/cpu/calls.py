"""Whole calls of ops on drawn arguments, by the fast rule and by the book."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

import minin
from minin import Tensor, autograd, ops
from tests.fast.cpu.helpers import Array

seeds = st.integers(0, 2**32 - 1)
small = st.integers(1, 3)


@dataclass
class Call:
    """One call of an op with its numbers.

    Attributes:
        op: its name.
        x: (N, C, H, W).
        weights: of each layer, none for ops without.
        biases: an array or None for each of the weights.
        parameters: the op's others.
        seed: of the cotangent.
    """

    op: str
    x: Array
    weights: list[Array] = field(default_factory=list)
    biases: list[Array | None] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    seed: int = 0


class Leaves(NamedTuple):
    """The tensors of a call."""

    x: Tensor
    weights: list[Tensor]
    biases: list[Tensor | None]

    @property
    def all(self) -> list[Tensor]:
        """All of them in one list."""
        return [self.x, *self.weights, *(b for b in self.biases if b is not None)]


def leaves_of(call: Call, dtype: str = "float64", needed: Any = None) -> Leaves:
    """Make fresh tensors; ``needed`` tells which want a gradient, all if it is None."""

    def leaf(a: Array) -> Tensor:
        return minin.tensor(a.astype(dtype), requires_grad=True)

    x, weights = leaf(call.x), [leaf(a) for a in call.weights]
    leaves = Leaves(x, weights, [None if a is None else leaf(a) for a in call.biases])
    if needed is not None:
        for tensor, wanted in zip(leaves.all, needed, strict=False):
            tensor.requires_grad = wanted
    return leaves


def apply(call: Call, leaves: Leaves) -> Tensor:
    """Call the op."""
    if call.op == "mlpconv":
        return ops.mlpconv(leaves.x, leaves.weights, leaves.biases, **call.parameters)
    if call.op == "conv2d":
        return ops.conv2d(leaves.x, leaves.weights[0], leaves.biases[0], **call.parameters)
    return getattr(ops, call.op)(leaves.x, **call.parameters)  # type: ignore[no-any-return]


class Done(NamedTuple):
    """What a call computed."""

    y: Array
    gradients: list[Array | None]
    step: autograd.Step


def done(call: Call, mode: str = "fast", dtype: str = "float64", needed: Any = None) -> Done:
    """Run a call forward and back by the rules of a mode."""
    leaves = leaves_of(call, dtype, needed)
    with minin.rules(mode), autograd.record() as tape:
        y = apply(call, leaves)
    if y.requires_grad:
        y.backward(cotangent(call, y).astype(dtype))
    return Done(y.data, [leaf.grad for leaf in leaves.all], tape.steps[0])


def cotangent(call: Call, y: Tensor) -> Array:
    """Slopes of the output, never all ones."""
    return np.random.default_rng(call.seed + 1).standard_normal(y.shape)


@st.composite
def chains(draw: st.DrawFn, op: str = "mlpconv", square: bool = False) -> Call:
    """Draw an mlpconv of 1 to 4 layers, or a conv2d; the first layer may be pointwise."""
    pointwise = not square and draw(st.integers(0, 3)) == 0
    kernel: Any = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    parameters: dict[str, Any] = {}
    if square:
        kernel = draw(st.sampled_from([(3, 3), (5, 5)]))
    if pointwise:
        kernel = (1, 1)
    else:
        edge = st.tuples(st.integers(0, 3), st.integers(0, 3))
        parameters["padding"] = (draw(edge), draw(edge))
    if not pointwise and not square:
        parameters["stride"] = (draw(small), draw(small))
        if op == "conv2d":
            parameters["dilation"] = (draw(st.integers(1, 2)), draw(st.integers(1, 2)))
    reach = np.array(kernel) * 2 if "dilation" in parameters else kernel
    rng = np.random.default_rng(draw(seeds))
    n, c = draw(st.integers(1, 4)), draw(small)
    h, w = (int(k) + draw(st.integers(0, 8)) for k in reach)
    layers = 1 if op == "conv2d" else draw(st.integers(1, 4))
    widths = [draw(small) for _ in range(layers)]
    weights, biases, before = [], [], c
    for layer, width in enumerate(widths):
        size = kernel if layer == 0 else (1, 1)
        weights.append(rng.standard_normal((width, before, *size)))
        biases.append(rng.standard_normal(width) if draw(st.booleans()) else None)
        before = width
    if op == "mlpconv":
        parameters["final_relu"] = draw(st.booleans())
    x = rng.standard_normal((n, c, h, w))
    return Call(op, x, weights, biases, parameters, draw(st.integers(0, 999)))


either = st.one_of(chains("mlpconv"), chains("conv2d"))
