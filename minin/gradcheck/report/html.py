"""The report for a notebook and as a picture: the same words, and maps of yours minus the truth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import numpy as np

from minin.backend import Array
from minin.gradcheck.report.finding import Finding
from minin.plots import Drawing
from minin.plots.drawing import ADVANCE
from minin.sentences import sentence
from minin.text import MONOSPACED, as_html, columns

SIDE = 24  # rows and columns of a map, at most
SIZE, LINE, MARGIN, WIDEST = 12, 18, 16, 78  # pixels; columns of a report
HATCHED = "repeating-linear-gradient(45deg,#8887 0 2px,transparent 2px 5px)"


def page(words: str, ok: bool, feedback: str, findings: Sequence[Finding]) -> str:
    """Return a report as a piece of HTML without scripts or outside files."""
    colour = "#1a7f37" if ok else "#cf222e"
    maps = "" if feedback == "verdict" else "".join(_map(f, feedback) for f in findings[:4])
    return (
        f'<div style="border-left:4px solid {colour};padding-left:8px">{as_html(words)}{maps}</div>'
    )


def marks() -> dict[str, str]:
    """Return the words that a report has in colour."""
    wrong = sentence("gradcheck.wrong", gradient="").strip()
    bad, good = sentence("gradcheck.failed"), sentence("gradcheck.passed")
    return {bad: "red", wrong: "red", good: "green"}


def report_picture(words: str, title: str) -> Drawing:
    """Draw a report in colour, its columns where a terminal has them."""
    rows = words.splitlines()
    height = len(rows) * LINE + 2 * MARGIN
    drawing = Drawing(WIDEST * ADVANCE * SIZE + 2 * MARGIN, height, title, words)
    inks = marks() | {sentence("gradcheck.ok", gradient="", tail="").strip(): "green"}
    verdict = "|".join(map(re.escape, inks))
    parts = rf"(?<=  )(?:{verdict})(?=  |$)|^ {{2,4}}\S+(?: \S+)*(?=  )(?!  (?:{verdict}))"
    coloured = re.compile(rf"({parts}|(?<=^.{{13}})[-+] .*)")  # of a repair: what goes, what comes
    for number, row in enumerate(rows):
        column, y = 0, MARGIN + 13 + number * LINE
        for place, part in enumerate(coloured.split(row)):
            ink = {"-": "red", "+": "green"}.get(part[:1], inks.get(part, "blue"))
            if part.strip():
                ink = ink if place % 2 else "ink"
                x = MARGIN + column * ADVANCE * SIZE
                drawing.words(x, y, part, SIZE, ink, bold=ink != "ink", mono=True)
            column += columns(part)
    return drawing


def _map(finding: Finding, feedback: str) -> str:
    """Draw which entries are wrong; beyond the feedback "where" also by how much."""
    truth, came, wrong = finding.truth, finding.came, finding.wrong
    if truth is None or wrong is None or not isinstance(came, np.ndarray) or wrong.ndim == 0:
        return ""
    if came.shape != truth.shape:
        return ""
    off = np.where(wrong, 1.0, 0.0) if feedback == "where" else came - truth
    off = np.atleast_2d(np.where(np.isfinite(truth), off, np.nan))
    layers = off.reshape(-1, *off.shape[-2:])
    with np.errstate(over="ignore"):
        place = int(np.abs(np.nan_to_num(layers)).sum(axis=(1, 2)).argmax())
    shown = layers[place][:SIDE, :SIDE]
    largest = float(np.max(np.abs(np.nan_to_num(shown)), initial=0.0)) or 1.0
    caption = sentence("gradcheck.wrong_map", argument=finding.argument)
    if feedback != "where":
        caption = sentence(
            "gradcheck.difference_map", argument=finding.argument, largest=f"{largest:.2g}"
        )
    if off.ndim > 2:
        index = np.unravel_index(place, off.shape[:-2])
        caption += f", {sentence('gradcheck.slice', index=', '.join(map(str, index)))}"
    if np.isnan(shown).any():
        caption += f"; {sentence('gradcheck.hatched')}"
    rows = "".join(
        f'<tr style="background:none">{"".join(_cell(v, largest) for v in row)}</tr>'
        for row in shown
    )
    return (
        f'<div style="{MONOSPACED};margin-top:8px">{escape(caption)}</div>'
        f'<table style="border-collapse:collapse;margin:4px 0">{rows}</table>'
    )


def _cell(value: Array, largest: float) -> str:
    """Draw one entry: orange above the truth, blue below, hatched if nobody could judge it."""
    share = min(1.0, abs(float(value)) / largest)
    ground, told = HATCHED, sentence("gradcheck.unjudged")
    if np.isfinite(value):
        ground = f"rgba({'204,102,0' if value > 0 else '11,83,148'},{share:.2f})"
        told = f"{float(value):.4g}"
    style = f"min-width:14px;height:14px;padding:0;border-style:solid;background:{ground}"
    return f'<td title="{told}" style="{style};border-width:1px;border-color:#8886"></td>'
