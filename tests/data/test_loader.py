"""The loader: the same batches however they are made, and no thread that outlives its use."""

from __future__ import annotations

import gc
import itertools
import threading
import traceback
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin.data import Augment, Loader, Preprocess
from minin.data import loader as loader_module
from minin.errors import MininError

COUNT = 23
AUGMENT = Augment.read(["pad-crop:1", "flip"])


def pixels(count: int = COUNT) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, 2, 4, 3), dtype=np.uint8)


def made(size: int = 5, seed: int = 0, ahead: int = 0, **options: Any) -> Loader:
    images = pixels()
    images.flags.writeable = False
    preprocess = Preprocess.fit(["gcn", "zca"], images)
    usual = {"preprocess": preprocess, "augment": AUGMENT}
    return Loader(images, np.arange(COUNT), size, seed, ahead=ahead, **{**usual, **options})


def by_label(loader: Loader, epoch: int) -> dict[int, Any]:
    return {
        int(label): image
        for images, labels in loader.epoch(epoch)
        for image, label in zip(images, labels, strict=True)
    }


def loader_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "minin-loader"]


@given(
    size=st.integers(1, 30),
    seed=st.integers(0, 2**40),
    epoch=st.integers(0, 2**33),
    ahead=st.integers(0, 4),
    cached=st.booleans(),
)
def test_an_image_depends_on_seed_and_epoch_alone(
    size: int, seed: int, epoch: int, ahead: int, cached: bool
) -> None:
    expected = by_label(made(COUNT, seed), epoch)
    with pytest.MonkeyPatch.context() as patch:
        if not cached:
            patch.setattr(loader_module, "_CACHE_BYTES", 0)
        found = by_label(made(size, seed, ahead), epoch)
    assert sorted(found) == list(range(COUNT))
    for label, image in found.items():
        np.testing.assert_array_equal(image, expected[label])


@given(size=st.integers(1, 30), ahead=st.integers(0, 3), data=st.data())
def test_skipped_batches_are_the_first_ones(size: int, ahead: int, data: st.DataObject) -> None:
    loader = made(size, ahead=ahead)
    skip = data.draw(st.integers(0, len(loader)))
    whole, rest = list(loader.epoch(2)), list(loader.epoch(2, skip=skip))
    assert len(rest) == len(whole) - skip
    for (images, labels), (others, numbers) in zip(whole[skip:], rest, strict=True):
        np.testing.assert_array_equal(images, others)
        np.testing.assert_array_equal(labels, numbers)


@given(size=st.integers(1, 30))
def test_all_batches_but_the_last_are_full(size: int) -> None:
    loader = made(size, ahead=1)
    sizes = [len(labels) for _, labels in loader.epoch(0)]
    assert len(sizes) == len(loader)
    assert sizes[:-1] == [size] * (len(sizes) - 1)
    assert sum(sizes) == COUNT


def test_batches_are_floats_and_int64() -> None:
    for images, labels in made(ahead=2).epoch(0):
        assert images.dtype == np.float32
        assert labels.dtype == np.int64
        assert images.shape == (len(labels), 2, 4, 3)


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    orders = {
        tuple(np.concatenate([labels for _, labels in made(seed=seed).epoch(epoch)]).tolist())
        for seed, epoch in itertools.product(range(3), range(3))
    }
    assert len(orders) == 9


def test_epochs_change_images_anew() -> None:
    loader = made()
    one, two = by_label(loader, 0), by_label(loader, 1)
    assert any((one[label] != two[label]).any() for label in one)


@pytest.mark.parametrize("ahead", [0, 2])
def test_floats_need_no_preprocess_and_stay_as_they_are(ahead: int) -> None:
    floats = pixels().astype(np.float32)
    before = floats.copy()
    loader = Loader(floats, np.arange(COUNT), 5, 0, ahead=ahead)
    for images, labels in loader.epoch(0):
        np.testing.assert_array_equal(images, before[labels])
        images[...] = -1
    np.testing.assert_array_equal(floats, before)


def test_two_epochs_may_run_at_once() -> None:
    loader = made(ahead=1)
    pairs = zip(loader.epoch(3), loader.epoch(3), strict=True)
    for (images, _), (others, _) in pairs:
        np.testing.assert_array_equal(images, others)
    assert not loader_threads()


# the thread


def test_a_walk_to_the_end_ends_the_thread() -> None:
    walk = made(ahead=1).epoch(0)  # of 5 batches: the thread cannot be done at the first
    next(walk)
    assert len(loader_threads()) == 1
    assert len(list(walk)) == 4
    assert not loader_threads()


def test_no_thread_starts_before_the_first_batch_or_without_ahead() -> None:
    walk = made(ahead=2).epoch(0)
    assert not loader_threads()
    for _ in made(ahead=0).epoch(0):
        assert not loader_threads()
    del walk


