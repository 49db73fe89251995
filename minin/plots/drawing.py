"""A picture of boxes, lines, words and pixels: SVG is written here, PNG drawn by matplotlib.

Colours are named by their part, as "ink", so one drawing serves light pages and dark ones; it
brings its own ground. Lengths are pixels, and y points down.
"""

from __future__ import annotations

import base64
import struct
import zlib
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.plots.figure import SVG_MARK, as_png, new_figure

Point = tuple[float, float]
Palette = dict[str, str]

LIGHT = "ground#ffffff room#f4f2ec edge#b9b2a3 ink#1d1d1b soft#5f5a50 pale#d5e5f5 warm#fbdfbd"
LIGHT += " blue#0b5394 orange#a85100 green#1a7f37 red#c0202c"
DARK = "ground#15181d room#21262e edge#59616d ink#ececea soft#c6c2b8 pale#1d3a58 warm#5a3c14"
DARK += " blue#7cb8f2 orange#f0a050 green#5cc878 red#ff8078"
PALETTES: list[Palette] = [
    {"none": "none", **{part[:-7]: part[-7:] for part in parts.split()}} for parts in (LIGHT, DARK)
]
SANS, MONO = "Verdana, DejaVu Sans, sans-serif", "Menlo, DejaVu Sans Mono, monospace"
ADVANCE = 0.602  # of a letter of these monospaced fonts, in em
INCH = 60  # pixels of a drawing; PNG has two dots for each
SIDES = {"start": "left", "middle": "center", "end": "right"}


class Drawing:
    """What was drawn so far, with a title and a description for those who cannot see it.

    Example:
        >>> drawing = Drawing(60, 20, "a number", "The number 7.")
        >>> drawing.words(5, 15, "7", colour="blue")
        >>> print(drawing.svg().splitlines()[-2])
        <text x="5" y="15" font-size="12" fill="#0b5394">7</text>
    """

    def __init__(self, width: float, height: float, title: str, description: str) -> None:
        self.width, self.height, self.title, self.description = width, height, title, description
        self._marks: list[tuple[Any, ...]] = []

    def box(
        self, x: float, y: float, width: float, height: float,
        fill: str = "room", edge: str = "none", hint: str = "",
    ) -> None:  # fmt: skip
        """Draw a rectangle; ``hint`` is shown under a pointer."""
        self._marks.append(("box", (x, y, width, height), fill, edge, hint))

    def line(self, *points: Point, colour: str = "edge", width: float = 1.0) -> None:
        """Draw a line through points."""
        self._marks.append(("line", points, colour, width))

    def arrow(self, *points: Point, colour: str = "soft") -> None:
        """Draw a line through points, with a head at its end."""
        start, end = np.asarray(points[-2:], dtype=float)
        along = (end - start) / (np.hypot(*(end - start)) or 1.0)
        wings = [end - 6 * along + k * np.array((-along[1], along[0])) for k in (3, -3)]
        self.line(*points, colour=colour)
        self.line(tuple(wings[0]), points[-1], tuple(wings[1]), colour=colour, width=1.5)

    def words(
        self, x: float, y: float, text: str, size: float = 12, colour: str = "ink",
        at: str = "start", bold: bool = False, mono: bool = False,
    ) -> None:  # fmt: skip
        """Write a line on y that has its start, middle or end at x; columns of ``mono`` keep."""
        self._marks.append(("words", x, y, text, size, colour, at, bold, mono))

    def pixels(self, x: float, y: float, width: float, height: float, colours: Any) -> None:
        """Draw colours (H, W, 3) from 0 to 1, or numbers (H, W) as `mixed` has them."""
        self._marks.append(("pixels", (x, y, width, height), colours))

    def frame(self, foot: str) -> None:
        """Write the title at the top, and a remark at the bottom."""
        self.words(20, 28, self.title, 14, bold=True)
        self.words(20, self.height - 14, foot, 11, "soft")

    def svg(self, dark: bool = False) -> str:
        """Write the picture as SVG."""
        size = f'width="{self.width:.6g}" height="{self.height:.6g}"'
        view = f'viewBox="0 0 {self.width:.6g} {self.height:.6g}" role="img" font-family="{SANS}"'
        lines = [
            f'{SVG_MARK.decode()}\n<svg xmlns="http://www.w3.org/2000/svg" {size} {view}>',
            f"<title>{_plain(self.title)}</title>",
            f"<desc>{_plain(self.description)}</desc>",
            f'<rect {size} rx="8" fill="{PALETTES[dark]["ground"]}"/>',
        ]
        lines += [_as_svg(mark, PALETTES[dark]) for mark in self._marks]
        return "\n".join([*lines, "</svg>\n"])

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
        for mark in self._marks:
            _paint(axes, mark, PALETTES[dark])
        axes.set(xlim=(0, self.width), ylim=(self.height, 0))
        axes.set_axis_off()
        return as_png(figure, self.title, self.description)


