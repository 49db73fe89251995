"""What is taken for what: counts that add up, and a text that keeps them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin import explain, train
from minin.errors import ArgumentError, DtypeError, MininError, ShapeError
from minin.explain.confusion import MOST_CLASSES, Confusion, count_confusions
from minin.text import columns
from tests.choice import mostly_thorough
from tests.train.conftest import Trained


def drawn(classes: int, largest: int, seed: int, names: tuple[str, ...] | None = None) -> Confusion:
    counts = np.random.default_rng(seed).integers(0, largest + 1, (classes, classes))
    return Confusion(counts, names or tuple(f"a class of number {k}" for k in range(classes)))


def test_the_counts_add_up(trained: Trained) -> None:
    dataset, model, _ = trained
    images, labels = dataset.test_images, dataset.test_labels
    found = explain.confusion_matrix(model, images, labels, dataset.classes, batch_size=7)
    said = train.probabilities(model, images).argmax(axis=1)
    expected = np.zeros((10, 10), dtype=np.int64)
    for truth, answer in zip(labels.tolist(), said.tolist(), strict=True):
        expected[truth, answer] += 1
    np.testing.assert_array_equal(found.counts, expected)
    assert found.counts.sum() == len(labels)
    accuracy = train.evaluate(model, images, labels).accuracy
    assert found.accuracy == accuracy
    assert np.trace(found.counts) == round(accuracy * len(labels))


@given(n=st.integers(1, 60), classes=st.integers(1, 12), seed=st.integers(0, 99))
def test_every_image_is_counted_once(n: int, classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    shares, labels = rng.random((n, classes)), rng.integers(0, classes, n)
    names = tuple(map(str, range(classes)))
    found = count_confusions(shares, labels, names)
    np.testing.assert_array_equal(found.counts.sum(axis=1), np.bincount(labels, minlength=classes))
    said = shares.argmax(axis=1)
    np.testing.assert_array_equal(found.counts.sum(axis=0), np.bincount(said, minlength=classes))
    wrong = found.pairs(most=None)
    assert sum(count for _, _, count in wrong) == (said != labels).sum()
    counts = [count for _, _, count in wrong]
    assert counts == sorted(counts, reverse=True)
    order = rng.permutation(n)
    np.testing.assert_array_equal(
        count_confusions(shares[order], labels[order], names).counts, found.counts
    )


@given(
    classes=st.integers(1, 30),
    largest=st.sampled_from([0, 1, 99, 9999, 10**6, 10**9]),
    seed=st.integers(0, 99),
    width=st.integers(24, 120),
)
def test_the_text_fits(classes: int, largest: int, seed: int, width: int) -> None:
    confusion = drawn(classes, largest, seed)
    assert max(map(len, confusion.text(width).splitlines())) <= width
    assert max(map(len, str(confusion).splitlines())) <= 78


@given(classes=st.integers(1, MOST_CLASSES), largest=st.sampled_from([0, 1, 99, 9999]))
def test_a_table_keeps_every_count(classes: int, largest: int) -> None:
    confusion = drawn(classes, largest, seed=0)
    for text in (str(confusion), confusion.text(68)):  # 68: beside ten columns of indent
        lines = text.splitlines()[1:]
        shown = [[0 if x == "." else int(x) for x in line.split()[-classes:]] for line in lines]
        np.testing.assert_array_equal(shown, confusion.counts)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=MOST_CLASSES, unique=True), st.data())
def test_the_columns_have_names_of_their_own(names: list[str], data: st.DataObject) -> None:
    width = data.draw(st.integers(60, 100))
    text = drawn(len(names), 99, 0, tuple(names)).text(width)
    lines = text.split("\n")
    assert len(lines) == len(names) + 1
    assert max(map(columns, lines)) <= width
    assert len({columns(line) for line in lines}) == 1  # the columns stand below each other


def test_names_that_are_cut_alike_are_numbered() -> None:
    names = ("maple tree", "maple leaf", "oak")
    text = Confusion(np.full((3, 3), 10_000), names).text(30)
    assert text.splitlines()[0].split() == ["0", "1", "2"]
    assert [line.split()[0] for line in text.splitlines()[1:]] == ["0", "1", "2"]


def test_many_classes_are_listed_by_their_worst_pairs() -> None:
    counts = np.eye(40, dtype=np.int64) * 5
    counts[3, 7], counts[9, 2] = 4, 6
    found = Confusion(counts, tuple(map(str, range(40))))
    assert found.pairs() == [("9", "2", 6), ("3", "7", 4)]
    first, second = (line.split() for line in str(found).splitlines())
    assert first == ["9", "taken", "for", "2", "6", "of", "11"]
    assert second == ["3", "taken", "for", "7", "4", "of", "9"]
    assert str(Confusion(np.eye(40, dtype=np.int64), found.classes)) == "no mistakes"
    assert str(drawn(40, 9, seed=0)).splitlines()[-1].startswith("and ")


def _labels(*numbers: Any, dtype: Any = np.int64) -> npt.NDArray[Any]:
    return np.array(numbers, dtype=dtype)


@pytest.mark.parametrize(
    ("labels", "classes", "error", "part"),
    [
        (_labels(0, 1), 2, ShapeError, "labels must be one for each of the 3 images; got (2,)"),
        (_labels(0, 1, 2), 2, ArgumentError, "class numbers from 0 to 1; got 0 to 2"),
        (_labels(0, -1, 1), 2, ArgumentError, "class numbers from 0 to 1; got -1 to 1"),
        (_labels(0, 1, 1, dtype=float), 2, DtypeError, "labels must be a NumPy array of integers"),
        ([0, 1, 1], 2, DtypeError, "got list"),
        (_labels(0, 1, 1), 3, ArgumentError, "network's 2 classes; got 3 names"),
    ],
)
def test_what_does_not_fit_is_named(
    labels: Any, classes: int, error: type[MininError], part: str
) -> None:
    with pytest.raises(error) as caught:
        count_confusions(np.zeros((3, 2)), labels, ("a",) * classes)
    assert part in str(caught.value)


@pytest.mark.parametrize(
    "classes", mostly_thorough([1, 2, 10, 30, 31, 100], lambda c: c in (1, 31))
)
@pytest.mark.parametrize("largest", [0, 9999])
@pytest.mark.plots
def test_the_matrix_is_a_png(classes: int, largest: int, tmp_path: Path) -> None:
    image = pytest.importorskip("matplotlib.image", reason="matplotlib is not installed")
    names = tuple(f"$\\frac$ 猫{k}\n" for k in range(classes))  # no formula, no font, no new line
    drawn(classes, largest, 0, names).write_png(tmp_path / "a.png")
    shown = image.imread(tmp_path / "a.png")
    assert 400 <= min(shown.shape[:2]) <= max(shown.shape[:2]) <= 1680
    edge = [shown[0], shown[-1], shown[:, 0], shown[:, -1]]
    assert all((line == 1).all() for line in edge)  # nothing is cut
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.plots
def test_only_mistakes_are_coloured(tmp_path: Path) -> None:
    image = pytest.importorskip("matplotlib.image", reason="matplotlib is not installed")
    right = np.eye(3, dtype=np.int64) * 5
    wrong = right.copy()
    wrong[0, 2] = 1
    blue = []
    for name, counts in (("right", right), ("wrong", wrong)):
        Confusion(counts, ("a", "b", "c")).write_png(tmp_path / f"{name}.png")
        shown = image.imread(tmp_path / f"{name}.png")
        blue.append(int((shown[..., 2] - shown[..., 0] > 0.1).sum()))
    assert blue[0] == 0
    assert blue[1] > 1000
