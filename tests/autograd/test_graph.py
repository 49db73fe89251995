"""The walk back: every node once, in the right order, as deep as memory allows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minin
from minin import Tensor, differentiable, ops
from minin.autograd import tensors
from minin.autograd.operators import OutputAndBackward
from minin.backend import Array
from minin.errors import DeviceError, GraphError, GraphFreedError, ShapeError
from tests.libraries import put


def leaf(*numbers: float) -> Tensor:
    return minin.tensor(list(numbers), requires_grad=True, dtype="float64")


@pytest.mark.parametrize("name", ["add", pytest.param("multiply", marks=pytest.mark.thorough)])
def test_a_chain_of_100_000_nodes_works(name: str) -> None:
    step = getattr(tensors, name)
    x = u = leaf(1.0)
    for _ in range(100_000):
        u = step(u, 1.0)
    u.backward()
    assert x.grad.tolist() == [1.0]


def test_a_chain_of_100_000_nodes_can_be_dropped_without_backward() -> None:
    u = leaf(1.0)
    for _ in range(100_000):
        u = u * 1.0  # its closure keeps the array before it
    del u  # a recursive release would end the interpreter here


def counted(calls: list[str], name: str = "counted") -> Any:
    """An op that adds, and notes each time that it runs backwards."""

    @differentiable
    def rule(x: Array, y: Array) -> OutputAndBackward:
        def backward(grad_y: Array) -> tuple[Any, ...]:
            calls.append(name)
            return grad_y, grad_y

        return x + y, backward

    return rule


def test_sixty_doublings_are_exact_and_each_runs_back_once() -> None:
    calls: list[str] = []
    add = counted(calls)
    x = u = leaf(1.0)
    for _ in range(60):
        u = add(u, u)
    u.backward()
    assert x.grad.tolist() == [2.0**60]
    assert len(calls) == 60


def test_a_diamond_collects_both_ways() -> None:
    x = leaf(3.0)
    y = x * x  # 2x = 6 along the left, 3 along the right
    (y * 2 + y * 5 + x).backward()
    assert x.grad.tolist() == [43.0]


def test_a_node_waits_for_all_that_used_it() -> None:
    """A node reached by a short and by a long way runs once, when both have arrived."""
    calls: list[str] = []
    x = leaf(1.0)
    first = counted(calls, "first")(x, x)
    second = counted(calls, "second")(first, first)
    third = counted(calls, "third")(second, first)  # the short way skips second
    third.backward()
    assert calls == ["third", "second", "first"]
    assert x.grad.tolist() == [6.0]


def test_what_the_loss_does_not_need_does_not_run() -> None:
    calls: list[str] = []
    x = leaf(1.0)
    shared = x * 2
    counted(calls, "aside")(shared, shared)
    shared.backward()
    assert calls == []


def test_a_leaf_is_its_own_graph() -> None:
    x = leaf(7.0)
    x.backward()
    x.backward()
    assert x.grad.tolist() == [2.0]


def asked(calls: list[str]) -> Any:
    """An op whose entries are functions; it notes which of them were called."""

    @differentiable
    def rule(x: Array, y: Array) -> OutputAndBackward:
        def backward(grad_out: Array) -> tuple[Any, ...]:
            def grad_x() -> Array:
                calls.append("x")
                return grad_out

            def grad_y() -> Array:
                calls.append("y")
                return grad_out

            return grad_x, grad_y

        return x + y, backward

    return rule


@pytest.mark.parametrize("frozen", ["an array", "a tensor", "a computed tensor"])
def test_a_gradient_that_nobody_needs_is_never_computed(frozen: str) -> None:
    calls: list[str] = []
    tensor = minin.tensor([1.0], dtype="float64")
    x = {"an array": tensor.data, "a tensor": tensor, "a computed tensor": tensor * 2}[frozen]
    asked(calls)(x, leaf(2.0)).backward()
    assert calls == ["y"]


def test_a_gradient_that_is_needed_is_computed_once() -> None:
    calls: list[str] = []
    asked(calls)(leaf(1.0), leaf(2.0)).backward()
    assert sorted(calls) == ["x", "y"]


def test_the_first_layer_does_not_pay_for_the_gradient_of_the_image() -> None:
    image = minin.tensor(np.ones((1, 2, 4, 4)))
    weight = minin.tensor(np.ones((3, 2, 3, 3)), requires_grad=True)
    entries: list[Any] = []

    @differentiable
    def watched(x: Array, weight: Array) -> OutputAndBackward:
        y, backward_conv = ops.conv2d.rule(x, weight)

        def backward(grad_y: Array) -> tuple[Any, ...]:
            grad_x, grad_weight, _ = backward_conv(grad_y)

            def never() -> Array:
                entries.append("image")
                return grad_x()

            return never, grad_weight

        return y, backward

    watched(image, weight).sum().backward()
    assert entries == []
    assert image.grad is None
    assert weight.grad.shape == (3, 2, 3, 3)


def test_a_second_backward_says_that_the_graph_is_gone() -> None:
    loss = ops.exp(leaf(1.0)).sum()
    loss.backward()
    with pytest.raises(GraphFreedError, match=r"retain_graph=True"):
        loss.backward()


def test_retain_graph_allows_a_second_backward_which_doubles_the_gradient() -> None:
    x = leaf(1.0, 2.0)
    loss = (x * x).sum()
    loss.backward(retain_graph=True)
    once = x.grad.copy()
    loss.backward()
    np.testing.assert_array_equal(x.grad, 2 * once)
    with pytest.raises(GraphFreedError):
        loss.backward()


def test_a_part_that_was_freed_is_named() -> None:
    shared = ops.exp(leaf(1.0))
    one, two = shared * 2, shared * 3
    one.backward()
    with pytest.raises(GraphFreedError, match=r"exp"):
        two.backward()


def test_a_refused_second_backward_leaves_the_gradients_alone() -> None:
    x = leaf(1.0)
    shared = ops.exp(x)
    one, two = shared * 2, shared * x
    one.backward()
    before = x.grad.copy()
    with pytest.raises(GraphFreedError):
        two.backward()
    np.testing.assert_array_equal(x.grad, before)


def test_many_numbers_need_a_grad() -> None:
    with pytest.raises(GraphError, match=r"\(2,\).*\.sum\(\)"):
        (leaf(1.0, 2.0) * 2).backward()


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_a_single_number_needs_none_whatever_its_axes(shape: tuple[int, ...]) -> None:
    x = minin.tensor(np.full(shape, 2.0), requires_grad=True)
    (x * x).backward()
    np.testing.assert_array_equal(x.grad, np.full(shape, 4.0), strict=True)


def test_backward_of_something_without_a_gradient_is_refused() -> None:
    with pytest.raises(GraphError, match=r"requires_grad=True"):
        (minin.tensor([1.0]) * 2).backward()


@pytest.mark.parametrize(
    "grad", [[1.0, 2.0], np.array([1.0, 2.0]), minin.tensor([1.0, 2.0]), np.array([1, 2])]
)
def test_a_grad_may_be_a_list_an_array_or_a_tensor(grad: Any) -> None:
    x = leaf(5.0, 6.0)
    (x * 3).backward(grad)
    np.testing.assert_array_equal(x.grad, np.array([3.0, 6.0]), strict=True)


def test_a_grad_of_another_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"grad.*\(2,\).*\(3,\)"):
        (leaf(1.0, 2.0) * 3).backward(np.ones(3))


def test_a_grad_of_another_library_is_refused() -> None:
    with pytest.raises(DeviceError, match=r"grad"):
        (leaf(1.0, 2.0) * 3).backward(put(np.ones(2), "strict"))


@pytest.mark.parametrize("grad", ["a", {}, [[1.0], [1.0, 2.0]], np.ones(2, complex)])
def test_a_grad_that_is_no_numbers_is_refused(grad: Any) -> None:
    with pytest.raises(minin.errors.MininError, match=r"grad"):
        (leaf(1.0, 2.0) * 3).backward(grad)


def test_the_grad_that_was_given_is_not_changed() -> None:
    grad = np.array([1.0, 2.0])
    grad.flags.writeable = False
    x = leaf(5.0, 6.0)
    y = x * 1.0
    (y + y).backward(grad)
    assert x.grad.tolist() == [2.0, 4.0]


@differentiable
def breaking(x: Array) -> OutputAndBackward:
    def backward(_: Array) -> tuple[Any, ...]:
        raise ZeroDivisionError

    return x * 1, backward


def test_no_leaf_is_written_to_when_a_rule_fails_half_way() -> None:
    a, b, c = leaf(1.0), leaf(2.0), leaf(3.0)
    c.grad = np.array([10.0])
    early = breaking(a)
    late = early * b + c  # b and c would get theirs before the rule fails
    with pytest.raises(ZeroDivisionError):
        late.backward()
    assert a.grad is None
    assert b.grad is None
    assert c.grad.tolist() == [10.0]


def test_a_list_argument_pulls_back_to_each_of_its_tensors() -> None:
    a, b = leaf(1.0), leaf(2.0, 3.0)
    joined = ops.concatenate([a, np.zeros(1), b, a])
    joined.backward(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert (a.grad.tolist(), b.grad.tolist()) == ([6.0], [3.0, 4.0])


def test_a_graph_may_begin_in_one_thread_and_end_in_another() -> None:
    import threading

    x = leaf(2.0)
    made: list[Tensor] = []
    worker = threading.Thread(target=lambda: made.append(x * x))
    worker.start()
    worker.join()
    (made[0] * x).backward()
    assert x.grad.tolist() == [12.0]
