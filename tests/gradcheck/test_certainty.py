"""What was seen is told as seen; a cause that more than one slip can leave "looks like" it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minin import gradcheck

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(2, 3, 4, 5))


def affine(x: Any, w: Any, b: Any) -> Any:
    return x @ w + b, (x, w)


def without_transpose(grad: Any, cache: Any) -> Any:
    x, w = cache
    return grad @ w, x.T @ grad, grad.sum(0)


def mean_of_maps(x: Any) -> Any:
    return x.mean((2, 3)), x.shape


@pytest.mark.parametrize("count", [16.0, 12.0, 2.0])  # H*H, C*H, N: all of them are wrong
def test_a_fitted_ratio_looks_like_its_cause(count: float) -> None:
    def backward(grad: Any, shape: Any) -> Any:
        return np.ones(shape) * grad[:, :, None, None] / count

    report = gradcheck.check_backward(mean_of_maps, backward, [IMAGES])
    finding = report.findings[0]
    assert not finding.certain
    assert finding.fix.startswith("probably")
    assert finding.bug is None or f"looks like [{finding.bug}]" in " ".join(str(report).split())
    assert finding.to_dict()["certain"] is False


def test_an_array_read_with_its_axes_exchanged_looks_like_its_cause() -> None:
    def forward(x: Any, w: Any, b: Any) -> Any:
        z = x @ w + b
        return np.maximum(z, 0), (x, w, z)

    def backward(grad: Any, cache: Any) -> Any:
        x, w, z = cache
        grad = grad * (z > 0)
        return grad @ w, x.T @ grad, grad.sum(0)

    rng = np.random.default_rng(0)
    square = [rng.normal(size=(4, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)]
    report = gradcheck.check_backward(forward, backward, square)
    finding = report.findings[0]
    assert finding.bug == "B2"
    assert "w[o1, i1], where forward's slope is w[i1, o1]" in finding.what
    assert not finding.certain
    assert finding.fix.startswith("probably W used for its transpose")


def test_what_was_compared_number_for_number_is_told_as_it_is() -> None:
    def backward(grad: Any, shape: Any) -> Any:
        return (np.ones(shape) * grad[:, :, None, None],)

    report = gradcheck.check_backward(mean_of_maps, backward, [IMAGES], op="global_avg_pool2d")
    assert report.findings[0].bug == "A3"
    assert report.findings[0].certain
    assert "looks like" not in str(report)


def test_a_behaviour_that_was_seen_is_told_as_it_is() -> None:
    report = gradcheck.check_backward(lambda x: (np.sin(x), x), lambda _, x: np.cos(x), [IMAGES])
    assert report.findings[0].bug == "A11"
    assert report.findings[0].certain
    assert "looks like" not in str(report)


def test_a_stop_at_other_sizes_is_a_note_and_no_verdict() -> None:
    square = (RNG.normal(size=(4, 3)), RNG.normal(size=(3, 3)), RNG.normal(size=3))
    report = gradcheck.check_backward(affine, without_transpose, square)
    assert [(f.argument, f.bug) for f in report.findings] == [("x", "B2")]
    notes = [n.sentence for n in report.notes]
    assert any("at other sizes, x(" in n and "stops" in n for n in notes), notes


def test_a_backward_that_stops_at_sizes_it_was_not_given_passes_with_a_note() -> None:
    def backward(grad: Any, cache: Any) -> Any:
        x, w = cache
        if w.shape[0] != w.shape[1]:
            raise ValueError("this lesson has square matrices")
        return grad @ w.T, x.T @ grad, grad.sum(0)

    square = (RNG.normal(size=(4, 3)), RNG.normal(size=(3, 3)), RNG.normal(size=3))
    report = gradcheck.check_backward(affine, backward, square, op="linear")
    assert report.ok, str(report)
    assert "square matrices" in str(report)


def test_a_stop_at_sizes_that_the_caller_drew_is_a_verdict() -> None:
    def draw(rng: np.random.Generator) -> Any:
        return [rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=5)]

    square = (RNG.normal(size=(4, 3)), RNG.normal(size=(3, 3)), RNG.normal(size=3))
    report = gradcheck.check_backward(affine, without_transpose, square, sample=draw)
    assert {f.argument for f in report.findings} == {"x", "w", "b"}


def test_a_fault_at_other_sizes_says_at_which() -> None:
    def forward(x: Any, w: Any, b: Any, stride: int = 1, pad: int = 1) -> Any:
        frame = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        cells = np.lib.stride_tricks.sliding_window_view(frame, w.shape[2:], (2, 3))
        cells = cells[:, :, ::stride, ::stride]
        y = np.einsum("nchwij,ocij->nohw", cells, w) + b[:, None, None]
        return y, (frame, cells, w, stride, pad)

    def backward(grad: Any, cache: Any) -> Any:
        frame, cells, w, s, p = cache
        back = np.zeros_like(frame)
        for i, j in np.ndindex(grad.shape[2:]):
            place = np.s_[:, :, i * s : i * s + w.shape[2], j * s : j * s + w.shape[3]]
            back[place] += np.einsum("no,ocij->ncij", grad[:, :, i, j], w)
        dw = np.einsum("nohw,nchwij->ocij", grad, cells)
        return back[:, :, p:-p, p:-p], dw, grad.sum((0, 2, 3))

    inputs = (RNG.normal(size=(2, 2, 7, 7)), RNG.normal(size=(3, 2, 3, 3)), RNG.normal(size=3))
    report = gradcheck.check_backward(forward, backward, inputs, op="conv2d")
    assert report.findings[0].bug == "D4"
    assert "at other sizes, x(" in report.findings[0].what
    assert "pad 0" in report.findings[0].what


def test_a_shape_that_several_slips_leave_looks_like_one() -> None:
    inputs = (RNG.normal(size=(4, 3)), RNG.normal(size=(3, 5)), RNG.normal(size=5))

    def bent(x: Any, w: Any, b: Any) -> Any:
        return np.sinh(x @ w + b), (x, w, np.cosh(x @ w + b))

    def backward(grad: Any, cache: Any) -> Any:
        x, w, slope = cache
        grad = grad * slope
        return grad @ w.T, x.T @ grad, grad.sum(1)

    finding = gradcheck.check_backward(bent, backward, inputs, repair=False).findings[0]
    assert (finding.argument, finding.bug, finding.certain) == ("b", "G1", False)
    transposed = gradcheck.check_backward(
        affine, lambda g, c: (g @ c[1].T, g.T @ c[0], g.sum(0)), inputs, repair=False
    )
    assert [(f.bug, f.certain) for f in transposed.findings] == [("B1", True)]


def test_a_known_bug_is_told_as_seen_only_at_lengths_that_differ() -> None:
    def forward(x: Any) -> Any:
        return np.maximum(x, 0), x

    def backward(grad: Any, x: Any) -> Any:
        return -grad * (x > 0)

    for shape, certain in (((4, 3), True), ((4, 4), True)):  # relu is tried at other sizes too
        report = gradcheck.check_backward(forward, backward, [RNG.normal(size=shape)], op="relu")
        assert (report.findings[0].bug, report.findings[0].certain) == ("A6", certain)
