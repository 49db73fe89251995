"""Whole training steps on CuPy's stand-in: the book's numbers, the counted launches, no waits."""

from __future__ import annotations

import numpy as np
import pytest

import minin
import minin.fast.cuda
from minin import autograd, ops
from minin.fast.cuda import launches, memory
from tests.fast.cuda.fake import Counts, FakeArray, cupy
from tests.fast.cuda.processor import demand_compiler
from tests.fast.cuda.training import Training


@pytest.fixture(autouse=True)
def _needs_a_compiler() -> None:
    demand_compiler()


@pytest.mark.parametrize(("dtype", "accurate"), [("float32", 2e-4), ("float64", 1e-11)])
def test_training_steps_of_nin_digits_are_the_books(dtype: str, accurate: float) -> None:
    there = Training("nin-digits", cupy.asarray, 8, dtype)
    here = Training("nin-digits", np.asarray, 8, dtype)
    for _ in range(3):
        there.step()
        with minin.rules("plain"):
            here.step()
    assert all(type(p.data) is FakeArray for p in there.model.parameters())
    for got, wanted in zip(there.found(), here.found(), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=accurate, atol=accurate)


def test_the_same_seed_gives_the_same_bits() -> None:
    found = []
    for _ in range(2):
        training = Training("nin-digits", cupy.asarray, 8, "float32")
        training.step()
        training.step()
        found.append([x.tobytes() for x in training.found()])
    assert found[0] == found[1]


@pytest.mark.parametrize(("name", "size"), [("nin-cifar10", 16), ("nin-digits", 8)])
def test_a_step_starts_what_the_formula_says_and_waits_for_nothing(name: str, size: int) -> None:
    training = Training(name, cupy.asarray, size, "float32", batch=2)
    training.step()  # the optimiser makes its memory
    with autograd.record() as tape:
        training.model(training.images)
        ops.cross_entropy(training.model(training.images), training.labels)
    ran = tape.steps[len(tape.steps) // 2 :]  # without the first walk: it has no loss
    parts: dict[str, Counts] = {}
    with cupy.counted() as parts["forward"]:
        loss = ops.cross_entropy(training.model(training.images), training.labels)
    training.optimiser.zero_grad()
    with cupy.counted() as parts["backward"]:
        loss.backward()
    with cupy.counted() as parts["optimiser"]:
        training.optimiser.step()
    expected = launches(ran, len(list(training.model.parameters())))
    assert parts["forward"].launches == expected.forward
    assert parts["backward"].launches == expected.backward + expected.engine
    assert parts["optimiser"].launches == expected.optimiser
    assert not any(part.waits for part in parts.values())
    if name == "nin-cifar10":
        counted = (expected.forward, expected.backward, expected.engine, expected.optimiser)
        assert counted == (31, 46, 19, 18), "the docstring of launches.py says so"
        assert expected.total == 114


def test_the_formula_follows_the_shapes() -> None:
    """1x1 at first, no bias, no ReLU, a single strip, integers of 32 bits."""
    x = minin.Tensor(cupy.asarray(np.ones((1, 3, 1, 1), np.float32)), requires_grad=True)
    weight = cupy.asarray(np.ones((4, 3, 1, 1), np.float32))
    bias = cupy.asarray(np.ones(4, np.float32))
    label = cupy.asarray(np.zeros(1, np.int32))

    def ahead() -> minin.Tensor:
        y = ops.relu(ops.conv2d(x * 1.0, minin.Tensor(weight, requires_grad=True), bias))
        y = ops.mlpconv(y, [minin.Tensor(weight.reshape(3, 4, 1, 1))], [None], final_relu=False)
        return ops.cross_entropy(ops.global_avg_pool2d(y), label)

    with autograd.record() as tape, cupy.counted() as forward:
        loss = ahead()
    taped = tape.steps[1:]  # without the product, which is not of these ops
    noted = forward.others["gt"]  # masks, because there is a tape
    with cupy.counted() as backward:
        loss.backward()
    expected = launches(taped, 1)
    assert forward.launches - noted - 1 == expected.forward
    # The product with 1.0 gives x its gradient: a kernel, and a copy that x owns.
    assert backward.launches == expected.backward + expected.engine + 2 + 1


def test_a_training_holds_no_more_memory_after_each_step() -> None:
    training = Training("nin-digits", cupy.asarray, 8, "float32")
    training.step()
    training.losses.clear()
    before = memory(training.images)
    training.step()
    training.losses.clear()
    after = memory(training.images)
    assert after.used == before.used > 0
    assert after.held >= after.used
    assert str(after).endswith(" MiB held")


def test_plain_rules_start_several_times_as_many() -> None:
    training = Training("nin-digits", cupy.asarray, 8, "float32", batch=2)
    found = {}
    for mode in ("plain", "fast"):
        training.step()
        with minin.rules(mode), cupy.counted() as counts:
            training.step()
        found[mode] = counts
    assert found["plain"].launches > 3 * found["fast"].launches
    assert found["plain"].waits.total() == 2  # the look at the classes
    assert not found["fast"].waits
