"""A chain of layers is the book's, in any cut, for whichever gradients are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minin
from minin import autograd, ops
from minin.errors import GraphFreedError, MininError
from minin.fast.cpu import chain, plan
from minin.fast.cpu.chain import run_chain
from minin.fast.cpu.winograd import Winograd
from minin.shapes import Window
from tests.choice import examples
from tests.fast.cpu.calls import Call, apply, chains, cotangent, done, either, leaves_of
from tests.fast.cpu.helpers import Array, assert_near, dirty_scratch, limits, workers

# Bytes of a tile: one row of outputs at a time, a few rows, a few images, all at once.
caches = st.sampled_from([1, 300, 4000, plan.CACHED])
counts = st.sampled_from([1, 3])


# ---- the numbers --------------------------------------------------------------------------------


def check_like_the_book(call: Call, mode: str, tolerance: float) -> None:
    dirty_scratch()
    mine, books = done(call, mode), done(call, "plain")
    assert (mine.step.kind, books.step.kind) == ("fast", "plain")
    assert_near(mine.y, books.y, tolerance)
    for got, wanted in zip(mine.gradients, books.gradients, strict=True):
        assert got is not None
        assert wanted is not None
        assert_near(got, wanted, tolerance)


@settings(max_examples=examples(80))
@given(call=either, cached=caches, count=counts)
def test_by_im2col_the_numbers_are_the_books(call: Call, cached: int, count: int) -> None:
    with limits(CACHED=cached, ALONE=64), workers(count):
        check_like_the_book(call, "im2col", 1e-12)


@settings(max_examples=examples(40))
@given(
    call=st.one_of(chains("mlpconv", square=True), chains("conv2d", square=True)),
    cached=caches,
    shared=st.sampled_from([1, 30_000, plan.SHARED]),
    count=counts,
)
def test_by_winograd_the_numbers_are_the_books(
    call: Call, cached: int, shared: int, count: int
) -> None:
    made = []

    class Watched(Winograd):
        def __init__(self, *arguments: Any) -> None:
            made.append(arguments)
            super().__init__(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain, "Winograd", Watched)
        patch.setattr(plan, "winograd_outputs", lambda *_: 4)  # whatever it costs
        with limits(CACHED=cached, SHARED=shared, ALONE=64), workers(count):
            check_like_the_book(call, "fast", 1e-10)
    assert len(made) == 1


@given(call=either, dtype=st.sampled_from(["float32", "float64"]))
def test_types_are_kept(call: Call, dtype: str) -> None:
    found = done(call, "fast", dtype)
    arrays = [found.y, *found.gradients]
    assert {str(a.dtype) for a in arrays if a is not None} == {dtype}
    wanted = done(call, "plain", "float64")
    assert_near(found.y, wanted.y, 1e-4 if dtype == "float32" else 1e-10)


@given(call=either, cached=caches)
def test_the_output_is_channels_last_in_memory(call: Call, cached: int) -> None:
    """So that the next layer copies nothing."""
    with limits(CACHED=cached):
        y = done(call).y
    assert y.transpose(0, 2, 3, 1).flags.c_contiguous


# ---- which gradients, when, and how often -------------------------------------------------------


@settings(max_examples=examples(40))
@given(call=either, cached=caches, needed=st.lists(st.booleans(), min_size=9, max_size=9))
def test_any_of_the_gradients_may_be_all_that_is_wanted(
    call: Call, cached: int, needed: list[bool]
) -> None:
    with limits(CACHED=cached):
        whole, some = done(call), done(call, needed=needed)
    np.testing.assert_array_equal(some.y, whole.y)
    for wanted, got, right in zip(needed, some.gradients, whole.gradients, strict=False):
        assert (got is not None) == wanted
        if got is not None:
            np.testing.assert_array_equal(got, right)


@settings(max_examples=examples(40))
@given(call=either, cached=caches, data=st.data())
def test_entries_may_be_asked_for_in_any_order(
    call: Call, cached: int, data: st.DataObject
) -> None:
    """And again: the engine may not, but a rule's contract names no order."""
    window = {k: v for k, v in call.parameters.items() if k != "final_relu"}
    layers = len(call.weights)
    last = bool(call.parameters.get("final_relu", False))
    relus = [True] * (layers - 1) + [last]
    kernel, size = call.weights[0].shape[2:], (call.x.shape[2], call.x.shape[3])
    spelt = Window.of(kernel, **window, size=size)
    with limits(CACHED=cached):
        y, backward = run_chain(call.x, call.weights, call.biases, spelt, relus)
        grad = np.random.default_rng(call.seed + 1).standard_normal(y.shape)
        grad_x, grad_weights, grad_biases = backward(grad)
        entries = [grad_x, *grad_weights, *grad_biases]
        order = data.draw(st.permutations(range(len(entries))))
        found: dict[int, Array] = {}
        for place in [*order, *order[:2]]:
            if entries[place] is not None:
                got = entries[place]()
                if place in found:
                    np.testing.assert_array_equal(got, found[place])
                found[place] = np.array(got)
        right = done(call).gradients
    for place, entry in enumerate(entries[layers + 1 :]):
        assert (entry is None) == (call.biases[place] is None)
    for place, wanted in zip(sorted(found), right, strict=True):
        np.testing.assert_array_equal(found[place], wanted)


