"""The networks are those that were published: layer by layer, and in their totals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import minin
from minin import models, nn, ops
from minin.errors import ArgumentError, UnknownNameError

TOTALS = {
    "nin-mnist": (349_674, 50_699_712),
    "nin-cifar10": (966_986, 222_486_528),
    "nin-cifar100": (984_356, 223_592_448),
    "nin-svhn": (1_986_026, 274_235_392),
    "nin-d2l": (1_992_166, 762_297_352),
    "nin-imagenet": (7_595_176, 1_100_188_800),
}


def sizes(name: str, **options: Any) -> list[int]:
    """Return the heights after each layer that changes nothing else than shape or maps."""
    model = models.build(name, rng=0, **options)
    shape: tuple[int, ...] = model.input_shape
    heights = []
    for layer in model:
        shape = layer.output_shape(shape)
        if isinstance(layer, (nn.MlpConv, nn.MaxPool2d)):
            heights.append(shape[1])
    return [*heights, shape[0]]


def test_all_eight_are_there() -> None:
    assert models.names() == [
        "nin-digits",
        "nin-mnist",
        "nin-cifar10",
        "nin-cifar100",
        "nin-svhn",
        "nin-imagenet",
        "nin-d2l",
        "nin-example224",
    ]


@pytest.mark.parametrize(("name", "totals"), TOTALS.items())
def test_parameters_and_products_are_the_published_ones(name: str, totals: tuple[int, int]) -> None:
    model = models.build(name, rng=0)
    params = sum(math.prod(p.shape) for p in model.parameters())
    assert (params, model.macs(model.input_shape)) == totals


@pytest.mark.parametrize(
    ("name", "heights"),
    [
        ("nin-mnist", [28, 14, 14, 7, 7, 10]),
        ("nin-cifar10", [32, 16, 16, 8, 8, 10]),
        ("nin-cifar100", [32, 16, 16, 8, 8, 100]),
        ("nin-svhn", [32, 16, 16, 8, 8, 10]),
        ("nin-d2l", [54, 26, 26, 12, 12, 5, 5, 10]),
        ("nin-imagenet", [54, 27, 27, 13, 13, 6, 6, 1000]),
        ("nin-example224", [224, 112, 112, 56, 56, 28, 28, 10]),
        ("nin-digits", [8, 4, 4, 2, 2, 10]),
    ],
)
def test_the_maps_shrink_as_published(name: str, heights: list[int]) -> None:
    assert sizes(name) == heights


def test_dropout_follows_the_first_two_poolings_of_the_authors_networks() -> None:
    for name in ("nin-mnist", "nin-cifar10", "nin-cifar100", "nin-svhn"):
        kinds = [type(layer).__name__ for layer in models.build(name, rng=0)]
        block = ["MlpConv", "MaxPool2d", "Dropout"]
        assert kinds == [*block, *block, "MlpConv", "GlobalAvgPool2d"]
    kinds = [type(layer).__name__ for layer in models.build("nin-imagenet", rng=0)]
    assert kinds.index("Dropout") == 6
    assert kinds.count("Dropout") == 1


def test_nin_digits_is_a_true_network_in_network() -> None:
    model = models.build("nin-digits", rng=0)
    blocks = [layer for layer in model if isinstance(layer, nn.MlpConv)]
    assert [len(block.convolutions) for block in blocks] == [3, 3, 3]
    assert isinstance(model[-1], nn.GlobalAvgPool2d)
    assert not blocks[-1].final_relu


@pytest.mark.parametrize("name", ["nin-digits", "nin-mnist", "nin-cifar10"])
def test_a_network_returns_logits_and_every_parameter_a_slope(name: str) -> None:
    model = models.build(name, rng=0, final_relu=False)
    images = np.random.default_rng(0).standard_normal((2, *model.input_shape))
    logits = model(images.astype(np.float32))
    assert logits.shape == (2, model.num_classes)
    assert logits.dtype == np.float32
    ops.cross_entropy(logits, np.array([0, 1])).backward()
    assert all(p.grad is not None and p.grad.any() for p in model.parameters())


def test_global_average_pooling_takes_other_sizes_too() -> None:
    model = models.build("nin-digits", rng=0)
    assert model(np.ones((1, 1, 13, 9), np.float32)).shape == (1, 10)


def test_the_final_relu_is_on_as_published_and_can_be_left_out() -> None:
    x = np.random.default_rng(0).standard_normal((4, 1, 28, 28))
    published = models.build("nin-mnist", rng=0, dtype="float64").eval()
    without = models.build("nin-mnist", rng=0, dtype="float64", final_relu=False).eval()
    assert published(x).numpy().min() >= 0
    assert without(x).numpy().min() < 0


def test_classes_and_channels_can_be_chosen() -> None:
    model = models.build("nin-cifar10", num_classes=7, in_channels=1, rng=0)
    assert model.input_shape == (1, 32, 32)
    assert model.output_shape(model.input_shape) == (7,)
    dive = models.build("nin-d2l", num_classes=7, rng=0)
    assert [p.shape[0] for name, p in dive.named_parameters() if name.startswith("7.")] == [7] * 6


def test_one_seed_is_one_network_whatever_the_dropout() -> None:
    one = models.build("nin-digits", rng=3).state_dict()
    changes: list[dict[str, Any]] = [
        {"dropout": 0.0},
        {"dropout": 0.9},
        {"rng": np.random.default_rng(3)},
    ]
    for change in changes:
        other = models.build("nin-digits", **{"rng": 3, **change}).state_dict()
        assert list(one) == list(other)
        for name, value in one.items():
            np.testing.assert_array_equal(value, other[name])
    assert not np.array_equal(
        one["0.0.weight"], models.build("nin-digits", rng=4).state_dict()["0.0.weight"]
    )


def test_dropout_is_overridden_in_all_places() -> None:
    model = models.build("nin-cifar10", rng=0, dropout=0.25)
    assert [layer.p for layer in model if isinstance(layer, nn.Dropout)] == [0.25, 0.25]
    published = models.build("nin-cifar10", rng=0)
    assert [layer.p for layer in published if isinstance(layer, nn.Dropout)] == [0.5, 0.5]


def test_dropouts_of_one_network_drop_differently() -> None:
    first, second = (
        layer for layer in models.build("nin-cifar10", rng=0) if isinstance(layer, nn.Dropout)
    )
    x = np.ones((1, 1000), dtype=np.float32)
    assert not np.array_equal(first(x).numpy(), second(x).numpy())


def spread(model: nn.Module, name: str) -> float:
    return float(dict(model.named_parameters())[name].data.std())


# The standard deviations of the released files, each layer's in the order of the network.
ALIKE = [0.05] * 9
STARTS = {
    "nin-mnist": ALIKE,
    "nin-cifar10": ALIKE,
    "nin-cifar100": [0.001, 0.01, 0.01] + [0.05] * 6,
    "nin-svhn": ALIKE,
    "nin-imagenet": [0.01, 0.05, 0.05] + [0.05] * 3 + [0.01, 0.05, 0.05] + [0.05, 0.05, 0.01],
}


@pytest.mark.parametrize(("name", "stds"), STARTS.items())
def test_weights_can_start_as_the_authors_did(name: str, stds: list[float]) -> None:
    model = models.build(name, rng=0, init="published")
    weights = [p.data for key, p in model.named_parameters() if key.endswith("weight")]
    assert len(weights) == len(stds)
    for weight, std in zip(weights, stds, strict=True):
        np.testing.assert_allclose(weight.std(), std, rtol=6 / math.sqrt(2 * weight.size))


@pytest.mark.parametrize(
    ("name", "parameter", "variance"),
    [("nin-d2l", "2.2.weight", 2 / 512), ("nin-digits", "3.0.weight", 2 / 216)],
)
def test_others_start_as_their_source_does(name: str, parameter: str, variance: float) -> None:
    model = models.build(name, rng=0, init="published")
    np.testing.assert_allclose(spread(model, parameter), math.sqrt(variance), rtol=0.05)


@pytest.mark.parametrize(
    ("init", "std"),
    [
        ("he", math.sqrt(2 / 192)),
        ("he_uniform", math.sqrt(2 / 192)),
        ("xavier", math.sqrt(2 / 384)),
        ("xavier_normal", math.sqrt(2 / 384)),
    ],
)
def test_the_initialiser_can_be_chosen(init: str, std: float) -> None:
    model = models.build("nin-cifar10", rng=0, init=init)
    np.testing.assert_allclose(spread(model, "3.2.weight"), std, rtol=0.02)


def test_he_keeps_the_signal_that_the_published_start_loses() -> None:
    x = np.random.default_rng(0).standard_normal((4, 3, 32, 32)).astype(np.float32)
    scale = {}
    for init in ("he", "published"):
        model = models.build("nin-cifar10", rng=0, init=init, final_relu=False).eval()
        with minin.no_grad():
            scale[init] = float(np.abs(model(x).numpy()).max())
    assert scale["he"] > 0.3
    assert scale["published"] < 0.1


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"name": "nin-cifar"}, UnknownNameError, "unknown network .*did you mean"),
        ({"name": "resnet50"}, UnknownNameError, "Known: nin-digits"),
        ({"drop_out": 0.5}, UnknownNameError, "option of nin-digits 'drop_out'.* 'dropout'"),
        ({"init": "msra"}, UnknownNameError, "unknown initialiser 'msra'"),
        ({"init": np.zeros}, UnknownNameError, "unknown initialiser"),
        ({"init": ["he"]}, UnknownNameError, "unknown initialiser"),
        ({"final_relu": 1}, ArgumentError, "final_relu must be True or False, got 1"),
        ({"dropout": 2}, ArgumentError, "dropout must be a probability"),
        ({"dtype": "float16"}, ArgumentError, "dtype must be float32 or float64"),
        ({"num_classes": 0}, ArgumentError, "num_classes must be an int of at least 1"),
        ({"in_channels": 1.5}, ArgumentError, "in_channels must be an int"),
        ({"rng": "seed"}, ArgumentError, "rng must be"),
    ],
)
def test_wrong_arguments_are_named(arguments: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        models.build(**{"name": "nin-digits", **arguments})


def test_a_name_may_be_anything_and_is_still_unknown() -> None:
    with pytest.raises(UnknownNameError):
        models.build(["nin-digits"])  # type: ignore[arg-type]  # the wrong thing on purpose
