"""Training: it learns, it repeats itself bit for bit, and it stops when the loss is lost."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from minin import data, models, nn, train
from minin.errors import ArgumentError, MininError, ShapeError, UnknownNameError
from tests.train.conftest import Trained, few_digits, small_run


def test_the_history_has_a_row_an_epoch(trained: Trained) -> None:
    history = trained.history
    assert [row.epoch for row in history] == [1, 2]
    assert len(history) == 2
    assert history.losses == [history[0].loss, history[1].loss]
    for row in history:
        assert 0 <= row.train_accuracy <= 1
        assert row.validation_accuracy is not None
        assert 0 <= row.validation_accuracy <= 1
        assert row.seconds > 0
        assert row.images_per_second == pytest.approx(72 / row.seconds)
    assert history.seconds >= sum(row.seconds for row in history)
    assert history[-1].lr < history.options.lr


def test_the_same_seed_gives_the_same_bits(trained: Trained) -> None:
    again = small_run()
    assert again.history.losses == trained.history.losses
    for name, value in again.model.state_dict().items():
        np.testing.assert_array_equal(value, trained.model.state_dict()[name], err_msg=name)


def test_another_seed_gives_others(trained: Trained) -> None:
    assert small_run(seed=1).history.losses != trained.history.losses


def test_it_learns_what_it_sees() -> None:
    dataset = few_digits(count=20)
    model = models.build("nin-digits", rng=0, dropout=0.0)
    train.fit(model, dataset, epochs=30, batch_size=10, lr=0.02, validation=0)
    found = train.evaluate(model, dataset.train_images, dataset.train_labels)
    assert found.accuracy == 1


def test_without_validation_all_images_are_seen_and_none_judged() -> None:
    seen: list[int] = []
    _, _, history = small_run(validation=0, epochs=1, on_step=lambda s: seen.append(s.images))
    assert sum(seen) == 96
    assert history[0].validation_accuracy is None


def test_every_step_and_epoch_is_reported() -> None:
    steps: list[train.StepRecord] = []
    rows: list[train.Epoch] = []
    _, _, history = small_run(on_step=steps.append, on_epoch=rows.append)
    assert [(s.epoch, s.step) for s in steps] == [(e, s) for e in (1, 2) for s in range(1, 6)]
    assert {(s.epochs, s.steps) for s in steps} == {(2, 5)}
    assert tuple(rows) == history.rows
    mean = sum(s.loss * s.images for s in steps if s.epoch == 1) / 72
    assert mean == pytest.approx(history[0].loss)


def test_afterwards_dropout_is_off(trained: Trained) -> None:
    assert not any(module.training for module in trained.model.modules())


def test_preprocessing_is_that_of_the_images_trained_on(trained: Trained) -> None:
    dataset, model, history = trained
    rng = np.random.default_rng(history.options.seed)
    kept, _ = data.split(dataset.train_labels, 0.25, rng)
    fitted = data.Preprocess.fit(["standardise"], dataset.train_images[kept])
    assert history.preprocess.to_dict() == fitted.to_dict()
    source = train.read_source(model)
    assert source is not None
    assert source.preprocess.to_dict() == fitted.to_dict()


def test_the_test_half_is_not_touched(trained: Trained) -> None:
    whole = few_digits()
    blind = data.Dataset(
        whole.train_images,
        whole.train_labels,
        np.zeros_like(whole.test_images),
        np.zeros_like(whole.test_labels),
        whole.classes,
        whole.name,
    )
    model = models.build("nin-digits", rng=0)
    history = train.fit(model, blind, trained.history.options)
    assert history.losses == trained.history.losses


def test_frozen_parameters_stay(dataset: data.Dataset) -> None:
    model = models.build("nin-digits", rng=0)
    first = next(model.parameters())
    first.requires_grad = False
    before = first.numpy()
    train.fit(model, dataset, epochs=1, batch_size=32)
    np.testing.assert_array_equal(first.numpy(), before)


def test_a_lost_loss_stops_with_epoch_and_step(dataset: data.Dataset) -> None:
    model = models.build("nin-digits", rng=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(train.DivergedError, match=r"in epoch \d, step \d of 3.*lower lr"):
            train.fit(model, dataset, epochs=3, batch_size=32, lr=1e30)
    assert issubclass(train.DivergedError, MininError)


def test_a_network_with_nan_stops_at_once(dataset: data.Dataset) -> None:
    model = models.build("nin-digits", rng=0)
    first = next(model.parameters())
    first.data = np.full_like(first.data, np.nan)
    with pytest.raises(train.DivergedError, match="became nan in epoch 1, step 1 of"):
        train.fit(model, dataset, epochs=1)


def test_too_few_classes_are_named(dataset: data.Dataset) -> None:
    model = models.build("nin-digits", num_classes=4, rng=0)
    with pytest.raises(ArgumentError, match="class numbers from 0 to 3"):
        train.fit(model, dataset, epochs=1)


def test_images_that_do_not_fit_are_named(dataset: data.Dataset) -> None:
    with pytest.raises(ShapeError, match=r"weights\[0\] must have shape"):
        train.fit(models.build("nin-digits", in_channels=3, rng=0), dataset, epochs=1)


def test_unknown_options_are_named(dataset: data.Dataset) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'epochs'"):
        train.fit(models.build("nin-digits", rng=0), dataset, epoch=1)


def test_a_network_of_ones_own_can_be_trained(dataset: data.Dataset) -> None:
    model = nn.Sequential(nn.Conv2d(1, 10, 3, rng=0), nn.GlobalAvgPool2d())
    history = train.fit(model, dataset, epochs=2, batch_size=16, lr=0.1)
    assert history.losses[1] < history.losses[0]
    assert 0 <= train.evaluate(model, dataset.test_images, dataset.test_labels).accuracy <= 1
