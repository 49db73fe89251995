"""Clipping: one length for all parameters, and the direction stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minin import Tensor, optim
from minin.errors import ArgumentError
from tests import libraries
from tests.optim.torch_twin import assert_same_path


def parameters(library: str = "numpy", dtype: str = "float64") -> list[Tensor]:
    found = [Tensor(np.zeros(n, dtype=dtype), requires_grad=True) for n in (1, 2, 3)]
    found[0].grad = libraries.put(np.array([3.0], dtype=dtype), library)
    found[1].grad = libraries.put(np.array([0.0, -4.0], dtype=dtype), library)
    return found


@pytest.mark.parametrize("library", libraries.libraries())
def test_all_gradients_shrink_together(library: str) -> None:
    found = parameters(library)
    assert optim.clip_gradients(found, 2.5) == 5.0
    np.testing.assert_allclose(libraries.get(found[0].grad), [1.5], rtol=1e-6)
    np.testing.assert_allclose(libraries.get(found[1].grad), [0.0, -2.0], rtol=1e-6)
    assert found[2].grad is None


def test_a_short_gradient_stays() -> None:
    found = parameters()
    before = [p.grad for p in found]
    optim.clip_gradients(found, 5.0)
    for parameter, grad in zip(found, before, strict=True):
        np.testing.assert_array_equal(parameter.grad, grad)


def test_the_dtype_stays() -> None:
    found = parameters(dtype="float32")
    optim.clip_gradients(found, 1.0)
    assert found[0].grad.dtype == np.float32


def test_nothing_to_clip() -> None:
    assert optim.clip_gradients([], 1.0) == 0


@pytest.mark.parametrize("limit", [0, -1.0, float("nan"), "1", None, True])
def test_a_wrong_limit_is_refused(limit: Any) -> None:
    with pytest.raises(ArgumentError, match="must be above 0"):
        optim.clip_gradients(parameters(), limit)


@pytest.mark.peers
@pytest.mark.parametrize("clip", [0.5, 4.5, 1e3])  # always, now and then, never
def test_twenty_clipped_steps_are_those_of_torch(clip: float) -> None:
    import torch

    assert_same_path(
        lambda groups: optim.SGD(groups, lr=0.05, momentum=0.9, weight_decay=0.1),
        lambda groups: torch.optim.SGD(groups, lr=0.05, momentum=0.9, weight_decay=0.1),
        clip,
    )


@pytest.mark.peers
def test_torch_clips_alike() -> None:
    import torch

    rng = np.random.default_rng(0)
    slopes = [rng.standard_normal((3, 2)), rng.standard_normal(4)]
    own = [Tensor(np.zeros(s.shape), requires_grad=True) for s in slopes]
    other = [torch.zeros(s.shape, dtype=torch.float64, requires_grad=True) for s in slopes]
    for w, v, s in zip(own, other, slopes, strict=True):
        w.grad, v.grad = s, torch.from_numpy(s)
    length = optim.clip_gradients(own, 0.5)
    assert length == pytest.approx(torch.nn.utils.clip_grad_norm_(other, 0.5).item())
    for w, v in zip(own, other, strict=True):
        assert v.grad is not None
        np.testing.assert_allclose(w.grad, v.grad.numpy(), rtol=0, atol=1e-10)
