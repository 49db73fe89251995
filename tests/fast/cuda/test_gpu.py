"""The fast rules on a real GPU: what the stand-in promises, kept.

The laws of tests/test_rule_laws.py run there too; here is what they do not ask.
"""

from __future__ import annotations

import numpy as np
import pytest

import minin
from minin import backend, ops
from minin.errors import ArgumentError
from minin.fast.cuda import demand_good_targets, memory
from tests.fast.cuda.fake import cupy as stand_in
from tests.fast.cuda.processor import Array, compiler
from tests.fast.cuda.training import Training

pytestmark = pytest.mark.gpu


def on_gpu(x: Array) -> backend.Array:
    return backend.to_device(x, "cuda")


@pytest.mark.parametrize(("dtype", "accurate"), [("float32", 1e-3), ("float64", 1e-10)])
def test_training_steps_are_the_books(dtype: str, accurate: float) -> None:
    there = Training("nin-digits", on_gpu, 8, dtype)
    here = Training("nin-digits", np.asarray, 8, dtype)
    for _ in range(3):
        there.step()
        with minin.rules("plain"):
            here.step()
    for got, wanted in zip(there.found(), here.found(), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=accurate, atol=accurate)


@pytest.mark.skipif(compiler() is None, reason="no C++ compiler for the stand-in")
def test_training_steps_are_the_stand_ins() -> None:
    there = Training("nin-digits", on_gpu, 8, "float64")
    here = Training("nin-digits", stand_in.asarray, 8, "float64")
    for training in (there, here):
        training.step()
    for got, wanted in zip(there.found(), here.found(), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-11, atol=1e-11)


def test_the_same_seed_gives_the_same_bits() -> None:
    found = []
    for _ in range(2):
        training = Training("nin-cifar10", on_gpu, 32, "float32", batch=16)
        for _ in range(3):
            training.step()
        found.append([x.tobytes() for x in training.found()])
    assert found[0] == found[1]


def test_the_mask_of_dropout_is_numpys() -> None:
    x = np.random.default_rng(0).normal(size=(5, 6, 7, 8)).astype(np.float32)
    here, there = ops.dropout(x, 0.4, rng=3), ops.dropout(on_gpu(x), 0.4, rng=3)
    np.testing.assert_array_equal(there.numpy(), here.numpy())


def test_a_class_out_of_range_is_told_of_once_the_loss_was_read() -> None:
    logits, target = on_gpu(np.zeros((3, 4), np.float32)), on_gpu(np.array([0, 9, 3]))
    loss = ops.cross_entropy(logits, target)
    assert np.isnan(loss.item())
    with pytest.raises(ArgumentError, match="got 9 in an earlier call"):
        demand_good_targets()


def test_memory_is_used_again() -> None:
    training = Training("nin-cifar10", on_gpu, 32, "float32", batch=16)
    held = []
    for _ in range(3):
        training.step()
        training.losses.clear()
        held.append(memory(training.images).held)
    assert held[1] == held[2]