@pytest.mark.parametrize("ahead", [1, 2, 50])
@pytest.mark.parametrize("taken", [1, 2, 5])
def test_leaving_early_ends_the_thread(ahead: int, taken: int) -> None:
    for count, _ in enumerate(made(ahead=ahead).epoch(0), 1):
        if count == taken:
            break
    gc.collect()
    assert not loader_threads()


def test_closing_and_interrupting_end_the_thread() -> None:
    walk: Any = made(ahead=1).epoch(0)
    next(walk)
    walk.close()
    assert not loader_threads()
    walk = made(ahead=1).epoch(0)
    next(walk)
    with pytest.raises(KeyboardInterrupt):
        walk.throw(KeyboardInterrupt())
    assert not loader_threads()


def test_where_no_thread_can_start_there_are_the_same_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    expected = by_label(made(ahead=2), 1)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    found = by_label(made(ahead=2), 1)
    assert list(found) == list(expected)
    for label, image in found.items():
        np.testing.assert_array_equal(image, expected[label])


def test_an_exception_in_the_loop_ends_the_thread() -> None:
    def learn() -> None:
        for _ in made(ahead=2).epoch(0):
            raise RuntimeError("in the loop")

    with pytest.raises(RuntimeError, match="in the loop"):
        learn()
    gc.collect()
    assert not loader_threads()


class Broken:
    """A preprocess that fails on its third batch."""

    calls = 0

    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        self.calls += 1
        if self.calls == 4:  # the first call only asks how large the floats are
            raise ZeroDivisionError("on the third batch")
        return images.astype(np.float32)


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_what_goes_wrong_comes_out_with_its_trace(
    ahead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader_module, "_CACHE_BYTES", 0)
    loader = made(ahead=ahead, preprocess=Broken(), augment=None)
    walk = loader.epoch(0)
    for _ in range(2):
        next(walk)
    with pytest.raises(ZeroDivisionError, match="on the third batch") as caught:
        next(walk)
    assert "raise ZeroDivisionError" in "".join(traceback.format_exception(caught.value))
    assert not loader_threads()


def test_no_more_is_prepared_than_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader_module, "_CACHE_BYTES", 0)
    counter = Broken()
    counter.calls = -100
    walk: Any = made(1, ahead=2, preprocess=counter, augment=None).epoch(0)
    before = counter.calls
    for taken in range(1, 6):
        next(walk)
        # those taken, two that wait, and one in the thread's hands
        assert counter.calls - before <= taken + 3
    walk.close()


# how it is prepared


def test_what_fits_is_prepared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Broken()
    counter.calls = -100
    loader = made(preprocess=counter)
    for epoch in range(3):
        list(loader.epoch(epoch))
    assert counter.calls == -98  # one image for its size, then all
    monkeypatch.setattr(loader_module, "_CACHE_BYTES", COUNT * 2 * 4 * 3 * 4 - 1)
    counter.calls = -100
    list(made(preprocess=counter).epoch(0))
    assert counter.calls == -100 + 1 + 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": pixels().tolist()}, "images must be a NumPy array of uint8; got list"),
        ({"preprocess": None}, "images must be a NumPy array of floats; got uint8"),
        ({"images": pixels().astype(np.float32)}, "of uint8; got float32"),
        ({"images": pixels()[0]}, r"must have shape \(N, C, H, W\)"),
        ({"images": pixels()[:0], "labels": np.arange(0)}, "hold a pixel"),
        ({"preprocess": ["scale"]}, "preprocess must be a Preprocess or None; got list"),
        ({"augment": ["flip"]}, "augment must be an Augment or None; got list"),
        ({"labels": list(range(COUNT))}, "labels must be a NumPy array of int64; got list"),
        ({"labels": np.arange(COUNT, dtype=np.int32)}, "got int32"),
        ({"labels": np.arange(COUNT - 1)}, r"labels must have shape \(23,\)"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"batch_size": 2.5}, "batch_size must be"),
        ({"seed": -1}, "seed must be"),
        ({"seed": None}, "seed must be"),
        ({"ahead": -1}, "ahead must be"),
        ({"ahead": True}, "ahead must be"),
    ],
)
def test_wrong_arguments_are_refused(change: dict[str, Any], message: str) -> None:
    images = pixels()
    arguments: dict[str, Any] = {
        "images": images,
        "labels": np.arange(COUNT),
        "batch_size": 5,
        "seed": 0,
        "preprocess": Preprocess.fit(["scale"], images),
    }
    with pytest.raises(MininError, match=message):
        Loader(**{**arguments, **change})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1,), "number must be"),
        ((None,), "number must be"),
        ((0, -1), "skip must be"),
        ((0, 6), "skip must be at most 5, an epoch; got 6"),
    ],
)
@pytest.mark.parametrize("ahead", [0, 2])
def test_a_wrong_epoch_is_refused_at_once(
    ahead: int, arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(MininError, match=message):
        made(ahead=ahead).epoch(*arguments)
