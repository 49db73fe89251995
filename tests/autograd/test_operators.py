"""Python's operators between tensors, arrays of NumPy and plain numbers, in either order."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minin
from minin import Tensor
from minin.errors import DtypeError, GraphError, OutOfRangeError, ShapeError
from tests.numeric import check_gradients

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
NUMBERS = np.array([0.5, 2.0, 3.0])
OTHERS: dict[str, Any] = {
    "int": 2,
    "float": 2.5,
    "bool": True,
    "np.float64": np.float64(2.5),
    "np.int64": np.int64(2),
    "array": np.array([2.0, 0.5, 1.5]),
    "array without axes": np.array(2.0),
    "array that stretches": np.array([[2.0], [0.5]]),
    "array of ints": np.array([2, 1, 3]),
}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("sign", ARITHMETIC)
@pytest.mark.parametrize("reflected", [False, True], ids=["t . other", "other . t"])
def test_arithmetic_gives_a_tensor_with_the_right_gradient(
    sign: str, kind: str, reflected: bool
) -> None:
    other, apply = OTHERS[kind], ARITHMETIC[sign]

    def both(t: Any) -> Any:
        return apply(other, t) if reflected else apply(t, other)

    t = minin.tensor(NUMBERS, requires_grad=True)
    y = both(t)
    assert type(y) is Tensor
    np.testing.assert_array_equal(y.data, both(NUMBERS), strict=True)
    grad_y = np.random.default_rng(0).normal(size=y.shape)
    y.backward(grad_y)
    check_gradients(
        both, [NUMBERS], [t.grad], grad_y, np.random.default_rng(1), dense=True, tolerance=1e-6
    )


@pytest.mark.parametrize("sign", ARITHMETIC)
@pytest.mark.parametrize("other", [2, 2.5, True], ids=str)
def test_python_numbers_leave_float32_as_it_is(sign: str, other: Any) -> None:
    t = minin.tensor([1.0, 2.0], requires_grad=True)
    for y in (ARITHMETIC[sign](t, other), ARITHMETIC[sign](other, t)):
        t.grad = None
        y.sum().backward()
        assert (str(y.dtype), str(t.grad.dtype)) == ("float32", "float32")


@pytest.mark.parametrize("sign", ARITHMETIC)
def test_mixed_dtypes_promote_and_each_gradient_keeps_its_own(sign: str) -> None:
    t32 = minin.tensor([1.0, 2.0], requires_grad=True)
    t64 = minin.tensor(np.array([1.0, 2.0]), requires_grad=True)
    y = ARITHMETIC[sign](t32, t64)
    y.sum().backward()
    assert [str(a.dtype) for a in (y, t32.grad, t64.grad)] == ["float64", "float32", "float64"]


def test_matmul_works_from_both_sides() -> None:
    array: Any = np.ones((2, 3))
    t = minin.tensor(np.ones((3, 2)), requires_grad=True)
    left, right = array @ t, t @ array
    assert type(left) is Tensor
    assert type(right) is Tensor
    left.sum().backward()
    np.testing.assert_array_equal(t.grad, np.full((3, 2), 2.0))


def test_signs() -> None:
    t = minin.tensor([1.0, -2.0], requires_grad=True)
    assert (-t).data.tolist() == [-1.0, 2.0]
    assert (+t).data.tolist() == [1.0, -2.0]


@pytest.mark.parametrize("base", [0.0, 0, 1.0, np.float64(0.0)])
def test_the_slope_of_a_power_at_base_0_is_its_limit(base: float) -> None:
    t = minin.tensor(np.array([1.0, 2.0]), requires_grad=True)
    (base**t).sum().backward()
    assert t.grad.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("exponent", [0, 0.0, np.array(0.0)])
def test_the_slope_of_a_power_of_0_is_0_everywhere(exponent: Any) -> None:
    t = minin.tensor(np.array([0.0, 2.0]), requires_grad=True)
    (t**exponent).sum().backward()
    assert t.grad.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("sign", COMPARISONS)
@pytest.mark.parametrize(
    "other", [2.0, 2, np.float64(2.0), np.array([0.5, 1.0, 4.0]), minin.tensor([1.0, 2.0, 3.0])]
)
def test_comparisons_give_tensors_of_booleans_without_gradient(sign: str, other: Any) -> None:
    compare = COMPARISONS[sign]
    plain = other.data if isinstance(other, Tensor) else other
    t = minin.tensor(NUMBERS, requires_grad=True)
    for y, wanted in (
        (compare(t, other), compare(NUMBERS, plain)),
        (compare(other, t), compare(plain, NUMBERS)),
    ):
        assert type(y) is Tensor
        assert not y.requires_grad
        np.testing.assert_array_equal(y.data, wanted, strict=True)


@pytest.mark.parametrize("sign", COMPARISONS)
def test_a_comparison_of_numbers_without_axes_is_an_array(sign: str) -> None:
    y = COMPARISONS[sign](minin.tensor(1.0), 2.0)
    assert type(y.data) is np.ndarray


@pytest.mark.parametrize("sign", COMPARISONS)
def test_a_comparison_of_shapes_that_do_not_broadcast_is_refused(sign: str) -> None:
    with pytest.raises(ShapeError, match=r"\(3,\).*\(2,\)"):
        COMPARISONS[sign](minin.tensor(NUMBERS), minin.tensor([1.0, 2.0]))


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("other", ["a", None, {}], ids=str)
def test_a_comparison_with_no_numbers_is_refused(sign: str, other: Any) -> None:
    with pytest.raises(DtypeError, match=type(other).__name__):
        COMPARISONS[sign](minin.tensor(NUMBERS), other)


def test_tensors_can_be_keys() -> None:
    a, b = minin.tensor([1.0]), minin.tensor([1.0])
    assert {a: "a", b: "b"}[a] == "a"
    assert len({a, b, a}) == 2


IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {
    "+=": operator.iadd,
    "-=": operator.isub,
    "*=": operator.imul,
    "/=": operator.itruediv,
    "**=": operator.ipow,
    "@=": operator.imatmul,
}


@pytest.mark.parametrize("sign", IN_PLACE)
def test_in_place_operators_raise_and_say_what_to_write(sign: str) -> None:
    t = minin.tensor([1.0, 2.0])
    with pytest.raises(GraphError, match=r"t\.data -= \.\.\."):
        IN_PLACE[sign](t, 2.0)
    assert t.data.tolist() == [1.0, 2.0]


def test_an_array_is_not_changed_in_place_by_a_tensor() -> None:
    """NumPy's own `array -= t` would lose the graph without a word."""
    array: Any = np.array([1.0, 2.0])
    with pytest.raises(TypeError, match=r"Tensor"):
        array -= minin.tensor([1.0, 1.0])
    assert array.tolist() == [1.0, 2.0]


