"""In-place changes between forward and backward: an error where a rule had kept the numbers.

Never a wrong gradient, and no error where nothing was kept: an optimiser's step between two
uses of a parameter is no mistake in itself.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minin
from minin import Tensor, ops, optim
from minin.autograd.changes import REMEMBERED
from minin.errors import ChangedInPlaceError, GraphError

# What is kept differs from rule to rule; here it is the book's. Of the fast ones, see
# tests/fast/cpu/test_changes.py.
pytestmark = pytest.mark.usefixtures("plain_rules")

Build = Callable[..., Tensor]
rng = np.random.default_rng(0)


def image(*shape: int) -> Tensor:
    return minin.tensor(rng.uniform(0.5, 1.5, shape), requires_grad=True)


ONE, THREE = (3, 2, 1, 1), (3, 2, 3, 3)
X = (1, 2, 4, 4)

# (op, argument that is changed, shapes of the arguments, how they are used)
KEPT: list[tuple[str, str, list[tuple[int, ...]], Build]] = [
    ("multiply", "x", [(2,), (2,)], lambda x, y: x * y),
    ("multiply", "y", [(2,), (2,)], lambda x, y: x * y),
    ("divide", "x", [(2,), (2,)], lambda x, y: x / y),
    ("divide", "y", [(2,), (2,)], lambda x, y: x / y),
    ("power", "x", [(2,)], lambda x: x**3),
    ("matmul", "x", [(2, 2), (2, 2)], lambda x, y: x @ y),
    ("matmul", "y", [(2, 2), (2, 2)], lambda x, y: x @ y),
    ("log", "x", [(2,)], ops.log),
    ("linear", "x", [(2, 3), (4, 3)], ops.linear),
    ("linear", "weight", [(2, 3), (4, 3)], ops.linear),
    ("conv2d", "weight", [X, THREE], ops.conv2d),
    ("conv2d", "weight", [X, ONE], ops.conv2d),
    ("conv2d", "x", [X, ONE], ops.conv2d),
    ("mlpconv", "x", [X, ONE], lambda x, w: ops.mlpconv(x, [w], [None])),
    ("mlpconv", "weights[0]", [X, THREE], lambda x, w: ops.mlpconv(x, [w], [None])),
    (
        "mlpconv",
        "weights[1]",
        [X, THREE, (2, 3, 1, 1)],
        lambda x, v, w: ops.mlpconv(x, [v, w], [None, None]),
    ),
]
PLACES = {"x": 0, "y": 1, "weight": 1, "weights[0]": 1, "weights[1]": 2}


def kept_id(row: Any) -> str:
    return f"{row[0]} {row[1]} {row[2][PLACES[row[1]]]}"


def gradients_of(arguments: list[Tensor], build: Build) -> list[Any]:
    twins = [minin.tensor(a, requires_grad=True) for a in arguments]
    build(*twins).sum().backward()
    return [twin.grad for twin in twins]


@pytest.mark.parametrize("row", KEPT, ids=kept_id)
def test_a_kept_leaf_that_changed_is_an_error_that_names_op_and_argument(row: Any) -> None:
    op, argument, shapes, build = row
    arguments = [image(*shape) for shape in shapes]
    loss = build(*arguments).sum()
    arguments[PLACES[argument]].data -= 0.1
    with pytest.raises(ChangedInPlaceError) as caught:
        loss.backward()
    assert str(caught.value).startswith(f"{op}: {argument} was changed")
    assert [a.grad for a in arguments] == [None] * len(arguments)


@pytest.mark.parametrize("row", KEPT, ids=kept_id)
def test_a_kept_intermediate_that_changed_is_an_error_too(row: Any) -> None:
    op, argument, shapes, build = row
    arguments = [image(*shape) + 0.0 for shape in shapes]
    loss = build(*arguments).sum()
    arguments[PLACES[argument]].data -= 0.1
    with pytest.raises(ChangedInPlaceError, match=op):
        loss.backward()


@pytest.mark.parametrize("row", KEPT, ids=kept_id)
def test_an_assignment_of_new_numbers_never_gives_a_wrong_gradient(row: Any) -> None:
    """An error, or the gradient at the old numbers."""
    _, argument, shapes, build = row
    arguments = [image(*shape) for shape in shapes]
    wanted = gradients_of(arguments, build)
    loss = build(*arguments).sum()
    changed = arguments[PLACES[argument]]
    changed.data = changed.data + 1.0
    try:
        loss.backward()
    except ChangedInPlaceError:
        return
    for a, gradient in zip(arguments, wanted, strict=True):
        np.testing.assert_allclose(a.grad, gradient, rtol=1e-13)


@pytest.mark.parametrize("change", ["-=", "="])
def test_both_ways_to_change_numbers_count(change: str) -> None:
    x = image(2)
    loss = (x * x).sum()
    if change == "-=":
        x.data -= 1.0
    else:
        x.data = np.zeros(2)
    with pytest.raises(ChangedInPlaceError, match=r"multiply: x"):
        loss.backward()


@pytest.mark.parametrize("step", [optim.SGD, optim.Adam])
def test_an_optimisers_step_counts(step: Any) -> None:
    weight = image(3, 2)
    x = image(4, 2)
    loss = ops.linear(x, weight).sum()
    loss.backward(retain_graph=True)
    step([weight], lr=0.1).step()
    with pytest.raises(ChangedInPlaceError, match=r"linear: weight.*optimiser"):
        loss.backward()


KEEP_THEIR_OUTPUT = [ops.exp, ops.sqrt, ops.tanh, ops.sigmoid, ops.softmax, ops.log_softmax]


@pytest.mark.parametrize("op", KEEP_THEIR_OUTPUT, ids=lambda op: op.__name__)
def test_an_output_that_its_op_kept_is_an_error(op: Any) -> None:
    y = op(image(2, 2))
    loss = y.sum()
    y.data *= 2.0
    with pytest.raises(ChangedInPlaceError, match=rf"{op.__name__}: its output was changed"):
        loss.backward()


UNKEPT: list[tuple[str, str, list[tuple[int, ...]], Build]] = [
    ("add", "x", [(2,), (2,)], lambda x, y: x + y),
    ("subtract", "y", [(2,), (2,)], lambda x, y: x - y),
    ("negative", "x", [(2,)], lambda x: -x),
    ("sum", "x", [(2,)], lambda x: x.sum()),
    ("mean", "x", [(2,)], lambda x: x.mean()),
    ("reshape", "x", [(2, 3)], lambda x: x.reshape(3, 2)),
    ("transpose", "x", [(2, 3)], lambda x: x.transpose()),
    ("getitem", "x", [(2, 3)], lambda x: x[0]),
    ("relu", "x", [(2, 3)], ops.relu),
    ("leaky_relu", "x", [(2, 3)], ops.leaky_relu),
    ("abs", "x", [(2, 3)], ops.abs),
    ("exp", "x", [(2, 3)], ops.exp),
    ("maximum", "x", [(2, 3), (2, 3)], ops.maximum),
    ("max_pool2d", "x", [X], lambda x: ops.max_pool2d(x, 2)),
    ("avg_pool2d", "x", [X], lambda x: ops.avg_pool2d(x, 2)),
    ("global_avg_pool2d", "x", [X], ops.global_avg_pool2d),
    ("dropout", "x", [X], lambda x: ops.dropout(x, rng=0)),
    ("conv2d of more than one pixel", "x", [X, THREE], ops.conv2d),
    ("mlpconv of more than one pixel", "x", [X, THREE], lambda x, w: ops.mlpconv(x, [w], [None])),
    ("cross_entropy", "x", [(2, 3)], lambda x: ops.cross_entropy(x, np.array([0, 2]))),
    ("softmax", "x", [(2, 3)], ops.softmax),
]


@pytest.mark.parametrize("computed", [False, True], ids=["leaf", "intermediate"])
@pytest.mark.parametrize("row", UNKEPT, ids=lambda row: f"{row[0]} {row[1]}")
def test_what_no_rule_kept_may_change(row: Any, computed: bool) -> None:
    _, argument, shapes, build = row
    leaves = [image(*shape) for shape in shapes]
    wanted = gradients_of(leaves, build)
    arguments = [a + 0.0 for a in leaves] if computed else leaves
    loss = build(*arguments).sum()
    arguments[PLACES[argument]].data *= -1.0
    loss.backward()
    for a, gradient in zip(leaves, wanted, strict=True):
        np.testing.assert_allclose(a.grad, gradient, rtol=1e-13)


def test_relus_own_output_may_change() -> None:
    """It keeps a mask, not numbers."""
    x = image(3)
    y = ops.relu(x)
    loss = y.sum()
    y.data *= 0.0
    loss.backward()
    np.testing.assert_array_equal(x.grad, np.ones(3))


def test_a_change_before_the_use_is_no_mistake() -> None:
    x = image(3)
    h = x + 1.0
    x.data *= 2.0
    h.data *= 3.0
    (h * x).sum().backward()
    np.testing.assert_allclose(x.grad, h.data + x.data)


def test_a_change_of_an_argument_without_gradient_counts_too() -> None:
    x, data = image(2), minin.tensor(np.ones(2))
    loss = (x * data).sum()
    data.data += 1.0
    with pytest.raises(ChangedInPlaceError, match=r"multiply: y"):
        loss.backward()


def test_a_change_after_backward_is_no_mistake() -> None:
    x = image(2)
    (x * x).sum().backward()
    x.data -= 0.1 * x.grad
    x.grad = None
    (x * x).sum().backward()
    np.testing.assert_allclose(x.grad, 2 * x.data)


def test_every_change_is_counted() -> None:
    x = image(2)
    assert x.changes == 0
    x.data -= 1.0
    x.data = np.zeros(2)
    assert x.changes == 2


def test_the_error_is_a_graph_error_and_says_what_to_do() -> None:
    x = image(2)
    loss = (x * x).sum()
    x.data -= 1.0
    with pytest.raises(GraphError, match=r"call backward before the change.*or compute the loss"):
        loss.backward()


@pytest.mark.parametrize("way", ["detach", "reshape", "rebound afterwards"])
def test_a_change_is_seen_through_whatever_shares_the_memory(way: str) -> None:
    x = minin.tensor(np.ones((1, 1, 3, 3)), requires_grad=True)
    w = minin.tensor(np.ones((1, 1, 2, 2)), requires_grad=True)
    y = minin.ops.conv2d(x, w).sum()
    if way == "detach":
        other = w.detach()
        other.data -= 1.0
    elif way == "reshape":
        other = w.reshape(4)
        other.data -= 1.0
    else:
        w.data -= 1.0
        w.data = w.data.copy()
    with pytest.raises(ChangedInPlaceError, match="changed in place"):
        y.backward()


# ---- numbers written into the array itself, which no assignment declares --------------------

WRITES: dict[str, Callable[[Tensor], Any]] = {
    "t.data[...] *= 3": lambda t: t.data.__imul__(3.0),
    "t.data[one] = 9": lambda t: t.data.__setitem__((-1,) * t.ndim, 9.0),
    "out=t.data": lambda t: np.add(t.data, 1.0, out=t.data),
    "t.detach().data": lambda t: t.detach().data.__imul__(3.0),
    "a view's": lambda t: t.reshape(-1).data.__setitem__(0, 9.0),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("row", KEPT, ids=kept_id)
def test_a_kept_array_that_was_written_to_is_an_error(row: Any, write: str) -> None:
    op, argument, shapes, build = row
    arguments = [image(*shape) for shape in shapes]
    loss = build(*arguments).sum()
    WRITES[write](arguments[PLACES[argument]])
    with pytest.raises(ChangedInPlaceError, match=f"^{op}: .* was changed in place") as caught:
        loss.backward()
    if write.startswith("t.data"):
        assert str(caught.value).startswith(f"{op}: {argument} was changed")
    assert [a.grad for a in arguments] == [None] * len(arguments)


@pytest.mark.parametrize("op", KEEP_THEIR_OUTPUT, ids=lambda op: op.__name__)
def test_an_output_that_was_written_to_is_an_error(op: Any) -> None:
    y = op(image(2, 2))
    loss = y.sum()
    y.data[...] *= 2.0
    with pytest.raises(ChangedInPlaceError, match=rf"{op.__name__}: its output was changed"):
        loss.backward()


@pytest.mark.parametrize("row", UNKEPT, ids=lambda row: f"{row[0]} {row[1]}")
def test_what_no_rule_kept_may_be_written_to(row: Any) -> None:
    _, argument, shapes, build = row
    leaves = [image(*shape) for shape in shapes]
    wanted = gradients_of(leaves, build)
    loss = build(*leaves).sum()
    leaves[PLACES[argument]].data[...] *= -1.0
    loss.backward()
    for a, gradient in zip(leaves, wanted, strict=True):
        np.testing.assert_allclose(a.grad, gradient, rtol=1e-13)


def test_reading_alone_is_no_change() -> None:
    x = image(3)
    loss = (x * x).sum()
    kept = x.data
    x.data[...] = kept.copy()  # the same numbers again
    loss.backward()
    np.testing.assert_allclose(x.grad, 2 * kept)


def test_a_write_before_the_op_ran_is_no_mistake() -> None:
    """The array is read twice, and differs the second time; but the op came after."""
    x = image(3)
    x.data[...] *= 2.0
    loss = (x * x).sum()
    seen = x.data.copy()
    loss.backward()
    np.testing.assert_allclose(x.grad, 2 * seen)


def test_a_write_between_two_reads_is_found_at_the_second() -> None:
    x = image(3)
    loss = (x * x).sum()
    x.data[0] = 7.0
    assert x.data[0] == 7.0
    with pytest.raises(ChangedInPlaceError, match="multiply: x"):
        loss.backward()


def test_a_write_and_then_a_declared_change_is_an_error() -> None:
    x = image(3)
    loss = (x * x).sum()
    x.data[0] = 7.0
    x.data *= 1.0
    with pytest.raises(ChangedInPlaceError, match="multiply: x"):
        loss.backward()


def test_a_write_is_found_by_the_second_backward_too() -> None:
    x = image(3)
    loss = (x * x).sum()
    _ = x.data
    loss.backward(retain_graph=True)
    x.data[0] = 7.0
    with pytest.raises(ChangedInPlaceError, match="multiply: x"):
        loss.backward()


@pytest.mark.parametrize("shape", [(100_000,), (300, 400), (64, 32, 5, 5), (9,) * 5])
def test_of_a_large_array_a_write_to_all_numbers_is_found(shape: tuple[int, ...]) -> None:
    """Also one that is no multiple of anything, and whatever the order in memory."""
    for array in (np.ones(shape), np.ones(shape[::-1]).T):
        x = Tensor(array, requires_grad=True)
        loss = (x * x).sum()
        x.data[...] *= 3.0
        with pytest.raises(ChangedInPlaceError, match="multiply: x"):
            loss.backward()


def test_what_is_not_noticed_is_as_the_docstring_says() -> None:
    """A name given to the array before the op ran: nobody asks for it again."""
    x = image(3)
    array = x.data
    loss = (x * x).sum()
    array *= 3.0
    loss.backward()
    np.testing.assert_allclose(x.grad, 2 * array)


def test_a_write_is_found_however_many_arrays_are_read_after_it() -> None:
    other, x = image(3), image(3)
    loss = (x * x).sum()
    other.data[...] *= 3.0
    x.data[...] *= 3.0
    others = [Tensor(np.zeros(2)) for _ in range(REMEMBERED + 1)]
    assert all(other.data is not None for other in others)
    with pytest.raises(ChangedInPlaceError, match="multiply: x"):
        loss.backward()


def test_arrays_that_were_read_are_not_kept_alive() -> None:
    x = image(3)
    reference = weakref.ref(x.data)
    del x
    assert reference() is None
