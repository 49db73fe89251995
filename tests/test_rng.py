"""Randomness is always an argument; a seed means the same everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minin.errors import ArgumentError
from minin.rng import draw_keys, generator


def test_a_generator_is_used_as_it_is() -> None:
    rng = np.random.default_rng(0)
    assert generator(rng) is rng


@pytest.mark.parametrize("seed", [0, 7, 2**70, np.int64(7)])
def test_a_seed_starts_the_same_numbers_each_time(seed: Any) -> None:
    first, second = generator(seed), generator(seed)
    assert first is not second
    assert (
        first.integers(2**62)
        == second.integers(2**62)
        == np.random.default_rng(seed).integers(2**62)
    )


def test_none_is_unpredictable() -> None:
    assert generator(None).integers(2**62) != generator(None).integers(2**62)


def test_the_global_source_is_left_alone() -> None:
    before = repr(np.random.get_state())  # noqa: NPY002  # the old global source is the question
    generator(0).normal(size=3)
    generator(None).normal(size=3)
    draw_keys(3, 4)
    assert repr(np.random.get_state()) == before  # noqa: NPY002  # as above


@pytest.mark.parametrize(
    "rng", [-1, 1.0, "0", True, [1], np.random, np.random.RandomState(0), np.array([1, 2])]
)  # fmt: skip
def test_anything_else_is_refused(rng: Any) -> None:
    with pytest.raises(
        ArgumentError, match=r"^rng must be a numpy.random.Generator or an int seed"
    ):
        generator(rng)


def test_keys_are_whole_numbers_of_32_bits_in_one_draw() -> None:
    rng, reference = np.random.default_rng(1), np.random.default_rng(1)
    keys = draw_keys(rng, 5)
    assert all(type(key) is int and 0 <= key < 2**32 for key in keys)
    assert keys == reference.integers(0, 2**32, size=5, dtype=np.uint64).tolist()
    assert draw_keys(1, 5) == keys
    assert len(set(draw_keys(0, 1000))) == 1000
