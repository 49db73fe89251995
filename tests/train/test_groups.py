"""Groups of parameters, frozen layers, and what the layers answer."""

from __future__ import annotations

import numpy as np
import pytest

from minin import data, explain, models, train
from minin.errors import ArgumentError
from minin.optim import SGD, Adam
from minin.train.groups import make_optimiser, parameter_groups
from tests.train.conftest import few_digits


def test_every_parameter_is_in_one_group() -> None:
    model = models.build("nin-mnist", rng=0)
    options = train.RECIPES["mnist-published"].options
    groups = parameter_groups(model, options)
    found = [id(p) for group in groups for p in group["params"]]
    assert sorted(found) == sorted(id(p) for p in model.parameters())


def test_the_published_rates() -> None:
    model = models.build("nin-mnist", rng=0)
    options = train.RECIPES["mnist-published"].options
    rates = {
        id(p): (round(group["lr"], 9), group["weight_decay"])
        for group in parameter_groups(model, options)
        for p in group["params"]
    }
    for name, parameter in model.named_parameters():
        last, bias = name.startswith("6.4."), name.endswith("bias")
        lr = 0.1 * (0.1 if last else 1) * (2 if bias else 1)
        assert rates[id(parameter)] == (round(lr, 9), 0.0 if bias else 1e-4), name


def test_the_optimiser_is_the_one_that_is_named() -> None:
    model = models.build("nin-digits", rng=0)
    assert isinstance(make_optimiser(model, train.Options(optimiser="adam")), Adam)
    sgd = make_optimiser(model, train.Options(momentum=0.0))
    assert isinstance(sgd, SGD)
    assert (sgd.momentum, sgd.nesterov) == (0.0, False)


def test_frozen_layers_keep_their_weights_and_others_learn() -> None:
    model = models.build("nin-digits", rng=0)
    before = model.state_dict()
    train.fit(model, few_digits(), epochs=1, freeze=["0", "3.0"])
    for name, value in model.state_dict().items():
        kept = name.startswith(("0.", "3.0."))
        assert np.array_equal(value, before[name]) == kept, name


def test_a_layer_that_is_not_there_is_told() -> None:
    model = models.build("nin-digits", rng=0)
    for wrong in ("7", "3.1", "", "6.4.weigh"):
        with pytest.raises(ArgumentError, match="no parameter begins with"):
            train.freeze(model, wrong)
    assert train.freeze(model, "6.4.weight") == 1


def test_activations_are_what_forward_computes(dataset: data.Dataset) -> None:
    model = models.build("nin-digits", rng=0)
    preprocess = data.Preprocess.fit(["standardise"], dataset.train_images)
    found = explain.activations(model, dataset.test_images[:3], preprocess)
    assert [name for name, _ in found][-1] == "global_avg_pool2d"
    scores = model.eval()(preprocess(dataset.test_images[:3])).numpy()
    np.testing.assert_array_equal(found[-1][1], scores)