@given(call=either, cached=caches)
def test_backward_may_run_twice_if_the_graph_is_kept(call: Call, cached: int) -> None:
    with limits(CACHED=cached):
        leaves = leaves_of(call)
        y = apply(call, leaves)
        slope = cotangent(call, y)
        y.backward(slope, retain_graph=True)
        once = [leaf.grad.copy() for leaf in leaves.all]
        y.backward(-3 * slope)
        for leaf, before in zip(leaves.all, once, strict=True):
            np.testing.assert_allclose(leaf.grad, -2 * before, rtol=1e-9, atol=1e-9)
        with pytest.raises(GraphFreedError):
            y.backward(slope)


@given(call=either)
def test_one_argument_in_two_places_receives_both_slopes(call: Call) -> None:
    """The output of a call goes on, and so does its input."""
    found = []
    for mode in ("im2col", "plain"):
        leaves = leaves_of(call)
        with minin.rules(mode):
            y = apply(call, leaves)
            loss = (y * y).sum() + (leaves.x * leaves.x).sum()
        loss.backward()
        found.append([leaf.grad for leaf in leaves.all])
    for got, wanted in zip(*found, strict=True):
        assert_near(got, wanted, 1e-11)


# ---- without a graph, and with a tape -----------------------------------------------------------


@given(call=either, cached=caches, count=counts)
def test_without_a_graph_the_numbers_are_the_same(call: Call, cached: int, count: int) -> None:
    with limits(CACHED=cached, ALONE=64), workers(count):
        recorded = apply(call, leaves_of(call))
        dirty_scratch()
        with minin.no_grad():
            alone = apply(call, leaves_of(call))
    assert recorded.requires_grad
    assert not alone.requires_grad
    np.testing.assert_array_equal(alone.data, recorded.data, strict=True)


@given(call=either)
def test_without_a_graph_only_the_output_is_kept(call: Call) -> None:
    made: list[chain.Chain] = []

    class Watched(chain.Chain):
        def forward(self, images: Array) -> list[Array]:
            made.append(self)
            outputs = super().forward(images)
            assert len(outputs) == (1 if not self.recording else len(self.widths))
            return outputs

    with pytest.MonkeyPatch.context() as patch, minin.no_grad():
        patch.setattr(chain, "Chain", Watched)
        apply(call, leaves_of(call))
    assert [one.recording for one in made] == [False]


@given(call=either, cached=caches, graph=st.booleans())
def test_the_masks_on_a_tape_are_the_books(call: Call, cached: int, graph: bool) -> None:
    branches = []
    for mode in ("im2col", "plain"):
        with limits(CACHED=cached), minin.rules(mode), autograd.record() as tape:
            if graph:
                apply(call, leaves_of(call))
            else:
                with minin.no_grad():
                    apply(call, leaves_of(call))
        branches.append(tape.steps[0].branches)
    mine, books = branches
    assert [name for name, _ in mine] == [name for name, _ in books]
    for (_, got), (_, wanted) in zip(mine, books, strict=True):
        np.testing.assert_array_equal(got, wanted, strict=True)


# ---- kinks and numbers that are none ------------------------------------------------------------


def test_at_a_kink_the_slope_is_0() -> None:
    x, one = np.zeros((1, 1, 2, 2)), np.ones((1, 1, 1, 1))
    call = Call("mlpconv", x, [one, one], [None, None])
    for gradient in done(call).gradients:
        assert gradient is not None
        assert not gradient.any()


