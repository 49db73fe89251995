"""Reports on a terminal: with colours there, and with drawings that it can show."""

from __future__ import annotations

import sys

from minin.gradcheck.report.report import Report

DRAWN = "\u25a0\u00b7"  # the characters of a map


def shown(report: Report, ascii_only: bool = False, feedback: str | None = None) -> str:
    """Write a report for stdout: in ASCII if asked, or if nothing else can be printed."""
    return report.text(ascii=ascii_only or not _can_draw(), feedback=feedback, colour=None)


def _can_draw() -> bool:
    try:
        DRAWN.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
