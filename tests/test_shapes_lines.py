"""Every op's docstring has a "Shapes:" line, and what it predicts is what comes out."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import CASES
from tests.test_rule_laws import op_named

GROUP = re.compile(r"\(([^()]*)\)")


def shapes_line(name: str) -> str:
    text = str(op_named(name).__doc__)
    found = re.search(r"Shapes:\s+((?:[^.]|\.\.\.|\.(?=\w))*?)\.(?:\s|$)", text)
    assert found, f"{name} has no line 'Shapes: argument (axes) -> (axes).'"
    return " ".join(found[1].split())


def axes_of(text: str) -> list[str]:
    return [axis.strip() for axis in text.split(",") if axis.strip()]


def holds(axes: list[str], shape: tuple[int, ...], known: dict[str, int]) -> bool:
    """Tell whether a shape is what the axes say; learn the letters that are new."""
    if axes[:1] == ["..."] and "..." not in axes[1:]:
        axes, shape = axes[1:], shape[len(shape) - len(axes) + 1 :]
    if any(not re.fullmatch(r"([A-Z0-9*+/ ]|groups)+", axis) for axis in axes):
        return True  # "...", or words
    if len(axes) != len(shape):
        return False
    for axis, length in zip(axes, shape, strict=True):
        expression = axis.replace("/", "//")
        letters = set(re.findall(r"[A-Z]+|groups", expression))
        if letters <= known.keys():
            if eval(expression, {"__builtins__": {}}, dict(known)) != length:
                return False
        elif re.fullmatch(r"[A-Z]+", axis):
            known[axis] = length
    return True


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_the_shapes_line_is_true(name: str, data: st.DataObject) -> None:
    arguments, op = data.draw(CASES[name].draw), op_named(name)
    line = shapes_line(name)
    inputs, _, outputs = line.partition("->")
    known: dict[str, int] = {}
    if "kernel_size" in arguments.parameters:
        known["KH"], known["KW"] = arguments.parameters["kernel_size"]
    if "groups" in arguments.parameters:
        known["groups"] = arguments.parameters["groups"]
    if name == "pad2d":
        known |= dict(zip(("top", "bottom", "left", "right"), (0,) * 4, strict=True))
    for argument, value in zip(op.arrays, arguments.arrays, strict=True):
        said = re.search(rf"\b{argument} (\[.*?\]|\([^()]*\)(?: or \([^()]*\))*)", inputs)
        assert said, f"{name}: the Shapes line does not mention {argument}"
        if said[1].startswith("(") and isinstance(value, np.ndarray):
            choices = [(axes_of(group), dict(known)) for group in GROUP.findall(said[1])]
            true = [learnt for group, learnt in choices if holds(group, value.shape, learnt)]
            assert true, f"{line}: {value.shape}"
            known = true[0]
    shape = op(*arguments.arrays, **arguments.parameters).shape
    results = [axes_of(group) for group in GROUP.findall(outputs)]
    assert any(holds(axes, shape, dict(known)) for axes in results), f"{line}: gave {shape}"


def test_a_false_line_is_noticed() -> None:
    known: dict[str, Any] = {}
    assert holds(["N", "C"], (2, 3), known)
    assert not holds(["N"], (3,), known)
    assert not holds(["N", "C", "H"], (2, 3), known)
    assert not holds(["N*C"], (5,), known)
    assert holds(["N*C"], (6,), known)
