"""`record`: what ran, how, with what; and nothing at all without it."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import minin
from minin import autograd, differentiable, ops
from minin.autograd import Step, Tape
from minin.autograd.operators import OutputAndBackward
from minin.backend import Array


def names(tape: Tape) -> list[str]:
    return [step.op.__name__ for step in tape.steps]


def test_a_tape_lists_what_ran_in_order() -> None:
    x = minin.tensor([-1.0, 2.0], requires_grad=True)
    with autograd.record() as tape:
        y = ops.relu(x * 2.0).sum()
    assert names(tape) == ["multiply", "relu", "sum"]
    assert [step.kind for step in tape.steps] == ["plain", "fast", "plain"]
    np.testing.assert_array_equal(tape.steps[-1].output, y.data)


def test_a_step_has_the_arguments_as_the_rule_received_them() -> None:
    x, weight = minin.tensor(np.ones((1, 1, 3, 3))), np.ones((1, 1, 2, 2))
    with autograd.record() as tape:
        ops.conv2d(x, weight, padding=1, stride=(2, 1))
        ops.concatenate([x, x], axis=-1)
        x * 2.0
    conv, joined, product = tape.steps
    assert conv.arguments[0] is x.data
    assert conv.arguments[1] is weight
    assert conv.arguments[2] is None
    assert conv.parameters == {"stride": (2, 1), "padding": 1, "dilation": 1, "groups": 1}
    assert [part is x.data for part in joined.arguments[0]] == [True, True]
    assert product.arguments[1] == 2.0


def test_a_step_can_be_run_again_by_its_plain_rule() -> None:
    x = minin.tensor(np.arange(16.0).reshape(1, 1, 4, 4), requires_grad=True)
    with autograd.record() as tape:
        ops.max_pool2d(x, 2)
    (step,) = tape.steps
    y, _ = step.op.rule(*step.arguments, **step.parameters)
    np.testing.assert_array_equal(y, step.output, strict=True)


def test_backward_adds_the_upstream_gradients_also_after_the_block() -> None:
    x = minin.tensor([-1.0, 2.0], requires_grad=True)
    with autograd.record() as tape:
        y = (ops.relu(x) * 3.0).sum()
    assert [step.grad_y for step in tape.steps] == [None, None, None]
    y.backward()
    relu, product, total = tape.steps
    np.testing.assert_array_equal(relu.grad_y, [3.0, 3.0])
    np.testing.assert_array_equal(product.grad_y, [1.0, 1.0])
    np.testing.assert_array_equal(total.grad_y, 1.0)


def test_an_upstream_gradient_is_the_sum_of_all_that_arrived() -> None:
    x = minin.tensor(np.array([1.0, 2.0]), requires_grad=True)
    with autograd.record() as tape:
        y = x * 2.0
        z = y + y * y
    z.backward(np.array([1.0, 10.0]))
    np.testing.assert_array_equal(tape.steps[0].grad_y, [5.0, 90.0])


def test_what_the_loss_did_not_use_has_no_upstream_gradient() -> None:
    x = minin.tensor([1.0], requires_grad=True)
    with autograd.record() as tape:
        used, _ = x * 2.0, x * 3.0
    used.backward()
    assert [step.grad_y is None for step in tape.steps] == [False, True]


BRANCHES: dict[str, tuple[Any, list[float], str, list[Any]]] = {
    "relu": (ops.relu, [-1.0, 0.0, 2.0], "mask", [False, False, True]),
    "leaky_relu": (ops.leaky_relu, [-1.0, 0.0, 2.0], "mask", [False, False, True]),
    "abs": (ops.abs, [-1.0, 0.0, 2.0], "sign", [-1, 0, 1]),
    "max": (ops.max, [5.0, 1.0, 5.0], "winner", [True, False, True]),
    "maximum": (lambda t: ops.maximum(t, 1.0), [0.0, 1.0, 2.0], "winner", [False, False, True]),
}


@pytest.mark.parametrize("name", BRANCHES)
def test_branches_are_declared(name: str) -> None:
    op, numbers, branch, wanted = BRANCHES[name]
    with autograd.record() as tape:
        op(minin.tensor(numbers))
    (step,) = tape.steps
    ((said, array),) = step.branches
    assert said == branch
    np.testing.assert_array_equal(array, wanted)


def test_pooling_declares_its_winners() -> None:
    x = minin.tensor([[[[1.0, 9.0, 2.0, 3.0], [4.0, 5.0, 8.0, 8.0]]]])
    with autograd.record() as tape:
        ops.max_pool2d(x, 2)
    ((name, winner),) = tape.steps[0].branches
    assert name == "winner"
    np.testing.assert_array_equal(winner, [[[[1, 2]]]])  # cell 0*2 + 1, and cell 1*2 + 0: a tie


def test_mlpconv_declares_every_mask_on_its_way() -> None:
    weights = [np.ones((2, 1, 1, 1)), np.ones((3, 2, 1, 1))]
    with autograd.record() as tape:
        ops.mlpconv(np.ones((1, 1, 2, 2)), weights, [None, None])
    (step,) = tape.steps
    assert [(name, mask.shape) for name, mask in step.branches] == [
        ("mask", (1, 2, 2, 2)),
        ("mask", (1, 3, 2, 2)),
    ]


def test_an_op_without_branches_declares_none() -> None:
    with autograd.record() as tape:
        ops.exp(minin.tensor([1.0]))
    assert tape.steps[0].branches == []


def test_a_branch_declared_without_a_tape_is_forgotten() -> None:
    autograd.declare_branch("mask", np.ones(1))
    with autograd.record() as tape:
        autograd.declare_branch("mask", np.ones(1))
    assert tape.steps == []


def test_the_inner_of_two_tapes_records_and_hands_on() -> None:
    x = minin.tensor([1.0])
    with autograd.record() as outer:
        x + 1.0
        with autograd.record() as inner:
            x * 2.0
        x - 1.0
    x / 2.0
    assert (names(outer), names(inner)) == (["add", "multiply", "subtract"], ["multiply"])


def test_a_plain_rule_called_by_hand_leaves_no_branch_on_another_step() -> None:
    x = minin.tensor([1.0])
    with autograd.record() as tape:
        minin.ops.exp(x)
        minin.ops.relu.rule(x.data)
    assert tape.steps[0].branches == []


def test_recording_ends_with_an_exception() -> None:
    tapes: list[Tape] = []

    def failing() -> None:
        with autograd.record() as tape:
            tapes.append(tape)
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        failing()
    minin.tensor([1.0]) * 2.0
    assert tapes[0].steps == []


def test_recording_is_for_one_thread() -> None:
    import threading

    x = minin.tensor([1.0])
    with autograd.record() as tape:
        worker = threading.Thread(target=lambda: x * 2.0)
        worker.start()
        worker.join()
    assert tape.steps == []


def test_a_tape_runs_under_no_grad_too() -> None:
    with autograd.record() as tape, minin.no_grad():
        ops.relu(minin.tensor([1.0], requires_grad=True))
    assert names(tape) == ["relu"]
    assert autograd.current_mode() in autograd.state.RULE_MODES


def test_a_users_own_op_declares_its_branches() -> None:
    @differentiable
    def clipped(x: Array, *, top: float = 1.0) -> OutputAndBackward:
        low = x < top
        autograd.declare_branch("low", low)
        return np.minimum(x, top), lambda grad_y: (grad_y * low,)

    with autograd.record() as tape:
        clipped(minin.tensor([0.5, 2.0]), top=1.5)
    (step,) = tape.steps
    assert step.op is clipped
    assert step.parameters == {"top": 1.5}
    assert [name for name, _ in step.branches] == ["low"]


def test_a_step_says_what_it_is() -> None:
    with autograd.record() as tape:
        ops.relu(minin.tensor([[1.0, 2.0]]))
    assert repr(tape.steps[0]) == "Step(relu, fast, output (1, 2))"
    assert repr(Step(ops.relu, "plain", (), {})) == "Step(relu, plain, output None)"


def test_without_a_tape_nothing_is_kept() -> None:
    gc.collect()
    before = count_steps()
    h = minin.tensor(np.ones(4), requires_grad=True) + 1.0
    watched = weakref.ref(h.data)
    loss = ops.relu(h).sum()
    del h
    assert watched() is None
    loss.backward()
    assert count_steps() == before


def count_steps() -> int:
    return sum(type(found) is Step for found in gc.get_objects())


def test_a_tape_keeps_until_it_goes() -> None:
    with autograd.record() as tape:
        h = minin.tensor(np.ones(4)) + 1.0
    watched = weakref.ref(h.data)
    del h
    assert watched() is not None
    del tape
    assert watched() is None
