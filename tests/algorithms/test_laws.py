"""Six algorithms, one set of laws; outside its coverage each declines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin import algorithms
from minin.algorithms import ALGORITHMS, Layer
from minin.errors import ArgumentError, DtypeError, MininError, ShapeError
from tests import oracles
from tests.algorithms import laws
from tests.algorithms.layers import ALL, COVERED, IS_COVERED, Drawn, general, winograd
from tests.libraries import get, libraries, put


def kind_of(name: str) -> str:
    return "winograd" if name == "winograd" else "sum"


def layer_of(drawn: Drawn) -> Layer:
    return Layer.of_shapes(
        drawn.x_shape, drawn.weight_shape, **drawn.how, dtype="float64", has_bias=drawn.has_bias
    )


def test_the_table_lists_them_all() -> None:
    assert algorithms.names() == list(ALL)
    assert set(COVERED) == set(IS_COVERED) == set(ALGORITHMS)


@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
def test_it_obeys_the_laws(name: str, data: st.DataObject) -> None:
    laws.obeys_all(ALGORITHMS[name], data.draw(COVERED[name]), kind_of(name))


@given(drawn=COVERED["loops"])
def test_the_loops_round_once(drawn: Drawn) -> None:
    for dtype in ("float64", "float32"):
        arrays = drawn.numbers(dtype)
        y = algorithms.conv2d_loops(*arrays, **drawn.how)
        np.testing.assert_array_equal(y, oracles.conv2d(*arrays, **drawn.how))


@pytest.mark.parametrize("name", ALL)
@given(drawn=st.one_of(general(), *(COVERED[name] for name in ("pointwise", "winograd"))))
def test_outside_its_coverage_it_declines(name: str, drawn: Drawn) -> None:
    found, (x, weight, bias) = ALGORITHMS[name], drawn.numbers()
    assert found.covers(layer_of(drawn)) == IS_COVERED[name](drawn)
    if IS_COVERED[name](drawn):
        return
    with pytest.raises(ArgumentError, match=rf"^{name}: needs .*, got .*; take ") as caught:
        found(x, weight, bias, **drawn.how)
    assert str(found.why_not(layer_of(drawn))) in str(caught.value)


@pytest.mark.parametrize("library", libraries())
@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
def test_other_libraries_serve(name: str, library: str, data: st.DataObject) -> None:
    drawn = data.draw(COVERED[name])
    arrays = drawn.numbers("float32")
    y = get(ALGORITHMS[name](*(put(a, library) for a in arrays), **drawn.how))
    assert y.dtype == np.float32
    expected, size = laws.truth(drawn, "float32")
    np.testing.assert_allclose(y, expected, rtol=0, atol=size * 1e-4)


@given(drawn=winograd(), m=st.integers(1, 6))
def test_winograd_is_right_for_every_tile(drawn: Drawn, m: int) -> None:
    x, weight, bias = drawn.numbers()
    y = algorithms.conv2d_winograd(x, weight, bias, m=m, **drawn.how)
    expected, size = laws.truth(drawn, "float64")
    np.testing.assert_allclose(y, expected, rtol=0, atol=size * 1e-9)  # n is up to 12


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("shape", [(2, 3, 6, 6), (1, 3, 4, 6)])
def test_arrays_in_another_order_of_memory_serve(name: str, shape: tuple[int, ...]) -> None:
    kernel = 1 if name == "pointwise" else 2
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal(shape), rng.standard_normal((4, 3, kernel, kernel))
    y = ALGORITHMS[name](x, weight)
    other = ALGORITHMS[name](np.asfortranarray(x), np.asfortranarray(weight))
    np.testing.assert_allclose(other, y, rtol=1e-12, atol=1e-12)


# ---- what comes in ------------------------------------------------------------------

X, WEIGHT = np.ones((1, 2, 4, 4)), np.ones((3, 2, 1, 1))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("x", "weight", "bias", "error", "sentence"),
    [
        (X[0], WEIGHT, None, ShapeError, "x must have 4 axes"),
        (X, WEIGHT[0], None, ShapeError, "weight must have 4 axes"),
        (X, WEIGHT[:, :1], None, ShapeError, r"weight must have shape \(O, 2, KH, KW\)"),
        (X, WEIGHT, np.ones(4), ShapeError, r"bias must have shape \(3,\)"),
        (X.astype(int), WEIGHT, None, DtypeError, "x must be float32 or float64"),
        (X, WEIGHT.astype("float32"), None, DtypeError, "the same dtype"),
        (X, WEIGHT, np.ones(3, "float32"), DtypeError, "the same dtype"),
        (X.tolist(), WEIGHT, None, DtypeError, "x must be a Tensor or an array"),
        (X[:0], WEIGHT, None, ArgumentError, r"x_shape\[0\] must be an int of at least 1"),
        (X, np.ones((1, 2, 5, 5)), None, ShapeError, "no window fits"),
    ],
)
def test_arrays_that_do_not_fit_are_named(
    name: str, x: Any, weight: Any, bias: Any, error: type[MininError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        ALGORITHMS[name](x, weight, bias)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "wrong",
    [{"stride": 0}, {"padding": -1}, {"padding": "full"}, {"dilation": 1.5}, {"budget_bytes": 0}],
)
def test_numbers_out_of_range_are_named(name: str, wrong: dict[str, Any]) -> None:
    kernel = 1 if name == "pointwise" else 2
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        ALGORITHMS[name](X, np.ones((3, 2, kernel, kernel)), **wrong)


def test_winograd_refuses_a_tile_of_no_outputs() -> None:
    with pytest.raises(ArgumentError, match="m must be an int of at least 1"):
        algorithms.conv2d_winograd(X, np.ones((3, 2, 2, 2)), m=0)


@pytest.mark.parametrize("name", ALL)
def test_an_option_that_is_not_known_is_refused(name: str) -> None:
    kernel = 1 if name == "pointwise" else 2
    weight, known = np.ones((3, 2, kernel, kernel)), ", ".join(ALGORITHMS[name].options)
    only = f"only {known}" if known else "nothing"
    with pytest.raises(ArgumentError, match=f"{name}: its cost depends on {only}, not on tiles"):
        ALGORITHMS[name](X, weight, tiles=4)


@pytest.mark.parametrize("name", ALL)
def test_a_layer_that_is_known_is_run_as_a_call_is(name: str) -> None:
    kernel = 1 if name == "pointwise" else 3
    how: Any = {"padding": 0 if name == "pointwise" else 1}
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((2, 3, 6, 5)), rng.standard_normal((4, 3, kernel, kernel))
    layer = Layer.of_shapes(x.shape, weight.shape, **how, dtype="float64")
    np.testing.assert_array_equal(
        ALGORITHMS[name].run(layer, x, weight), ALGORITHMS[name](x, weight, **how)
    )
