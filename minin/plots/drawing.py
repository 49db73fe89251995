"""A picture of boxes, lines, words and pixels: SVG is written here, PNG drawn by matplotlib.

Colours are named by their part, as "ink", so one drawing serves light pages and dark ones; it
brings its own ground. Lengths are pixels, and y points down. Each mark says how it is written as
SVG and, right below, how it is painted.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.plots.figure import SVG_MARK, as_picture, new_figure

Point = tuple[float, float]

NAMES = ("ground", "room", "edge", "ink", "soft", "blue", "orange", "green", "red", "pale", "warm")
LIGHT = "#ffffff #f4f2ec #b9b2a3 #1d1d1b #5f5a50 #0b5394 #a85100 #1a7f37 #c0202c #d5e5f5 #fbdfbd"
DARK = "#15181d #21262e #59616d #ececea #c6c2b8 #7cb8f2 #f0a050 #5cc878 #ff8078 #1d3a58 #5a3c14"
PALETTES = [
    {"none": "none", **dict(zip(NAMES, colours.split(), strict=True))} for colours in (LIGHT, DARK)
]
SANS, MONO = "Verdana, DejaVu Sans, sans-serif", "Menlo, DejaVu Sans Mono, monospace"
ADVANCE = 0.602  # of a letter of these monospaced fonts, in em
INCH = 60  # pixels of a drawing; PNG has two dots for each


class Drawing:
    """What was drawn so far, with a title and a description for those who cannot see it.

    Args:
        width: of the picture.
        height: of the picture.
        title: what it is, in a few words.
        description: what it shows, in a sentence or two.

    Example:
        >>> drawing = Drawing(60, 20, "a number", "The number 7.")
        >>> drawing.words(5, 15, "7", colour="blue")
        >>> print(drawing.svg().splitlines()[-2])
        <text x="5" y="15" font-size="12" fill="#0b5394">7</text>
    """

    def __init__(self, width: float, height: float, title: str, description: str) -> None:
        self.width, self.height = width, height
        self.title, self.description = title, description
        self._marks: list[tuple[Callable[..., str], Callable[..., object]]] = []

    def box(
        self, x: float, y: float, width: float, height: float,
        fill: str = "room", edge: str = "none", hint: str = "",
    ) -> None:  # fmt: skip
        """Draw a rectangle; ``hint`` is shown under a pointer."""
        told = f"<title>{_plain(hint)}</title>" if hint else ""

        def svg(of: dict[str, str]) -> str:
            place = f'x="{x:.6g}" y="{y:.6g}" width="{width:.6g}" height="{height:.6g}"'
            return f'<rect {place} fill="{of[fill]}" stroke="{of[edge]}">{told}</rect>'

        def paint(axes: Any, of: dict[str, str]) -> None:
            corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
            axes.fill(*zip(*corners, strict=True), fc=of[fill], ec=of[edge], lw=72 / INCH)

        self._marks.append((svg, paint))

    def line(self, *points: Point, colour: str = "edge", width: float = 1.0) -> None:
        """Draw a line through points."""

        def svg(of: dict[str, str]) -> str:
            path = " ".join(f"{x:.6g},{y:.6g}" for x, y in points)
            stroke = f'stroke="{of[colour]}" stroke-width="{width:.6g}"'
            return f'<polyline points="{path}" fill="none" {stroke}/>'

        def paint(axes: Any, of: dict[str, str]) -> None:
            axes.plot(*zip(*points, strict=True), color=of[colour], lw=width * 72 / INCH)

        self._marks.append((svg, paint))

    def arrow(self, start: Point, end: Point, colour: str = "soft") -> None:
        """Draw a line with a head at its end."""
        self.line(start, end, colour=colour)
        along = np.subtract(end, start) / (np.hypot(*np.subtract(end, start)) or 1.0)
        side = np.array((-along[1], along[0]))
        wings = [tuple((end - 6 * along + k * side).tolist()) for k in (3, -3)]
        self.line(wings[0], end, wings[1], colour=colour, width=1.5)

    def words(
        self, x: float, y: float, text: str, size: float = 12, colour: str = "ink",
        at: str = "start", bold: bool = False, mono: bool = False,
    ) -> None:  # fmt: skip
        """Write a line of text that starts, ends or has its middle at x and stands on y.

        Letters of ``mono`` are as wide in every font, so that columns stay columns.
        """

        def svg(of: dict[str, str]) -> str:
            more = f' text-anchor="{at}"' * (at != "start") + ' font-weight="bold"' * bold
            if mono:
                more += f' font-family="{MONO}" xml:space="preserve"'
                more += f' textLength="{len(text) * ADVANCE * size:.6g}"'
            place = f'x="{x:.6g}" y="{y:.6g}" font-size="{size:.6g}" fill="{of[colour]}"'
            return f"<text {place}{more}>{_plain(text)}</text>"

        def paint(axes: Any, of: dict[str, str]) -> None:
            side = {"start": "left", "middle": "center", "end": "right"}[at]
            family, weight = "monospace" if mono else "sans-serif", "bold" if bold else "normal"
            axes.text(
                x, y, text, color=of[colour], fontsize=size * 72 / INCH, ha=side, va="baseline",
                family=family, weight=weight, parse_math=False,
            )  # fmt: skip

        self._marks.append((svg, paint))

    def pixels(self, x: float, y: float, width: float, height: float, colours: Any) -> None:
        """Draw an array, each pixel a rectangle: colours, or numbers as `mixed` has them.

        **Shapes:** colours (H, W, 3) from 0 to 1, or (H, W) from -1 to 1.
        """

        def shown(of: dict[str, str]) -> npt.NDArray[np.uint8]:
            found = colours if np.ndim(colours) == 3 else mixed(colours, of)
            return np.asarray(np.rint(255 * np.clip(found, 0, 1)), np.uint8)

        def svg(of: dict[str, str]) -> str:
            large = max(1, 200 // max(colours.shape))  # for viewers that smooth what they enlarge
            code = base64.b64encode(bitmap(shown(of).repeat(large, 0).repeat(large, 1))).decode()
            place = f'x="{x:.6g}" y="{y:.6g}" width="{width:.6g}" height="{height:.6g}"'
            how = 'preserveAspectRatio="none" style="image-rendering:pixelated"'
            return f'<image {place} {how} href="data:image/png;base64,{code}"/>'

        def paint(axes: Any, of: dict[str, str]) -> None:
            extent = (x, x + width, y + height, y)
            axes.imshow(shown(of), extent=extent, interpolation="nearest", aspect="auto")

        self._marks.append((svg, paint))

    def svg(self, dark: bool = False) -> str:
        """Write the picture as SVG."""
        of = PALETTES[dark]
        size = f'width="{self.width:.6g}" height="{self.height:.6g}"'
        view = f'viewBox="0 0 {self.width:.6g} {self.height:.6g}" role="img"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} font-family="{SANS}">'
        return "\n".join(
            [
                SVG_MARK.decode(),
                head,
                f"<title>{_plain(self.title)}</title>",
                f"<desc>{_plain(self.description)}</desc>",
                f'<rect {size} rx="8" fill="{of["ground"]}"/>',
                *(svg(of) for svg, _ in self._marks),
                "</svg>\n",
            ]
        )

    def _repr_svg_(self) -> str:
        return self.svg()

    def encode(self, ending: str, dark: bool = False) -> bytes:
        """Return the bytes of a file: SVG, or with the ending ".png" PNG.

        Raises:
            BackendUnavailableError: if it is PNG and matplotlib is not installed.
        """
        if ending != ".png":
            return self.svg(dark).encode()
        figure = new_figure(self.width / INCH, self.height / INCH, arrange=False)
        figure.set_facecolor(PALETTES[dark]["ground"])
        axes = figure.add_axes((0, 0, 1, 1))
        for _, paint in self._marks:
            paint(axes, PALETTES[dark])
        axes.set(xlim=(0, self.width), ylim=(self.height, 0))
        axes.set_axis_off()
        return as_picture(figure, ending, self.title, self.description)


def mixed(shares: npt.NDArray[Any], of: dict[str, str]) -> npt.NDArray[Any]:
    """Colour numbers from -1, blue, by way of 0, the ground, to 1, orange.

    **Shapes:** shares (H, W) -> (H, W, 3).
    """
    ground, blue, orange = (
        np.array([int(of[name][k : k + 2], 16) / 255 for k in (1, 3, 5)])
        for name in ("ground", "blue", "orange")
    )
    ends = np.where(shares[..., None] < 0, blue, orange)  # (H, W, 3)
    return np.asarray(ground + np.abs(shares)[..., None] * (ends - ground))


def bitmap(colours: npt.NDArray[np.uint8]) -> bytes:
    """Write colours as PNG.

    **Shapes:** colours (H, W, 3).
    """
    h, w, _ = colours.shape
    rows = b"".join(b"\0" + row.tobytes() for row in colours)
    parts = {b"IHDR": struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0), b"IDAT": zlib.compress(rows)}
    found = b"\x89PNG\r\n\x1a\n"
    for name, content in (*parts.items(), (b"IEND", b"")):
        check = struct.pack(">I", zlib.crc32(name + content))
        found += struct.pack(">I", len(content)) + name + content + check
    return found


def _plain(text: str) -> str:
    """Take out what XML does not allow."""
    return escape("".join(c if c.isprintable() else " " for c in text))
