"""The fast rules for CuPy, on its stand-in: Python callers and kernels together, by laws.

The rows are those of tests/cases.py; each is run on the stand-in and held against the book's rule
on NumPy. Which rule ran is asserted: declining inside the declared coverage is a failure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minin
import minin.fast.cuda
from minin import autograd, ops
from minin.autograd import Op
from minin.errors import ArgumentError
from minin.fast.cuda import demand_good_targets
from minin.fast.cuda.chain import run_chain
from minin.shapes import Window
from tests.cases import CASES, Arguments, geometry
from tests.choice import examples
from tests.fast.cuda.fake import Counts, FakeArray, cupy
from tests.fast.cuda.processor import Array, demand_compiler
from tests.test_rule_laws import locked, op_named

ACCURATE = {"float32": 2e-5, "float64": 1e-12}
FAST = [name for name in CASES if "cupy" in op_named(name).fast]
seeds = st.integers(0, 2**32 - 1)
every_rule = pytest.mark.parametrize("name", FAST)
every_dtype = pytest.mark.parametrize("dtype", ACCURATE)


@pytest.fixture(autouse=True)
def _needs_a_compiler() -> None:
    demand_compiler()


class Ran:
    """One call of an op, forward and backward, and what it asked of the GPU."""

    def __init__(self, name: str, arguments: Arguments, put: Callable[[Array], Any]) -> None:
        self.leaves: list[minin.Tensor] = []
        self.put, op = put, op_named(name)
        values = [self._tensor(a) for a in arguments.arrays]
        with cupy.counted() as self.forward, autograd.record() as tape:
            self.y = op(*values, **arguments.parameters)
        (self.step,) = tape.steps
        covers, _ = op.fast["cupy"]
        self.is_covered = covers(*self.step.arguments, **self.step.parameters)
        self.backward = Counts()

    def _tensor(self, x: Any) -> Any:
        if isinstance(x, list):
            return [self._tensor(y) for y in x]
        if not isinstance(x, np.ndarray):
            return x
        if x.dtype.kind != "f":
            return self.put(x)
        self.leaves.append(minin.Tensor(self.put(x), requires_grad=True))
        return self.leaves[-1]

    def gradients(self, cotangent: Array) -> list[Array]:
        for leaf in self.leaves:
            leaf.grad = None
        with cupy.counted() as self.backward:
            self.y.backward(self.put(cotangent), retain_graph=True)
        assert all(type(leaf.grad) is type(leaf.data) for leaf in self.leaves)
        return [minin.backend.to_numpy(leaf.grad) for leaf in self.leaves]


def converted(arguments: Arguments, dtype: str) -> Arguments:
    floats = [x.astype(dtype) for x in arguments.flat()]
    return Arguments(arguments.replaced(floats), arguments.parameters)


def cotangent_for(ran: Ran, seed: int) -> Array:
    draws = np.random.default_rng(seed).normal(size=ran.y.shape)
    return np.asarray(draws).astype(ran.y.dtype)


def plainly(name: str, arguments: Arguments) -> Ran:
    with minin.rules("plain"):
        return Ran(name, arguments, np.asarray)


@every_rule
@every_dtype
@settings(max_examples=examples(12))
@given(data=st.data(), seed=seeds)
def test_a_fast_rule_equals_the_book(name: str, dtype: str, data: st.DataObject, seed: int) -> None:
    arguments = converted(data.draw(CASES[name].draw), dtype)
    before = [x.tobytes() for x in arguments.flat()]
    book, ran = plainly(name, arguments), Ran(name, arguments, cupy.asarray)
    assert ran.step.kind == ("fast" if ran.is_covered else "plain")
    assert type(ran.y.data) is FakeArray
    assert (ran.y.shape, ran.y.dtype) == (book.y.shape, book.y.dtype)
    close = ACCURATE[dtype]
    np.testing.assert_allclose(ran.y.data.get(), book.y.numpy(), rtol=close, atol=close)
    cotangent = cotangent_for(book, seed)
    wanted, got = book.gradients(cotangent), ran.gradients(cotangent)
    for mine, right in zip(got, wanted, strict=True):
        np.testing.assert_allclose(mine, right, rtol=close, atol=close, strict=True)
    if ran.is_covered:
        assert not ran.forward.waits
        assert not ran.backward.waits
        for (one, branch), (other, wanted_branch) in zip(
            ran.step.branches, book.step.branches, strict=True
        ):
            assert one == other
            if one == "mask":  # a winner may be counted from another cell
                np.testing.assert_array_equal(branch.get(), wanted_branch)
    assert [x.tobytes() for x in arguments.flat()] == before


@every_rule
@settings(max_examples=6)
@given(data=st.data(), seed=seeds)
def test_the_bits_are_the_same_twice_in_any_order_of_threads(
    name: str, data: st.DataObject, seed: int
) -> None:
    arguments = converted(data.draw(CASES[name].draw), "float32")

    def found() -> list[bytes]:
        ran = Ran(name, arguments, cupy.asarray)
        gradients = ran.gradients(cotangent_for(ran, seed))
        return [x.tobytes() for x in (ran.y.data.get(), *gradients)]

    first = found()
    with cupy.threads_backwards():
        assert found() == first


@every_rule
@settings(max_examples=examples(8))
@given(data=st.data(), seed=seeds)
def test_any_memory_layout_will_do_and_nothing_is_written(
    name: str, data: st.DataObject, seed: int
) -> None:
    """Inputs that are read-only, strided, reversed, channels last or in Fortran order."""
    arguments = data.draw(CASES[name].draw)
    layout = data.draw(st.sampled_from(["strided", "reversed", "fortran", "channels last"]))

    def put(x: Array) -> FakeArray:
        if layout == "channels last" and x.ndim == 4:
            rows = np.ascontiguousarray(np.transpose(x, (0, 2, 3, 1)))
            rows.flags.writeable = False
            return FakeArray(np.transpose(rows, (0, 3, 1, 2)))
        return FakeArray(locked(x, layout)) if x.dtype.kind == "f" else cupy.asarray(x)

    ran, other = Ran(name, arguments, cupy.asarray), Ran(name, arguments, put)
    cotangent = cotangent_for(ran, seed)
    np.testing.assert_allclose(other.y.data.get(), ran.y.data.get(), rtol=1e-13, atol=1e-13)
    for mine, right in zip(other.gradients(cotangent), ran.gradients(cotangent), strict=True):
        np.testing.assert_allclose(mine, right, rtol=1e-12, atol=1e-12)


@settings(max_examples=examples(10))
@given(data=st.data(), seed=seeds)
def test_columns_for_some_images_at_a_time_give_the_same(data: st.DataObject, seed: int) -> None:
    g = data.draw(geometry())
    window = Window.of(g.kernel, **g.parameters, size=g.size)
    rng = np.random.default_rng(seed)
    n = data.draw(st.integers(2, 5))
    x, weight = rng.normal(size=(n, 2, *g.size)), rng.normal(size=(3, 2, *g.kernel))

    def found(limit: int) -> list[Array]:
        arrays = [cupy.asarray(a) for a in (x, weight)]
        y, backward = run_chain(arrays[0], [arrays[1]], [None], window, [False], limit)
        grad = np.random.default_rng(1).normal(size=y.shape)
        grad_x, (grad_weight,), _ = backward(cupy.asarray(grad))
        return [a.get() for a in (y, grad_x(), grad_weight())]

    at_once, one_by_one = found(1 << 28), found(1)
    for one, other in zip(at_once, one_by_one, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("op", [ops.relu, ops.max_pool2d, ops.global_avg_pool2d, ops.dropout])
def test_arrays_without_numbers_are_the_books_business(op: Op[Any]) -> None:
    covers, _ = op.fast["cupy"]
    assert not covers(cupy.asarray(np.zeros((0, 2, 4, 4))))


@pytest.mark.parametrize("batch", [1, 37])
def test_nothing_is_kept_that_backward_does_not_need(batch: int) -> None:
    x = minin.Tensor(cupy.asarray(np.ones((batch, 3, 8, 8), np.float32)))
    weights = [cupy.asarray(np.ones((4, 3, 3, 3), np.float32))]
    weights += [cupy.asarray(np.ones((4, 4, 1, 1), np.float32)) for _ in range(2)]
    before = cupy.pool.used
    with minin.no_grad():
        y = ops.mlpconv(x, weights, [None] * 3, padding=1)
    assert cupy.pool.used - before == y.data.nbytes  # the last layer's output alone


# ---- classes out of range -------------------------------------------------------------------

LOGITS = np.zeros((3, 4), np.float32)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("wrong", [4, -1, 2**40])
def test_a_class_out_of_range_makes_nan_at_once_and_an_error_later(
    wrong: int, reduction: str
) -> None:
    logits = minin.Tensor(cupy.asarray(LOGITS), requires_grad=True)
    target = cupy.asarray(np.array([0, wrong, 3]))
    with cupy.counted() as counts:
        loss = ops.cross_entropy(logits, target, reduction=reduction)
        loss.backward(cupy.asarray(np.ones(loss.shape, np.float32)))
    assert not counts.waits, "nobody waited"
    assert np.isnan(loss.data.get()).any()
    np.testing.assert_array_equal(np.isnan(logits.grad.get()).any(axis=1), [False, True, False])
    with pytest.raises(ArgumentError, match=f"from 0 to 3 .* got {wrong} in an earlier call"):
        demand_good_targets()
    demand_good_targets()  # said once


def test_the_next_cross_entropy_tells_of_the_last_ones_classes() -> None:
    target = cupy.asarray(np.array([0, 4, 3]))
    ops.cross_entropy(cupy.asarray(LOGITS), target)
    with pytest.raises(ArgumentError, match="got 4 in an earlier call"):
        ops.cross_entropy(cupy.asarray(LOGITS), target)


def test_the_book_looks_before_it_uses_them() -> None:
    target = cupy.asarray(np.array([0, 4, 3]))
    with minin.rules("plain"), pytest.raises(ArgumentError, match="from 0 to 4"):
        ops.cross_entropy(cupy.asarray(LOGITS), target)


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64])
def test_classes_of_any_integer_type(dtype: Any) -> None:
    target = np.array([0, 2, 3], dtype)
    loss = ops.cross_entropy(cupy.asarray(LOGITS), cupy.asarray(target))
    np.testing.assert_allclose(loss.numpy(), np.log(4), rtol=1e-6)


@pytest.mark.parametrize(
    ("target", "parameters", "error"),
    [
        (np.array([0.5, 1, 2]), {}, "must hold integers"),
        (np.array([0, 1]), {}, "must have shape"),
        (np.array([[0, 1, 2]]), {}, "must have 1 axis"),
        (np.array([0, 1, 2]), {"reduction": "all"}, "mean, sum or none"),
        (np.array([0, 1, 2]), {"label_smoothing": 2.0}, "label_smoothing"),
    ],
)
def test_other_mistakes_are_refused_at_once(
    target: Array, parameters: dict[str, Any], error: str
) -> None:
    with pytest.raises(minin.errors.MininError, match=error):
        ops.cross_entropy(cupy.asarray(LOGITS), cupy.asarray(target), **parameters)
