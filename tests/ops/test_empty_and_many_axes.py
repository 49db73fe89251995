"""What has no numbers stays empty, and linear takes rows that are stacked in any way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minin
from minin import nn, ops
from minin.errors import ShapeError
from tests.libraries import get, put

EMPTY = [((5, 0, 0), -1), ((5, 0), 1), ((0, 5), 1), ((0,), 0), ((3, 0, 2), 0), ((3, 0, 2), 1)]
LIBRARIES = ["numpy", "strict"]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("mode", ["plain", "fast"])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize(("shape", "axis"), EMPTY)
def test_the_softmax_of_nothing_is_nothing(
    shape: tuple[int, ...], axis: int, name: str, mode: str, library: str
) -> None:
    x = minin.Tensor(put(np.ones(shape, np.float32), library), requires_grad=True)
    with minin.rules(mode):
        y = getattr(ops, name)(x, axis)
        assert (y.shape, str(get(y.data).dtype)) == (shape, "float32")
        y.backward(put(np.ones(shape, np.float32), library))
    assert x.grad.shape == shape


@pytest.mark.parametrize("axis", [0, -1])
def test_the_softmax_of_one_number_without_axes_is_certain(axis: int) -> None:
    x = minin.tensor(np.array(3.0), requires_grad=True)
    y = ops.softmax(x, axis)
    assert (y.shape, y.item(), ops.log_softmax(x, axis).item()) == ((), 1.0, 0.0)
    y.backward()
    assert x.grad == 0.0
    with pytest.raises(ShapeError, match=r"^softmax: axis"):
        ops.softmax(x, 1)


REDUCTIONS: dict[str, Callable[..., Any]] = {"sum": ops.sum, "mean": ops.mean, "max": ops.max}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize(
    ("shape", "axis"),
    [((0, 0), 0), ((0, 0), (1,)), ((2, 0, 3), 0), ((2, 0, 0), 1), ((2, 0, 0), (0, 1)), ((0, 3), 1)],
)
def test_a_reduction_whose_result_is_empty_is_as_numpys(
    shape: tuple[int, ...], axis: Any, name: str, keepdims: bool, library: str
) -> None:
    x = minin.Tensor(put(np.ones(shape), library), requires_grad=True)
    y = REDUCTIONS[name](x, axis, keepdims)
    wanted = np.sum(np.ones(shape), axis, keepdims=keepdims)
    np.testing.assert_array_equal(get(y.data), wanted, strict=True)
    y.backward(put(wanted, library))
    assert x.grad.shape == shape


@pytest.mark.parametrize("name", ["mean", "max"])
@pytest.mark.parametrize(
    ("shape", "axis"), [((0, 3), 0), ((2, 0, 3), 1), ((2, 0), None), ((0,), (0,)), ((0, 0), None)]
)
def test_a_number_made_of_no_numbers_is_an_error(
    shape: tuple[int, ...], axis: Any, name: str
) -> None:
    with pytest.raises(ShapeError, match=rf"^{name}: there is no number"):
        REDUCTIONS[name](np.ones(shape), axis)


@pytest.mark.parametrize("mode", ["plain", "im2col", "fast"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("lead", [(), (4,), (2, 3), (2, 1, 2), (0,), (2, 0, 3)])
def test_linear_is_the_same_on_rows_stacked_in_any_way(
    lead: tuple[int, ...], bias: bool, mode: str
) -> None:
    rng, layer = np.random.default_rng(0), nn.Linear(3, 5, bias=bias, dtype="float64", rng=0)
    x = minin.tensor(rng.normal(size=(*lead, 3)), requires_grad=True)
    rows = minin.tensor(x.data.reshape(-1, 3), requires_grad=True)
    grad = rng.normal(size=(*lead, 5))
    with minin.rules(mode):
        y, flat = layer(x), layer(rows)
        assert y.shape == (*lead, 5)
        np.testing.assert_allclose(y.data.reshape(-1, 5), flat.data, rtol=1e-14)
        y.backward(grad)
        stacked = [p.grad for p in layer.parameters()]
        for p in layer.parameters():
            p.grad = None
        flat.backward(grad.reshape(-1, 5))
    np.testing.assert_allclose(x.grad.reshape(-1, 3), rows.grad, rtol=1e-14)
    for one, p in zip(stacked, layer.parameters(), strict=True):
        np.testing.assert_array_equal(one, p.grad, strict=True)


@pytest.mark.parametrize("mode", ["plain", "im2col", "fast"])
@pytest.mark.parametrize("one", [(2,), [2]])
def test_a_window_parameter_may_be_a_tuple_of_one(one: Any, mode: str) -> None:
    x, weight = np.random.default_rng(0).normal(size=(2, 3, 9, 9)), np.ones((4, 3, 2, 2))

    def calls(n: Any, half: Any) -> list[minin.Tensor]:
        window = {"stride": n, "padding": n, "dilation": n}
        return [
            ops.conv2d(x, weight, **window),
            ops.im2col(x, n, **window),
            ops.max_pool2d(x, n, n, half, n),
            ops.avg_pool2d(x, n, n, half),
            ops.pad2d(x, n),
            ops.mlpconv(x, [weight], [None], n, n),
            nn.Conv2d(3, 4, n, n, n, n, dtype="float64", rng=0)(x),
            nn.MaxPool2d(n, n, half, n)(x),
            nn.AvgPool2d(n, n, half)(x),
        ]

    with minin.rules(mode):
        for y, wanted in zip(calls(one, (1,)), calls(2, 1), strict=True):
            np.testing.assert_array_equal(y.numpy(), wanted.numpy(), strict=True)
