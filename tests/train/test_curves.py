"""Curves: a picture where matplotlib is, text everywhere, for any run."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minin import plots, train
from minin.errors import ArgumentError, BackendUnavailableError
from tests.choice import examples
from tests.plots.test_drawing import SVG, parsed

NAN, INF = math.nan, math.inf


def rows(
    losses: Sequence[float], held: Sequence[float | None] | None = None, first: int = 1
) -> list[train.Epoch]:
    """Rows with these losses; the training accuracy is 0.5."""
    shares = [None] * len(losses) if held is None else held
    pairs = enumerate(zip(losses, shares, strict=True))
    return [train.Epoch(first + k, loss, 0.5, share, 0.1, 1.0, 9.0) for k, (loss, share) in pairs]


def falling(count: int) -> list[train.Epoch]:
    return rows([2.3 / k for k in range(1, count + 1)], [1 - 1 / k for k in range(1, count + 1)])


anything = st.floats(0, allow_infinity=True) | st.just(math.nan)


@given(
    losses=st.lists(anything, min_size=1, max_size=500), width=st.integers(40, 120), data=st.data()
)
def test_the_text_fits_whatever_the_run(
    losses: list[float], width: int, data: st.DataObject
) -> None:
    count = len(losses)
    held = data.draw(st.lists(st.none() | st.floats(0, 1), min_size=count, max_size=count))
    lines = train.curves_text(rows(losses, held, first=990), width).splitlines()
    assert len(lines) == 11
    assert max(map(len, lines)) <= width
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert ("validation" in lines[0]) == any(share is not None for share in held)
    wild = [v for v in losses if not abs(v) < 1e30]
    left = "".join(line[9 : (width - 2) // 2] for line in lines[1:9])
    assert ("!" in left) == bool(wild)
    if not wild:
        assert "*" in left


@given(losses=st.lists(st.floats(0, 1e6), min_size=1, max_size=60), width=st.integers(40, 120))
def test_every_epoch_has_its_star(losses: list[float], width: int) -> None:
    half = (width - 2) // 2
    room = half - 9
    expected = set()
    for k, loss in enumerate(losses):  # an oracle of its own: shares of the way right and down
        across = k / (len(losses) - 1) if len(losses) > 1 else 0
        span = max(losses) - min(losses)
        down = (max(losses) - loss) / span if span else 0
        expected.add((round(down * 7), round(k * (room - 1) / max(len(losses) - 1, 1))))
        assert abs(across * (room - 1) - round(k * (room - 1) / max(len(losses) - 1, 1))) <= 0.5
    lines = train.curves_text(rows(losses), width).splitlines()[1:9]
    cells = {
        (row, column)
        for row, line in enumerate(lines)
        for column, char in enumerate(line.ljust(width)[9:half])
        if char == "*"
    }
    assert cells == expected


@given(low=st.floats(0, 1e20), high=st.floats(0, 1e20))
def test_the_scale_tells_the_extremes(low: float, high: float) -> None:
    low, high = sorted((low, high))
    lines = train.curves_text(rows([high, low])).splitlines()
    assert float(lines[1][:7]) == pytest.approx(high, rel=0.06)
    if low < high:
        assert float(lines[8][:7]) == pytest.approx(low, rel=0.06)


def test_no_star_hides_what_is_not_finite() -> None:
    for losses in ([NAN] + [1.0] * 200, [1.0] * 200 + [INF]):
        assert train.curves_text(rows(losses), 40).splitlines()[1].count("!") == 1


def test_mixed_rows_show_what_was_measured() -> None:
    text = train.curves_text(rows([3, 2, 1], [0.2, None, 0.6]), 60)
    right = [line[31:].ljust(29) for line in text.splitlines()]
    assert "".join(right).count("*") == 2
    assert right[1].split()[0] == "60"
    assert right[8].split()[0] == "20"


def test_a_narrow_chart_is_refused() -> None:
    with pytest.raises(ArgumentError, match="width must be at least 40 columns; got 39"):
        train.curves_text(falling(3), 39)


def test_no_rows_no_chart(tmp_path: Path) -> None:
    assert train.curves_text([]) == ""
    assert not train.write_curves(tmp_path / "a.png", [])
    assert list(tmp_path.iterdir()) == []


def loss_lines(losses: Sequence[float]) -> list[list[tuple[float, float]]]:
    """The points of each piece of the loss's line."""
    shown = parsed(train.curves_picture(rows(losses))).findall(f"{SVG}polyline")
    of_loss = [e.attrib["points"] for e in shown if e.attrib["stroke-width"] == "2"]
    found = [[(float(x), float(y)) for x, y in (p.split(",") for p in t.split())] for t in of_loss]
    return [points for points in found if points[0][0] < 300]


