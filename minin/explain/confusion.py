"""What is taken for what: counts of truth against answer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.data.transforms import Preprocess
from minin.doctor.inputs import Images
from minin.doctor.judge import Labels, probabilities
from minin.errors import ArgumentError, DtypeError, ShapeError
from minin.files import write_atomically
from minin.nn import Module
from minin.plots import as_png, new_figure
from minin.text import WIDEST, columns, fit, in_columns, pad, short

MOST_CLASSES = 10  # beyond which pairs are listed, because a table fits no terminal
MOST_NUMBERS = 30  # classes beyond which a picture has colours, but no numbers
PAIRS = 15


@dataclass(frozen=True, eq=False)
class Confusion:
    """How often each class was taken for each.

    **Shapes:** counts (classes, classes): rows are the truth, columns the answers.

    Attributes:
        counts: how many images of each kind.
        classes: their names.

    Example:
        >>> print(Confusion(np.array([[5, 1], [0, 7]]), ("cat", "dog")))
            cat dog
        cat   5   1
        dog   .   7
    """

    counts: npt.NDArray[np.int64]
    classes: tuple[str, ...]

    @property
    def accuracy(self) -> float:
        """The share on the diagonal."""
        return float(np.trace(self.counts) / max(self.counts.sum(), 1))

    def pairs(self, most: int | None = PAIRS) -> list[tuple[str, str, int]]:
        """List the pairs that are confused most: (truth, answer, how often)."""
        return [
            (self.classes[truth], self.classes[answer], int(self.counts[truth, answer]))
            for truth, answer in self._worst()[:most]
        ]

    def text(self, width: int = WIDEST) -> str:
        """Write a table; where none fits, or classes are many, list the worst pairs.

        Args:
            width: columns to fill, at least 24.
        """
        table = self._table(width) if len(self.classes) <= MOST_CLASSES else None
        return self._list(width) if table is None else table

    def __str__(self) -> str:
        """Write it in at most 78 columns."""
        return self.text()

    def write_png(self, path: str | os.PathLike[str]) -> None:
        """Draw it as a picture: the mistakes in colour, up to 30 classes with numbers.

        Raises:
            BackendUnavailableError: if matplotlib is not installed.
            DataError: if the file cannot be written.
        """
        _draw(self, path)

    def _worst(self) -> list[tuple[int, int]]:
        """Return the places of all mistakes, the most frequent first."""
        wrong = self.counts - np.diag(np.diag(self.counts))
        rows, columns = np.nonzero(wrong)
        order = np.argsort(-wrong[rows, columns], kind="stable")
        return list(zip(rows[order].tolist(), columns[order].tolist(), strict=True))

    def _table(self, width: int) -> str | None:
        """Write all counts, or return None if they do not fit."""
        k, longest = len(self.classes), max(columns(short(name, width)) for name in self.classes)
        least = len(str(int(self.counts.max()))) + 1
        room = min(12, longest, width - k * least)  # columns for the names of the rows
        if room < min(3, longest):
            return None
        cell = max(least, min(longest + 1, (width - room) // k))
        heads = [fit(short(name, width), cell - 1).strip() for name in self.classes]
        names = _apart(self.classes, room)
        if len({*heads}) < k:
            heads = [str(n) for n in range(k)]
            names = [short(f"{n} {name}", room) for n, name in enumerate(self.classes)]
        cells = [["", *heads]]
        for name, counts in zip(names, self.counts.tolist(), strict=True):
            cells.append([name, *(str(n or ".") for n in counts)])
        return "\n".join(in_columns(line, [room] + k * [cell], "") for line in cells)

    def _list(self, width: int) -> str:
        """Write the worst pairs, a line each, and how many images have that truth."""
        worst = self._worst()
        if not worst:
            return "no mistakes"
        tails = []
        for truth, answer in worst[:PAIRS]:
            share = f" of {int(self.counts[truth].sum())}" if width >= 60 else ""
            tails.append(f"{int(self.counts[truth, answer])}{share}")
        most = max(map(len, tails))
        room = max(1, min(24, (width - len(" taken for  ") - most) // 2))
        lines = [
            f"{pad(short(truth, room), room)} taken for {pad(short(answer, room), -room)}"
            f" {tail:>{most}}"
            for (truth, answer, _), tail in zip(self.pairs(), tails, strict=True)
        ]
        if len(worst) > PAIRS:
            lines.append(f"and {len(worst) - PAIRS} more pairs")
        return "\n".join(lines)


def confusion_matrix(
    model: Module,
    images: Images,
    labels: Labels,
    classes: Sequence[str],
    batch_size: int = 256,
    preprocess: Preprocess | None = None,
) -> Confusion:
    """Count what a network takes for what; it is left as it was.

    **Shapes:** images (N, C, H, W), labels (N,) -> counts (classes, classes).

    Args:
        model: a network that returns logits (N, classes).
        images: bytes as loaded, or floats that are prepared already.
        labels: the right class of each image.
        classes: their names, one for each of the network's classes.
        batch_size: images at a time.
        preprocess: how bytes become floats; left out, as `fit` noted it in the network.

    Raises:
        ShapeError: if images and labels differ in number, or do not fit the network.
        DtypeError: if the labels are no integers.
        ArgumentError: if names and classes differ in number, or a label is out of range.

    Example:
        >>> from minin import data, models
        >>> digits = data.load("digits")
        >>> model = models.build("nin-digits", rng=0)
        >>> scale = data.Preprocess.fit(["standardise"], digits.train_images)
        >>> images, labels = digits.test_images, digits.test_labels
        >>> found = confusion_matrix(model, images, labels, digits.classes, preprocess=scale)
        >>> found.counts.shape, int(found.counts.sum())
        ((10, 10), 360)
    """
    return count_confusions(probabilities(model, images, batch_size, preprocess), labels, classes)


def count_confusions(shares: npt.NDArray[Any], labels: Labels, classes: Sequence[str]) -> Confusion:
    """Count what was taken for what, from what `probabilities` returned.

    **Shapes:** shares (N, classes), labels (N,) -> counts (classes, classes).

    Raises:
        ShapeError, DtypeError, ArgumentError: as `confusion_matrix`.
    """
    check_labels(shares, labels)
    k = shares.shape[1]
    if len(classes) != k:
        raise ArgumentError(
            f"classes must name the network's {k} classes; got {len(classes)} names."
            " Pass those of the data set it was trained on"
        )
    counts = np.zeros((k, k), dtype=np.int64)
    np.add.at(counts, (labels, shares.argmax(axis=1)), 1)
    return Confusion(counts, tuple(classes))


def check_labels(shares: npt.NDArray[Any], labels: Labels) -> None:
    """Make sure that there is one label for each row, and a column for each label.

    **Shapes:** shares (N, classes), labels (N,).

    Raises:
        ShapeError: if they differ in number.
        DtypeError: if the labels are no integers.
        ArgumentError: if a label is out of range.
    """
    n, k = shares.shape
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu":
        kind = labels.dtype if isinstance(labels, np.ndarray) else type(labels).__name__
        raise DtypeError(
            f"labels must be a NumPy array of integers; got {kind}."
            " Use np.asarray(labels, dtype=np.int64)"
        )
    if labels.shape != (n,):
        raise ShapeError(f"labels must be one for each of the {n} images; got {labels.shape}")
    if n and (labels.min() < 0 or labels.max() >= k):
        raise ArgumentError(
            f"labels must be class numbers from 0 to {k - 1}; got {labels.min()} to"
            f" {labels.max()}; count classes from 0"
        )


def _apart(classes: Sequence[str], most: int) -> list[str]:
    """Cut names; where two are cut alike, numbers tell them apart."""
    names = [short(name, most) for name in classes]
    if len({*names}) == len(names):
        return names
    return [short(f"{n} {name}", most) for n, name in enumerate(classes)]


def _draw(confusion: Confusion, path: str | os.PathLike[str]) -> None:
    """Draw the counts as coloured squares."""
    counts, k = confusion.counts, len(confusion.classes)
    side = min(14.0, 2.6 + 0.6 * k) if k <= MOST_NUMBERS else 9.0
    figure = new_figure(max(4.0, side), max(3.6, side) if k <= MOST_NUMBERS else 7.8)
    axes = figure.subplots()
    wrong = np.ma.masked_equal(counts - np.diag(np.diag(counts)), 0)  # white where there are none
    most = max(1, int(wrong.max()) if wrong.count() else 1)
    if k <= MOST_NUMBERS:
        axes.imshow(wrong, cmap="Blues", vmin=-0.1 * most, vmax=1.6 * most)  # numbers stay legible
        _label(axes, confusion)
    else:
        shown = axes.imshow(wrong, cmap="Blues", vmin=-0.1 * most, vmax=most)
        bar = figure.colorbar(shown, ax=axes, shrink=0.8, label="mistakes")
        bar.ax.set_ylim(0, most)
        bar.ax.yaxis.get_major_locator().set_params(integer=True)
        axes.plot([-0.5, k - 0.5], [-0.5, k - 0.5], color="#bbbbbb", linewidth=0.8)
        axes.set_xlim(-0.5, k - 0.5)
        axes.set_ylim(k - 0.5, -0.5)
    axes.set_xlabel("answer" if k <= MOST_NUMBERS else "answer, number of the class")
    axes.set_ylabel("truth" if k <= MOST_NUMBERS else "truth, number of the class")
    axes.set_title(f"{100 * confusion.accuracy:.2f} % right", loc="left")
    write_atomically(path, as_png(figure))


def _label(axes: Any, confusion: Confusion) -> None:
    """Write the names along the edges and the counts into the squares."""
    k = len(confusion.classes)
    names = _apart(confusion.classes, 12)
    slanted = max(map(len, names)) > 3
    turn = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if slanted else {}
    axes.set_xticks(range(k), names, parse_math=False, **turn)
    axes.set_yticks(range(k), names, parse_math=False)
    edges = np.arange(k - 1) + 0.5
    axes.set_xticks(edges, minor=True)
    axes.set_yticks(edges, minor=True)
    axes.grid(which="minor", color="#dddddd", linewidth=0.6)
    axes.tick_params(which="both", length=0)
    for row, column in np.argwhere(confusion.counts).tolist():
        value = str(int(confusion.counts[row, column]))
        axes.text(
            column,
            row,
            value,
            ha="center",
            va="center",
            fontsize=min(9.0, (45 if k <= 18 else 32) / len(value)),
            weight="bold" if row == column else "normal",
        )
