"""The surest mistakes: all of them mistakes, in an order that holds, and to be looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minin import explain, train
from minin.errors import ArgumentError, ShapeError
from minin.explain.mistakes import COLUMNS, HEAD, MARGIN, SIDE, TILE, caption, pick_surest
from tests.train.conftest import Trained


def test_mistakes_are_mistakes_and_the_surest_comes_first(trained: Trained) -> None:
    dataset, model, _ = trained
    images, labels = dataset.train_images, dataset.train_labels
    sure = train.probabilities(model, images)
    wrong = np.flatnonzero(sure.argmax(axis=1) != labels)
    found = explain.surest_mistakes(model, images, labels, count=1000)
    assert sorted(m.image for m in found) == wrong.tolist()
    shares = [m.probability for m in found]
    assert shares == sorted(shares, reverse=True)
    for m in found:
        assert m.truth == labels[m.image] != m.predicted == sure[m.image].argmax()
        assert m.probability == sure[m.image].max()
    assert explain.surest_mistakes(model, images, labels, count=3) == found[:3]


@given(
    n=st.integers(1, 40),
    classes=st.integers(1, 6),
    count=st.integers(1, 50),
    seed=st.integers(0, 9),
)
def test_fewer_are_the_first_of_more(n: int, classes: int, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    shares = rng.integers(0, 4, (n, classes)) / 4  # with ties
    labels = rng.integers(0, classes, n)
    every = pick_surest(shares, labels, n)
    assert pick_surest(shares, labels, count) == every[:count]
    assert len(every) == (shares.argmax(axis=1) != labels).sum()
    keys = [(-m.probability, m.image) for m in every]
    assert keys == sorted(keys)  # of equals, the earlier image comes first


def test_a_doubt_of_nan_comes_last_and_is_told() -> None:
    shares = np.array([[np.nan, np.nan], [0.4, 0.6]])
    found = pick_surest(shares, np.array([1, 0]))
    assert [m.image for m in found] == [1, 0]
    assert [m.percent for m in found] == ["60 %", "nan %"]


@given(st.floats(0, 1))
@example(0.9999)
@example(1.0)
def test_the_percentage_never_rounds_a_doubt_away(share: float) -> None:
    text = explain.Mistake(0, 0, 1, share).percent
    number = float(text.strip(">% "))
    assert abs(number - 100 * share) <= (1 if ">" in text else 0.5) + 1e-9
    assert number < 100


@pytest.mark.parametrize("count", [0, -1, 2.5, True])
def test_a_count_must_make_sense(count: int, trained: Trained) -> None:
    dataset, model, _ = trained
    with pytest.raises(ArgumentError, match="count must be an int of at least 1"):
        explain.surest_mistakes(model, dataset.test_images, dataset.test_labels, count)


def test_images_and_labels_must_be_as_many(trained: Trained) -> None:
    dataset, model, _ = trained
    with pytest.raises(ShapeError, match=r"labels must be one for each of the 32 images"):
        explain.surest_mistakes(model, dataset.test_images, dataset.test_labels[:-1])


def sheet_size(count: int) -> tuple[int, int]:
    rows = max(1, (count + COLUMNS - 1) // COLUMNS)
    return (
        2 * MARGIN + rows * (HEAD + TILE),
        2 * MARGIN + COLUMNS * TILE + (COLUMNS - 1) * SIDE,
    )


@pytest.mark.parametrize(
    ("count", "channels", "h", "w"),
    [
        (0, 1, 8, 8),
        (3, 1, 28, 28),
        (20, 3, 32, 32),
        (6, 3, 224, 224),
        (5, 4, 9, 30),
        (1, 1, 300, 2),
    ],
)
@pytest.mark.plots
def test_the_contact_sheet_is_a_png(
    count: int, channels: int, h: int, w: int, tmp_path: Path
) -> None:
    image = pytest.importorskip("matplotlib.image", reason="matplotlib is not installed")
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (max(count, 1), channels, h, w), dtype=np.uint8)
    found = [explain.Mistake(k, 0, 1, 0.999) for k in range(count)]
    explain.contact_sheet(tmp_path / "a.png", found, images, ("$a long_ name of a class", "W" * 40))
    shown = image.imread(tmp_path / "a.png")
    assert shown.shape[:2] == sheet_size(count)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    if count > 1:  # captions stay in their column: nothing but white between two of them
        between = MARGIN + TILE + SIDE // 2
        assert (shown[:, between] == 1).all()


@pytest.mark.parametrize("side", [8, 28, 32, 224])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.plots
def test_every_pixel_becomes_a_square_of_its_own_colour(
    side: int, channels: int, tmp_path: Path
) -> None:
    image = pytest.importorskip("matplotlib.image", reason="matplotlib is not installed")
    pixels = np.random.default_rng(1).integers(0, 256, (1, channels, side, side), dtype=np.uint8)
    pixels[0, :, 0, 0] = 255  # white
    explain.contact_sheet(tmp_path / "a.png", [explain.Mistake(0, 0, 1, 0.5)], pixels, ("a", "b"))
    shown = image.imread(tmp_path / "a.png")[..., :3]
    tile = shown[MARGIN + HEAD :, MARGIN:][:TILE, :TILE]
    factor = TILE // side
    expected = pixels[0].transpose(1, 2, 0).repeat(factor, 0).repeat(factor, 1) / 255
    np.testing.assert_allclose(tile, np.broadcast_to(expected, tile.shape), atol=1.5 / 255)


def test_a_sheet_has_an_end(tmp_path: Path) -> None:
    images = np.zeros((101, 1, 8, 8), dtype=np.uint8)
    found = [explain.Mistake(k, 0, 1, 0.5) for k in range(101)]
    with pytest.raises(ArgumentError, match="mistakes must be at most 100 for one sheet; got 101"):
        explain.contact_sheet(tmp_path / "a.png", found, images, ("a", "b"))


@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 99_999), st.floats(0, 1))
def test_captions_are_two_short_lines(truth: str, said: str, image: int, share: float) -> None:
    lines = caption(explain.Mistake(image, 0, 1, share), (truth, said))
    assert all(len(line) <= 24 and len(line.splitlines()) == 1 for line in lines)
