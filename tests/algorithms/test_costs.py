"""Every predicted number is held against a count or a measurement that knows no formula."""

from __future__ import annotations

import dataclasses
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minin import algorithms
from minin.algorithms import ALGORITHMS, Cost, predict, predict_bytes
from minin.errors import ArgumentError, ShapeError, UnknownNameError
from tests.algorithms.counting import Tally, counted
from tests.algorithms.layers import ALL, COVERED, Drawn
from tests.choice import examples, mostly_thorough

DTYPES = st.sampled_from(["float32", "float64"])


def predicted(name: str, drawn: Drawn, dtype: str, **options: Any) -> Cost:
    return predict(
        name,
        drawn.x_shape,
        drawn.weight_shape,
        **drawn.how,
        dtype=dtype,
        has_bias=drawn.has_bias,
        **options,
    )


def run(name: str, *arrays: Any, **how: Any) -> Any:
    return ALGORITHMS[name](*arrays, **how)


def count(name: str, drawn: Drawn, dtype: str, **options: Any) -> Tally:
    """Run an algorithm on arrays that count."""
    tally, arrays = counted(*drawn.numbers(dtype))
    run(name, *arrays, **drawn.how, **options)
    return tally


def check_counts(cost: Cost, tally: Tally) -> None:
    assert (cost.flops, cost.bytes_read, cost.bytes_written) == (
        tally.flops,
        tally.read,
        tally.written,
    )


# ---- operations and traffic: equal, number for number -----------------------------------


@pytest.mark.parametrize("name", [name for name in ALL if name != "loops"])
@given(data=st.data(), dtype=DTYPES)
def test_flops_and_traffic_are_what_a_counting_library_counts(
    name: str, data: st.DataObject, dtype: str
) -> None:
    drawn = data.draw(COVERED[name])
    check_counts(predicted(name, drawn, dtype), count(name, drawn, dtype))


@given(drawn=COVERED["loops"], dtype=DTYPES)
def test_the_traffic_of_the_loops_is_what_the_library_counts(drawn: Drawn, dtype: str) -> None:
    cost, tally = predicted("loops", drawn, dtype), count("loops", drawn, dtype)
    assert (cost.bytes_read, cost.bytes_written) == (tally.read, tally.written)


@given(drawn=COVERED["loops"])
def test_the_flops_of_the_loops_are_two_for_each_term(drawn: Drawn) -> None:
    """Python's floats cannot be counted; the terms of the definition can, one by one."""
    (n, c, _, _), (o, _, kh, kw) = drawn.x_shape, drawn.weight_shape
    x, weight, _ = drawn.numbers()
    _, _, oh, ow = algorithms.conv2d_im2col(x, weight, **drawn.how).shape
    terms = sum(1 for _ in np.ndindex(n, o, oh, ow, c, kh, kw))
    assert predicted("loops", drawn, "float32").flops == 2 * terms


@given(drawn=COVERED["tiled-im2col"], extra=st.integers(0, 3000), dtype=DTYPES)
def test_the_tiles_of_a_small_budget_are_counted_too(drawn: Drawn, extra: int, dtype: str) -> None:
    least = predicted("tiled-im2col", drawn, dtype, budget_bytes=1).peak_bytes
    options = {"budget_bytes": least + extra}
    cost = predicted("tiled-im2col", drawn, dtype, **options)
    check_counts(cost, count("tiled-im2col", drawn, dtype, **options))
    assert cost.peak_bytes <= least + extra


@given(drawn=COVERED["winograd"], m=st.integers(1, 5))
def test_every_tile_of_winograd_is_counted(drawn: Drawn, m: int) -> None:
    check_counts(
        predicted("winograd", drawn, "float64", m=m), count("winograd", drawn, "float64", m=m)
    )


# ---- memory: within a tenth of what tracemalloc sees -----------------------------------


# Python's own objects, and the buffer of 8192 numbers through which NumPy adds a bias.
SMALL = 2**14 + 8192 * 8


@st.composite
def large(draw: st.DrawFn, name: str) -> Drawn:
    """Layers whose arrays are large beside Python's own objects."""
    if name == "loops":  # a large output, and little to do for it
        one = {"stride": 1, "padding": 0, "dilation": 1}
        return Drawn((2, 1, 96, 96), (4, 1, 1, 1), one)
    sides = st.integers(32, 48)
    n, c, o = draw(st.integers(2, 4)), draw(st.integers(8, 32)), draw(st.integers(32, 64))
    how: dict[str, Any] = {"stride": 1, "padding": 0, "dilation": 1}
    r = draw(st.integers(2, 5))
    kernel = (1, 1) if name == "pointwise" else (r, r)
    if name != "pointwise":
        how["padding"] = draw(st.integers(0, 3))
    if name not in ("pointwise", "winograd"):
        how |= {"stride": draw(st.integers(1, 2)), "dilation": draw(st.integers(1, 2))}
        kernel = (draw(st.integers(1, 5)), r)
    has_bias = draw(st.booleans())
    return Drawn((n, c, draw(sides), draw(sides)), (o, c, *kernel), how, has_bias)


def measured(name: str, drawn: Drawn, dtype: str, **options: Any) -> int:
    """The peak of one call in bytes, all that was there before not counted."""
    arrays, how = drawn.numbers(dtype), drawn.how | options
    if name != "loops":
        run(name, *arrays, **how)  # what is loaded or made once, is by now
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        y = run(name, *arrays, **how)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert y.flags.owndata or y.base is not None  # it was alive when the peak was read
    return peak - before


