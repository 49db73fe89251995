"""Where differences cannot look: ties, zeros, NaN, leftovers of windows, no images at all."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minin
from minin import Tensor, ops
from minin.errors import ShapeError
from minin.shapes import Window
from tests import oracles
from tests.cases import hashed_mask, pooling, sliding_perceptron, unrolling
from tests.choice import examples

Array = npt.NDArray[Any]
NAN, INF = math.nan, math.inf


def leaf(numbers: Any) -> Tensor:
    return minin.tensor(np.asarray(numbers, dtype=np.float64), requires_grad=True)


def gradient(build: Callable[..., Tensor], *numbers: Any, grad: Any = None) -> Any:
    """The gradients of build(...) along each argument, for upstream gradients of ones or others."""
    leaves = [leaf(n) for n in numbers]
    y = build(*leaves)
    y.backward(np.ones(y.shape) if grad is None else np.asarray(grad, dtype=np.float64))
    return leaves[0].grad if len(leaves) == 1 else [a.grad for a in leaves]


# ---- ties and zeros ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "slope"),
    [
        (ops.relu, 0.0),
        (ops.leaky_relu, 0.01),
        (ops.abs, 0.0),
        (lambda t: t**0.0, 0.0),
        (lambda t: t**1.0, 1.0),
        (lambda t: t**2, 0.0),
    ],
)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_the_slope_at_0_is_the_documented_one(op: Any, slope: float, zero: float) -> None:
    assert gradient(op, [zero]).tolist() == [slope]


def test_the_slope_of_the_root_at_0_is_infinite() -> None:
    with np.errstate(divide="ignore"):
        assert gradient(ops.sqrt, [0.0]).tolist() == [INF]


def test_a_maximum_splits_a_tie() -> None:
    x_slope, y_slope = gradient(ops.maximum, [1.0, 2.0, 3.0], [3.0, 2.0, 1.0], grad=[1, 4, 9])
    assert x_slope.tolist() == [0.0, 2.0, 9.0]
    assert y_slope.tolist() == [1.0, 2.0, 0.0]


@pytest.mark.parametrize("value", [2.0, INF, -INF])
def test_max_splits_a_tie_evenly(value: float) -> None:
    numbers = [[value, value, -INF if value > 0 else value], [1.0, 0.0, 1.0]]
    slopes = gradient(lambda t: ops.max(t, axis=1), numbers, grad=[6.0, 1.0])
    tied = [3.0, 3.0, 0.0] if value > 0 else [2.0, 2.0, 2.0]
    assert slopes.tolist() == [tied, [0.5, 0.0, 0.5]]


def test_max_pooling_gives_all_to_the_first_of_equals_row_by_row() -> None:
    x = np.zeros((1, 1, 2, 4))
    slopes = gradient(lambda t: ops.max_pool2d(t, 2), x, grad=[[[[3.0, 5.0]]]])
    assert slopes[0, 0].tolist() == [[3.0, 0.0, 5.0, 0.0], [0.0] * 4]
    second_row = [[[[0.0, 1.0], [1.0, 1.0]]]]
    assert gradient(lambda t: ops.max_pool2d(t, 2), second_row)[0, 0].tolist() == [[0, 1], [0, 0]]


few_values = st.sampled_from([0.0, 1.0, 2.0, -INF, INF, NAN])


@st.composite
def tied_pooling(draw: st.DrawFn) -> tuple[Array, dict[str, Any]]:
    """The geometry of the laws, and numbers of which most are equal, infinite or NaN."""
    arguments = draw(pooling(average=False))
    shape = arguments.arrays[0].shape
    return draw(hnp.arrays(np.float64, shape, elements=few_values)), arguments.parameters


@settings(max_examples=examples(100))
@given(drawn=tied_pooling(), seed=st.integers(0, 99))
def test_max_pooling_equals_the_loops_at_ties_and_nan(
    drawn: tuple[Array, dict[str, Any]], seed: int
) -> None:
    numbers, parameters = drawn
    x = leaf(numbers)
    y = ops.max_pool2d(x, **parameters)
    np.testing.assert_array_equal(y.data, oracles.max_pool2d(numbers, **parameters))
    grad = np.random.default_rng(seed).normal(size=y.shape)
    y.backward(grad)
    wanted = oracles.max_pool2d_grad_x(numbers, grad, **parameters)
    np.testing.assert_allclose(x.grad, wanted, rtol=1e-14, atol=1e-14)


def test_a_window_of_more_cells_than_int16_counts() -> None:
    x = np.zeros((1, 1, 200, 200))
    x[0, 0, 199, 198] = 1.0
    slopes = gradient(lambda t: ops.max_pool2d(t, 200), x)
    assert np.argwhere(slopes).tolist() == [[0, 0, 199, 198]]


# ---- NaN is never hidden -------------------------------------------------------------------------

UNARY: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": ops.relu,
    "leaky_relu": ops.leaky_relu,
    "sigmoid": ops.sigmoid,
    "tanh": ops.tanh,
    "exp": ops.exp,
    "log": ops.log,
    "sqrt": ops.sqrt,
    "abs": ops.abs,
    "negative": lambda t: -t,
    "power": lambda t: t**2,
    "dropout": lambda t: ops.dropout(t, 0.5, rng=0),
    "all dropped": lambda t: ops.dropout(t, 1.0, rng=0),
    "maximum, left": lambda t: ops.maximum(t, 5.0),
    "maximum, right": lambda t: ops.maximum(np.full((1, 1, 2, 2), 5.0), t),
}


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("seed", range(3))
def test_nan_stays_where_it_is(name: str, seed: int) -> None:
    x = np.random.default_rng(seed).uniform(0.5, 1.5, (1, 1, 2, 2))
    x[0, 0, seed % 2, 1] = NAN
    y = UNARY[name](minin.tensor(x))
    np.testing.assert_array_equal(np.isnan(y.data), np.isnan(x))


REDUCING: dict[str, Callable[[Tensor], Tensor]] = {
    "sum": lambda t: t.sum(),
    "mean": lambda t: t.mean(),
    "max": lambda t: ops.max(t),
    "max_pool2d": lambda t: ops.max_pool2d(t, 2),
    "max_pool2d at the border": lambda t: ops.max_pool2d(t, 3, padding=1, stride=2),
    "avg_pool2d": lambda t: ops.avg_pool2d(t, 2),
    "global_avg_pool2d": ops.global_avg_pool2d,
    "conv2d": lambda t: ops.conv2d(t, np.zeros((1, 1, 2, 2))),
    "mlpconv": lambda t: ops.mlpconv(
        t, [np.zeros((1, 1, 2, 2)), np.zeros((1, 1, 1, 1))], [None] * 2
    ),
    "linear": lambda t: ops.linear(t.reshape(1, 4), np.zeros((1, 4))),
    "softmax": lambda t: ops.softmax(t.reshape(1, 4))[0, 0],
    "log_softmax": lambda t: ops.log_softmax(t.reshape(1, 4))[0, 0],
    "cross_entropy": lambda t: ops.cross_entropy(t.reshape(1, 4), np.array([0])),
    "cross_entropy, smoothed": lambda t: ops.cross_entropy(
        t.reshape(1, 4), np.array([0]), label_smoothing=0.1
    ),
    "mse_loss": lambda t: ops.mse_loss(t, np.zeros((1, 1, 2, 2))),
}


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("name", REDUCING)
def test_one_nan_reaches_the_result_from_every_place(name: str, place: int) -> None:
    x = np.ones(4)
    x[place] = NAN
    y = REDUCING[name](minin.tensor(x.reshape(1, 1, 2, 2)))
    assert np.isnan(y.data).all()


def test_the_first_nan_of_a_window_receives_its_slope() -> None:
    x = [[[[9.0, NAN], [NAN, 1.0]]]]
    assert gradient(lambda t: ops.max_pool2d(t, 2), x)[0, 0].tolist() == [[0, 1], [0, 0]]


def test_nan_wins_a_maximum_and_receives_its_slope() -> None:
    x_slope, y_slope = gradient(ops.maximum, [NAN, 1.0, NAN], [1.0, NAN, NAN])
    assert (x_slope.tolist(), y_slope.tolist()) == ([1, 0, 1], [0, 1, 0])
    assert gradient(lambda t: ops.max(t), [NAN, 7.0]).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "dropout", "maximum, left", "abs"])
def test_a_nan_upstream_gradient_is_not_hidden_where_it_has_a_weight(name: str) -> None:
    x = leaf(np.full((1, 1, 2, 2), 9.0))
    y = UNARY[name](x)
    y.backward(np.where(y.data != 0, NAN, 0.0))
    np.testing.assert_array_equal(np.isnan(x.grad), y.data != 0)


# ---- the ends of the number line --------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_huge_logits_give_finite_losses_and_slopes_without_a_warning(
    dtype: str, smoothing: float
) -> None:
    scores = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, -1e4], [1e4, 1e4, 1e4]], dtype)
    logits = minin.tensor(scores, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        losses = ops.cross_entropy(
            logits, np.array([0, 0, 1]), reduction="none", label_smoothing=smoothing
        )
        losses.sum().backward()
        for op in (ops.softmax, ops.log_softmax, ops.sigmoid, ops.tanh):
            assert np.isfinite(op(logits).data).all()
    wanted = oracles.cross_entropy(
        scores.astype(np.float64), np.array([0, 0, 1]), "none", smoothing
    )
    np.testing.assert_allclose(losses.data, wanted, rtol=1e-6)
    assert np.isfinite(logits.grad).all()
    if not smoothing:
        slopes = np.array([[0, 0, 0], [-1, 1, 0], [1 / 3, -2 / 3, 1 / 3]])
        np.testing.assert_allclose(logits.grad, slopes, atol=1e-7)


@pytest.mark.parametrize("x", [-1e4, -800.0, 0.0, 800.0, 1e4, INF, -INF])
def test_squeezing_never_overflows(x: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for op, low in ((ops.sigmoid, 0.0), (ops.tanh, -1.0)):
            y = op(minin.tensor(np.array([x])))
            assert low <= y.item() <= 1.0


@pytest.mark.parametrize("smoothing", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_label_smoothing_mixes_in_all_classes_evenly(smoothing: float, reduction: str) -> None:
    rng = np.random.default_rng(0)
    logits, target = rng.normal(size=(5, 4)), rng.integers(0, 4, 5)
    logs = ops.log_softmax(minin.tensor(logits)).data
    hard, even = -logs[np.arange(5), target], -logs.mean(axis=1)
    losses = (1 - smoothing) * hard + smoothing * even
    wanted = {"none": losses, "sum": losses.sum(), "mean": losses.mean()}[reduction]
    got = ops.cross_entropy(logits, target, reduction, smoothing)
    np.testing.assert_allclose(got.data, wanted, rtol=1e-13)


def test_the_slope_of_cross_entropy_is_p_less_onehot() -> None:
    logits, target = np.array([[0.5, -1.0, 2.0]]), np.array([1])
    p = ops.softmax(minin.tensor(logits)).data
    slope = gradient(lambda t: ops.cross_entropy(t, target), logits)
    np.testing.assert_allclose(slope, p - [[0, 1, 0]], rtol=1e-13)


def test_reductions_of_losses_agree() -> None:
    rng = np.random.default_rng(0)
    x, target = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    each = ops.mse_loss(x, target, "none").data
    assert each.shape == (3, 4)
    np.testing.assert_allclose(ops.mse_loss(x, target, "sum").data, each.sum(), rtol=1e-14)
    np.testing.assert_allclose(ops.mse_loss(x, target).data, each.mean(), rtol=1e-14)


# ---- leftovers of windows ---------------------------------------------------------------------


@pytest.mark.parametrize("op", [ops.max_pool2d, ops.avg_pool2d])
def test_pixels_that_no_window_reaches_have_slope_0(op: Any) -> None:
    slopes = gradient(lambda t: op(t, 2), np.arange(25.0).reshape(1, 1, 5, 5))
    assert slopes[0, 0, 4].tolist() == [0.0] * 5
    assert slopes[0, 0, :, 4].tolist() == [0.0] * 5
    assert slopes.sum() == pytest.approx(4.0)


def test_a_convolution_that_skips_pixels_gives_them_slope_0() -> None:
    slopes = gradient(
        lambda t: ops.conv2d(t, np.ones((1, 1, 2, 1)), stride=3), np.ones((1, 1, 7, 4))
    )
    assert (
        slopes[0, 0].tolist() == [[1, 0, 0, 1]] * 2 + [[0] * 4] + [[1, 0, 0, 1]] * 2 + [[0] * 4] * 2
    )


def test_ceil_mode_lets_a_last_window_overhang() -> None:
    x = np.arange(25.0).reshape(1, 1, 5, 5)
    assert ops.max_pool2d(x, 2).shape == (1, 1, 2, 2)
    y = ops.max_pool2d(x, 2, ceil_mode=True)
    assert y.data[0, 0].tolist() == [[6, 8, 9], [16, 18, 19], [21, 23, 24]]
    slopes = gradient(lambda t: ops.max_pool2d(t, 2, ceil_mode=True), x)
    assert np.argwhere(slopes[0, 0]).tolist()[-1] == [4, 4]


@pytest.mark.parametrize("count_include_pad", [True, False])
def test_an_overhang_never_counts_in_an_average(count_include_pad: bool) -> None:
    x = np.full((1, 1, 3, 3), 12.0)
    y = ops.avg_pool2d(x, 2, ceil_mode=True, count_include_pad=count_include_pad)
    assert y.data.tolist() == np.full((1, 1, 2, 2), 12.0).tolist()


def test_a_border_counts_in_an_average_if_asked_to() -> None:
    x = np.full((1, 1, 2, 2), 12.0)
    assert ops.avg_pool2d(x, 2, 2, padding=1).data.tolist() == np.full((1, 1, 2, 2), 3.0).tolist()
    alone = ops.avg_pool2d(x, 2, 2, padding=1, count_include_pad=False)
    assert alone.data.tolist() == np.full((1, 1, 2, 2), 12.0).tolist()


def test_the_border_of_max_pooling_never_wins() -> None:
    x = np.full((1, 1, 2, 2), -7.0)
    y = ops.max_pool2d(x, 3, 1, padding=1)
    assert y.data.tolist() == x.tolist()


# ---- no images, and numbers without axes --------------------------------------------------------

NO_IMAGES: dict[str, tuple[Callable[[Tensor], Tensor], tuple[int, ...], tuple[int, ...]]] = {
    "conv2d": (
        lambda t: ops.conv2d(t, np.ones((5, 2, 3, 3)), np.ones(5), padding=1),
        (0, 2, 4, 4),
        (0, 5, 4, 4),
    ),
    "conv2d in groups": (
        lambda t: ops.conv2d(t, np.ones((4, 1, 2, 2)), groups=2),
        (0, 2, 4, 4),
        (0, 4, 3, 3),
    ),
    "conv2d 1x1": (lambda t: ops.conv2d(t, np.ones((5, 2, 1, 1))), (0, 2, 4, 4), (0, 5, 4, 4)),
    "mlpconv": (
        lambda t: ops.mlpconv(t, [np.ones((5, 2, 3, 3)), np.ones((3, 5, 1, 1))], [None, None]),
        (0, 2, 4, 4),
        (0, 3, 2, 2),
    ),
    "im2col": (lambda t: ops.im2col(t, 2), (0, 2, 4, 4), (0, 8, 9)),
    "col2im": (lambda t: ops.col2im(t, (4, 4), 2), (0, 8, 9), (0, 2, 4, 4)),
    "max_pool2d": (lambda t: ops.max_pool2d(t, 3, 2, 1), (0, 2, 4, 4), (0, 2, 2, 2)),
    "avg_pool2d": (lambda t: ops.avg_pool2d(t, 3, 2, 1), (0, 2, 4, 4), (0, 2, 2, 2)),
    "global_avg_pool2d": (ops.global_avg_pool2d, (0, 2, 4, 4), (0, 2)),
    "linear": (lambda t: ops.linear(t, np.ones((5, 3)), np.ones(5)), (0, 3), (0, 5)),
    "matmul": (lambda t: t @ np.ones((3, 5)), (0, 3), (0, 5)),
    "matmul of no numbers": (lambda t: t @ np.ones((0, 5)), (2, 0), (2, 5)),
    "flatten": (ops.flatten, (0, 3, 2), (0, 6)),
    "reshape": (lambda t: t.reshape(0, 6), (0, 3, 2), (0, 6)),
    "transpose": (lambda t: t.transpose(), (0, 3, 2), (2, 3, 0)),
    "concatenate": (lambda t: ops.concatenate([t, np.ones((1, 3))]), (0, 3), (1, 3)),
    "pad2d": (lambda t: ops.pad2d(t, 1), (0, 1, 2, 2), (0, 1, 4, 4)),
    "relu": (ops.relu, (0, 3), (0, 3)),
    "dropout": (lambda t: ops.dropout(t, 0.5, rng=0), (0, 3), (0, 3)),
    "softmax": (ops.softmax, (0, 3), (0, 3)),
    "log_softmax": (ops.log_softmax, (0, 3), (0, 3)),
    "sum": (lambda t: t.sum(), (0, 3), ()),
    "mean along the other axis": (lambda t: t.mean(axis=1), (0, 3), (0,)),
    "max along the other axis": (lambda t: ops.max(t, axis=1), (0, 3), (0,)),
    "cross_entropy, sum": (
        lambda t: ops.cross_entropy(t, np.zeros(0, np.int64), "sum"),
        (0, 3),
        (),
    ),
    "cross_entropy, none": (
        lambda t: ops.cross_entropy(t, np.zeros(0, np.int64), "none"),
        (0, 3),
        (0,),
    ),
    "mse_loss, sum": (lambda t: ops.mse_loss(t, np.zeros((0, 3)), "sum"), (0, 3), ()),
    "getitem": (lambda t: t[:, 1:], (0, 3), (0, 2)),
    "add": (lambda t: t + np.ones(3), (0, 3), (0, 3)),
}


@pytest.mark.parametrize("name", NO_IMAGES)
def test_a_batch_of_no_images_goes_through_and_back(name: str) -> None:
    build, before, after = NO_IMAGES[name]
    x = leaf(np.zeros(before))
    y = build(x)
    assert y.shape == after
    y.backward(np.ones(after))
    np.testing.assert_array_equal(x.grad, np.zeros(before), strict=True)


def test_weights_have_a_slope_of_0_from_a_batch_of_no_images() -> None:
    weight, bias = leaf(np.ones((5, 2, 3, 3))), leaf(np.ones(5))
    ops.conv2d(np.zeros((0, 2, 4, 4)), weight, bias).sum().backward()
    assert not weight.grad.any()
    assert not bias.grad.any()


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("mean", lambda t: t.mean()),
        ("max", lambda t: ops.max(t)),
        ("max", lambda t: ops.max(t, axis=0)),
        ("cross_entropy", lambda t: ops.cross_entropy(t, np.zeros(0, np.int64))),
        ("mse_loss", lambda t: ops.mse_loss(t, np.zeros((0, 3)))),
        ("mean", lambda t: ops.mean(t, axis=0)),
    ],
)
def test_an_average_or_a_maximum_of_nothing_is_an_error(name: str, build: Any) -> None:
    """PyTorch gives NaN for some of these, which surfaces far from its cause."""
    with pytest.raises(ShapeError, match=rf"^{name}: there (is no|is nothing|must be)"):
        build(minin.tensor(np.zeros((0, 3))))


WITHOUT_AXES: dict[str, Callable[[Tensor], Tensor]] = {
    **{name: build for name, build in UNARY.items() if "right" not in name},
    "sum": lambda t: t.sum(),
    "mean": lambda t: t.mean(),
    "max": lambda t: ops.max(t),
    "reshape": lambda t: t.reshape(()),
    "transpose": lambda t: t.transpose(),
    "add": lambda t: t + 1.0,
    "divide": lambda t: 1.0 / t,
    "mse_loss": lambda t: ops.mse_loss(t, np.array(2.0)),
    "where": lambda t: ops.where(np.array(True), t, 0.0),
    "a part": lambda t: t.reshape(1)[0],
    "the same tensor twice": lambda t: t + t * t,
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", WITHOUT_AXES)
def test_a_number_without_axes_stays_an_array(name: str, dtype: str) -> None:
    number = np.array(0.5, dtype)
    other = 0.5 if dtype == "float64" else np.float32(0.5)
    x = minin.tensor(number, requires_grad=True)
    build = WITHOUT_AXES[name]
    y = build(x) if name != "mse_loss" else ops.mse_loss(x, np.asarray(other))
    y.backward()
    for array in (y.data, x.grad):
        assert type(array) is np.ndarray
        assert (array.shape, str(array.dtype)) == ((), dtype)


# ---- dropout -----------------------------------------------------------------------------------


def test_what_is_dropped_depends_on_key_and_element_number_alone() -> None:
    flat = ops.dropout(np.ones(24), 0.5, rng=7).data
    for shape in [(4, 6), (2, 3, 4), (24, 1)]:
        same = ops.dropout(np.ones(shape), 0.5, rng=7).data
        np.testing.assert_array_equal(same.reshape(-1), flat)
    part = ops.dropout(np.ones(10), 0.5, rng=7).data
    np.testing.assert_array_equal(part, flat[:10])
    for numbers in (np.ones(24, np.float32), np.random.default_rng(0).normal(size=24) + 9.0):
        np.testing.assert_array_equal(ops.dropout(numbers, 0.5, rng=7).data != 0, flat != 0)


def test_the_mask_is_the_documented_hash() -> None:
    for p in (0.1, 0.5, 0.9):
        kept = ops.dropout(np.ones(200), p, rng=3).data != 0
        np.testing.assert_array_equal(kept, hashed_mask((200,), p, 3))


@pytest.mark.parametrize("size", [0, 1, 1000])
def test_each_call_takes_one_draw_from_its_generator(size: int) -> None:
    mine, reference = np.random.default_rng(5), np.random.default_rng(5)
    first = ops.dropout(np.ones(size), 0.5, rng=mine)
    reference.integers(0, 2**32, size=2, dtype=np.uint64)  # one key: two numbers of 32 bits
    assert mine.bit_generator.state == reference.bit_generator.state
    second = ops.dropout(np.ones(size), 0.5, rng=mine)
    assert size < 1000 or (first.data != second.data).any()


@pytest.mark.parametrize(("p", "training"), [(0.5, False), (0.0, True), (0.0, False), (1.0, False)])
def test_where_nothing_is_dropped_numbers_pass_and_no_key_is_taken(
    p: float, training: bool
) -> None:
    rng = np.random.default_rng(5)
    before = rng.bit_generator.state
    numbers = np.array([1.0, -2.0, NAN])
    x = leaf(numbers)
    y = ops.dropout(x, p, training, rng)
    y.backward(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(y.data, numbers)
    assert x.grad.tolist() == [1.0, 2.0, 3.0]
    assert rng.bit_generator.state == before


def test_p_of_1_drops_all() -> None:
    x = leaf(np.ones(1000))
    y = ops.dropout(x, 1.0, rng=0)
    y.sum().backward()
    assert not y.data.any()
    assert not x.grad.any()


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_as_many_are_kept_as_p_says(p: float) -> None:
    count = 200_000
    y = ops.dropout(np.ones(count), p, rng=11).data
    deviation = math.sqrt(p * (1 - p) / count)
    assert abs((y != 0).mean() - (1 - p)) < 4 * deviation
    assert abs(y.mean() - 1.0) < 4 * deviation / (1 - p)


def test_neighbours_are_dropped_independently() -> None:
    kept = (ops.dropout(np.ones((400, 400)), 0.5, rng=2).data != 0) - 0.5
    for moved in (kept[1:] * kept[:-1], kept[:, 1:] * kept[:, :-1], kept[:, 2:] * kept[:, :-2]):
        assert abs(4 * moved.mean()) < 4 / math.sqrt(moved.size)


def test_the_slope_goes_where_the_numbers_went() -> None:
    x = leaf(np.ones(50))
    y = ops.dropout(x, 0.3, rng=0)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, y.data)


# ---- convolution: the identities of the page --------------------------------------------------


@given(data=st.data())
def test_col2im_of_im2col_counts_how_often_each_pixel_is_seen(data: st.DataObject) -> None:
    arguments = data.draw(unrolling())
    x, parameters = arguments.arrays[0], arguments.parameters
    size = x.shape[2:]
    there = ops.im2col(x, **parameters)
    back = ops.col2im(there, size, **parameters)
    seen = oracles.col2im(
        np.ones(oracles.im2col(np.ones((1, 1, *size)), **parameters).shape), size, **parameters
    )
    np.testing.assert_allclose(back.data, seen * x, rtol=1e-13)


def test_windows_side_by_side_see_each_pixel_once() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 6, 4))
    there = ops.im2col(x, (3, 2), stride=(3, 2))
    np.testing.assert_array_equal(ops.col2im(there, (6, 4), (3, 2), stride=(3, 2)).data, x)


def test_the_columns_of_a_1x1_kernel_are_the_image() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    cols = ops.im2col(x, 1)
    assert np.shares_memory(cols.data, x)
    np.testing.assert_array_equal(cols.data, x.reshape(2, 3, 20))
    assert np.shares_memory(ops.col2im(cols, (4, 5), 1).data, x)


def test_a_1x1_convolution_is_a_dense_layer_at_every_pixel() -> None:
    rng = np.random.default_rng(0)
    x, weight, bias = (
        rng.normal(size=(2, 3, 4, 5)),
        rng.normal(size=(6, 3, 1, 1)),
        rng.normal(size=6),
    )
    y = ops.conv2d(x, weight, bias)
    pixels = x.transpose(0, 2, 3, 1).reshape(-1, 3)  # (N*H*W, C)
    dense = ops.linear(pixels, weight.reshape(6, 3), bias)
    wanted = dense.data.reshape(2, 4, 5, 6).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(y.data, wanted, rtol=1e-12, atol=1e-12)
    product = np.matmul(weight.reshape(6, 3), x.reshape(2, 3, 20)).reshape(2, 6, 4, 5)
    np.testing.assert_array_equal(ops.conv2d(x, weight).data, product)


@pytest.mark.parametrize("window", [Window.of(1), Window.of(1, padding="valid")])
def test_which_windows_are_pointwise(window: Window) -> None:
    assert window.is_pointwise
    for other in (Window.of(1, 2), Window.of(1, padding=1), Window.of((1, 2))):
        assert not other.is_pointwise


@given(data=st.data(), seed=st.integers(0, 99))
def test_mlpconv_is_the_composition_of_convolutions_and_relus(
    data: st.DataObject, seed: int
) -> None:
    arguments = data.draw(sliding_perceptron())
    x, weights, biases = arguments.arrays
    parameters = dict(arguments.parameters)
    final_relu = parameters.pop("final_relu")
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=w.shape) for w in weights]  # some sums are cut off by the ReLU

    def leaves() -> tuple[Tensor, list[Tensor], list[Tensor | None]]:
        each = [None if b is None else leaf(b) for b in biases]
        return leaf(x), [leaf(w) for w in weights], each

    image, filters, offsets = leaves()
    one = ops.mlpconv(image, filters, offsets, final_relu=final_relu, **parameters)
    image2, filters2, offsets2 = leaves()
    other = image2
    for layer, (weight, bias) in enumerate(zip(filters2, offsets2, strict=True)):
        other = ops.conv2d(other, weight, bias, **(parameters if layer == 0 else {}))
        if final_relu or layer < len(filters2) - 1:
            other = ops.relu(other)
    np.testing.assert_array_equal(one.data, other.data, strict=True)
    grad = rng.normal(size=one.shape)
    one.backward(grad)
    other.backward(grad)
    pairs = [(image, image2), *zip(filters + offsets, filters2 + offsets2, strict=True)]
    for mine, its in pairs:
        if mine is not None and its is not None:
            np.testing.assert_allclose(mine.grad, its.grad, rtol=1e-12, atol=1e-12)


def test_mlpconv_asks_for_the_slope_of_the_image_only_if_it_is_needed() -> None:
    """The deepest convolution's grad_x is by far the dearest part of a first layer."""
    x, weight = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    _, backward = ops.mlpconv.rule(x, [weight], [None])
    grad_x, _, _ = backward(np.ones((1, 1, 2, 2)))
    assert callable(grad_x)


