"""How a run went: loss, accuracy and learning rate over its epochs, as a picture or as text."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from minin.errors import ArgumentError, BackendUnavailableError
from minin.files import write_atomically
from minin.plots import Drawing
from minin.train.history import Epoch

TALLEST = 8  # lines of the chart in text, its frame left out
SCALE = 7  # columns for the numbers beside it
NARROWEST = 40
BEYOND = 1e30  # of either sign: no scale shows it, so it is marked like infinity
FEW = 30  # epochs that get a dot each
TOP, TALL, WIDE, PANEL = 64, 170, 190, 340  # pixels of the picture


class Curve(NamedTuple):
    """One line of a panel: a value an epoch, None where nothing was measured."""

    name: str
    values: Sequence[float | None]
    colour: str


def write_curves(path: str | os.PathLike[str], rows: Sequence[Epoch]) -> bool:
    """Draw a run as PNG; nothing is done where matplotlib is missing.

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
        content = curves_picture(rows).encode(".png")
    except BackendUnavailableError:  # a run is worth saving without a picture
        return False
    write_atomically(path, content)
    return True


def curves_picture(rows: Sequence[Epoch]) -> Drawing:
    """Draw loss, accuracy and learning rate of at least one epoch.

    A value that is not finite leaves a gap in its line and a cross above the gap.
    """
    held = [row.validation_accuracy for row in rows]
    lines = [Curve("training", _percent([row.train_accuracy for row in rows]), "blue")]
    if any(value is not None for value in held):
        lines.append(Curve("validation", _percent(held), "orange"))
    told = f"The last of {len(rows)} epochs: loss {rows[-1].loss:.4g}."
    drawing = Drawing(3 * PANEL, 300, "how a training went", told)
    epochs = [row.epoch for row in rows]
    losses, rates = [row.loss for row in rows], [row.lr for row in rows]
    _panel(drawing, 60, "training loss", epochs, [Curve("", losses, "blue")], from_zero=True)
    _panel(drawing, 60 + PANEL, "accuracy, %", epochs, lines)
    rate = [Curve("", rates, "soft")]
    _panel(drawing, 60 + 2 * PANEL, "learning rate", epochs, rate, from_zero=True)
    return drawing


def _percent(shares: Sequence[float | None]) -> list[float | None]:
    return [None if share is None else 100 * share for share in shares]


def _panel(
    drawing: Drawing, left: float, title: str, epochs: Sequence[int], curves: Sequence[Curve],
    from_zero: bool = False,
) -> None:  # fmt: skip
    """Draw curves into one panel, with crosses where a value is not finite."""
    known = [v for curve in curves for v in curve.values if v is not None and _drawable(v)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    low = min(low, 0.0) if from_zero else low
    step = _step(low, high)
    first, last = math.floor(low / step), math.ceil(high / step)
    first -= first == last

    def place(epoch: float, value: float) -> tuple[float, float]:
        across = (epoch - epochs[0]) / ((epochs[-1] - epochs[0]) or 1)
        return left + 8 + (WIDE - 16) * across, TOP + TALL * (last - value / step) / (last - first)

    low_edge = TOP + TALL + 6
    drawing.line((left, TOP), (left, low_edge), (left + WIDE, low_edge))
    for tick in range(first, last + 1) if known else ():
        y = place(epochs[0], tick * step)[1]
        drawing.line((left - 4, y), (left, y))
        drawing.words(left - 7, y + 4, f"{tick * step:.5g}", 11, at="end")
    for epoch in sorted({epochs[0], epochs[-1]}):
        drawing.words(place(epoch, 0.0)[0], low_edge + 17, str(epoch), 11, at="middle")
    drawing.words(left + WIDE / 2, low_edge + 34, "epoch", 11, "soft", "middle")
    wild = {
        k
        for c in curves
        for k, v in zip(epochs, c.values, strict=True)
        if v is not None and not _drawable(v)
    }
    for epoch in wild:
        drawing.words(place(epoch, 0.0)[0], TOP - 11, "x", 12, at="middle", bold=True)
    drawing.words(left - 40, 30, title + "  (x: not finite)" * bool(wild), 13, bold=True)
    ends: list[float] = []
    for curve in sorted(curves, key=lambda c: -(_last(c) or 0.0)):
        _draw_curve(drawing, curve, epochs, place)
        value = _last(curve)
        if value is not None:
            y = max(place(epochs[-1], value)[1] + 4, *(end + 14 for end in ends), 0.0)
            ends.append(y)
            told = f"{curve.name} {value:.4g}" if curve.name else f"{value:.3g}"
            drawing.words(left + WIDE + 2, y, told, 11, curve.colour)


def _draw_curve(drawing: Drawing, curve: Curve, epochs: Sequence[int], place: Any) -> None:
    """Draw a line that has gaps where nothing finite was measured; dots where epochs are few."""
    parts: list[list[tuple[float, float]]] = [[]]
    for epoch, value in zip(epochs, curve.values, strict=True):
        if value is None or not _drawable(value):
            parts.append([])
        else:
            parts[-1].append(place(epoch, value))
    for part in parts:
        if len(part) > 1:
            drawing.line(*part, colour=curve.colour, width=2)
        for x, y in part if len(epochs) <= FEW or len(part) == 1 else []:
            drawing.box(x - 2, y - 2, 4, 4, curve.colour)


def _step(low: float, high: float) -> float:
    """Choose 1, 2 or 5 times a power of ten, such that some four fit between two numbers."""
    about = ((high - low) or abs(high) or 1.0) / 4
    power = 10.0 ** math.floor(math.log10(about))
    return next(power * k for k in (1, 2, 5, 10) if power * k >= about * 0.999)


def _last(curve: Curve) -> float | None:
    known = [v for v in curve.values if v is not None and _drawable(v)]
    return known[-1] if known else None


def _drawable(value: float) -> bool:
    return math.isfinite(value) and abs(value) < BEYOND


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