@pytest.mark.parametrize("mode", ["im2col", "fast"])
@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cached", [1, plan.CACHED])
def test_nan_is_never_hidden(mode: str, kernel: int, layers: int, cached: int) -> None:
    """Also where no graph is recorded, and the layers lie in buffers."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 2, 6, 6))
    x[1, 0, 3, 3] = np.nan
    weights = [
        rng.standard_normal((3, 2 if i == 0 else 3, *(kernel, 1)[i > 0 :][:1] * 2))
        for i in range(layers)
    ]
    with minin.rules(mode), minin.no_grad(), limits(CACHED=cached), np.errstate(invalid="ignore"):
        y = ops.mlpconv(x, weights, [None] * layers, padding=kernel // 2).data
    seen = np.isnan(y[1])
    reach = kernel // 2
    assert seen[:, 3 - reach : 4 + reach, 3 - reach : 4 + reach].all()
    assert not np.isnan(y[0]).any()


# ---- what is covered ----------------------------------------------------------------------------


def kind_of(op: Any, *arguments: Any, **parameters: Any) -> str:
    with autograd.record() as tape:
        op(*arguments, **parameters)
    return tape.steps[0].kind


def ones(*shape: int, dtype: str = "float32") -> Array:
    return np.ones(shape, dtype)


X, THREE = (2, 4, 6, 6), (4, 4, 3, 3)
COVERED: list[dict[str, Any]] = [
    {},
    {"padding": "same"},
    {"stride": 2},
    {"dilation": 2},
    {"padding": ((0, 5), (1, 0))},
    {"padding": "valid", "stride": (3, 1)},
    {"groups": 1},
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("parameters", COVERED)
def test_conv2d_of_one_group_is_covered(dtype: str, parameters: dict[str, Any]) -> None:
    x, weight = ones(*X, dtype=dtype), ones(*THREE, dtype=dtype)
    assert kind_of(ops.conv2d, x, weight, **parameters) == "fast"
    assert kind_of(ops.conv2d, x, weight, ones(4, dtype=dtype), **parameters) == "fast"


def test_groups_are_left_to_the_book() -> None:
    assert kind_of(ops.conv2d, ones(*X), ones(4, 2, 3, 3), groups=2) == "plain"
    assert kind_of(ops.conv2d, ones(*X), ones(4, 1, 3, 3), groups=4) == "plain"


def test_batches_without_images_are_left_to_the_book() -> None:
    empty = ones(0, *X[1:])
    assert kind_of(ops.conv2d, empty, ones(*THREE)) == "plain"
    assert kind_of(ops.mlpconv, empty, [ones(*THREE)], [None]) == "plain"
    assert ops.conv2d(empty, ones(*THREE)).shape == (0, 4, 4, 4)


def test_layers_without_maps_are_left_to_the_book() -> None:
    assert kind_of(ops.conv2d, ones(*X), ones(0, 4, 3, 3)) == "plain"
    assert kind_of(ops.mlpconv, ones(*X), [ones(*THREE), ones(0, 4, 1, 1)], [None] * 2) == "plain"


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
@pytest.mark.parametrize("first", [THREE, (4, 4, 1, 1)])
@pytest.mark.parametrize("form", [list, tuple])
def test_mlpconv_is_covered(layers: int, first: tuple[int, ...], form: type) -> None:
    weights = form([ones(*first), *[ones(4, 4, 1, 1)] * (layers - 1)])
    biases = form([ones(4), *[None] * (layers - 1)])
    assert kind_of(ops.mlpconv, ones(*X), weights, biases) == "fast"
    assert kind_of(ops.mlpconv, ones(*X), weights, biases, stride=2, final_relu=False) == "fast"


@pytest.mark.parametrize("mode", ["plain", "im2col", "fast"])
def test_the_mode_chooses(mode: str) -> None:
    with minin.rules(mode):
        kind = kind_of(ops.conv2d, ones(*X), ones(*THREE))
    assert kind == ("plain" if mode == "plain" else "fast")


WRONG: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("conv2d", (ones(4, 6, 6), ones(*THREE)), {}),
    ("conv2d", (ones(*X), ones(4, 3, 3, 3)), {}),
    ("conv2d", (ones(*X), ones(*THREE), ones(5)), {}),
    ("conv2d", (ones(*X), ones(*THREE, dtype="float64")), {}),
    ("conv2d", (ones(*X), ones(*THREE)), {"stride": 0}),
    ("conv2d", (ones(*X), ones(*THREE)), {"groups": 3}),
    ("conv2d", (ones(*X), ones(*THREE)), {"padding": "full"}),
    ("conv2d", (ones(*X), ones(4, 4, 9, 9)), {}),
    ("conv2d", (np.ones(X, int), ones(*THREE)), {}),
    ("conv2d", (ones(*X, dtype="float16"), ones(*THREE, dtype="float16")), {}),
    ("mlpconv", (ones(*X), [], []), {}),
    ("mlpconv", (ones(*X), [ones(*THREE)], [None, None]), {}),
    ("mlpconv", (ones(*X), [ones(*THREE), ones(*THREE)], [None, None]), {}),
    ("mlpconv", (ones(*X), [ones(*THREE)], [ones(3)]), {}),
    ("mlpconv", (ones(*X), [ones(4, 4, 9, 9)], [None]), {}),
    ("mlpconv", (ones(*X), [ones(*THREE, dtype="float64")], [None]), {}),
]


@pytest.mark.parametrize("call", WRONG, ids=lambda call: f"{call[0]} {call[2]}")
def test_mistakes_are_refused_in_the_words_of_the_book(call: Any) -> None:
    op, arguments, parameters = call
    said = []
    for mode in ("plain", "fast"):
        with minin.rules(mode), pytest.raises(MininError) as caught:
            getattr(ops, op)(*arguments, **parameters)
        said.append((type(caught.value), str(caught.value)))
    assert said[0] == said[1]
