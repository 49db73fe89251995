"""`Window` and `ReceptiveField` against brute force: every window drawn pixel by pixel."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from minin.errors import ArgumentError, ShapeError
from minin.shapes import ReceptiveField, Window, integer, margins, pair
from tests.choice import examples

side = st.integers(1, 9)
pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
borders = st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * 2)


@st.composite
def windows(draw: st.DrawFn) -> tuple[Window, tuple[int, int]]:
    """A window and an image that at least one of it fits.

    ceil_mode is pooling's, and so the border is at most half a window there.
    """
    window = Window(draw(pairs), draw(pairs), draw(borders), draw(pairs), draw(st.booleans()))
    if window.ceil_mode:
        ((top, bottom), (left, right)), (h, w) = window.padding, window.extent
        rows, columns = (
            (min(top, h // 2), min(bottom, h // 2)),
            (min(left, w // 2), min(right, w // 2)),
        )
        window = dataclasses.replace(window, padding=(rows, columns))
    size = draw(st.tuples(side, side))
    padded = [n + sum(border) for n, border in zip(size, window.padding, strict=True)]
    assume(all(n >= extent for n, extent in zip(padded, window.extent, strict=True)))
    return window, size


def starts(window: Window, axis: int, length: int) -> list[int]:
    """Where windows begin, counted from the image's first pixel: lay them down one by one."""
    low, high = window.padding[axis]
    stride, extent = window.stride[axis], window.extent[axis]
    found: list[int] = []
    start = -low
    while start + extent <= length + high:
        found.append(start)
        start += stride
    # ceil_mode: one more, if the last ended before the end, and if it begins before the border.
    left_over = found[-1] + extent < length + high
    if window.ceil_mode and left_over and start < length:
        found.append(start)
    return found


def touched(window: Window, axis: int, length: int) -> list[list[int]]:
    """The positions under each window's cells."""
    kernel, dilation = window.kernel[axis], window.dilation[axis]
    return [[s + k * dilation for k in range(kernel)] for s in starts(window, axis, length)]


@settings(max_examples=examples(150))
@given(drawn=windows())
def test_as_many_windows_fit_as_can_be_laid_down(drawn: tuple[Window, tuple[int, int]]) -> None:
    window, size = drawn
    laid = tuple(len(starts(window, axis, size[axis])) for axis in (0, 1))
    assert window.output_size(size) == laid


@settings(max_examples=examples(100))
@given(drawn=windows())
def test_the_border_is_the_padding_and_what_the_last_window_needs(
    drawn: tuple[Window, tuple[int, int]],
) -> None:
    window, size = drawn
    for axis in (0, 1):
        low, high = window.padding[axis]
        furthest = max(itertools.chain(*touched(window, axis, size[axis])))
        beyond = max(high, furthest - (size[axis] - 1))
        assert window.border(size)[axis] == (low, beyond)
        assert window.ceil_mode or beyond == high


@settings(max_examples=examples(100))
@given(drawn=windows())
def test_cells_name_the_pixels_under_each_kernel_cell_in_all_windows(
    drawn: tuple[Window, tuple[int, int]],
) -> None:
    window, size = drawn
    (top, bottom), (left, right) = window.border(size)
    h, w = size[0] + top + bottom, size[1] + left + right
    padded = np.arange(h * w).reshape(h, w)
    rows, columns = (touched(window, axis, size[axis]) for axis in (0, 1))
    cells = list(window.cells(window.output_size(size)))
    assert len(cells) == window.kernel[0] * window.kernel[1]
    for k, (row_slice, column_slice) in enumerate(cells):
        i, j = divmod(k, window.kernel[1])
        wanted = [[padded[r[i] + top, c[j] + left] for c in columns] for r in rows]
        np.testing.assert_array_equal(padded[row_slice, column_slice], wanted)


@settings(max_examples=examples(100))
@given(drawn=windows(), count_padding=st.booleans())
def test_coverage_counts_the_cells_on_the_image(
    drawn: tuple[Window, tuple[int, int]], count_padding: bool
) -> None:
    window, size = drawn
    for axis, covered in enumerate(window.coverage(size, count_padding)):
        low, high = window.padding[axis] if count_padding else (0, 0)
        pixels = range(-low, size[axis] + high)
        wanted = [sum(p in pixels for p in cells) for cells in touched(window, axis, size[axis])]
        assert covered == wanted


