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
    told = {f.bug for f in report.findings} | {n.bug for n in report.notes}
    assert bug in told, str(report)
    assert report.ok == (bug == "H4"), str(report)


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
    assert {f.bug for f in report.findings} == {"A6"}
    assert {n.bug for n in report.notes} == {"H4"}


def test_a_float32_gradient_that_is_half_a_percent_off_is_wrong() -> None:
    forward, backward = single_precision()
    assert gradcheck.check_backward(forward, backward, [X]).ok
    assert not gradcheck.check_backward(forward, lambda g, x: 1.005 * backward(g, x), [X]).ok


@pytest.mark.parametrize("make", [changes_input, changes_upstream, stale_cache])
def test_a_cache_that_is_used_up_hides_nothing(make: Callable[[], Pair]) -> None:
    forward, backward = make()

    def popping_forward(x: Any) -> Any:
        y, cache = forward(x)
        return y, [cache]

    kept = gradcheck.check_backward(forward, backward, [X])
    popped = gradcheck.check_backward(popping_forward, lambda g, c: backward(g, c.pop()), [X])
    assert {f.bug for f in kept.findings} == {f.bug for f in popped.findings}, str(popped)
    assert any("second" in n.sentence for n in popped.notes)


def test_a_cache_that_is_shifted_in_place_is_told_in_a_note() -> None:
    def backward(g: Any, cache: Any) -> Any:
        cache[1] += 1.0
        return 2 * g * cache[0]

    report = gradcheck.check_backward(lambda x: (x * x, [x, np.zeros(3)]), backward, [X])
    assert report.ok
    assert any("cache" in n.sentence for n in report.notes), str(report)


def test_a_mask_kept_by_shape_is_seen_at_other_numbers() -> None:
    masks: dict[Any, Any] = {}

    def forward(x: Any) -> Any:
        return np.maximum(x, 0), masks.setdefault(x.shape, x > 0)

    report = gradcheck.check_backward(forward, lambda g, mask: g * mask, [X])
    assert {f.bug for f in report.findings} == {"H9"}, str(report)


def test_a_mask_with_a_tolerance_is_seen_where_the_op_is_named() -> None:
    report = gradcheck.check_backward(
        lambda x: (np.maximum(x, 0), x), lambda g, x: g * (x > 1e-2), [np.abs(X)], op="relu"
    )
    assert "right at your numbers" in report.findings[0].what


def test_views_of_the_upstream_gradient_are_fine() -> None:
    report = gradcheck.check_backward(
        lambda x: (x.reshape(-1), x.shape), lambda g, shape: g.reshape(shape), [X]
    )
    assert report.ok, str(report)
