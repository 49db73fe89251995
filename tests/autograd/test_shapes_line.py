"""The Shapes line of a docstring is the check: what it says is demanded at every call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minin
from minin import differentiable, ops
from minin.autograd import Op
from minin.autograd.shapes_line import ShapesLine
from minin.errors import ArgumentError, DtypeError, ShapeError
from tests.cases import CASES
from tests.libraries import put
from tests.test_rule_laws import op_named

CHECKED = [name for name in CASES if op_named(name).shapes.arguments]


def test_the_ops_of_images_and_classes_are_checked_by_their_lines() -> None:
    windows = {"im2col", "col2im", "conv2d", "mlpconv", "max_pool2d", "avg_pool2d"}
    assert set(CHECKED) == windows | {"global_avg_pool2d", "pad2d", "linear", "cross_entropy"}


@pytest.mark.parametrize("mode", ["plain", "fast"])
@pytest.mark.parametrize("name", CHECKED)
@given(data=st.data())
def test_an_axis_too_many_is_refused(name: str, mode: str, data: st.DataObject) -> None:
    op, arguments = op_named(name), data.draw(CASES[name].draw)
    for argument in op.shapes.arguments:
        wrong = list(arguments.arrays)
        if wrong[argument.place] is None or argument.is_open:
            continue
        wrong[argument.place] = wrong[argument.place][None]
        with minin.rules(mode), pytest.raises(ShapeError, match=rf"{argument.name} must have"):
            op(*wrong, **arguments.parameters)


@pytest.mark.parametrize("library", ["numpy", "strict"])
@pytest.mark.parametrize("name", CHECKED)
@given(data=st.data())
def test_a_length_that_another_argument_gives_is_demanded(
    name: str, library: str, data: st.DataObject
) -> None:
    op, arguments = op_named(name), data.draw(CASES[name].draw)
    if arguments.parameters.get("groups", 1) != 1:
        return
    for argument in op.shapes.arguments:
        x = arguments.arrays[argument.place]
        for comparison in argument.comparisons if x is not None else ():
            wrong = list(arguments.arrays)
            wrong[argument.place] = np.concatenate([x, x, x], axis=comparison.axis)
            arrays = [put(a, library) if a is not None else None for a in wrong]
            with pytest.raises(ShapeError, match=rf"^{name}: {argument.name} must have shape"):
                op(*arrays, **arguments.parameters)


def made(line: str | None, ran: list[int] | None = None) -> Op[minin.Tensor]:
    """An op of two arrays, and a parameter, with this line; it notes its runs."""

    def rule(x: Any, y: Any = None, *, parts: Any = 1) -> Any:  # noqa: ARG001
        if ran is not None:
            ran.append(parts)
        return x * 1.0, lambda grad_y: (grad_y, None)

    rule.__doc__ = line
    return differentiable(rule)


def test_a_line_that_is_false_refuses_right_arrays() -> None:
    x, weight = np.ones((1, 2, 4, 4)), np.ones((3, 2, 3, 3))
    doc = str(ops.conv2d.__doc__).replace("weight (O, C/groups, KH, KW)", "weight (C, O, KH, KW)")
    line = ShapesLine("conv2d", doc, ops.conv2d.arrays, {"bias": None})
    with pytest.raises(ShapeError, match=r"weight must have shape \(2, O, KH, KW\)"):
        line.check([x, weight, None])
    ops.conv2d.shapes.check([x, weight, None], {"groups": 1})


def test_the_rule_does_not_run_on_arrays_that_do_not_fit() -> None:
    ran: list[int] = []
    op = made("Double.  Shapes: x (N, C), y (C) -> (N, C).", ran)
    with pytest.raises(
        ShapeError, match=r"^rule: y must have shape \(3,\) for x of shape \(2, 3\)"
    ):
        op(np.ones((2, 3)), np.ones(2))
    assert ran == []
    op(np.ones((2, 3)), np.ones(3))
    op(np.ones((2, 3)))  # what may be None may be left out


def test_tensors_are_checked_as_arrays_are() -> None:
    op = made("Shapes: x (N, C) -> (N, C).")
    assert op(minin.tensor([[1.0]])).shape == (1, 1)
    with pytest.raises(ShapeError, match=r"^rule: x must have 2 axes \(N, C\), got shape \(1,\)"):
        op(minin.tensor([1.0]))
    with pytest.raises(DtypeError, match=r"^rule: x must be a Tensor or an array, got float"):
        op(1.0)


def test_dots_are_any_number_of_axes() -> None:
    op = made("Shapes: x (..., C), y (C) -> (..., C).")
    for shape in ((3,), (2, 3), (2, 1, 3)):
        op(np.ones(shape), np.ones(3))
        with pytest.raises(ShapeError, match=r"y must have shape \(3,\) for x of shape"):
            op(np.ones(shape), np.ones(2))
    with pytest.raises(
        ShapeError, match=r"x must have at least 1 axis \(\.\.\., C\), got shape \(\)"
    ):
        op(np.ones(()), np.ones(3))


def test_a_number_is_a_length() -> None:
    op = made("Shapes: x (N, 2), y (1) -> (N, 2).")
    op(np.ones((5, 2)), np.ones(1))
    with pytest.raises(ShapeError, match=r"x must have shape \(N, 2\), got \(5, 3\)"):
        op(np.ones((5, 3)), np.ones(1))


def test_a_parameter_divides_where_it_is_one_and_is_the_rules_where_it_is_not() -> None:
    op = made("Shapes: x (C), y (C/parts) -> (C).")
    op(np.ones(4), np.ones(4))
    with pytest.raises(ShapeError, match=r"y must have shape \(4,\) for x of shape \(4,\), got"):
        op(np.ones(4), np.ones(2))
    op(np.ones(4), np.ones(2), parts=2)
    op(np.ones(4), np.ones(3), parts=2)  # the rule's business: it may have more to say
    op.shapes.check([np.ones(4), np.ones(2)], {"parts": 2})
    with pytest.raises(
        ShapeError, match=r"shape \(2,\) for x of shape \(4,\) and parts=2, got \(3,\)"
    ):
        op.shapes.check([np.ones(4), np.ones(3)], {"parts": 2})
    with pytest.raises(ArgumentError, match=r"^parts must be an int of at least 1; got 1.5"):
        op(np.ones(4), np.ones(4), parts=1.5)


@pytest.mark.parametrize(
    "line",
    [
        None,
        "No such line.",
        "Shapes: x (any one), y (H + top + bottom) -> (any).",
        "Shapes: x (...), y (...) -> (...).",
        "Shapes: x (M, K) or (K), y [(M), (K)] -> (M).",
        "Shapes: x (M, K), or (K) if turned, y [(M), (K)] -> (M).",
        "Shapes: other (N, C) -> (N, C).",
        "Shapes: of all sorts",
    ],
)
def test_what_is_said_in_other_words_is_left_to_the_rule(line: Any) -> None:
    op = made(line)
    assert op(np.ones((2, 3, 4)), np.ones(5)).shape == (2, 3, 4)
