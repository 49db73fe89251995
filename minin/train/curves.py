"""How a run went: loss, accuracy and learning rate over its epochs, as a picture or as text."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from minin.errors import ArgumentError, BackendUnavailableError
from minin.files import write_atomically
from minin.plots import BLUE, GREY, ORANGE, as_png, new_figure
from minin.train.history import Epoch

TALLEST = 8  # lines of the chart in text, its frame left out
SCALE = 7  # columns for the numbers beside it
NARROWEST = 40
BEYOND = 1e30  # of either sign: no scale shows it, so it is marked like infinity
FEW = 30  # epochs that get a dot each


class Curve(NamedTuple):
    """One line of a panel: a value an epoch, None where nothing was measured."""

    name: str
    values: Sequence[float | None]
    colour: str
    style: str = "-"


def write_curves(path: str | os.PathLike[str], rows: Sequence[Epoch]) -> bool:
    """Draw a run as PNG; nothing is done where matplotlib is missing.

    A value that is not finite leaves a gap in its line and a cross above the gap.

    Args:
        path: the file.
        rows: the epochs; without any, nothing is drawn.

    Returns:
        Whether it was drawn.

    Raises:
        DataError: if the file cannot be written.
    """
    if not rows:
        return False
    try:
        figure = curves_figure(rows)
    except BackendUnavailableError:  # a run is worth saving without a picture
        return False
    write_atomically(path, as_png(figure))
    return True


def curves_figure(rows: Sequence[Epoch]) -> Any:
    """Draw loss, accuracy and learning rate of at least one epoch as matplotlib's figure.

    Raises:
        BackendUnavailableError: if matplotlib is not installed.
    """
    figure = new_figure(10.0, 3.3)
    loss, accuracy, rate = figure.subplots(1, 3, width_ratios=(3, 3, 2))
    epochs = [row.epoch for row in rows]
    held = [row.validation_accuracy for row in rows]
    seen = [row.train_accuracy for row in rows]
    lines = [Curve("training", _percent(seen), BLUE)]
    if any(value is not None for value in held):
        lines.append(Curve("validation", _percent(held), ORANGE, "--"))
    _panel(loss, "training loss", epochs, [Curve("", [row.loss for row in rows], BLUE)])
    _panel(accuracy, "accuracy, %", epochs, lines)
    _panel(rate, "learning rate", epochs, [Curve("", [row.lr for row in rows], GREY)])
    for axes in (loss, rate):
        if not _any_below(axes):
            axes.set_ylim(bottom=0.0)
    for axes, curves in ((loss, 1), (accuracy, len(lines)), (rate, 1)):
        _name_ends(axes, curves)
    return figure


def _percent(shares: Sequence[float | None]) -> list[float | None]:
    return [None if share is None else 100 * share for share in shares]


def _panel(axes: Any, title: str, epochs: Sequence[int], curves: Sequence[Curve]) -> None:
    """Draw curves into one panel, with crosses where a value is not finite."""
    wild: set[int] = set()
    for curve in curves:
        shown = [math.nan if v is None or not _drawable(v) else v for v in curve.values]
        gaps = any(math.isnan(v) for v in shown)
        axes.plot(
            epochs,
            shown,
            curve.style,
            color=curve.colour,
            label=curve.name,
            marker="o" if gaps or len(epochs) <= FEW else None,  # a lone value has no line
            markersize=3,
        )
        pairs = zip(epochs, curve.values, strict=True)
        wild.update(k for k, v in pairs if v is not None and not _drawable(v))
    if wild:
        top = axes.get_xaxis_transform()  # across in epochs, up in shares of the panel
        axes.plot(sorted(wild), [0.97] * len(wild), "x", color="black", transform=top)
        title += "  (x: not finite)"
    axes.set_title(title, loc="left", fontsize=10)
    axes.set_xlabel("epoch")
    axes.set_xlim(min(epochs) - 0.5, max(epochs) + 0.5)
    axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    axes.yaxis.set_major_formatter("{x:.5g}")  # no factor above the panel, where the title is
    if all(v is None or not _drawable(v) for curve in curves for v in curve.values):
        axes.set_yticks([])
    axes.spines[["top", "right"]].set_visible(False)


def _drawable(value: float) -> bool:
    return math.isfinite(value) and abs(value) < BEYOND


def _any_below(axes: Any) -> bool:
    """Tell whether a line of a panel goes below 0."""
    return any(value < 0 for line in axes.lines for value in line.get_ydata())


def _name_ends(axes: Any, count: int) -> None:
    """Write beside the end of each of the first ``count`` lines its name and its last value."""
    low, high = axes.get_ylim()
    ends = []
    for line in axes.lines[:count]:
        finite = [float(v) for v in line.get_ydata() if math.isfinite(v)]
        if finite:
            ends.append(((finite[-1] - low) / (high - low), finite[-1], line))
    ends.sort(key=lambda end: end[0])
    heights = [height for height, _, _ in ends]
    if len(heights) == 2 and heights[1] - heights[0] < 0.09:  # names would touch
        middle = min(max(sum(heights) / 2, 0.045), 0.955)
        heights = [middle - 0.045, middle + 0.045]
    for height, (_, value, line) in zip(heights, ends, strict=True):
        axes.annotate(
            f"{line.get_label()} {value:.4g}" if count > 1 else f"{value:.3g}",
            (1.0, height),
            xytext=(4, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=line.get_color(),
        )


def curves_text(rows: Sequence[Epoch], width: int = 78) -> str:
    """Draw loss and validation accuracy side by side with characters, in 11 lines.

    Each epoch has a star at its place; with more epochs than columns, some share one. A
    value that is not finite is a ``!`` in the top line. Without validation images the
    training accuracy is drawn, and called so.

    Args:
        rows: the epochs; without any, the text is empty.
        width: columns to fill, at least 40.

    Raises:
        ArgumentError: if width is below 40.

    Example:
        >>> from minin.train import Epoch
        >>> rows = [Epoch(k, 2.0 / k, 0.1 * k, 0.1 * k, 0.1, 1.0, 100.0) for k in range(1, 9)]
        >>> print(curves_text(rows, 48))
        loss                     validation, %
              2 |*                    80 |             *
                |                        |           *
                |                        |         *
                |                        |       *
                |  *                     |      *
                |    *                   |    *
                |      **                |  *
           0.25 |         * * *       10 |*
                +--------------          +--------------
          epoch  1            8    epoch  1            8
    """
    if width < NARROWEST:
        raise ArgumentError(f"width must be at least {NARROWEST} columns; got {width}")
    if not rows:
        return ""
    held = [row.validation_accuracy for row in rows]
    judged = any(value is not None for value in held)
    shares = held if judged else [row.train_accuracy for row in rows]
    epochs = [row.epoch for row in rows]
    half = (width - 2) // 2
    left = _chart("loss", epochs, [row.loss for row in rows], half)
    title = "validation, %" if judged else "training, %"
    right = _chart(title, epochs, _percent(shares), half)
    return "\n".join(f"{a:<{half}}  {b}".rstrip() for a, b in zip(left, right, strict=True))


def _chart(
    title: str, epochs: Sequence[int], values: Sequence[float | None], width: int
) -> list[str]:
    """Draw one curve into so many columns, each value at its place."""
    room = width - SCALE - 2
    finite = [v for v in values if v is not None and _drawable(v)]
    high, low = max(finite, default=0.0), min(finite, default=0.0)
    cells = [[" "] * room for _ in range(TALLEST)]
    for k, v in enumerate(values):
        column = round(k * (room - 1) / max(len(values) - 1, 1))
        if v is not None and not _drawable(v):
            cells[0][column] = "!"
        elif v is not None:
            row = round((high - v) / ((high - low) or 1.0) * (TALLEST - 1))
            cells[row][column] = "!" if cells[row][column] == "!" else "*"
    scale = {}
    if finite:
        scale = {TALLEST - 1: _number(low), 0: _number(high)} if high > low else {0: _number(high)}
    body = [f"{scale.get(k, ''):>{SCALE}} |{''.join(line)}" for k, line in enumerate(cells)]
    if any("!" in line for line in cells):
        title = f"{title} (! not finite)"[:width]
    first, last = str(epochs[0]), str(epochs[-1]) if len(epochs) > 1 else ""
    axis = f"{'':>{SCALE}} +{'-' * room}"
    return [title, *body, axis, f"{'epoch':>{SCALE}}  {first}{last:>{room - len(first)}}"]


def _number(value: float) -> str:
    """Write a number with as many digits, 4 at most, as its columns hold."""
    texts = (f"{value:.{digits}g}" for digits in (4, 3, 2, 1))
    return next(text for text in texts if len(text) <= SCALE)
