"""Class maps: their average is the class score."""

from __future__ import annotations

import numpy as np

from minin import explain, nn
from minin.autograd import no_grad
from tests.train.conftest import Trained


def test_the_average_of_a_map_is_the_score_of_its_class(trained: Trained) -> None:
    images = trained.dataset.test_images[:3]
    maps = explain.class_maps(trained.model, images)
    assert maps is not None
    assert maps.shape == (3, 10, 2, 2)
    with no_grad():
        scores = trained.model(trained.history.preprocess(images)).numpy()
    np.testing.assert_allclose(maps.mean(axis=(2, 3)), scores, rtol=1e-4, atol=1e-5)


def test_a_network_that_ends_otherwise_has_none() -> None:
    model = nn.Sequential(nn.GlobalAvgPool2d(), nn.Linear(1, 3, rng=0))
    assert explain.class_maps(model, np.zeros((1, 1, 4, 4), np.float32)) is None
