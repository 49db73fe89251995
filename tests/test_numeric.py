"""The checker of the laws is itself checked: it must reject seven wrong rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest

from tests.numeric import check_gradients

Array: TypeAlias = npt.NDArray[Any]
x0 = np.array([[0.3, -1.2, 0.7], [1.1, 0.4, -0.6]])
w0 = np.array([[0.5, -0.2], [0.9, 0.3], [-0.4, 0.8]])


def forward(x: Array, w: Array) -> Array:
    y: Array = np.maximum(x, 0) @ w
    return y


def right(g: Array) -> list[Array]:
    return [(g @ w0.T) * (x0 > 0), np.maximum(x0, 0).T @ g]


WRONG: dict[str, Callable[[Array], list[Array]]] = {
    "sign flipped": lambda g: [-right(g)[0], right(g)[1]],
    "off by a factor of 1.001": lambda g: [1.001 * right(g)[0], right(g)[1]],
    "mask forgotten": lambda g: [g @ w0.T, right(g)[1]],
    "cotangent ignored": lambda g: right(np.ones_like(g)),
    "one row lost": lambda g: [right(g)[0] * [[1], [0]], right(g)[1]],
    "averaged over the batch": lambda g: [right(g)[0], right(g)[1] / 2],
    "all zero": lambda g: [0 * right(g)[0], 0 * right(g)[1]],
}


@pytest.mark.parametrize("dense", [False, True])
def test_the_right_rule_passes(dense: bool) -> None:
    rng = np.random.default_rng(0)
    cotangent = rng.normal(size=(2, 2))
    check_gradients(forward, [x0, w0], right(cotangent), cotangent, rng, dense=dense)


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("bug", WRONG)
def test_every_wrong_rule_is_rejected(bug: str, dense: bool) -> None:
    rng = np.random.default_rng(0)
    cotangent = rng.normal(size=(2, 2))
    with pytest.raises(AssertionError):
        check_gradients(forward, [x0, w0], WRONG[bug](cotangent), cotangent, rng, dense=dense)


def test_a_transposed_gradient_is_rejected_for_its_shape() -> None:
    cotangent = np.ones((2, 2))
    wrong = [right(cotangent)[0].T, right(cotangent)[1]]
    with pytest.raises(AssertionError, match="for an array of"):
        check_gradients(forward, [x0, w0], wrong, cotangent, np.random.default_rng(0))