def test_assigning_to_a_part_raises_and_says_what_to_write() -> None:
    t = minin.tensor([1.0, 2.0])
    with pytest.raises(GraphError, match=r"t\.data = \.\.\."):
        t[0] = 1.0
    assert t.data.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("other", ["a", None, {}, [1.0, 2.0, 3.0], [[1.0]], object, 1j], ids=str)
@pytest.mark.parametrize("sign", [*ARITHMETIC, "@"])
@pytest.mark.parametrize("reflected", [False, True], ids=["t . other", "other . t"])
def test_what_is_no_number_and_no_array_is_refused_by_name(
    sign: str, other: Any, reflected: bool
) -> None:
    apply = operator.matmul if sign == "@" else ARITHMETIC[sign]
    t = minin.tensor(NUMBERS)
    with pytest.raises(DtypeError, match=rf"{type(other).__name__}.*minin\.tensor"):
        apply(other, t) if reflected else apply(t, other)


@pytest.mark.parametrize("number", [2, 2.0])
def test_a_number_has_no_matrix_product(number: float) -> None:
    t = minin.tensor([1.0, 2.0])
    both: list[Callable[[], Any]] = [lambda: t @ number, lambda: number @ t]
    for multiply in both:
        with pytest.raises(DtypeError, match=r"matmul: . must be a Tensor or an array"):
            multiply()


KEYS: dict[str, Any] = {
    "an int": 1,
    "from the end": -1,
    "a slice": slice(0, 2),
    "backwards": slice(None, None, -1),
    "a tuple": (1, slice(None, None, 2)),
    "a new axis": (None, 1),
    "an ellipsis": (..., 0),
    "repeated places": np.array([0, 0, 2]),
    "a list": [0, 0, 2],
    "a tensor of places": minin.tensor([0, 0, 2]),
    "two arrays": (np.array([0, 1, 1]), np.array([2, 2, 2])),
    "a mask": np.array([True, False, True]),
    "nothing": np.array([], dtype=np.int64),
    "all of it": (),
}


@pytest.mark.parametrize("name", KEYS)
def test_reading_a_part_gives_its_slope_back(name: str) -> None:
    key = KEYS[name]
    plain = key.data if isinstance(key, Tensor) else key
    numbers = np.arange(12.0).reshape(3, 4)
    t = minin.tensor(numbers, requires_grad=True)
    y = t[key]
    np.testing.assert_array_equal(y.data, numbers[plain], strict=True)
    grad = 1.0 + np.arange(y.data.size).reshape(y.shape)
    y.backward(grad)
    wanted = np.zeros((3, 4))
    np.add.at(wanted, plain, grad)
    np.testing.assert_array_equal(t.grad, wanted, strict=True)


@pytest.mark.parametrize("key", [5, -4, (0, 9), (0, 0, 0), 1.5, "a", (slice("a"),), np.array([7])])
def test_a_key_that_does_not_fit_names_key_and_shape(key: Any) -> None:
    with pytest.raises(OutOfRangeError, match=r"index .* does not fit shape \(3, 4\)"):
        minin.tensor(np.ones((3, 4)))[key]


def test_iteration_ends() -> None:
    rows = list(minin.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert [row.data.tolist() for row in rows] == [[1.0, 2.0], [3.0, 4.0]]


def test_ints_have_no_negative_powers() -> None:
    with pytest.raises(DtypeError, match=r"power: x must be float32 or float64"):
        minin.tensor([1, 2]) ** -1


@pytest.mark.parametrize("sign", ["==", "!="])
@pytest.mark.parametrize("other", ["a", None, {}], ids=str)
def test_a_tensor_equals_nothing_but_numbers(sign: str, other: Any) -> None:
    assert COMPARISONS[sign](minin.tensor(NUMBERS), other) is (sign == "!=")
