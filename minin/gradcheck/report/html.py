"""The report for a notebook: the same words, and heat maps of yours minus the truth."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

from minin.backend import Array
from minin.gradcheck.report.finding import Finding
from minin.sentences import sentence

SIDE = 24  # rows and columns of a map, at most


def page(words: str, ok: bool, feedback: str, findings: Sequence[Finding]) -> str:
    """Return a report as a piece of HTML without scripts or outside files."""
    colour = "#1a7f37" if ok else "#cf222e"
    draw = _mask if feedback == "where" else _map
    maps = "" if feedback == "verdict" else "".join(draw(f) for f in findings[:4])
    return (
        f'<div style="border-left:4px solid {colour};padding-left:8px">'
        f'<pre style="margin:0;line-height:1.25">{html.escape(words)}</pre>{maps}</div>'
    )


def _mask(finding: Finding) -> str:
    """Draw which entries are wrong, and nothing of the numbers."""
    if finding.wrong is None or finding.wrong.ndim == 0:
        return ""
    wrong = np.atleast_2d(finding.wrong)
    layers = wrong.reshape(-1, *wrong.shape[-2:]).astype(float)
    shown = layers[int(layers.sum(axis=(1, 2)).argmax())][:SIDE, :SIDE]
    return _table(sentence("gradcheck.wrong_map", argument=finding.argument), shown, 1.0)


def _map(finding: Finding) -> str:
    """Draw yours minus the truth: red above, blue below, white where they agree."""
    truth, came, wrong = finding.truth, finding.came, finding.wrong
    if truth is None or wrong is None or not isinstance(came, np.ndarray) or wrong.ndim == 0:
        return ""
    if came.shape != truth.shape:
        return ""
    off = np.atleast_2d(np.where(np.isfinite(truth), came - truth, 0.0))
    counts = np.abs(np.nan_to_num(off)).reshape(-1, *off.shape[-2:])
    shown = off.reshape(counts.shape)[int(counts.sum(axis=(1, 2)).argmax())][:SIDE, :SIDE]
    largest = float(np.max(np.abs(np.nan_to_num(shown)), initial=0.0)) or 1.0
    caption = sentence(
        "gradcheck.difference_map", argument=finding.argument, largest=f"{largest:.2g}"
    )
    return _table(caption, shown, largest)


def _table(caption: str, shown: Array, largest: float) -> str:
    rows = "".join(f"<tr>{''.join(_cell(v, largest) for v in row)}</tr>" for row in shown)
    return (
        f'<table style="border-collapse:collapse;margin:6px 0"><caption style="text-align:left">'
        f"{html.escape(caption)}</caption>{rows}</table>"
    )


def _cell(value: Array, largest: float) -> str:
    share = min(1.0, abs(float(np.nan_to_num(value))) / largest)
    pale = int(255 * (1 - share))
    red, green, blue = (255, pale, pale) if value > 0 else (pale, pale, 255)
    return (
        f'<td title="{float(value):.4g}" style="width:12px;height:12px;padding:0;'
        f'border:1px solid #ddd;background:rgb({red},{green},{blue})"></td>'
    )
