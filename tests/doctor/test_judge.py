"""Accuracy and loss are those of the definition, and judging leaves no trace."""

from __future__ import annotations

import numpy as np
import pytest

from minin import models, ops, train
from minin.autograd import no_grad
from minin.errors import ArgumentError, ShapeError
from tests.train.conftest import Trained


def test_accuracy_and_loss_by_definition(trained: Trained) -> None:
    dataset, model, history = trained
    images = history.preprocess(dataset.test_images)
    with no_grad():
        log_p = ops.log_softmax(model(images)).numpy()
    found = train.evaluate(model, dataset.test_images, dataset.test_labels)
    rows = np.arange(len(log_p))
    assert found.accuracy == np.mean(log_p.argmax(axis=1) == dataset.test_labels)
    assert found.loss == pytest.approx(-log_p[rows, dataset.test_labels].mean(), rel=1e-5)


@pytest.mark.parametrize("batch_size", [1, 7, 32, 1000])
def test_the_batch_size_does_not_matter(trained: Trained, batch_size: int) -> None:
    dataset, model, _ = trained
    one = train.evaluate(model, dataset.test_images, dataset.test_labels, batch_size)
    other = train.evaluate(model, dataset.test_images, dataset.test_labels)
    assert one.accuracy == other.accuracy
    assert one.loss == pytest.approx(other.loss, rel=1e-5)


def test_probabilities_add_up_to_one(trained: Trained) -> None:
    shares = train.probabilities(trained.model, trained.dataset.test_images, batch_size=5)
    assert shares.shape == (32, 10)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


def test_modes_come_back_one_by_one() -> None:
    model = models.build("nin-digits", rng=0)
    model.train()
    model[2].eval()
    before = [module.training for module in model.modules()]
    images = np.zeros((2, 1, 8, 8), np.float32)
    train.evaluate(model, images, np.array([0, 1]))
    assert [module.training for module in model.modules()] == before
    with pytest.raises(ShapeError):
        train.evaluate(model, images[:, :, 0], np.array([0, 1]))
    assert [module.training for module in model.modules()] == before


def test_dropout_is_off_while_judging() -> None:
    model = models.build("nin-digits", rng=0, dropout=0.5).train()
    images = np.random.default_rng(0).standard_normal((4, 1, 8, 8)).astype(np.float32)
    first, second = (train.probabilities(model, images) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_images_and_labels_must_be_as_many(trained: Trained) -> None:
    with pytest.raises(ShapeError, match="same N"):
        train.evaluate(trained.model, trained.dataset.test_images, trained.dataset.test_labels[1:])


def test_labels_out_of_range_are_named(trained: Trained) -> None:
    labels = trained.dataset.test_labels.copy()
    labels[3] = 10
    with pytest.raises(ArgumentError, match="class numbers from 0 to 9"):
        train.evaluate(trained.model, trained.dataset.test_images, labels)


def test_images_of_another_shape_are_refused(trained: Trained) -> None:
    images = np.zeros((1, 3, 8, 8), np.float32)
    with pytest.raises(ShapeError, match=r"weights\[0\] must have shape"):
        train.evaluate(trained.model, images, np.array([0]))
