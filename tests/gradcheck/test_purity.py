"""What is noticed before any number is compared, each fault alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minin import gradcheck

X = np.random.default_rng(0).normal(size=(4, 5))
Pair = tuple[Callable[..., Any], Callable[..., Any]]


def right() -> Pair:
    return lambda x: (x * x, x), lambda g, x: 2 * g * x


def changes_input() -> Pair:
    def forward(x: Any) -> Any:
        kept = x.copy()
        x += 1
        return kept * kept, kept

    return forward, lambda g, x: 2 * g * x


def changes_upstream() -> Pair:
    def backward(g: Any, x: Any) -> Any:
        g *= 2 * x
        return g.copy()

    return lambda x: (x * x, x), backward


def shares_memory() -> Pair:
    def backward(g: Any, _: Any) -> Any:
        both = g.copy()
        return both, both

    return lambda x, y: (x + y, None), backward


def assumes_memory_order() -> Pair:
    def backward(g: Any, x: Any) -> Any:
        return 2 * g * x.ravel(order="K").reshape(x.shape)

    return lambda x: (x * x, x), backward


def single_precision() -> Pair:
    return lambda x: (np.square(x.astype(np.float32)), x), lambda g, x: 2 * g * x


def hidden_single_precision() -> Pair:
    def forward(x: Any) -> Any:
        return np.square(x.astype(np.float32)).astype(float), x

    return forward, lambda g, x: 2 * g * x


def rounds_to_integers() -> Pair:
    return lambda x: (x.astype(int) * 2.0, None), lambda g, _: 2 * g


def moving_state() -> Pair:
    calls = [0.0]

    def forward(x: Any) -> Any:
        calls[0] += 0.1
        return x * x + calls[0], x

    return forward, lambda g, x: 2 * g * x


def stale_cache() -> Pair:
    kept = [np.zeros(())]

    def forward(x: Any) -> Any:
        kept[0] = x
        return x * x, None

    return forward, lambda g, _: 2 * g * kept[0]


def race() -> Pair:
    rng = np.random.default_rng(0)

    def backward(g: Any, x: Any) -> Any:
        return 2 * g * x * (1 + 1e-3 * rng.random(g.shape))

    return lambda x: (x * x, x), backward


def new_mask() -> Pair:
    rng, mask = np.random.default_rng(0), np.random.default_rng(1).random(X.shape) < 0.5

    def backward(g: Any, _: Any) -> Any:
        return g * (rng.random(g.shape) < 0.5)

    return lambda x: (x * mask, None), backward


def accumulates() -> Pair:
    total = [np.zeros(X.shape)]

    def backward(g: Any, x: Any) -> Any:
        total[0] = total[0] + 2 * g * x
        return total[0].copy()

    return lambda x: (x * x, x), backward


def spoils_its_cache() -> Pair:
    def backward(g: Any, p: Any) -> Any:
        p *= 2
        return g * p

    return lambda x: (x * x, x.copy()), backward


@pytest.mark.parametrize(
    ("make", "bug"),
    [
        (changes_input, "H1"),
        (changes_upstream, "H1"),
        (shares_memory, "H2"),
        (assumes_memory_order, "H3"),
        (single_precision, "H4"),
        (hidden_single_precision, "H4"),
        (rounds_to_integers, "H6"),
        (moving_state, "H8"),
        (stale_cache, "H9"),
        (race, "H11"),
        (new_mask, "A8"),
        (accumulates, "A9"),
        (spoils_its_cache, "F5"),
    ],
)
def test_each_fault_is_told_for_what_it_is(make: Callable[[], Pair], bug: str) -> None:
    inputs = [X, X[::-1] * 2] if make is shares_memory else [X]
    report = gradcheck.check_backward(*make(), inputs)
    assert bug in {f.bug for f in report.findings}, str(report)


def test_and_nothing_is_told_of_right_code() -> None:
    report = gradcheck.check_backward(*right(), [X])
    assert report.ok
    assert report.notes == ()


def test_the_callers_arrays_are_never_touched() -> None:
    before = X.copy()
    gradcheck.check_backward(*changes_input(), [X])
    np.testing.assert_array_equal(X, before)


def test_integers_are_checked_as_floats_with_a_note() -> None:
    report = gradcheck.check_backward(*right(), [np.arange(1, 9)])
    assert report.ok
    assert [note.bug for note in report.notes] == ["H6"]


def test_float32_code_that_is_also_wrong_is_told_both() -> None:
    forward, _ = single_precision()
    report = gradcheck.check_backward(forward, lambda g, x: -2 * g * x, [X])
    assert {"H4", "A6"} <= {f.bug for f in report.findings}


def test_views_of_the_upstream_gradient_are_fine() -> None:
    report = gradcheck.check_backward(
        lambda x: (x.reshape(-1), x.shape), lambda g, shape: g.reshape(shape), [X]
    )
    assert report.ok, str(report)
