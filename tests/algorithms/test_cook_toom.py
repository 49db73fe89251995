"""The matrices are exact, whole where they promise it, and those that were published."""

from __future__ import annotations

import dataclasses
import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from minin.algorithms import CookToom, cook_toom
from minin.errors import ArgumentError

SIZES = [(m, r) for m in range(1, 10) for r in range(1, 10) if m + r - 1 <= 9]


def check_identity(made: CookToom, m: int, r: int) -> None:
    """Each product of a tap and an input lands in the outputs it belongs to, exactly.

    With tap t and input k alone equal to 1, output j is 1 if k = j + t and else 0. Both sides
    are linear in taps and inputs, so these cases say everything.
    """
    n = m + r - 1
    shapes = [(len(a), {len(row) for row in a}) for a in (made.output, made.kernel, made.input)]
    assert shapes == [(m, {n}), (n, {r}), (n, {n})]
    for j, t, k in itertools.product(range(m), range(r), range(n)):
        found = sum(made.output[j][e] * made.kernel[e][t] * made.input[e][k] for e in range(n))
        assert found == (k == j + t), f"output {j}, tap {t}, input {k}: {found}"


@pytest.mark.parametrize(("m", "r"), SIZES)
def test_it_computes_a_correlation_exactly(m: int, r: int) -> None:
    made = cook_toom(m, r)
    check_identity(made, m, r)
    numbers = [n for a in (made.output, made.kernel, made.input) for row in a for n in row]
    assert all(type(n) is Fraction for n in numbers)


@pytest.mark.parametrize(("m", "r"), SIZES)
def test_rows_of_the_input_are_the_smallest_whole_numbers(m: int, r: int) -> None:
    for row in cook_toom(m, r).input:
        assert all(number.denominator == 1 for number in row)
        assert math.gcd(*(int(number) for number in row)) == 1


@pytest.mark.parametrize(("m", "r"), SIZES)
def test_the_output_is_a_vandermonde_matrix(m: int, r: int) -> None:
    *finite, infinity = zip(*cook_toom(m, r).output, strict=True)
    assert list(infinity) == [0] * (m - 1) + [1]
    for powers in finite:
        point = powers[1] if m > 1 else Fraction(1)
        assert list(powers) == [point**k for k in range(m)]
    assert m == 1 or len({powers[1] for powers in finite}) == m + r - 2


# A. Lavin, S. Gray (2016), section 4; a row's sign is free.
PUBLISHED: dict[tuple[int, int], tuple[list[list[Any]], list[list[Any]]]] = {
    (2, 3): (
        [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]],
        [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
    ),
    (4, 3): (
        [
            [1 / 4, 0, 0],
            [-1 / 6, -1 / 6, -1 / 6],
            [-1 / 6, 1 / 6, -1 / 6],
            [1 / 24, 1 / 12, 1 / 6],
            [1 / 24, -1 / 12, 1 / 6],
            [0, 0, 1],
        ],
        [
            [4, 0, -5, 0, 1, 0],
            [0, -4, -4, 1, 1, 0],
            [0, 4, -4, -1, 1, 0],
            [0, -2, -1, 2, 1, 0],
            [0, 2, -1, -2, 1, 0],
            [0, 4, 0, -5, 0, 1],
        ],
    ),
}


@pytest.mark.parametrize(("m", "r"), PUBLISHED)
def test_the_published_matrices_come_out(m: int, r: int) -> None:
    _, kernel, input_ = cook_toom(m, r).arrays()
    for mine, published in zip((kernel, input_), PUBLISHED[m, r], strict=True):
        for row, wanted in zip(mine, published, strict=True):
            sign = 1 if np.allclose(row, wanted) else -1
            np.testing.assert_allclose(sign * row, wanted, rtol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_are_the_fractions_rounded_once(dtype: str) -> None:
    made = cook_toom(4, 5)
    arrays = made.arrays(dtype)
    assert [a.shape for a in arrays] == [(4, 8), (8, 5), (8, 8)]
    for array, exact in zip(arrays, (made.output, made.kernel, made.input), strict=True):
        assert array.dtype == dtype
        for number, fraction in zip(array.ravel(), itertools.chain(*exact), strict=True):
            assert number == array.dtype.type(float(fraction))


def test_the_same_matrices_are_made_once() -> None:
    assert cook_toom(4, 3) is cook_toom(np.int64(4), 3)  # type: ignore[arg-type]  # NumPy's ints


@pytest.mark.parametrize(("m", "r"), [(0, 3), (2, 0), (2.0, 3), (True, 3), ([2], 3)])
def test_what_is_no_size_is_refused(m: Any, r: Any) -> None:
    with pytest.raises(ArgumentError, match="must be an int of at least 1"):
        cook_toom(m, r)


@pytest.mark.parametrize("name", ["output", "kernel", "input"])
@pytest.mark.parametrize("m", [1, 2, 4])
def test_one_wrong_number_is_found(name: str, m: int) -> None:
    made = cook_toom(m, 3)
    for place, row in enumerate(getattr(made, name)):
        for k in range(len(row)):
            wrong = (*row[:k], row[k] + Fraction(1, 1000), *row[k + 1 :])
            rows = getattr(made, name)
            changed: dict[str, Any] = {name: (*rows[:place], wrong, *rows[place + 1 :])}
            with pytest.raises(AssertionError, match="output"):
                check_identity(dataclasses.replace(made, **changed), m, 3)


def test_convolution_instead_of_correlation_is_found() -> None:
    made = cook_toom(2, 3)
    flipped = tuple(row[::-1] for row in made.kernel)
    with pytest.raises(AssertionError, match="output"):
        check_identity(dataclasses.replace(made, kernel=flipped), 2, 3)
