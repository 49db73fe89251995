"""Each layer is its op with parameters; shapes and costs are told without running it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from minin import nn, no_grad, ops
from minin.errors import ArgumentError, MininError, ShapeError
from minin.nn.init import gaussian
from minin.shapes import Window


def image(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


def test_conv2d_is_the_op() -> None:
    layer = nn.Conv2d(4, 6, (3, 2), 2, 1, 1, 2, dtype="float64", rng=0)
    x = image(2, 4, 7, 8)
    wanted = ops.conv2d(x, layer.weight, layer.bias, stride=2, padding=1, groups=2)
    np.testing.assert_array_equal(layer(x).numpy(), wanted.numpy())
    assert layer.weight.shape == (6, 2, 3, 2)


def test_mlpconv_equals_its_layers_one_by_one() -> None:
    for final_relu in (True, False):
        block = nn.MlpConv(3, (5, 4, 2), 3, 2, 1, final_relu=final_relu, dtype="float64", rng=1)
        x = image(2, 3, 6, 7)
        fused, apart = block(x), nn.Sequential(*block)(x)
        np.testing.assert_allclose(fused.numpy(), apart.numpy(), rtol=1e-13)
        assert bool((fused.numpy() < 0).any()) is not final_relu


def test_mlpconv_sends_the_same_slopes_as_its_layers() -> None:
    block = nn.MlpConv(3, (5, 4, 2), 3, padding=1, dtype="float64", rng=1)
    grads = []
    for model in (block, nn.Sequential(*block)):
        for parameter in block.parameters():
            parameter.grad = None
        ops.sum(model(image(2, 3, 6, 7)) * image(2, 2, 6, 7, seed=1)).backward()
        grads.append([parameter.grad for parameter in block.parameters()])
    for fused, apart in zip(*grads, strict=True):
        np.testing.assert_allclose(fused, apart, rtol=1e-12, atol=1e-14)


def test_mlpconv_numbers_its_layers_as_the_released_networks_do() -> None:
    block = nn.MlpConv(3, (5, 4, 2), 3, rng=0)
    assert [name for name, _ in block.named_parameters()] == [
        "0.weight",
        "0.bias",
        "2.weight",
        "2.bias",
        "4.weight",
        "4.bias",
    ]


def test_linear_is_the_op() -> None:
    layer = nn.Linear(5, 3, dtype=np.float64, rng=0)
    x = image(4, 5)
    wanted = x @ layer.weight.numpy().T + layer.bias.numpy()  # type: ignore[union-attr]  # has one
    np.testing.assert_allclose(layer(x).numpy(), wanted, rtol=1e-13)


def test_pools_are_the_ops() -> None:
    x = image(2, 3, 7, 6)
    np.testing.assert_array_equal(
        nn.MaxPool2d(3, 2, 1, 2, ceil_mode=True)(x).numpy(),
        ops.max_pool2d(x, 3, 2, 1, dilation=2, ceil_mode=True).numpy(),
    )
    np.testing.assert_array_equal(
        nn.AvgPool2d(3, 2, 1, True, False)(x).numpy(),
        ops.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False).numpy(),
    )
    np.testing.assert_allclose(nn.GlobalAvgPool2d()(x).numpy(), x.mean((2, 3)), rtol=1e-12)


def test_relu_and_flatten_are_the_ops() -> None:
    x = image(2, 3, 4, 5)
    np.testing.assert_array_equal(nn.ReLU()(x).numpy(), np.maximum(x, 0))
    assert nn.Flatten()(x).shape == (2, 60)
    assert nn.Flatten(2)(x).shape == (2, 3, 20)
    assert nn.Flatten(2).output_shape((3, 4, 5)) == (3, 20)


def test_dropout_drops_in_training_only_and_repeats_with_its_seed() -> None:
    x = np.ones((50, 40))
    layer, twin = nn.Dropout(0.25, rng=5), nn.Dropout(0.25, rng=5)
    first, second = layer(x).numpy(), layer(x).numpy()
    assert abs((first == 0).mean() - 0.25) < 0.05
    assert set(np.unique(first)) == {0.0, 1 / 0.75}
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(twin(x).numpy(), first)
    np.testing.assert_array_equal(layer.eval()(x).numpy(), x)


def test_dropout_owns_its_stream() -> None:
    rng = np.random.default_rng(0)
    layer, twin = nn.Dropout(0.5, rng=3), nn.Dropout(0.5, rng=3)
    x = np.ones((4, 50))
    rng.random(10)
    layer(x)
    twin(x)
    np.testing.assert_array_equal(layer(x).numpy(), twin(x).numpy())


@given(
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    dilation=st.integers(1, 2),
    groups=st.sampled_from([1, 2]),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
)
def test_conv2d_tells_the_shape_and_the_products_it_will_compute(
    kernel: Any, stride: Any, padding: Any, dilation: int, groups: int, size: Any
) -> None:
    layer = nn.Conv2d(2, 4, kernel, stride, padding, dilation, groups, rng=0)
    x = np.ones((1, 2, *size), dtype=np.float32)
    try:
        shape = layer.output_shape(x.shape[1:])
    except ShapeError:
        with pytest.raises(ShapeError):
            layer(x)
        return
    y = layer(x)
    assert y.shape == (1, *shape)
    outputs, products = int(np.prod(y.shape)), 2 // groups * kernel[0] * kernel[1]
    assert layer.macs(x.shape[1:]) == outputs * products


@given(
    kernel=st.tuples(st.integers(2, 4), st.integers(2, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.integers(0, 1),
    ceil_mode=st.booleans(),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
)
def test_pools_tell_the_shape_they_will_return(
    kernel: Any, stride: Any, padding: int, ceil_mode: bool, size: Any
) -> None:
    window = Window.of(kernel, stride, padding, ceil_mode=ceil_mode)
    try:
        wanted = (2, *window.output_size(size))
    except ShapeError:
        assume(False)
    x = np.ones((1, 2, *size), dtype=np.float32)
    largest = nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil_mode)
    average = nn.AvgPool2d(kernel, stride, padding, ceil_mode=ceil_mode)
    with no_grad():
        for layer in (largest, average):
            assert layer.output_shape((2, *size)) == wanted
            assert layer(x).shape == (1, *wanted)


def test_same_and_valid_padding_are_told_too() -> None:
    same = nn.Conv2d(1, 2, 3, stride=2, padding="same", rng=0)
    assert same.output_shape((1, 5, 8)) == (2, 3, 4)
    assert same(np.ones((1, 1, 5, 8), np.float32)).shape == (1, 2, 3, 4)
    assert nn.Conv2d(1, 2, 3, padding="valid", rng=0).output_shape((1, 5, 8)) == (2, 3, 6)


def test_layers_without_a_stride_step_by_their_window() -> None:
    assert nn.MaxPool2d((2, 3)).stride == (2, 3)
    assert nn.AvgPool2d(4).stride == (4, 4)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parameters_have_the_dtype_asked_for(dtype: str) -> None:
    layers = nn.Sequential(
        nn.Conv2d(1, 2, 3, dtype=dtype, rng=0),
        nn.MlpConv(2, (2, 2), 1, dtype=dtype, rng=0),
        nn.GlobalAvgPool2d(),
        nn.Linear(2, 2, dtype=dtype, rng=0),
    )
    assert {str(p.dtype) for p in layers.parameters()} == {dtype}
    assert str(layers(np.ones((1, 1, 4, 4), dtype)).dtype) == dtype


def test_one_seed_is_one_network_in_both_dtypes() -> None:
    single, double = (nn.MlpConv(3, (4, 4), 3, dtype=d, rng=7) for d in ("float32", "float64"))
    for name, value in single.state_dict().items():
        np.testing.assert_array_equal(value, double.state_dict()[name].astype(np.float32))


def test_layers_of_one_block_start_differently() -> None:
    state = nn.MlpConv(4, (4, 4, 4), 1, rng=0).state_dict()
    assert not np.array_equal(state["2.weight"], state["4.weight"])


def test_mlpconv_takes_an_initialiser_a_layer() -> None:
    block = nn.MlpConv(50, (50, 50), 3, rng=0, init=[gaussian(0.01), gaussian(1.0)])
    spread = [float(layer.weight.data.std()) for layer in block.convolutions]
    np.testing.assert_allclose(spread, [0.01, 1.0], rtol=0.05)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: nn.Conv2d(0, 8, 3), "in_channels must be an int of at least 1; got 0"),
        (lambda: nn.Conv2d(3, 8.0, 3), "out_channels must be"),  # type: ignore[arg-type]  # wrong
        (lambda: nn.Conv2d(3, 8, 0), "kernel_size must be"),
        (lambda: nn.Conv2d(3, 8, 3, stride=0), "stride must be"),
        (lambda: nn.Conv2d(3, 8, 3, padding=-1), "padding must be"),
        (lambda: nn.Conv2d(3, 8, 3, padding="full"), "'same' or 'valid'"),
        (lambda: nn.Conv2d(3, 8, 3, groups=2), "groups must divide"),
        (lambda: nn.Conv2d(3, 8, 3, dtype="int64"), "dtype must be float32 or float64"),
        (lambda: nn.Conv2d(3, 8, 3, dtype="real"), "dtype must be float32 or float64"),
        (lambda: nn.Conv2d(3, 8, 3, dtype=None), "dtype must be float32 or float64"),
        (lambda: nn.Conv2d(3, 8, 10**9), "at most 2,147,483,648 numbers; got shape"),
        (lambda: nn.Conv2d(3, 10**30, 1), "at most 2,147,483,648 numbers"),
        (lambda: nn.Linear(10**9, 10**9), "at most 2,147,483,648 numbers"),
        (lambda: nn.Conv2d(3, 8, 3, rng="seed"), "rng must be"),  # type: ignore[arg-type]  # wrong
        (lambda: nn.MlpConv(3, (), 3), "maps must list"),
        (lambda: nn.MlpConv(3, 96, 3), "maps must list"),  # type: ignore[arg-type]  # wrong
        (lambda: nn.MlpConv(3, (4, 4), 3, init=[gaussian(1)]), "1 initialisers for 2 layers"),
        (lambda: nn.MaxPool2d(0), "kernel_size must be"),
        (lambda: nn.MaxPool2d(2, padding="same"), "padding must be"),
        (lambda: nn.AvgPool2d(2, stride=-1), "stride must be"),
        (lambda: nn.Dropout(1.5), "p must be a probability from 0 to 1, got 1.5"),
        (lambda: nn.Dropout(True), "p must be a probability"),
        (lambda: nn.Flatten(-1), "start_dim must be"),
        (lambda: nn.Linear(3, 0), "out_features must be"),
    ],
)
def test_wrong_arguments_are_named(make: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (nn.Conv2d(3, 8, 3, rng=0), (1, 8, 8), "Conv2d takes 3 channels, got 1"),
        (nn.Conv2d(3, 8, 3, rng=0), (3,), r"takes images \(C, H, W\), got \(3,\)"),
        (nn.Conv2d(3, 8, 9, rng=0), (3, 8, 8), "no window fits the height of a 8x8 image"),
        (nn.MaxPool2d(9), (3, 8, 8), "no window fits"),
        (nn.AvgPool2d(2), (3,), "AvgPool2d takes images"),
        (nn.GlobalAvgPool2d(), (3,), "GlobalAvgPool2d takes images"),
        (nn.Flatten(0), (3, 8, 8), "start_dim=1 makes one row"),
        (nn.Linear(4, 2, rng=0), (3, 8, 8), "rows of 4 numbers.*Flatten"),
    ],
)
def test_wrong_shapes_are_explained(layer: nn.Module, shape: Any, words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        layer.output_shape(shape)


def test_a_wrong_image_is_minins_error_and_not_numpys() -> None:
    model = nn.Sequential(nn.MlpConv(3, (4, 4), 3, rng=0), nn.GlobalAvgPool2d())
    for x in (np.ones((2, 1, 8, 8), np.float32), np.ones((3, 8, 8), np.float32)):
        with pytest.raises(MininError):
            model(x)
    with pytest.raises(MininError):
        model(np.ones((2, 3, 8, 8), np.int64))
