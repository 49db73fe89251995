"""A result as a picture: time against size for every op, and the roofline.

Both scales are logarithmic, for sizes and times run over many powers of ten.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

from minin.bench.break_even import name_of
from minin.errors import ArgumentError
from minin.files import write_atomically
from minin.plots import GREY, as_png, new_figure

Record = dict[str, Any]

ACROSS = 3
# Told apart by everybody, in an order that print keeps apart too (Okabe and Ito).
COLOURS = ("#0b5394", "#e07b00", "#009e73", "#cc79a7", "#56b4e9", "#7f6000", "#000000")
STYLES = {"forward": "-", "backward": "--", "step": "-"}
MARKS = {"forward": "o", "backward": "s", "step": "D"}


def write_plot(path: str | os.PathLike[str], record: Record) -> None:
    """Draw a result as PNG.

    Args:
        path: the file.
        record: a result.

    Raises:
        BackendUnavailableError: if matplotlib is not installed.
        ArgumentError: if no row has a time.
        DataError: if the file cannot be written.
    """
    rows = [row for row in record["rows"] if row["time"] is not None]
    if not rows:
        raise ArgumentError("there is nothing to draw: no row of the result has a time")
    panels = list(dict.fromkeys((row["op"], row["dtype"]) for row in rows))
    roofs = list(dict.fromkeys((row["library"], row["dtype"]) for row in rows if row["share"]))
    names = list(dict.fromkeys(map(name_of, rows)))
    colours = {name: COLOURS[k % len(COLOURS)] for k, name in enumerate(names)}
    count = len(panels) + len(roofs)
    down = -(-count // ACROSS)
    figure = new_figure(4.0 * ACROSS, 2.9 * down + 0.6)
    grid = figure.subplots(down, ACROSS, squeeze=False).ravel()
    for axes, (op, dtype) in zip(grid, panels, strict=False):
        chosen = [row for row in rows if (row["op"], row["dtype"]) == (op, dtype)]
        _times(axes, f"{op}, {dtype}", chosen, colours)
    for axes, (library, dtype) in zip(grid[len(panels) :], roofs, strict=False):
        chosen = [row for row in rows if (row["library"], row["dtype"]) == (library, dtype)]
        _roofline(axes, record, library, dtype, chosen, colours)
    for axes in grid[count:]:
        axes.set_axis_off()
    _legend(figure, names, colours, {row["way"] for row in rows})
    write_atomically(path, as_png(figure))


def _times(axes: Any, title: str, rows: Sequence[Record], colours: dict[str, str]) -> None:
    """Draw seconds against work, with the spreads as bars."""
    for name in colours:
        for way, style in STYLES.items():
            line = sorted(
                (row for row in rows if name_of(row) == name and row["way"] == way),
                key=lambda row: row["flops"],
            )
            if not line:
                continue
            times = [row["time"]["median"] for row in line]
            half = [row["time"]["spread"] / 2 for row in line]
            below = [min(h, 0.9 * t) for h, t in zip(half, times, strict=True)]
            axes.errorbar(
                [max(row["flops"], 1) for row in line],
                times,
                yerr=[below, half],
                linestyle=style,
                marker=MARKS[way],
                markersize=4,
                capsize=2,
                color=colours[name],
            )
    axes.set_title(title, loc="left", fontsize=10)
    axes.set_xlabel("FLOP a call", fontsize=8)
    axes.set_ylabel("seconds", fontsize=8)
    _logarithmic(axes)


def _roofline(
    axes: Any,
    record: Record,
    library: str,
    dtype: str,
    rows: Sequence[Record],
    colours: dict[str, str],
) -> None:
    """Draw FLOP/s against FLOP a byte, under the roof of the product and the copy."""
    rates = {
        one["of"]: one["rate"]
        for one in record["ceilings"]
        if (one["library"], one["dtype"]) == (library, dtype)
    }
    product, copy = rates["product"], rates["copy"]
    drawn = [row for row in rows if row["flops"]]
    intensities = [row["flops"] / row["bytes"] for row in drawn]
    low, high = min([0.05, *intensities]) / 2, max([100.0, *intensities]) * 2
    knee = product / copy
    corners = sorted({low, min(max(knee, low), high), high})
    axes.plot(corners, [min(product, copy * x) for x in corners], color=GREY, linewidth=1.5)
    for row, intensity in zip(drawn, intensities, strict=True):
        axes.plot(
            [intensity],
            [row["flops"] / row["time"]["median"]],
            MARKS[row["way"]],
            markersize=4,
            alpha=0.7,
            color=colours[name_of(row)],
        )
    axes.set_title(f"roofline, {library} {dtype}", loc="left", fontsize=10)
    axes.set_xlabel("FLOP a byte", fontsize=8)
    axes.set_ylabel("FLOP/s", fontsize=8)
    _logarithmic(axes)


def _logarithmic(axes: Any) -> None:
    """Put both scales into powers of ten, each with two of them at least."""
    from matplotlib.ticker import NullFormatter

    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.tick_params(labelsize=8)
    axes.grid(True, which="major", linewidth=0.4, color="#dddddd")
    axes.spines[["top", "right"]].set_visible(False)
    for axis, limits, set_limits in (
        (axes.xaxis, axes.get_xlim(), axes.set_xlim),
        (axes.yaxis, axes.get_ylim(), axes.set_ylim),
    ):
        axis.set_minor_formatter(NullFormatter())
        low, high = map(math.log10, limits)
        if math.floor(high) - math.ceil(low) < 1:
            set_limits(0.8 * 10 ** math.floor(low), 1.25 * 10 ** math.ceil(high))


def _legend(figure: Any, names: Sequence[str], colours: dict[str, str], ways: set[str]) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=colours[name], label=name) for name in names]
    handles += [
        Line2D([], [], color=GREY, linestyle=style, marker=MARKS[way], markersize=4, label=way)
        for way, style in STYLES.items()
        if way in ways
    ]
    figure.legend(
        handles=handles, loc="outside upper center", ncols=min(len(handles), 7), fontsize=9
    )