def check_peak(cost: Cost, peak: int) -> None:
    allowed = cost.peak_bytes / 10 + SMALL
    assert abs(peak - cost.peak_bytes) <= allowed, f"{peak:,}, predicted {cost.peak_bytes:,}"


@pytest.mark.parametrize("name", mostly_thorough(ALL, lambda name: name != "loops"))
@settings(max_examples=examples(8))
@given(data=st.data(), dtype=DTYPES)
def test_the_predicted_peak_is_the_measured_one(name: str, data: st.DataObject, dtype: str) -> None:
    drawn = data.draw(large(name))
    check_peak(predicted(name, drawn, dtype), measured(name, drawn, dtype))


@settings(max_examples=examples(8))
@given(drawn=large("tiled-im2col"), share=st.floats(0.0, 1.0))
def test_tiles_keep_to_a_small_budget(drawn: Drawn, share: float) -> None:
    least = predicted("tiled-im2col", drawn, "float32", budget_bytes=1).peak_bytes
    most = predicted("im2col", drawn, "float32").peak_bytes
    options = {"budget_bytes": least + int(share * max(most - least, 0))}
    peak = measured("tiled-im2col", drawn, "float32", **options)
    assert peak <= options["budget_bytes"] + SMALL
    check_peak(predicted("tiled-im2col", drawn, "float32", **options), peak)


# ---- the checks can fail --------------------------------------------------------------

LAYER = Drawn((2, 8, 32, 32), (16, 8, 3, 3), {"stride": 1, "padding": 1, "dilation": 1}, True)
WRONG: dict[str, Callable[[Cost], dict[str, int]]] = {
    "one MAC is one FLOP": lambda cost: {"flops": cost.flops // 2},
    "no bias": lambda cost: {"flops": cost.flops - 2 * 16 * 32 * 32},
    "the frame is not read": lambda cost: {"bytes_read": cost.bytes_read - 4 * 2 * 8 * 32 * 32},
    "the columns are a view": lambda cost: {
        "bytes_written": cost.bytes_written - 4 * 2 * 72 * 32 * 32
    },
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_count_is_noticed(wrong: str) -> None:
    cost, tally = predicted("im2col", LAYER, "float32"), count("im2col", LAYER, "float32")
    check_counts(cost, tally)
    with pytest.raises(AssertionError):
        check_counts(dataclasses.replace(cost, **WRONG[wrong](cost)), tally)


@pytest.mark.parametrize("missing", ["output", "columns"])
def test_a_wrong_peak_is_noticed(missing: str) -> None:
    cost, peak = predicted("im2col", LAYER, "float32"), measured("im2col", LAYER, "float32")
    check_peak(cost, peak)
    less = 4 * 2 * 32 * 32 * {"output": 16, "columns": 72}[missing]
    with pytest.raises(AssertionError, match="predicted"):
        check_peak(dataclasses.replace(cost, peak_bytes=cost.peak_bytes - less), peak)


# ---- what predict says and refuses -------------------------------------------------------


def test_known_layers_cost_what_is_known() -> None:
    layer = ((1, 96, 16, 16), (192, 96, 5, 5))
    assert predict("im2col", *layer, padding=2).flops == 2 * 117_964_800
    cccp = predict("pointwise", (1, 192, 32, 32), (160, 192, 1, 1), has_bias=True)
    assert cccp.flops == 2 * 31_457_280 + 160 * 32 * 32
    assert cccp.peak_bytes == 4 * 160 * 32 * 32
    assert cccp.intensity == cccp.flops / (cccp.bytes_read + cccp.bytes_written)


@given(drawn=COVERED["winograd"])
def test_predict_bytes_is_the_peak(drawn: Drawn) -> None:
    arguments = ("winograd", drawn.x_shape, drawn.weight_shape)
    cost = predict(*arguments, **drawn.how, dtype="float64", has_bias=drawn.has_bias)
    peak = predict_bytes(*arguments, **drawn.how, dtype="float64", has_bias=drawn.has_bias)
    assert peak == cost.peak_bytes


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"name": "winogard"}, UnknownNameError, "did you mean 'winograd'"),
        ({"stride": 2}, ArgumentError, "winograd: needs stride 1"),
        ({"weight_shape": (4, 2, 3, 3)}, ShapeError, r"weight must have shape \(O, 3, KH, KW\)"),
        ({"x_shape": (3, 8, 8)}, ShapeError, r"x_shape must be four numbers"),
        ({"x_shape": (1, 3, 8, -8)}, ArgumentError, r"x_shape\[3\] must be an int"),
        ({"dtype": "float16"}, ArgumentError, "dtype must be float32 or float64"),
        ({"budget_bytes": 5}, ArgumentError, "depends on only m, not on budget_bytes"),
        ({"name": "im2col", "m": 5}, ArgumentError, "depends on nothing, not on m"),
    ],
)
def test_what_cannot_be_predicted_is_named(
    change: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    arguments = {"name": "winograd", "x_shape": (1, 3, 8, 8), "weight_shape": (4, 3, 3, 3)}
    with pytest.raises(error, match=sentence):
        predict_bytes(**(arguments | change))


def test_dtypes_in_every_spelling() -> None:
    layer = ((1, 3, 8, 8), (4, 3, 3, 3))
    spellings: list[Any] = ["float64", np.float64, np.dtype("float64"), np.zeros(1).dtype]
    assert len({predict_bytes("im2col", *layer, dtype=dtype) for dtype in spellings}) == 1
