from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from minin.data import Standardise
from minin.errors import ArgumentError, DataError, DtypeError, ShapeError

images_of_two_channels = arrays(
    np.uint8, st.tuples(st.integers(1, 5), st.just(2), st.integers(1, 4), st.integers(1, 4))
)


@given(images=images_of_two_channels)
def test_fit_is_the_mean_and_deviation_of_each_channel(
    images: npt.NDArray[np.uint8],
) -> None:
    fitted = Standardise.fit(images)
    pixels = images.astype(np.float64)
    np.testing.assert_allclose(fitted.mean, pixels.mean(axis=(0, 2, 3)), atol=1e-10)
    np.testing.assert_allclose(fitted.std, pixels.std(axis=(0, 2, 3)), atol=1e-10)


@given(images=images_of_two_channels)
def test_the_result_has_mean_0_and_spread_1_or_0(images: npt.NDArray[np.uint8]) -> None:
    images.flags.writeable = False
    fitted = Standardise.fit(images)
    out = fitted(images)
    assert out.dtype == np.float32
    assert out.shape == images.shape
    np.testing.assert_allclose(out.mean(axis=(0, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(out.std(axis=(0, 2, 3)), np.sign(fitted.std), atol=1e-4)


def test_more_images_than_are_counted_at_once() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2500, 1, 2, 2), dtype=np.uint8)
    fitted = Standardise.fit(images)
    np.testing.assert_allclose(fitted.mean, images.mean(), rtol=1e-12)
    np.testing.assert_allclose(fitted.std, images.std(), rtol=1e-12)


def test_a_channel_that_never_changes_becomes_0() -> None:
    images = np.full((3, 1, 2, 2), 200, dtype=np.uint8)
    fitted = Standardise.fit(images)
    assert fitted.std == (0.0,)
    np.testing.assert_array_equal(fitted(images), np.zeros((3, 1, 2, 2), np.float32))


@given(
    mean=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3),
    std=st.floats(0, 1e6),
)
def test_json_keeps_it_exactly(mean: list[float], std: float) -> None:
    before = Standardise(tuple(mean), (std,) * len(mean))
    assert Standardise.from_dict(json.loads(json.dumps(before.to_dict()))) == before


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (np.zeros((1, 1, 2, 2)), DtypeError, "uint8, as loaded; got float64"),
        ([[1]], DtypeError, "got list"),
        (np.zeros((1, 2, 2), np.uint8), ShapeError, r"\(N, C, H, W\); got \(1, 2, 2\)"),
    ],
)
def test_what_is_not_a_batch_of_bytes_is_refused(
    images: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Standardise.fit(images)
    with pytest.raises(error, match=message):
        Standardise((0.0,), (1.0,))(images)


def test_fit_needs_a_pixel_and_the_call_the_same_channels() -> None:
    with pytest.raises(ShapeError, match="at least one pixel"):
        Standardise.fit(np.zeros((0, 1, 2, 2), np.uint8))
    with pytest.raises(ShapeError, match=r"must have 1 channels.*\(1, 3, 2, 2\)"):
        Standardise((0.0,), (1.0,))(np.zeros((1, 3, 2, 2), np.uint8))


@pytest.mark.parametrize(
    ("mean", "std"),
    [((), ()), ((1.0,), (1.0, 2.0)), ((1.0,), (-1.0,)), ((np.nan,), (1.0,)), ("a", (1.0,))],
)
def test_numbers_that_make_no_sense_are_refused(mean: Any, std: Any) -> None:
    with pytest.raises(ArgumentError, match="mean"):
        Standardise(mean, std)
    with pytest.raises(DataError, match=r"saved standardisation: .*mean"):
        Standardise.from_dict({"mean": mean, "std": std})


@pytest.mark.parametrize(
    "values", [{}, {"mean": [0.0]}, {"mean": [0.0], "std": [1.0], "x": 1}, [1], None]
)
def test_other_keys_are_refused(values: Any) -> None:
    with pytest.raises(DataError, match="must have the keys mean and std"):
        Standardise.from_dict(values)