@settings(max_examples=examples(100))
@given(drawn=windows())
def test_first_inside_is_the_first_cell_beyond_the_border(
    drawn: tuple[Window, tuple[int, int]],
) -> None:
    window, size = drawn
    rows, columns = (
        [
            next((k for k, position in enumerate(cells) if position >= 0), len(cells) - 1)
            for cells in touched(window, axis, size[axis])
        ]
        for axis in (0, 1)
    )
    wanted = [[i * window.kernel[1] + j for j in columns] for i in rows]
    assert window.first_inside(window.output_size(size)) == wanted


@settings(max_examples=examples(100))
@given(size=st.tuples(side, side), kernel=pairs, stride=pairs, dilation=pairs)
def test_same_gives_ceil_of_size_over_stride_with_the_odd_pixel_at_the_end(
    size: tuple[int, int], kernel: Any, stride: Any, dilation: Any
) -> None:
    window = Window.of(kernel, stride, "same", dilation, size=size)
    assert window.output_size(size) == tuple(-(-n // s) for n, s in zip(size, stride, strict=True))
    for axis, (low, high) in enumerate(window.padding):
        assert low <= high <= low + 1
        if low:  # no pixel less would do
            last = (window.output_size(size)[axis] - 1) * stride[axis] + window.extent[axis]
            assert size[axis] + low + high - 1 < last


def test_valid_is_no_padding() -> None:
    assert Window.of(3, padding="valid") == Window.of(3) == Window.of(3, padding=0)


def test_ceil_mode_gives_the_published_sizes() -> None:
    """Caffe's and cuda-convnet's: 32 to 16 to 8, where rounding down gives 15 and 7."""
    published = Window.of(3, 2, ceil_mode=True)
    assert [published.output_size((n, n))[0] for n in (32, 16, 8)] == [16, 8, 4]
    assert [Window.of(3, 2).output_size((n, n))[0] for n in (32, 15)] == [15, 7]


@pytest.mark.parametrize(
    ("window", "pointwise"),
    [
        (Window.of(1), True),
        (Window.of(1, dilation=2), True),
        (Window.of(1, padding="same", size=(4, 5)), True),
        (Window.of(1, stride=2), False),
        (Window.of(1, padding=1), False),
        (Window.of((1, 2)), False),
        (Window.of(1, padding=((0, 0), (0, 1))), False),
    ],
)
def test_a_window_is_pointwise_if_its_columns_are_the_image(
    window: Window, pointwise: bool
) -> None:
    assert window.is_pointwise is pointwise


@given(drawn=windows())
def test_every_spelling_means_the_same(drawn: tuple[Window, tuple[int, int]]) -> None:
    window, _ = drawn
    lists = [list(border) for border in window.padding]
    numpy: Any = [np.int64(n) for n in window.stride]
    twin = Window.of(
        list(window.kernel), numpy, lists, list(window.dilation), ceil_mode=window.ceil_mode
    )
    assert twin == window
    assert all(type(n) is int for n in twin.stride)


# ---- errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "size", "said"),
    [
        (Window.of(5), (4, 9), "height of a 4x9 image: (4 + 0 + 0 - 1*(5 - 1) - 1)/1 + 1"),
        (Window.of(5), (9, 4), "width of a 9x4 image: (4 + 0 + 0 - 1*(5 - 1) - 1)/1 + 1"),
        (
            Window.of((2, 3), (1, 2), ((0, 0), (1, 0)), (1, 3)),
            (9, 5),
            "width of a 9x5 image: (5 + 1 + 0 - 3*(3 - 1) - 1)/2 + 1",
        ),
        (Window.of(3), (0, 3), "height of a 0x3 image: (0 + 0 + 0 - 1*(3 - 1) - 1)/1 + 1"),
        (Window.of(9, ceil_mode=True), (8, 9), "height of a 8x9 image: (8 + 0 + 0 - 1*(9"),
    ],
)
def test_where_no_window_fits_the_message_shows_the_formula_with_its_numbers(
    window: Window, size: tuple[int, int], said: str
) -> None:
    with pytest.raises(ShapeError) as caught:
        window.output_size(size)
    assert said in str(caught.value)
    assert "is below 1; use a smaller kernel_size or dilation, or more padding" in str(caught.value)


def value_of_the_formula(message: str) -> float:
    formula = message.partition("image: ")[2].partition(" is below")[0]
    return float(eval(formula.replace("/", "//")))


@settings(max_examples=examples(60))
@given(kernel=pairs, stride=pairs, padding=borders, dilation=pairs, size=st.tuples(side, side))
def test_the_formula_that_is_shown_is_the_one_that_is_used(
    kernel: Any, stride: Any, padding: Any, dilation: Any, size: tuple[int, int]
) -> None:
    window = Window(kernel, stride, padding, dilation)
    if all(n + sum(p) >= e for n, p, e in zip(size, padding, window.extent, strict=True)):
        assert min(window.output_size(size)) >= 1
        return
    with pytest.raises(ShapeError) as caught:
        window.output_size(size)
    assert value_of_the_formula(str(caught.value)) < 1


@pytest.mark.parametrize("value", [0, -1, 1.0, "1", None, True, [1], np.array([1, 2])])
def test_integer_takes_ints_alone(value: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^steps must be an int of at least 1; got "):
        integer("steps", value)


def test_integer_takes_numpys_too() -> None:
    assert (integer("steps", np.int64(3)), integer("steps", 0, least=0)) == (3, 0)


@pytest.mark.parametrize("value", [(), (1, 2, 3), [True], "ab", None, 1.5, (1, "2"), (1, 0)])
def test_pair_refuses_what_is_not_one_int_or_two(value: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^stride(\[.\])? must be an int"):
        pair("stride", value)


@pytest.mark.parametrize("value", [3, (3,), [3], (3, 3), np.int64(3)])
def test_one_int_stands_for_both_also_in_a_tuple(value: Any) -> None:
    assert pair("stride", value) == (3, 3)
    assert margins("padding", value) == ((3, 3), (3, 3))
    window = Window.of(value, value, value, value)
    assert window == Window((3, 3), (3, 3), ((3, 3), (3, 3)), (3, 3))


@pytest.mark.parametrize(
    "value",
    ["same", "valid", None, -1, 1.5, (-1,), (1, 2, 3), (1, -1), ((1, 2),), ((1, 2), 3)],
)
def test_margins_takes_the_three_spellings_alone(value: Any) -> None:
    demand_refused(value)


@pytest.mark.parametrize(
    "value",
    [((1, 2), (3,)), ((1,), (2,)), ((1, -2), (0, 0)), ((1, 2), (3, 4), (5, 6)), ((1, 2), (3, 4.0))],
)
def test_margins_looks_at_all_four_numbers(value: Any) -> None:
    demand_refused(value)


def demand_refused(value: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^padding(\[.\])* must be an int"):
        margins("padding", value)


def test_same_needs_an_image_and_says_so_where_there_is_none() -> None:
    with pytest.raises(ArgumentError, match=r"or 'valid'; got 'same'") as caught:
        Window.of(3, padding="same")
    assert "'same' or" not in str(caught.value)


# ---- receptive fields -------------------------------------------------------------------------


def seen_by(unit: int, layers: list[Window], axis: int) -> set[int]:
    """The input pixels of one unit, found backwards from layer to layer, borders included."""
    pixels = {unit}
    for window in reversed(layers):
        stride, dilation = window.stride[axis], window.dilation[axis]
        kernel, low = window.kernel[axis], window.padding[axis][0]
        pixels = {p * stride - low + k * dilation for p in pixels for k in range(kernel)}
    return pixels


@given(
    layers=st.lists(
        st.builds(Window, kernel=pairs, stride=pairs, padding=borders, dilation=pairs), max_size=4
    )
)
def test_receptive_field_equals_walking_back(layers: list[Window]) -> None:
    field = ReceptiveField()
    for window in layers:
        field = field.through(window)
    for axis in (0, 1):
        first, second = seen_by(0, layers, axis), seen_by(1, layers, axis)
        assert field.size[axis] == max(first) - min(first) + 1
        assert field.step[axis] == min(second) - min(first)
        assert field.start[axis] == min(first)


def test_the_receptive_field_of_the_cifar_network_is_known() -> None:
    """5x5, pool 3/2, 5x5, pool 3/2, 3x3; the 1x1 layers between change nothing."""
    field = ReceptiveField()
    for window in [
        Window.of(5, padding=2),
        Window.of(1),
        Window.of(3, 2),
        Window.of(5, padding=2),
        Window.of(1),
        Window.of(3, 2),
        Window.of(3, padding=1),
        Window.of(1),
    ]:
        field = field.through(window)
    assert field == ReceptiveField((27, 27), (4, 4), (-10, -10))