@given(losses=st.lists(st.integers(0, 1000), min_size=2, max_size=60))
@settings(max_examples=examples(60), deadline=None)
def test_the_line_is_the_losses_to_one_scale(losses: list[int]) -> None:
    (points,) = loss_lines(losses)
    assert [x for x, _ in points] == pytest.approx(
        np.linspace(points[0][0], points[-1][0], len(losses)).tolist(), abs=1e-2
    )
    high, low = max(losses), min(losses)
    top, bottom = (points[losses.index(v)][1] for v in (high, low))
    assert top < bottom or high == low  # more is higher
    for (_, y), loss in zip(points, losses, strict=True):
        assert y == pytest.approx(
            bottom + (top - bottom) * (loss - low) / ((high - low) or 1), abs=1e-2
        )


def test_what_is_not_finite_leaves_a_gap_and_a_cross() -> None:
    losses = [3.0, 2.0, NAN, 2.0, 1.0, INF, 1.0, 1.0]
    assert [len(points) for points in loss_lines(losses)] == [2, 2, 2]
    shown = parsed(train.curves_picture(rows(losses))).findall(f"{SVG}text")
    assert [element.text for element in shown].count("x") == 2


RUNS = {
    "one": falling(1),
    "two": falling(2),
    "long": falling(200),
    "unjudged": rows([3, 2, 1]),
    "gaps": rows([2, NAN, 1, INF, 3, 1e300], [0.1, NAN, None, 0.3, 0.2, None]),
    "nothing": rows([NAN], [NAN]),
    "flat": rows([0, 0, 0], [1, 1, 1]),
    "tiny": rows([1e-12, 3e-13]),
    "huge": rows([1e29, 1e-29]),
}


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.plots
def test_the_picture_is_a_png(name: str, tmp_path: Path) -> None:
    image = pytest.importorskip("matplotlib.image", reason="matplotlib is not installed")
    assert train.write_curves(tmp_path / "a.png", RUNS[name])
    shown = image.imread(tmp_path / "a.png")
    assert shown.shape == (600, 2040, 4)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    assert train.write_curves(tmp_path / "b.png", RUNS[name])
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.plots
def test_a_single_epoch_and_a_lone_value_can_be_seen(tmp_path: Path) -> None:
    image = pytest.importorskip("matplotlib.image", reason="matplotlib is not installed")
    train.write_curves(tmp_path / "none.png", rows([NAN] * 40))
    train.write_curves(tmp_path / "lone.png", rows([NAN] * 20 + [1.0] + [NAN] * 19))
    train.write_curves(tmp_path / "one.png", rows([1.0]))
    blue = {}
    for name in ("none", "lone", "one"):
        panel = image.imread(tmp_path / f"{name}.png")[:, :500]  # the loss, its last value left out
        blue[name] = int((panel[..., 2] - panel[..., 0] > 0.3).sum())
    assert blue["none"] == 0
    assert blue["lone"] >= 10
    assert blue["one"] >= 10


@pytest.mark.plots
def test_the_name_of_every_end_stays_inside(tmp_path: Path) -> None:
    image = pytest.importorskip("matplotlib.image", reason="matplotlib is not installed")
    for count in (1, 20, 200):
        train.write_curves(tmp_path / "a.png", falling(count))
        shown = image.imread(tmp_path / "a.png")[..., :3]
        edge = [shown[0], shown[-1], shown[:, 0], shown[:, -1]]
        assert all((line == 1).all() for line in edge)  # nothing is cut


def test_without_matplotlib_nothing_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert not train.write_curves(tmp_path / "a.png", falling(3))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("module", ["matplotlib.figure", "matplotlib.backends.backend_agg"])
def test_whoever_wants_a_picture_is_told_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    for wanted in (plots.need_matplotlib, lambda: plots.new_figure(1, 1)):
        with pytest.raises(BackendUnavailableError, match=r"pip install 'matplotlib>=3.8'"):
            wanted()


SCRIPT = """
import sys, numpy as np
from minin import explain, train
assert not any(name.startswith("matplotlib") for name in sys.modules), "loaded too early"
row = train.Epoch(1, 1.0, 0.5, 0.5, 0.1, 1.0, 9.0)
assert train.write_curves("a.png", [row])
explain.Confusion(np.eye(2, dtype=np.int64), ("a", "b")).write_png("b.png")
images = np.zeros((1, 1, 8, 8), np.uint8)
explain.contact_sheet("c.png", [explain.Mistake(0, 0, 1, 0.5)], images, ("a", "b"))
assert "matplotlib.pyplot" not in sys.modules, "pyplot is loaded"
import matplotlib.pyplot as plt
plt.switch_backend("svg")
own = plt.figure()
train.write_curves("a.png", [row])
assert plt.get_fignums() == [own.number], "a figure is left open"
assert plt.gcf() is own and plt.get_backend() == "svg", "somebody's own figure was touched"
"""


@pytest.mark.plots
def test_nobody_elses_figures_are_touched(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.plots
def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    from minin.errors import DataError

    with pytest.raises(DataError, match="could not be written"):
        train.write_curves(tmp_path / "none" / "a.png", falling(2))