# ---- what else the docstrings say ----------------------------------------------------------------


def test_where_takes_from_either_side_and_gives_back_to_it() -> None:
    mask = np.array([True, False, True])
    x_slope, y_slope = gradient(lambda x, y: ops.where(mask, x, y), [1, 2, 3], [4, 5, 6])
    assert (x_slope.tolist(), y_slope.tolist()) == ([1, 0, 1], [0, 1, 0])


def test_where_hides_what_was_not_chosen() -> None:
    """The one op whose purpose is to leave a NaN behind."""
    mask = np.array([True, False])
    assert ops.where(mask, np.array([1.0, NAN]), 0.0).data.tolist() == [1.0, 0.0]


def test_pad2d_pads_with_any_number_and_crops_the_slope() -> None:
    x = leaf([[[[1.0, 2.0]]]])
    y = ops.pad2d(x, ((1, 0), (0, 2)), value=-INF)
    assert y.data[0, 0].tolist() == [[-INF] * 4, [1.0, 2.0, -INF, -INF]]
    y.backward(np.arange(8.0).reshape(1, 1, 2, 4))
    assert x.grad[0, 0].tolist() == [[4.0, 5.0]]


def test_concatenate_takes_a_tuple_and_a_single_array() -> None:
    x = leaf([1.0, 2.0])
    assert ops.concatenate((x, x)).shape == (4,)
    assert ops.concatenate([x]).data.tolist() == [1.0, 2.0]


def test_a_sum_of_integers_and_booleans_is_whole() -> None:
    assert ops.sum(minin.tensor([1, 2])).item() == 3
    assert ops.sum(minin.tensor([True, True])).item() == 2


def test_cross_entropy_counts_classes_beyond_what_a_byte_holds() -> None:
    logits = minin.tensor(np.zeros((1, 300)), requires_grad=True)
    loss = ops.cross_entropy(logits, np.array([200], dtype=np.uint8))
    np.testing.assert_allclose(loss.item(), np.log(300))
    loss.backward()
    assert np.count_nonzero(logits.grad < 0) == 1


def test_cross_entropy_takes_a_class_that_is_ruled_out() -> None:
    logits = minin.tensor([[0.0, -np.inf]], dtype="float64")
    assert ops.cross_entropy(logits, np.array([0])).item() == 0.0


def test_ceil_mode_takes_a_window_larger_than_the_image() -> None:
    x = minin.tensor(np.arange(9.0).reshape(1, 1, 3, 3))
    y = ops.max_pool2d(x, 4, 3, ceil_mode=True)
    assert y.shape == (1, 1, 1, 1)
    assert y.item() == 8.0
