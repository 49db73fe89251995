"""Without a bug, each reference is right: against differences, loops, and plain formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minin.errors import UnknownNameError
from minin.gradcheck.recognise.references.record import Array, Reference
from minin.gradcheck.recognise.references.table import REFERENCES
from tests import oracles
from tests.numeric import check_gradients
from tests.zoo.cases import Drawn, copied, slope, slope_at

each = pytest.mark.parametrize("name", REFERENCES)


def drawn_for(reference: Reference, seed: int) -> Drawn:
    rng = np.random.default_rng(seed)
    inputs, params = reference.draw(rng)
    out, _ = reference.forward(*inputs, **params)
    return Drawn(inputs, params, rng.standard_normal(out.shape))


def real(reference: Reference, drawn: Drawn) -> list[int]:
    """Places of the inputs that are differentiated."""
    _, cache = reference.forward(*drawn.inputs, **drawn.params)
    grads = reference.backward(drawn.grad_out, cache)
    return [place for place, grad in enumerate(grads) if grad is not None]


@each
@pytest.mark.parametrize("seed", range(20))
def test_backward_agrees_with_central_differences(name: str, seed: int) -> None:
    reference = REFERENCES[name]
    drawn = drawn_for(reference, seed)
    places = real(reference, drawn)

    def forward(*moved: Array) -> Array:
        inputs = copied(drawn.inputs)
        for place, x in zip(places, moved, strict=True):
            inputs[place] = x
        return reference.forward(*inputs, **drawn.params)[0]

    _, cache = reference.forward(*drawn.inputs, **drawn.params)
    grads = [g for g in reference.backward(drawn.grad_out, cache) if g is not None]
    arrays = [drawn.inputs[place] for place in places]
    dense = sum(a.size for a in arrays) < 150
    rng = np.random.default_rng(seed)
    check_gradients(forward, arrays, grads, drawn.grad_out, rng, dense=dense, tolerance=1e-6)


@each
def test_single_entries_agree_too(name: str) -> None:
    reference = REFERENCES[name]
    drawn = drawn_for(reference, 100)
    _, cache = reference.forward(*drawn.inputs, **drawn.params)
    grads = reference.backward(drawn.grad_out, cache)
    for place in real(reference, drawn):
        grad = grads[place]
        assert grad is not None
        for entry in np.random.default_rng(0).permutation(grad.size)[:40]:
            numeric = slope_at(reference.forward, drawn, place, int(entry))
            np.testing.assert_allclose(grad.flat[entry], numeric, rtol=1e-6, atol=1e-6)


@each
@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_changed_and_no_memory_is_shared(name: str, seed: int) -> None:
    reference = REFERENCES[name]
    drawn = drawn_for(reference, seed)
    before = [*copied(drawn.inputs), drawn.grad_out.copy()]
    for array in (*drawn.inputs, drawn.grad_out):
        array.flags.writeable = False
    for switch in (None, *reference.bugs):
        _, cache = reference.forward(*drawn.inputs, **drawn.params)
        first = reference.backward(drawn.grad_out, cache, switch)
        again = reference.backward(drawn.grad_out, cache, switch)
        for one, two in zip(first, again, strict=True):
            np.testing.assert_array_equal(one, two)
    _, cache = reference.forward(*drawn.inputs, **drawn.params)
    grads = [g for g in reference.backward(drawn.grad_out, cache) if g is not None]
    for array, copy in zip((*drawn.inputs, drawn.grad_out), before, strict=True):
        np.testing.assert_array_equal(array, copy)
        assert not any(np.shares_memory(array, grad) for grad in grads)
    assert not any(np.shares_memory(a, b) for i, a in enumerate(grads) for b in grads[:i])


@each
def test_an_unknown_switch_is_an_error(name: str) -> None:
    reference = REFERENCES[name]
    drawn = drawn_for(reference, 0)
    _, cache = reference.forward(*drawn.inputs, **drawn.params)
    with pytest.raises(UnknownNameError, match=f"bug of {name} 'Z9'"):
        reference.backward(drawn.grad_out, cache, "Z9")


@each
def test_values_differ_and_none_is_zero(name: str) -> None:
    for seed in range(10):
        for x in drawn_for(REFERENCES[name], seed).inputs:
            if np.issubdtype(x.dtype, np.floating):
                assert np.diff(np.sort(x, axis=None)).min(initial=1.0) > 1e-4
                assert np.abs(x).min() > 1e-4


@pytest.mark.parametrize("name", ["conv2d", "im2col", "max_pool2d", "avg_pool2d"])
def test_drawings_cover_the_geometry(name: str) -> None:
    seen: set[str] = set()
    for seed in range(200):
        drawn = drawn_for(REFERENCES[name], seed)
        n, *_, h, w = drawn.inputs[0].shape
        assert n >= 2
        assert h != w
        kernel = drawn.params.get(
            "kernel_size", drawn.inputs[-2].shape[-2:] if name == "conv2d" else 0
        )
        stride = drawn.params.get("stride", 1)
        seen |= {f"stride {np.max(stride)}", f"pad {np.max(drawn.params.get('pad', 0)) > 0}"}
        if np.max(kernel) == 1:
            seen.add("1x1")
        if tuple(np.broadcast_to(kernel, 2)) == (h, w):
            seen.add("whole image")
        if (h + 2 * np.max(drawn.params.get("pad", 0)) - np.max(kernel)) % np.max(stride):
            seen.add("leftover")
    wanted = {"stride 1", "stride 2", "stride 3", "pad True", "pad False", "1x1", "leftover"}
    assert seen >= wanted | {"whole image"}


# ----------------------------------------------------- against loops that import nothing


def for_oracle(params: dict[str, Any]) -> dict[str, Any]:
    return {"padding" if key == "pad" else key: value for key, value in params.items()}


ORACLES: dict[str, Callable[..., Array]] = {
    "conv2d": oracles.conv2d,
    "im2col": oracles.im2col,
    "col2im": oracles.col2im,
    "max_pool2d": oracles.max_pool2d,
    "avg_pool2d": oracles.avg_pool2d,
    "global_avg_pool2d": oracles.global_avg_pool2d,
    "softmax": oracles.softmax,
    "matmul": oracles.matmul,
    "relu": oracles.relu,
}


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("seed", range(12))
def test_forward_agrees_with_loops(name: str, seed: int) -> None:
    drawn = drawn_for(REFERENCES[name], seed)
    out, _ = REFERENCES[name].forward(*drawn.inputs, **drawn.params)
    expected = ORACLES[name](*drawn.inputs, **for_oracle(drawn.params))
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_max_pool_backward_agrees_with_loops_at_ties(seed: int) -> None:
    reference = REFERENCES["max_pool2d"]
    (x,), params, grad_y = drawn_for(reference, seed)
    x = np.round(x)
    _, cache = reference.forward(x, **params)
    (grad_x,) = reference.backward(grad_y, cache)
    expected = oracles.max_pool2d_grad_x(x, grad_y, **for_oracle(params))
    assert grad_x is not None
    np.testing.assert_allclose(grad_x, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_small_ops_agree_with_loops(seed: int) -> None:
    (x, w, b), params, _ = drawn_for(REFERENCES["conv1x1"], seed)
    out, _ = REFERENCES["conv1x1"].forward(x, w, b, **params)
    np.testing.assert_allclose(out, oracles.conv2d(x, w[:, :, None, None], b), atol=1e-12)
    (x, w, b), params, _ = drawn_for(REFERENCES["linear"], seed)
    out, _ = REFERENCES["linear"].forward(x, w, b, **params)
    torch_order = w if params.get("out_first") else w.T
    np.testing.assert_allclose(out, oracles.linear(x, torch_order, b), atol=1e-12)
    (x, y), params, _ = drawn_for(REFERENCES["softmax_cross_entropy"], seed)
    out, _ = REFERENCES["softmax_cross_entropy"].forward(x, y, **params)
    np.testing.assert_allclose(out, oracles.cross_entropy(x, y, **params), atol=1e-9)
    (x, t), params, _ = drawn_for(REFERENCES["mse"], seed)
    out, _ = REFERENCES["mse"].forward(x, t, **params)
    np.testing.assert_allclose(out, oracles.mse_loss(x, t, **params), atol=1e-12)


def test_a_bias_may_be_missing() -> None:
    for name in ("conv2d", "conv1x1", "linear"):
        (x, w, _), params, grad_out = drawn_for(REFERENCES[name], 3)
        _, cache = REFERENCES[name].forward(x, w, **params)
        assert REFERENCES[name].backward(grad_out, cache)[2] is None


def test_a_mask_may_be_given_to_dropout() -> None:
    x, mask = np.array([1.0, 2.0, 3.0]), np.array([1, 0, 1])
    out, cache = REFERENCES["dropout"].forward(x, p=0.5, mask=mask)
    np.testing.assert_array_equal(out, [2.0, 0.0, 6.0])
    (grad,) = REFERENCES["dropout"].backward(np.ones(3), cache)
    np.testing.assert_array_equal(grad, [2.0, 0.0, 2.0])


def test_drawn_slopes_are_along_the_direction() -> None:
    drawn = Drawn([np.array([1.0, 2.0])], {}, np.array([1.0, 10.0]))
    np.testing.assert_allclose(
        slope(REFERENCES["reuse"].forward, drawn, 0, np.array([1.0, 1.0])), 22.0, rtol=1e-8
    )
