"""The results as pictures, in SVG. The same results give the same files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.report import alone
from benchmarks.report.sections import Section, picture_name

Record = dict[str, Any]
MININ, OTHER = "#c2410c", "#64748b"


def draw(one: Section, record: Record, file: str, folder: Path) -> Path:
    """Draw the picture of one result of a section.

    Raises:
        ImportError: if there is no matplotlib.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    settings = {"svg.hashsalt": one.name, "svg.fonttype": "none", "font.size": 9}
    with matplotlib.rc_context(settings):
        figure = DRAWINGS[one.picture](pyplot, record)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / picture_name(file)
        # No date and no version: the file changes when the numbers do.
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
        pyplot.close(figure)
    return path


def bars(pyplot: Any, record: Record, measure: str, unit: str, scale: float) -> Any:
    """Draw a bar for each program, with its quartiles, and a panel for each part."""
    figure, panels = panels_of(pyplot, record["parts"])
    for panel, part in zip(panels, record["parts"], strict=True):
        names = [peer["name"] for peer in part["peers"]]
        found = [peer["measures"][measure]["values"] for peer in part["peers"]]
        medians = [scale * values["median"] for values in found]
        spread = [
            [abs(m - scale * v["quartiles"][side]) for m, v in zip(medians, found, strict=True)]
            for side in (0, 1)
        ]
        colours = [MININ if name.startswith("minin") else OTHER for name in names]
        panel.barh(names, medians, xerr=spread, color=colours, capsize=2)
        panel.invert_yaxis()
        panel.set(title=part["name"], xlabel=unit, xlim=(0, None))
    return figure


def layer_bars(pyplot: Any, record: Record) -> Any:
    """Draw how much of its floor every layer reaches."""
    figure, panels = panels_of(pyplot, record["parts"], height=4.0)
    for panel, part in zip(panels, record["parts"], strict=True):
        reached = alone.shares(part)
        names = [alone.label(layer) for layer in part["facts"]["layers"]]
        panel.barh(names, [100 * share for share in reached.values()], color=MININ)
        panel.axvline(100, color=OTHER, linewidth=0.8)
        panel.invert_yaxis()
        panel.set(title=part["name"], xlabel="floor / time, %")
    return figure


def worker_lines(pyplot: Any, record: Record) -> Any:
    """Draw how much faster more workers are, beside as fast as there are workers."""
    figure, (panel,) = panels_of(pyplot, record["parts"][:1], height=3.0)
    most = 1
    for part in record["parts"]:
        workers = [int(peer["name"].rpartition("-")[2]) for peer in part["peers"]]
        gains = [1.0, *(ratio["values"]["median"] for ratio in part["ratios"])]
        panel.plot(workers, gains, marker="o", label=part["name"])
        most = max(most, *workers)
    panel.plot([1, most], [1, most], color=OTHER, linestyle=":", label="as many times as workers")
    panel.set(xlabel="workers", ylabel="times as fast as one", xticks=range(1, most + 1))
    panel.legend()
    return figure


def batch_lines(pyplot: Any, record: Record) -> Any:
    """Draw what an image costs, by the size of its batch."""
    figure, panels = panels_of(pyplot, record["parts"], height=3.0)
    for panel, part in zip(panels, record["parts"], strict=True):
        sizes = part["facts"]["batches"]
        for name, costs in alone.costs_of(part).items():
            panel.plot(sizes, [1e3 * median(costs[size]) for size in sizes], marker="o", label=name)
        panel.set_xscale("log", base=2)
        panel.set_yscale("log")
        panel.set_xticks(sizes, labels=list(map(str, sizes)))
        panel.set(title=part["name"], xlabel="images in a batch", ylabel="ms an image")
        panel.legend()
    return figure


def panels_of(pyplot: Any, parts: Sequence[Any], height: float = 2.2) -> tuple[Any, list[Any]]:
    """Make a figure with a panel for each part, one below the other."""
    size = (8.0, height * len(parts))
    figure, axes = pyplot.subplots(len(parts), figsize=size, squeeze=False, layout="constrained")
    return figure, list(axes[:, 0])


DRAWINGS: dict[str, Callable[[Any, Record], Any]] = {
    "step_bars": partial(bars, measure="step", unit="ms a step: median and quartiles", scale=1e3),
    "peak_bars": partial(bars, measure="peak", unit="MB: median and quartiles", scale=1e-6),
    **{one.__name__: one for one in (layer_bars, worker_lines, batch_lines)},
}
