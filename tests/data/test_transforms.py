"""Preprocessing: what each step promises, alone, in a row, and after a trip to a file."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from minin.data import Preprocess, Standardise, load
from minin.data.transforms.contrast import ContrastNormalise
from minin.data.transforms.step import Training
from minin.errors import ArgumentError, DataError, DtypeError, MininError, ShapeError
from tests.choice import mostly_thorough

Bytes = npt.NDArray[np.uint8]
RESIZED = ["resize:5", "scale", "gcn", "zca", "standardise"]
# Every list of steps in the right order, the empty one too.
LISTS = [list(c) for n in range(6) for c in itertools.combinations(RESIZED, n)]
batches = arrays(
    np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 3), st.integers(1, 5), st.integers(1, 5))
)
specs_drawn = st.sampled_from(LISTS)


def noise(*shape: int, seed: int = 0) -> Bytes:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@given(specs=specs_drawn, images=batches)
def test_floats_come_out_finite_in_the_shape_that_was_said(specs: list[str], images: Bytes) -> None:
    images.flags.writeable = False
    preprocess = Preprocess.fit(specs, images)
    out = preprocess(images)
    assert out.dtype == np.float32
    assert out.shape == (len(images), *preprocess.output_shape(images.shape[1:]))
    assert np.isfinite(out).all()
    assert not np.shares_memory(out, images)


@given(specs=specs_drawn, images=batches)
def test_an_image_does_not_depend_on_its_batch(specs: list[str], images: Bytes) -> None:
    preprocess = Preprocess.fit(specs, images)
    together = preprocess(images)
    for place in range(len(images)):
        np.testing.assert_array_equal(preprocess(images[place : place + 1])[0], together[place])


@given(specs=specs_drawn, images=batches)
def test_json_and_arrays_bring_it_back(specs: list[str], images: Bytes) -> None:
    preprocess = Preprocess.fit(specs, images)
    text = json.dumps(preprocess.to_dict(), allow_nan=False)
    again = Preprocess.from_dict(json.loads(text), preprocess.arrays())
    assert again.specs == preprocess.specs == tuple(specs)
    assert again.to_dict() == preprocess.to_dict()
    np.testing.assert_array_equal(again(images), preprocess(images))


@given(
    specs=specs_drawn,
    value=st.integers(0, 255),
    shape=st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)),
)
def test_constant_images_are_no_division_by_nought(
    specs: list[str], value: int, shape: tuple[int, int, int]
) -> None:
    images = np.full((3, *shape), value, dtype=np.uint8)
    out = Preprocess.fit(specs, images)(images)
    assert np.isfinite(out).all()
    if {"gcn", "standardise"} & set(specs):
        np.testing.assert_allclose(out, 0, atol=1e-3)


def test_more_images_than_pass_at_once() -> None:
    images = noise(700, 1, 64, 64)  # 11 MiB of floats
    images[400:] //= 4  # so that parts differ in their means
    preprocess = Preprocess.fit(["scale", "standardise"], images)
    np.testing.assert_array_equal(preprocess(images)[650:], preprocess(images[650:]))
    out = preprocess(images)
    assert abs(out.mean(dtype=np.float64)) < 1e-5
    assert out.std(dtype=np.float64) == pytest.approx(1, abs=1e-5)


def test_bytes_in_any_memory_order_will_do() -> None:
    images = noise(4, 3, 6, 6)
    strange = np.asfortranarray(images)
    preprocess = Preprocess.fit(RESIZED, images)
    np.testing.assert_array_equal(preprocess(strange), preprocess(images))
    assert Preprocess.fit(RESIZED, strange).to_dict() == preprocess.to_dict()


def test_no_images_give_none() -> None:
    preprocess = Preprocess.fit(RESIZED, noise(4, 3, 6, 6))
    assert preprocess(noise(0, 3, 6, 6)).shape == (0, 3, 5, 5)


# scale and standardise


def test_scale_ends_at_one_for_the_brightest_pixel() -> None:
    images = np.array([0, 4, 16], dtype=np.uint8).reshape(3, 1, 1, 1)
    assert Preprocess.fit(["scale"], images)(images).ravel().tolist() == [0, 0.25, 1]


@given(images=batches)
def test_standardise_is_the_class_of_that_name(images: Bytes) -> None:
    fitted, step = Standardise.fit(images), Preprocess.fit(["standardise"], images)
    (numbers,) = step.to_dict()["numbers"].values()
    np.testing.assert_allclose(numbers["mean"], fitted.mean, rtol=1e-12)
    np.testing.assert_allclose(numbers["std"], fitted.std, rtol=1e-10)
    np.testing.assert_allclose(step(images), fitted(images), atol=1e-6)


def test_the_digits_are_standardised_as_ever() -> None:
    images = load("digits").train_images
    ours = Preprocess.fit(["standardise"], images)(images)
    np.testing.assert_array_equal(ours, Standardise.fit(images)(images))


@given(images=batches)
def test_after_standardising_each_channel_is_centred(images: Bytes) -> None:
    out = Preprocess.fit(["scale", "standardise"], images)(images).astype(np.float64)
    np.testing.assert_allclose(out.mean(axis=(0, 2, 3)), 0, atol=1e-4)
    spread = out.std(axis=(0, 2, 3))
    np.testing.assert_allclose(spread, images.std(axis=(0, 2, 3)) > 0, atol=1e-4)


# contrast


@given(images=batches, norm=st.sampled_from([None, 1.0, 7.5]))
def test_every_image_has_the_mean_nought_and_the_norm(images: Bytes, norm: float | None) -> None:
    spec = "gcn" if norm is None else f"gcn:{norm}"
    out = Preprocess.fit([spec], images)(images).astype(np.float64)
    np.testing.assert_allclose(out.mean(axis=(1, 2, 3)), 0, atol=1e-4)
    rich = np.ptp(images, axis=(1, 2, 3)) > 0
    lengths = np.sqrt(np.square(out).sum(axis=(1, 2, 3)))
    np.testing.assert_allclose(lengths, rich * (norm or 55.0), rtol=1e-5)


def test_the_faintest_contrast_is_no_rounding() -> None:
    image = np.full((1, 3, 64, 64), 255, dtype=np.uint8)
    image[0, 0, 0, 0] = 254
    out = Preprocess.fit(["gcn"], image)(image)
    assert np.linalg.norm(out) == pytest.approx(55, rel=1e-3)


def almost_constant() -> npt.NDArray[np.float32]:
    """Images as rounding might leave them: one pixel of each is off by its last bit."""
    images = np.full((4, 1, 6, 6), 137.3, dtype=np.float32)
    images[:, 0, 2, 3] = np.nextafter(np.float32(137.3), np.float32(200))
    return images


def test_rounding_is_no_contrast_and_no_spread() -> None:
    assert not ContrastNormalise(55.0).apply(almost_constant()).any()
    training = Training(lambda: iter([almost_constant()]), (1, 6, 6))
    fitted = Standardise((0.0,), (1.0,)).learn(training)
    assert fitted.numbers()["std"] == [0.0]
    assert np.abs(fitted.apply(almost_constant())).max() < 1e-4


# whitening


@given(
    shape=st.sampled_from([(1, 2, 3), (2, 2, 2), (3, 1, 2)]),
    mix=arrays(np.float64, (8, 8), elements=st.floats(-1, 1)),
)
def test_whitened_pixels_are_uncorrelated_with_variance_one(
    shape: tuple[int, int, int], mix: npt.NDArray[np.float64]
) -> None:
    size = int(np.prod(shape))
    mix = np.eye(size) + 0.3 * mix[:size, :size]
    drawn = np.random.default_rng(0).standard_normal((500, size)) @ mix
    images = (128 + 25 * drawn).clip(0, 255).astype(np.uint8).reshape(500, *shape)
    covariance = np.cov(Preprocess.fit(["zca:1e-6"], images)(images).reshape(500, -1).T, bias=True)
    flat = images.reshape(500, -1).astype(np.float64)
    if np.linalg.eigvalsh(np.cov(flat.T)).min() > 0.1:  # else some pixels say the same
        np.testing.assert_allclose(covariance, np.eye(size), atol=1e-2)


def test_zca_is_the_inverse_root_of_the_covariance() -> None:
    images = noise(40, 1, 3, 3)
    matrix = Preprocess.fit(["zca:0.1"], images).arrays()["zca.matrix"].astype(np.float64)
    covariance = np.cov(images.reshape(40, -1).T.astype(np.float64), bias=True) + 0.1 * np.eye(9)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-6)
    assert np.linalg.eigvalsh(matrix).min() > 0
    np.testing.assert_allclose(matrix @ covariance @ matrix, np.eye(9), atol=1e-4)


def test_fewer_images_than_pixels_are_whitened_too() -> None:
    images = noise(5, 3, 8, 8)
    assert np.abs(Preprocess.fit(["gcn", "zca"], images)(images)).max() < 100


@pytest.mark.parametrize("size", mostly_thorough([5, 20, 28], lambda size: size == 5))
def test_the_last_bits_do_not_depend_on_the_place_in_a_batch(size: int) -> None:
    images = noise(70, 1, size, size)
    preprocess = Preprocess.fit(["gcn", "zca"], images)
    together = preprocess(images)
    for place in (0, 1, 7, 8, 37, 69):
        np.testing.assert_array_equal(preprocess(images[place : place + 1])[0], together[place])
    np.testing.assert_array_equal(preprocess(images[3:]), together[3:])


def test_images_too_large_for_the_matrix_are_refused() -> None:
    with pytest.raises(ArgumentError, match="at most 4096 numbers"):
        Preprocess.fit(["resize:65", "zca"], noise(1, 1, 2, 2))


# resizing


@pytest.mark.peers
@given(
    old=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    new=st.integers(1, 64),
    seed=st.integers(0, 9),
)
def test_resizing_is_that_of_torch(old: tuple[int, int], new: int, seed: int) -> None:
    assert_as_torch(noise(2, 3, *old, seed=seed), new)


@pytest.mark.peers
@pytest.mark.parametrize(("old", "new"), [(28, 224), (32, 224), (8, 28), (224, 28), (7, 7)])
def test_common_sizes_are_those_of_torch(old: int, new: int) -> None:
    assert_as_torch(noise(2, 1, old, old), new)


def assert_as_torch(images: Bytes, new: int) -> None:
    import torch

    if images.max() == 0:
        images = images + np.uint8(1)
    scale = float(images.max())
    ours = Preprocess.fit([f"resize:{new}"], images)(images)
    theirs = torch.nn.functional.interpolate(
        torch.from_numpy(images.astype(np.float32)),
        size=(new, new),
        mode="bilinear",
        align_corners=False,
        antialias=False,
    ).numpy()
    np.testing.assert_allclose(ours / scale, theirs / scale, rtol=0, atol=1e-5)


@given(images=batches, size=st.integers(1, 9))
def test_a_resized_image_stays_between_its_pixels(images: Bytes, size: int) -> None:
    out = Preprocess.fit([f"resize:{size}"], images)(images)
    assert out.min() >= images.min() - 1e-3
    assert out.max() <= images.max() + 1e-3


def test_doubling_by_hand() -> None:
    images = np.array([0, 100], dtype=np.uint8).reshape(1, 1, 1, 2)
    out = Preprocess.fit(["resize:4"], images)(images)
    np.testing.assert_allclose(out[0, 0], [[0, 25, 75, 100]] * 4)


# refusals


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        ("scale", "must be a list of texts"),
        (None, "must be a list of texts"),
        ([3], "must be a list of texts"),
        ({"scale": 1}, "must be a list of texts"),
        (["scales"], "did you mean 'scale'"),
        (["flip"], "unknown transform 'flip'"),
        ([""], "unknown transform ''"),
        (["scale", "scale"], "'scale' must come once"),
        (["gcn:1", "gcn:2"], "'gcn' must come once"),
        (["zca", "gcn"], "must come in the order resize, scale, gcn, zca, standardise"),
        (["standardise", "scale"], "must come in the order"),
        (["resize"], "needs a whole number of pixels"),
        (["resize:"], "needs a whole number"),
        (["resize:0"], "needs a whole number"),
        (["resize:-3"], "needs a whole number"),
        (["resize:2.5"], "needs a whole number"),
        (["resize:\u00b2"], "needs a whole number"),
        (["resize:99999999999"], "needs a whole number"),
        (["scale:2"], "takes no number"),
        (["standardise:"], "takes no number"),
        (["gcn:0"], "takes a finite number above 0"),
        (["gcn:many"], "takes a finite number"),
        (["zca:nan"], "takes a finite number"),
        (["zca:inf"], "takes a finite number"),
        (["zca:"], "takes a finite number"),
    ],
)
def test_wrong_lists_are_refused_without_and_with_images(specs: Any, message: str) -> None:
    for attempt in (Preprocess.check, lambda s: Preprocess.fit(s, noise(2, 1, 3, 3))):
        with pytest.raises(MininError, match=message):
            attempt(specs)


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (np.zeros((2, 1, 3, 3)), DtypeError, "must be a NumPy array of uint8"),
        ([[1]], DtypeError, "got list"),
        (np.zeros((2, 3, 3), np.uint8), ShapeError, r"must have shape \(N, C, H, W\)"),
        (np.zeros((0, 1, 3, 3), np.uint8), ShapeError, "at least one pixel"),
    ],
)
def test_wrong_images_are_refused(images: Any, error: type[MininError], message: str) -> None:
    with pytest.raises(error, match=message):
        Preprocess.fit(["scale"], images)


@pytest.mark.parametrize(
    ("specs", "shape", "message"),
    [
        (["zca"], (2, 1, 3, 4), r"with \(C, H, W\) = \(1, 3, 3\), as in fit"),
        (["standardise"], (2, 3, 3, 3), "with 1 channels, as in fit"),
        (["scale"], (2, 1, 0, 3), "at least 1 each"),
        (["scale"], (2, 3, 3), r"must have shape \(N, C, H, W\)"),
    ],
)
def test_images_unlike_those_of_fit_are_refused(
    specs: list[str], shape: tuple[int, ...], message: str
) -> None:
    preprocess = Preprocess.fit(specs, noise(4, 1, 3, 3))
    with pytest.raises(ShapeError, match=message):
        preprocess(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("shape", [None, (1, 2), (1, 2, 3, 4), (1, 0, 3), (1, 2.5, 3), "abc"])
def test_a_shape_that_is_none_is_refused(shape: Any) -> None:
    with pytest.raises(ShapeError, match=r"must have a shape \(C, H, W\)"):
        Preprocess.fit([], noise(4, 1, 3, 3)).output_shape(shape)


def changed(values: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    """Return a copy of a nested dict with one entry changed."""
    if len(path) == 1:
        return {**values, path[0]: to}
    return {**values, path[0]: changed(values[path[0]], *path[1:], to=to)}


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("specs",), "scale"),
        (("specs",), ["scale", "zca"]),
        (("specs",), ["scale", "zca", "blur"]),
        (("more",), 1),
        (("numbers",), []),
        (("numbers", "gcn"), {}),
        (("numbers", "scale"), {}),
        (("numbers", "scale"), None),
        (("numbers", "scale", "black"), 1),
        (("numbers", "scale", "white"), 0),
        (("numbers", "scale", "white"), "255"),
        (("numbers", "scale", "white"), float("nan")),
        (("numbers", "zca", "shape"), [1, 3]),
        (("numbers", "zca", "shape"), [1, 3, 4]),
        (("numbers", "zca", "shape"), [1, 3, "3"]),
        (("numbers", "zca", "shape"), None),
        (("numbers", "standardise", "mean"), [float("nan")]),
        (("numbers", "standardise", "mean"), [1.0, 2.0]),
        (("numbers", "standardise", "std"), [-1.0]),
    ],
)
def test_a_damaged_description_is_refused(path: tuple[str, ...], to: Any) -> None:
    preprocess = Preprocess.fit(["scale", "zca", "standardise"], noise(4, 1, 3, 3))
    with pytest.raises(DataError, match="saved preprocessing: "):
        Preprocess.from_dict(changed(preprocess.to_dict(), *path, to=to), preprocess.arrays())


@pytest.mark.parametrize(
    "change",
    [
        {"zca.mean": np.zeros(8, np.float32)},
        {"zca.mean": np.zeros(9)},
        {"zca.mean": [0.0] * 9},
        {"zca.matrix": np.full((9, 9), np.nan, np.float32)},
        {"zca.matrix": np.zeros((9, 8), np.float32)},
        {"zca.more": np.zeros(9, np.float32)},
    ],
)
def test_damaged_arrays_are_refused(change: dict[str, Any]) -> None:
    preprocess = Preprocess.fit(["zca"], noise(4, 1, 3, 3))
    for arrays_given in ({**preprocess.arrays(), **change}, {}, None):
        with pytest.raises(DataError, match="saved preprocessing: "):
            Preprocess.from_dict(preprocess.to_dict(), arrays_given)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [None, [], {}, {"specs": []}, 3])
def test_what_is_no_description_is_refused(values: Any) -> None:
    with pytest.raises(DataError, match="saved preprocessing: it must be a mapping"):
        Preprocess.from_dict(values, {})


def test_what_is_read_back_is_a_copy() -> None:
    preprocess = Preprocess.fit(["zca"], noise(4, 1, 3, 3))
    given_arrays = preprocess.arrays()
    again = Preprocess.from_dict(preprocess.to_dict(), given_arrays)
    expected = again(noise(2, 1, 3, 3))
    for array in given_arrays.values():
        array[...] = 0
    np.testing.assert_array_equal(again(noise(2, 1, 3, 3)), expected)
    np.testing.assert_array_equal(preprocess(noise(2, 1, 3, 3)), expected)
