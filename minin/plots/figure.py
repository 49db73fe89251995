"""Pictures with matplotlib, if it is there: made without touching anybody's own figures."""

from __future__ import annotations

import io
import warnings
from typing import Any

from minin.errors import BackendUnavailableError

# Dark blue and orange: told apart by everybody, and by their brightness in print.
BLUE, ORANGE, GREY = "#0b5394", "#e07b00", "#555555"
DPI = 120
SVG_MARK = b"<!-- Software: minin -->"


def need_matplotlib() -> None:
    """Make sure that pictures can be drawn, before the work that leads to one.

    Raises:
        BackendUnavailableError: if matplotlib is not installed.
    """
    try:
        import matplotlib.backends.backend_agg
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise BackendUnavailableError.needs("drawing pictures", "matplotlib") from error


def new_figure(width: float, height: float, arrange: bool = True) -> Any:
    """Make a figure of so many inches that belongs to nobody's screen.

    With ``arrange`` matplotlib makes room for all names and numbers; without, nothing moves.
    It is a bare `Figure`, not one of pyplot's: no backend is chosen, nothing stays open.

    Raises:
        BackendUnavailableError: if matplotlib is not installed.
    """
    need_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    layout: Any = "constrained" if arrange else None
    figure = Figure(figsize=(width, height), dpi=DPI, layout=layout, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def as_png(figure: Any, title: str = "", description: str = "") -> bytes:
    """Draw a figure as PNG.

    A letter that matplotlib's font lacks, as in a Chinese name, is drawn as an empty box.
    """
    content = io.BytesIO()
    told = {"Software": "minin", "Title": title, "Description": description}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.savefig(content, format="png", dpi=DPI, metadata=told)
    return content.getvalue()
