from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from minin.data import from_arrays
from minin.errors import ArgumentError, DataError, DtypeError, MininError, ShapeError

PIXELS = np.arange(6 * 4 * 5 * 3, dtype=np.int64).astype(np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize("layout", ["NCHW", "NHWC", "NHW"])
def test_every_pixel_is_where_its_layout_says(layout: str) -> None:
    sizes = {"N": 6, "C": 3, "H": 4, "W": 5}
    shape = tuple(sizes[axis] for axis in layout)
    images = PIXELS[: np.prod(shape)].reshape(shape)
    dataset = from_arrays(images, LABELS, images[:1], LABELS[:1], layout=layout)
    assert dataset.image_shape == ((1 if layout == "NHW" else 3), 4, 5)
    for n, c, h, w in ((0, 0, 0, 0), (5, 2, 3, 4), (2, 1, 0, 3)):
        index = {"N": n, "C": c, "H": h, "W": w}
        if layout == "NHW":
            c = 0
        place = tuple(index[axis] for axis in layout)
        assert dataset.train_images[n, c, h, w] == images[place]
    assert dataset.train_images.flags.c_contiguous
    assert dataset.classes == ("0", "1", "2")


@given(
    labels=arrays(np.int8, st.integers(8, 40), elements=st.integers(0, 3)),
    share=st.sampled_from([0.2, 0.25, 0.5]),
    seed=st.integers(0, 5),
)
def test_the_split_keeps_every_image_once_and_classes_in_proportion(
    labels: npt.NDArray[np.int8], share: float, seed: int
) -> None:
    count = len(labels)
    images = np.arange(count, dtype=np.uint8)[:, None, None]
    words = tuple("abcd")
    dataset = from_arrays(images, labels, layout="NHW", classes=words, test_share=share, seed=seed)
    train, test = dataset.train_images.ravel(), dataset.test_images.ravel()
    assert sorted([*train, *test]) == list(range(count))
    np.testing.assert_array_equal(dataset.train_labels, labels[train])
    np.testing.assert_array_equal(dataset.test_labels, labels[test])
    total = round(count * share)
    exact = np.bincount(labels, minlength=4) * (total / count)
    assert np.all(np.abs(np.bincount(dataset.test_labels, minlength=4) - exact) < 1)
    again = from_arrays(images, labels, layout="NHW", classes=words, test_share=share, seed=seed)
    np.testing.assert_array_equal(again.test_images, dataset.test_images)


def grey(count: int = 6) -> npt.NDArray[np.uint8]:
    return np.zeros((count, 1, 4, 4), dtype=np.uint8)


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"layout": "NWHC"}, MininError, "unknown layout 'NWHC'; did you mean 'NHWC'"),
        ({"layout": "NHW"}, ShapeError, r"3 axes of layout='NHW'; got shape \(6, 1, 4, 4\)"),
        ({"train_images": grey()[:, 0]}, ShapeError, "4 axes of layout='NCHW'"),
        ({"train_images": grey() / 255}, DtypeError, r"got float64\. .*np\.uint8"),
        ({"train_images": [[0]]}, DtypeError, "got list"),
        ({"train_labels": LABELS.astype(float)}, DtypeError, "integers; got float64"),
        ({"train_labels": LABELS > 0}, DtypeError, "integers; got bool"),
        ({"train_labels": list("aabbcc")}, DtypeError, r"got list.*np\.unique"),
        ({"train_labels": np.eye(6, dtype=int)}, ShapeError, r"One-hot: argmax\(1\)"),
        ({"train_labels": LABELS[:5]}, ShapeError, "as many; got 6 and 5"),
        ({"train_labels": LABELS - 1}, DataError, "must be from 0 to"),
        ({"train_labels": LABELS * 2**40}, DataError, "must be named in classes"),
        ({"train_labels": np.full(6, 2**64 - 1, np.uint64)}, DataError, "one is 184467"),
        ({"classes": ["a", "b"]}, DataError, "must be from 0 to 1"),
        ({"classes": "abc"}, ArgumentError, "a sequence of names; got 'abc'"),
        ({"classes": ["a", "a", "b"]}, ArgumentError, "different strings"),
        ({"classes": [1, 2, 3]}, ArgumentError, "different strings"),
        ({"test_images": grey(2)}, ArgumentError, "given together"),
        ({"test_share": 0.0}, ArgumentError, "test_share and seed: fraction"),
        ({"test_share": 1.5}, ArgumentError, "test_share and seed: fraction"),
        ({"seed": -1}, ArgumentError, "seed"),
        ({"train_images": grey(0), "train_labels": LABELS[:0]}, MininError, "at least one"),
        (
            {"test_images": np.zeros((2, 1, 3, 3), np.uint8), "test_labels": LABELS[:2]},
            DataError,
            "must have one size",
        ),
    ],
)
def test_each_mistake_has_its_own_words(
    changes: dict[str, Any], kind: type[MininError], message: str
) -> None:
    right: dict[str, Any] = {"train_images": grey(), "train_labels": LABELS}
    with pytest.raises(kind, match=message):
        from_arrays(**{**right, **changes})


def test_nothing_given_is_changed() -> None:
    images, labels = grey(), LABELS.astype(np.uint8)
    images.flags.writeable = labels.flags.writeable = False
    assert from_arrays(images, labels, test_share=0.5).name == "arrays"
