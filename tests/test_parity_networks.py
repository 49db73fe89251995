"""Whole networks against PyTorch: the same outputs, gradients and losses, in float64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from minin import models, ops, optim
from tests.torch_networks import images_and_labels, torch_twin

pytestmark = pytest.mark.peers


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Two libraries that both spin on all cores wait for each other most of the time."""
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    with threadpool_limits(1):
        yield


BATCH = {"nin-digits": 8, "nin-cifar10": 2, "nin-d2l": 1}


def twins(name: str, **options: Any) -> tuple[Any, Any]:
    """Build one network twice, without dropout: its two random streams cannot agree."""
    model = models.build(name, rng=0, dtype="float64", dropout=0.0, **options)
    return model, torch_twin(model)


@pytest.mark.parametrize("name", models.names())
def test_state_dicts_have_the_names_and_shapes_of_torch(name: str) -> None:
    model = models.build(name, rng=0)
    ours, theirs = model.state_dict(), torch_twin(model).state_dict()
    assert list(ours) == list(theirs)
    assert [v.shape for v in ours.values()] == [tuple(v.shape) for v in theirs.values()]


@pytest.mark.parametrize("final_relu", [True, False])
@pytest.mark.parametrize("name", BATCH)
def test_outputs_and_all_gradients_agree(name: str, final_relu: bool) -> None:
    import torch

    model, twin = twins(name, final_relu=final_relu)
    images, labels = images_and_labels(model, BATCH[name])
    ours = model(images)
    theirs = twin(torch.from_numpy(images))
    np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), rtol=0, atol=1e-10)
    ops.cross_entropy(ours, labels).backward()
    torch.nn.functional.cross_entropy(theirs, torch.from_numpy(labels)).backward()
    slopes = {key: value.grad.numpy() for key, value in twin.named_parameters()}
    for key, parameter in model.named_parameters():
        np.testing.assert_allclose(
            parameter.grad, slopes[key], rtol=0, atol=1e-10, err_msg=f"gradient of {key}"
        )
    assert any(slope.any() for slope in slopes.values())


@pytest.mark.parametrize("name", BATCH)
def test_ten_training_steps_lose_the_same(name: str) -> None:
    import torch

    model, twin = twins(name, final_relu=False)
    images, labels = images_and_labels(model, BATCH[name], seed=1)
    x, target = torch.from_numpy(images), torch.from_numpy(labels)
    ours = optim.SGD(model.parameters(), lr=0.001, momentum=0.9, weight_decay=1e-4)
    theirs = torch.optim.SGD(twin.parameters(), lr=0.001, momentum=0.9, weight_decay=1e-4)
    losses: list[tuple[float, float]] = []
    for _ in range(10):
        loss = ops.cross_entropy(model(images), labels)
        loss_of_torch = torch.nn.functional.cross_entropy(twin(x), target)
        losses.append((loss.item(), loss_of_torch.item()))
        for optimiser, value in ((ours, loss), (theirs, loss_of_torch)):
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
    found, wanted = np.transpose(losses)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-8)
    assert wanted[-1] < wanted[0]
