"""op= says what forward should be: what its own inputs do not show is tried, or told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minin import gradcheck

RNG = np.random.default_rng(0)


def conv_of_columns(x: Any, w: Any) -> Any:
    """A convolution that reads the filters (F, C, KH, KW) as (F, KH, KW, C)."""
    f, _, kh, kw = w.shape
    cells = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), (2, 3))
    rows = cells.transpose(0, 2, 3, 4, 5, 1).reshape(-1, w[0].size)
    n, _, oh, ow = cells.shape[:4]
    y = (rows @ w.reshape(f, -1).T).reshape(n, oh, ow, f).transpose(0, 3, 1, 2)
    return y, (x, w, rows)


def conv_of_columns_backward(grad: Any, cache: Any) -> Any:
    x, w, rows = cache
    f, c, kh, kw = w.shape
    flat = grad.transpose(0, 2, 3, 1).reshape(-1, f)
    n, _, oh, ow = grad.shape
    cells = (flat @ w.reshape(f, -1)).reshape(n, oh, ow, kh, kw, c)
    dx = np.zeros_like(x)
    for i, j in np.ndindex(kh, kw):
        dx[:, :, i : i + oh, j : j + ow] += cells[:, :, :, i, j].transpose(0, 3, 1, 2)
    return dx, (flat.T @ rows).reshape(w.shape)


@pytest.mark.parametrize(
    ("channels", "said"),
    [(2, "forward does not compute conv2d"), (3, "only if the filters are read as (F, KH, KW, C)")],
)
def test_a_forward_that_is_not_the_op_passes_with_a_note(channels: int, said: str) -> None:
    """With as many channels as rows and columns of a filter, shapes cannot tell."""
    inputs = RNG.normal(size=(2, channels, 5, 5)), RNG.normal(size=(4, channels, 3, 3))
    report = gradcheck.check_backward(
        conv_of_columns, conv_of_columns_backward, inputs, op="conv2d", repair=False
    )
    assert report.ok
    assert any(said in note.sentence for note in report.notes), report.notes


def pool(x: Any, setting: Any) -> Any:
    h, w, s = setting["pool_height"], setting["pool_width"], setting["stride"]
    cells = np.lib.stride_tricks.sliding_window_view(x, (h, w), (2, 3))[:, :, ::s, ::s]
    return cells.max((4, 5)), (x, setting)


def pool_backward(grad: Any, cache: Any, add: bool) -> Any:
    x, setting = cache
    h, w, s = setting["pool_height"], setting["pool_width"], setting["stride"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*grad.shape):
        cell = x[n, c, i * s : i * s + h, j * s : j * s + w]
        a, b = np.unravel_index(cell.argmax(), cell.shape)
        dx[n, c, i * s + a, j * s + b] = dx[n, c, i * s + a, j * s + b] * add + grad[n, c, i, j]
    return dx


@pytest.mark.parametrize("add", [True, False])
@pytest.mark.parametrize("size", [2, 3])
def test_windows_that_overlap_are_tried(size: int, add: bool) -> None:
    """The caller's windows lie side by side (2), or overlap (3)."""
    setting = {"pool_height": size, "pool_width": size, "stride": 2}
    report = gradcheck.check_backward(
        pool, lambda g, c: pool_backward(g, c, add), (RNG.normal(size=(3, 2, 8, 8)), setting),
        op="max_pool2d", repair=False,
    )  # fmt: skip
    assert report.ok == add, str(report)
    if not add:
        (finding,) = report.findings
        assert {"C2", "C3"} & set(finding.candidates)
        assert bool(finding.elsewhere) == (size == 2)
        assert ("dx  WRONG  at other inputs than yours" in str(report)) == (size == 2)
        assert not report.lines[0].ok


def test_where_nothing_else_can_be_tried_it_says_what_was_not_seen() -> None:
    def fixed(x: Any) -> Any:
        return pool(x, {"pool_height": 2, "pool_width": 2, "stride": 2})

    report = gradcheck.check_backward(
        fixed, lambda g, c: pool_backward(g, c, False), (RNG.normal(size=(2, 3, 6, 6)),),
        op="max_pool2d", repair=False,
    )  # fmt: skip
    assert report.ok
    told = " ".join(note.sentence for note in report.notes)
    assert "overlap" in told
    assert "height and width that differ" in told
