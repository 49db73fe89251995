"""A user's own rule that breaks the contract: an error that names the op and the argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minin
from minin import Tensor, differentiable
from minin.errors import GraphError


def leaves() -> tuple[Tensor, Tensor]:
    return (
        minin.tensor([1.0, 2.0], requires_grad=True, dtype="float64"),
        minin.tensor([[3.0, 4.0]], requires_grad=True, dtype="float64"),
    )


def two_arguments(entries: Any) -> None:
    """Run an op of two arguments whose backward returns what `entries` makes of grad_y."""

    @differentiable
    def faulty(left: Any, right: Any) -> Any:
        return left + right, entries

    a, b = leaves()
    try:
        faulty(a, b).sum().backward()
    finally:
        assert a.grad is None
        assert b.grad is None


def one_argument(entries: Any) -> Tensor:
    @differentiable
    def faulty(left: Any) -> Any:
        return left * 1, entries

    a, _ = leaves()
    faulty(a).sum().backward()
    return a


COUNTS = {
    "too few": lambda g: (g[0],),
    "too many": lambda g: (g[0], g, g),
    "none": lambda _: (),
    "one bare array": lambda g: g,
    "a list": lambda g: [g[0], g],
    "None": lambda _: None,
}


@pytest.mark.parametrize("name", COUNTS)
def test_the_wrong_number_of_entries(name: str) -> None:
    with pytest.raises(GraphError, match=r"faulty: backward must return a tuple.*2"):
        two_arguments(COUNTS[name])


WRONG = {
    "shape of left": (lambda g: (g, g), r"faulty.*left.*\(2,\).*\(1, 2\)"),
    "shape of right": (lambda g: (g[0], g[0]), r"faulty.*right.*\(1, 2\).*\(2,\)"),
    "dtype": (lambda g: (g[0].astype("float32"), g), r"faulty.*left.*float64.*float32"),
    "a number": (lambda g: (g[0], 2.0), r"faulty.*right"),
    "a list of numbers": (lambda g: ([1.0, 1.0], g), r"faulty.*left"),
    "a tensor": (lambda g: (g[0], minin.tensor(g)), r"faulty.*right"),
    "a string": (lambda g: (g[0], "g"), r"faulty.*right"),
    "a function that returns the wrong shape": (
        lambda g: (lambda: g, g),
        r"faulty.*left.*\(2,\).*\(1, 2\)",
    ),
    "a function that returns no array": (lambda g: (lambda: 3.0, g), r"faulty.*left"),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_wrong_kind_of_entry(name: str) -> None:
    entries, message = WRONG[name]
    with pytest.raises(GraphError, match=message):
        two_arguments(entries)


def test_one_argument_may_have_one_bare_array() -> None:
    a = one_argument(lambda g: 3 * g)
    assert a.grad.tolist() == [3.0, 3.0]


def test_one_argument_may_have_one_bare_function() -> None:
    a = one_argument(lambda g: lambda: 3 * g)
    assert a.grad.tolist() == [3.0, 3.0]


def test_none_says_that_there_is_no_gradient() -> None:
    assert one_argument(lambda _: (None,)).grad is None
    assert one_argument(lambda _: None).grad is None


def test_a_list_of_one_array_is_no_array() -> None:
    with pytest.raises(GraphError, match=r"faulty.*left"):
        one_argument(lambda g: [3 * g])


LISTS = {
    "too few": lambda g: ([g],),
    "too many": lambda g: ([g, g, g],),
    "a bare array of another length": lambda g: (g[:1],),
    "a function": lambda g: (lambda: [g, g],),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_wants_a_list_of_as_many(name: str) -> None:
    @differentiable
    def faulty(parts: Any) -> Any:
        return parts[0] + parts[1], LISTS[name]

    a, _ = leaves()
    with pytest.raises(GraphError, match=r"faulty"):
        faulty([a, a]).sum().backward()


def test_a_wrong_entry_of_a_list_is_named_by_its_place() -> None:
    @differentiable
    def faulty(first: Any, parts: Any) -> Any:
        return first + parts[0] + parts[1][0], lambda g: (g, [g, g])

    a, b = leaves()
    with pytest.raises(GraphError, match=r"faulty.*parts\[1\].*\(1, 2\).*\(2,\)"):
        faulty(a, [a, b]).sum().backward()


def test_none_may_stand_for_a_whole_list() -> None:
    @differentiable
    def constant(first: Any, parts: Any) -> Any:
        return first + parts[0], lambda g: (g, None)

    a, _ = leaves()
    other, _ = leaves()
    constant(a, [other]).sum().backward()
    assert a.grad.tolist() == [1.0, 1.0]
    assert other.grad is None


RETURNS: dict[str, Callable[[Any], Any]] = {
    "the output alone": lambda x: 2 * x,
    "three things": lambda x: (2 * x, 1, 2),
    "nothing": lambda _: None,
    "no function": lambda x: (2 * x, 2.0),
    "no array": lambda _: (2.0, lambda g: (g,)),
}


@pytest.mark.parametrize("name", RETURNS)
def test_a_rule_returns_an_array_and_a_function(name: str) -> None:
    def faulty(x: Any) -> Any:
        return RETURNS[name](x)

    a, _ = leaves()
    with pytest.raises(minin.errors.MininError, match=r"faulty"):
        differentiable(faulty)(a).sum().backward()


def test_a_rule_may_return_none_for_integers() -> None:
    @differentiable
    def picking(x: Any, places: Any) -> Any:
        def backward(grad_y: Any) -> Any:
            grad = np.zeros(2)
            grad[places] = grad_y
            return grad, None

        return x[places], backward

    a, _ = leaves()
    picking(a, np.array([1])).sum().backward()
    assert a.grad.tolist() == [0.0, 1.0]
