"""Pictures with matplotlib, if it is there: made without touching anybody's own figures."""

from __future__ import annotations

import io
import warnings
from html import escape
from typing import Any

from minin.errors import BackendUnavailableError

# Dark blue and orange: told apart by everybody, and by their brightness in print.
BLUE, ORANGE, GREY = "#0b5394", "#e07b00", "#555555"
DARKER = {"#ffffff": "#15181d", "#000000": "#ececea", GREY: "#b0aca2"}
DARKER |= {BLUE: "#7cb8f2", ORANGE: "#f0a050"}
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


def as_picture(
    figure: Any, ending: str, title: str = "", description: str = "", dark: bool = False
) -> bytes:
    """Draw a figure as SVG, or with the ending ".png" as PNG; ``dark`` is for dark pages.

    A letter that matplotlib's font lacks, as in a Chinese name, is drawn as an empty box.
    """
    from matplotlib import rc_context

    if dark:
        _darken(figure)
    content = io.BytesIO()
    told = {"Title": title, "Description": description} if title else {}
    software = {"Software": "minin"} if ending == ".png" else {"Date": None, "Creator": None}
    plain = {"svg.fonttype": "none", "svg.hashsalt": "minin"}  # letters stay letters
    with warnings.catch_warnings(), rc_context(plain):
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        kind = ending.removeprefix(".")
        figure.savefig(content, format=kind, dpi=DPI, metadata=software | told)
    if ending == ".png":
        return content.getvalue()
    told_ = f"<desc>{escape(description)}</desc>".encode()
    svg = content.getvalue().replace(b"</title>", b"</title>" + told_, 1)
    return svg.replace(b"<svg ", SVG_MARK + b'\n<svg role="img" ', 1)


def _darken(figure: Any) -> None:
    """Exchange the colours of a figure for those of a dark page."""
    from matplotlib.colors import to_hex

    for artist in figure.findobj():
        for part in ("color", "facecolor", "edgecolor"):
            get, put = (getattr(artist, f"{verb}_{part}", None) for verb in ("get", "set"))
            if get and put:
                colour = to_hex(get(), keep_alpha=True)
                put(DARKER.get(colour.removesuffix("ff"), colour))


def as_png(figure: Any) -> bytes:
    """Draw a figure as PNG."""
    return as_picture(figure, ".png")
