"""The proof line holds for the engine, and does not for a wrong one."""

from __future__ import annotations

import numpy as np
import pytest

from minin import data, models, nn, train
from minin.autograd import differentiable
from minin.backend import Array
from tests.train.conftest import Trained


def proof(model: nn.Module, dataset: data.Dataset) -> train.Proof:
    preprocess = data.Preprocess.fit(["standardise"], dataset.train_images)
    return train.prove(model, dataset.train_images[:8], dataset.train_labels[:8], preprocess)


@pytest.mark.parametrize("seed", range(3))
def test_both_ways_agree(dataset: data.Dataset, seed: int) -> None:
    found = proof(models.build("nin-digits", rng=seed), dataset)
    assert found.holds
    assert found.backward == pytest.approx(found.differences, rel=1e-5)
    assert found.backward != 0
    assert found.weight.startswith("0.0.weight[")


def test_the_network_is_not_touched(trained: Trained) -> None:
    before = trained.model.state_dict()
    proof(trained.model, trained.dataset)
    for name, parameter in trained.model.named_parameters():
        assert parameter.dtype == np.float32
        np.testing.assert_array_equal(parameter.numpy(), before[name])


@differentiable
def wrong_double(x: Array):  # type: ignore[no-untyped-def]
    """Double, with a slope that is one in a thousand too large."""

    def backward(grad_y: Array) -> tuple[Array]:
        return (2.002 * grad_y,)

    return 2 * x, backward


class WrongDouble(nn.Module):
    def forward(self, x: Array) -> object:  # type: ignore[override]
        return wrong_double(x)


def test_a_slope_off_by_a_thousandth_is_noticed(dataset: data.Dataset) -> None:
    model = nn.Sequential(nn.Conv2d(1, 10, 3, rng=0), WrongDouble(), nn.GlobalAvgPool2d())
    found = proof(model, dataset)
    assert not found.holds
    assert found.backward == pytest.approx(1.001 * found.differences, rel=1e-4)


def test_a_switch_within_the_step_is_no_disagreement() -> None:
    """224 pixels a side are 50,000 places where a ReLU may switch between two losses."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (8, 1, 224, 224), dtype=np.uint8)
    model = models.build("nin-d2l", rng=0, init="xavier")
    preprocess = data.Preprocess.fit(["scale"], images)
    assert train.prove(model, images, np.arange(8), preprocess).holds
