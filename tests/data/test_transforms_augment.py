"""Random changes: which outcomes there are, how often, and what they depend on."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin.data import Augment
from minin.data.transforms.draws import draw_below
from minin.errors import MininError

ALL = ["pad-crop:2", "translate:1", "flip"]


def images(count: int, c: int = 2, h: int = 5, w: int = 4) -> npt.NDArray[np.float32]:
    """Images without two equal pixels, and without a zero."""
    numbers = np.arange(1, count * c * h * w + 1, dtype=np.float32)
    return numbers.reshape(count, c, h, w)


@given(
    specs=st.permutations(ALL),
    seed=st.integers(0, 2**70),
    epoch=st.integers(0, 2**40),
    size=st.integers(1, 20),
    order=st.permutations(range(20)),
)
def test_neither_batch_nor_order_matter(
    specs: list[str], seed: int, epoch: int, size: int, order: list[int]
) -> None:
    augment, pictures = Augment.read(specs), images(20)
    pictures.flags.writeable = False
    numbers = np.arange(20) * 1000
    together = augment(pictures, seed=seed, epoch=epoch, indices=numbers)
    assert together.dtype == np.float32
    assert not np.shares_memory(together, pictures)
    for start in range(0, 20, size):
        some = np.array(order[start : start + size])
        part = augment(pictures[some], seed=seed, epoch=epoch, indices=numbers[some])
        np.testing.assert_array_equal(part, together[some])


def by_loops(image: Any, down: int, right: int, border: int, zeros: bool) -> Any:
    """Cut one image out of its bordered self, pixel by pixel."""
    _, h, w = image.shape
    out = np.zeros_like(image)
    for y in range(h):
        for x in range(w):
            row, column = y + down - border, x + right - border
            inside = 0 <= row < h and 0 <= column < w
            if inside or not zeros:
                out[:, y, x] = image[:, min(max(row, 0), h - 1), min(max(column, 0), w - 1)]
    return out


@pytest.mark.parametrize(("name", "zeros"), [("pad-crop", True), ("translate", False)])
@given(border=st.integers(1, 7), seed=st.integers(0, 99))
def test_every_cut_is_one_of_those_that_loops_make(
    name: str, zeros: bool, border: int, seed: int
) -> None:
    pictures = images(6)
    cut = Augment.read([f"{name}:{border}"])(pictures, seed=seed, epoch=3, indices=np.arange(6))
    places = range(2 * border + 1)
    for before, after in zip(pictures, cut, strict=True):
        possible = [by_loops(before, d, r, border, zeros) for d in places for r in places]
        assert any((after == one).all() for one in possible)


@pytest.mark.parametrize("name", ["pad-crop", "translate"])
def test_every_shift_comes_equally_often(name: str) -> None:
    marked = np.zeros((9000, 1, 3, 3), dtype=np.float32)
    marked[:, 0, 1, 1] = 1
    out = Augment.read([f"{name}:1"])(marked, seed=0, epoch=0, indices=np.arange(9000))
    assert (out.sum(axis=(1, 2, 3)) == 1).all()
    counts = out.sum(axis=(0, 1))  # (3, 3), 1000 expected in each, deviation 30
    assert counts.min() > 850
    assert counts.max() < 1150


def test_a_flip_exchanges_left_and_right_half_of_the_time() -> None:
    pictures = images(4000)
    out = Augment.read(["flip"])(pictures, seed=0, epoch=0, indices=np.arange(4000))
    same = (out == pictures).all(axis=(1, 2, 3))
    turned = (out == pictures[..., ::-1]).all(axis=(1, 2, 3))
    assert (same ^ turned).all()
    assert 1850 < turned.sum() < 2150


@given(
    seeds=st.tuples(st.integers(0, 2**70), st.integers(0, 2**70)),
    epochs=st.tuples(st.integers(0, 2**33), st.integers(0, 2**33)),
    places=st.tuples(st.integers(0, 5), st.integers(0, 5)),
)
def test_seed_epoch_and_place_each_count(
    seeds: tuple[int, int], epochs: tuple[int, int], places: tuple[int, int]
) -> None:
    one, two = (
        draw_below(1000, seed, epoch, (place, 0), np.arange(50))
        for seed, epoch, place in zip(seeds, epochs, places, strict=True)
    )
    alike = seeds[0] == seeds[1] and epochs[0] == epochs[1] and places[0] == places[1]
    assert (one == two).all() == alike


def test_a_seed_of_two_words_is_not_the_next_epoch() -> None:
    one = draw_below(1000, 5 + 2**32, 0, (0, 0), np.arange(50))
    two = draw_below(1000, 5, 1, (0, 0), np.arange(50))
    assert (one != two).any()


@given(bound=st.integers(1, 2**31), seed=st.integers(0, 9))
def test_draws_stay_below_their_bound(bound: int, seed: int) -> None:
    drawn = draw_below(bound, seed, 0, (0, 0), np.arange(200))
    assert drawn.min() >= 0
    assert drawn.max() < bound


def test_draws_are_even_and_neighbours_do_not_agree() -> None:
    drawn = draw_below(8, 1, 2, (0, 1), np.arange(80_000))
    counts = np.bincount(drawn, minlength=8)
    assert np.abs(counts - 10_000).max() < 500
    pairs = np.bincount(8 * drawn[:-1] + drawn[1:], minlength=64)
    assert np.abs(pairs - 1250).max() < 200


def test_two_changes_in_a_row_draw_for_themselves() -> None:
    marked = np.zeros((200, 1, 9, 9), dtype=np.float32)
    marked[:, 0, 4, 4] = 1
    augment = Augment.read(["pad-crop:1", "translate:1"])
    out = augment(marked, seed=0, epoch=0, indices=np.arange(200))
    rows = out[:, 0].argmax(axis=1).max(axis=1) - 4  # the sum of two shifts down
    assert sorted(set(rows.tolist())) == [-2, -1, 0, 1, 2]


def test_no_changes_give_a_copy() -> None:
    pictures = images(3)
    out = Augment.read([])(pictures, seed=0, epoch=0, indices=np.arange(3))
    np.testing.assert_array_equal(out, pictures)
    assert not np.shares_memory(out, pictures)


def test_doubles_stay_doubles() -> None:
    pictures = images(3).astype(np.float64)
    out: Any = Augment.read(ALL)(pictures, seed=0, epoch=0, indices=np.arange(3))  # type: ignore[arg-type]
    assert out.dtype == np.float64


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        ("flip", "must be a list of texts"),
        (["flop"], "did you mean 'flip'"),
        (["scale"], "unknown transform 'scale'"),
        (["flip", "flip"], "'flip' must come once"),
        (["flip:1"], "takes no number"),
        (["pad-crop"], "needs a whole number of pixels"),
        (["translate:0"], "needs a whole number of pixels"),
        (["translate:x"], "needs a whole number of pixels"),
    ],
)
def test_wrong_lists_are_refused(specs: Any, message: str) -> None:
    with pytest.raises(MininError, match=message):
        Augment.read(specs)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": [[1.0]]}, "images must be a NumPy array of floats; got list"),
        ({"images": np.zeros((3, 1, 2, 2), np.uint8)}, "got uint8. Use Preprocess"),
        ({"images": np.zeros((3, 2, 2))}, r"must have shape \(N, C, H, W\)"),
        ({"indices": [0, 1, 2]}, "indices must be a NumPy array of integers"),
        ({"indices": np.zeros(3)}, "indices must be a NumPy array of integers; got float64"),
        ({"indices": np.arange(4)}, r"and indices \(N,\)"),
        ({"indices": np.array([0, 1, -1])}, "from 0 and below"),
        ({"indices": np.array([0, 1, 2**32])}, "from 0 and below"),
        ({"seed": -1}, "seed must be an int of at least 0"),
        ({"seed": None}, "seed must be"),
        ({"epoch": 1.5}, "epoch must be"),
    ],
)
def test_wrong_arguments_are_refused(change: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {
        "images": images(3),
        "seed": 0,
        "epoch": 0,
        "indices": np.arange(3),
    }
    arguments.update(change)
    with pytest.raises(MininError, match=message):
        Augment.read(ALL)(arguments.pop("images"), **arguments)