def _as_svg(mark: tuple[Any, ...], of: Palette) -> str:
    """Write one mark as SVG."""
    match mark:
        case "box", area, fill, edge, hint:
            told = f"<title>{_plain(hint)}</title>" if hint else ""
            return f'<rect {_place(*area)} fill="{of[fill]}" stroke="{of[edge]}">{told}</rect>'
        case "line", points, colour, width:
            path = " ".join(f"{x:.6g},{y:.6g}" for x, y in points)
            stroke = f'stroke="{of[colour]}" stroke-width="{width:.6g}"'
            return f'<polyline points="{path}" fill="none" {stroke}/>'
        case "words", x, y, text, size, colour, at, bold, mono:
            more = f' text-anchor="{at}"' * (at != "start") + ' font-weight="bold"' * bold
            if mono:  # as wide in every font
                more += f' font-family="{MONO}" xml:space="preserve"'
                more += f' textLength="{len(text) * ADVANCE * size:.6g}"'
            place = f'x="{x:.6g}" y="{y:.6g}" font-size="{size:.6g}" fill="{of[colour]}"'
            return f"<text {place}{more}>{_plain(text)}</text>"
    area, shown = mark[1], _shown(mark[2], of)
    large = max(1, 200 // max(shown.shape))  # for viewers that smooth what they enlarge
    code = base64.b64encode(bitmap(shown.repeat(large, 0).repeat(large, 1))).decode()
    how = 'preserveAspectRatio="none" style="image-rendering:pixelated"'
    return f'<image {_place(*area)} {how} href="data:image/png;base64,{code}"/>'


def _paint(axes: Any, mark: tuple[Any, ...], of: Palette) -> None:
    """Draw one mark into matplotlib's axes."""
    match mark:
        case "box", (x, y, width, height), fill, edge, _:
            across, down = (x, x + width, x + width, x), (y, y, y + height, y + height)
            axes.fill(across, down, fc=of[fill], ec=of[edge], lw=72 / INCH)
        case "line", points, colour, width:
            axes.plot(*zip(*points, strict=True), color=of[colour], lw=width * 72 / INCH)
        case "words", x, y, text, size, colour, at, bold, mono:
            font = {"family": "monospace" if mono else "sans-serif", "size": size * 72 / INCH}
            font |= {"color": of[colour], "weight": "bold" if bold else "normal"}
            axes.text(x, y, text, ha=SIDES[at], va="baseline", parse_math=False, **font)
        case "pixels", (x, y, width, height), colours:
            how = {"extent": (x, x + width, y + height, y), "aspect": "auto"}
            axes.imshow(_shown(colours, of), interpolation="nearest", **how)


def _place(x: float, y: float, width: float, height: float) -> str:
    return f'x="{x:.6g}" y="{y:.6g}" width="{width:.6g}" height="{height:.6g}"'


def _plain(text: str) -> str:
    """Take out what XML does not allow."""
    return escape("".join(c if c.isprintable() else " " for c in text))


def _shown(colours: Any, of: Palette) -> npt.NDArray[np.uint8]:
    found = colours if np.ndim(colours) == 3 else mixed(colours, of)
    return np.asarray(np.rint(255 * np.clip(found, 0, 1)), np.uint8)


def mixed(shares: npt.NDArray[Any], of: Palette) -> npt.NDArray[Any]:
    """Colour numbers (H, W) from -1, blue, by way of 0, the ground, to 1, orange: (H, W, 3)."""
    ground, blue, orange = (
        np.array([int(of[name][k : k + 2], 16) / 255 for k in (1, 3, 5)])
        for name in ("ground", "blue", "orange")
    )
    ends = np.where(shares[..., None] < 0, blue, orange)  # (H, W, 3)
    return np.asarray(ground + np.abs(shares)[..., None] * (ends - ground))


def bitmap(colours: npt.NDArray[np.uint8]) -> bytes:
    """Write colours (H, W, 3) as PNG."""
    h, w, _ = colours.shape
    rows = b"".join(b"\0" + row.tobytes() for row in colours)
    found = b"\x89PNG\r\n\x1a\n"
    head = struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)
    for part in (b"IHDR" + head, b"IDAT" + zlib.compress(rows), b"IEND"):
        found += struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))
    return found
