"""Winograd convolution equals im2col, forward and back, however it is cut into chunks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin.fast.cpu import plan
from minin.fast.cpu.im2col import Im2col
from minin.fast.cpu.winograd import Winograd
from minin.shapes import Window
from tests import oracles
from tools.winograd_error import errors, layers, passed

KINDS = [(k, m) for k, choices in plan.OUTPUTS.items() for m in choices] + [(5, 2), (3, 2), (3, 6)]


@st.composite
def convolutions(draw: st.DrawFn, k: int) -> tuple[Any, ...]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sides = st.integers(0, k - 1)
    padding = ((draw(sides), draw(sides)), (draw(sides), draw(sides)))
    least = [max(k - sum(side), 1) for side in padding]
    h, w = (draw(st.integers(low, low + 9)) for low in least)
    n, c, o = draw(st.integers(1, 5)), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    window = Window.of(k, padding=padding)
    size = window.output_size((h, w))
    bias = rng.standard_normal(o) if draw(st.booleans()) else None
    x, weight = rng.standard_normal((n, h, w, c)), rng.standard_normal((o, c, k, k))
    return x, weight, bias, window, size, rng.standard_normal((n, *size, o))


@pytest.mark.parametrize(("k", "m"), KINDS)
@given(data=st.data())
def test_output_and_gradients_are_those_of_im2col(k: int, m: int, data: st.DataObject) -> None:
    x, weight, bias, window, size, grad = data.draw(convolutions(k))
    with pytest.MonkeyPatch.context() as patch:
        if data.draw(st.booleans()):
            patch.setattr(plan, "SHARED", 1)  # a chunk for each image
            patch.setattr(plan, "CACHED", 1)
        got = passed(Winograd(x, weight, bias, window, size, m), x, grad)
        wanted = passed(Im2col(x, weight, bias, window, size), x, grad)
    for name, value in wanted.items():
        scale = np.abs(value).max() + 1
        np.testing.assert_allclose(got[name], value, rtol=0, atol=1e-10 * scale, err_msg=name)


@given(data=st.data())
def test_the_output_is_that_of_the_loops(data: st.DataObject) -> None:
    x, weight, bias, window, size, grad = data.draw(convolutions(3))
    got = passed(Winograd(x, weight, bias, window, size, 4), x, grad)["y"]
    wanted = oracles.conv2d(x.transpose(0, 3, 1, 2), weight, bias, padding=window.padding)
    np.testing.assert_allclose(got.transpose(0, 3, 1, 2), wanted, rtol=0, atol=1e-10)


@pytest.mark.parametrize("layer", list(layers()), ids=lambda layer: f"{layer.network}-{layer.name}")
def test_float32_is_as_exact_as_promised_on_every_layer(layer: Any) -> None:
    for m in plan.OUTPUTS[layer.window.kernel[0]]:
        found = errors(layer, m, images=1)
        assert max(found.values()) < 1e-5, found
        assert min(found.values()) > 0, "float32 cannot be exact: nothing was computed"


def test_nan_reaches_the_outputs_that_see_it() -> None:
    x = np.ones((1, 12, 12, 1))
    x[0, 5, 5, 0] = np.nan
    window = Window.of(3, padding=1)
    algorithm = Winograd(x, np.ones((1, 1, 3, 3)), None, window, (12, 12), 4)
    y = passed(algorithm, x, np.ones((1, 12, 12, 1)))["y"]
    assert np.isnan(y[0, 4:7, 4:7, 0]).all()
