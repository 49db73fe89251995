"""The summary is what a run would show, counted without running."""

from __future__ import annotations

import html
import re
from typing import Any

import numpy as np
import pytest

from minin import models, nn, no_grad
from minin.errors import ArgumentError, MininError, ShapeError
from minin.models.costs import short_bytes


def test_rows_have_the_shapes_that_layers_return() -> None:
    model = models.build("nin-mnist", rng=0).eval()
    found = models.summary(model)
    shapes, x = [], np.ones((1, 1, 28, 28), np.float32)
    with no_grad():
        for layer in model:
            parts = layer if isinstance(layer, nn.MlpConv) else [layer]
            for part in parts:
                x = part(x).numpy()
                if not isinstance(part, nn.ReLU):
                    shapes.append(x.shape[1:])
    assert [row.output_shape for row in found.rows] == shapes


def test_rows_are_named_as_their_parameters_are() -> None:
    model = models.build("nin-d2l", rng=0)
    names = [row.name for row in models.summary(model).rows if row.params]
    assert names == [name[: -len(".weight")] for name in model.state_dict() if "weight" in name]


def test_totals_are_the_sums_of_the_rows() -> None:
    found = models.summary(models.build("nin-cifar10", rng=0))
    assert found.params == sum(row.params for row in found.rows) == 966_986
    assert found.macs == sum(row.macs for row in found.rows) == 222_486_528
    assert found.parameter_bytes == 4 * 966_986
    assert found.train_bytes == 4 * 3 * 32 * 32 + sum(row.train_bytes for row in found.rows)
    assert found.inference_bytes == max(row.inference_bytes for row in found.rows)


def test_one_layer_by_hand() -> None:
    row = models.summary(models.build("nin-cifar10", rng=0)).rows[1]
    assert (row.name, row.label, row.output_shape) == ("0.2", "conv 1x1 relu", (160, 32, 32))
    assert row.params == 160 * 192 + 160
    assert row.macs == 160 * 192 * 32 * 32
    assert row.train_bytes == 4 * 160 * 32 * 32
    assert row.inference_bytes == 4 * (160 + 192) * 32 * 32


def test_the_largest_networks_memory_is_that_of_its_file() -> None:
    found = models.summary(models.build("nin-imagenet", rng=0))
    assert round(found.parameter_bytes / 2**20, 2) == 28.97


def test_a_batch_multiplies_work_and_memory_but_not_parameters() -> None:
    model = models.build("nin-digits", rng=0)
    one, many = models.summary(model, (1, 8, 8)), models.summary(model, (64, 1, 8, 8))
    assert many.params == one.params
    assert many.macs == 64 * one.macs
    assert many.train_bytes == 64 * one.train_bytes
    assert many.inference_bytes == 64 * one.inference_bytes
    assert many.rows[0].output_shape == one.rows[0].output_shape
    assert "64 images of 1x8x8" in str(many)


def test_double_precision_takes_double_the_memory() -> None:
    single, double = (
        models.summary(models.build("nin-digits", rng=0, dtype=dtype))
        for dtype in ("float32", "float64")
    )
    assert double.train_bytes == 2 * single.train_bytes
    assert double.parameter_bytes == 2 * single.parameter_bytes


def test_the_receptive_field_is_where_a_unit_reacts() -> None:
    model = models.build("nin-digits", rng=0, dtype="float64").eval()
    row = next(row for row in models.summary(model, (1, 24, 24)).rows if row.name == "3.0")
    assert row.field is not None
    size = row.field.size[0]
    block = model[3]
    assert isinstance(block, nn.MlpConv)
    trunk = nn.Sequential(*model[:3], block[0])
    images = np.random.default_rng(0).standard_normal((1, 1, 24, 24)).repeat(24, axis=0)
    images[np.arange(24), 0, np.arange(24), :] += 100.0  # image i is touched in row i
    untouched = np.random.default_rng(0).standard_normal((1, 1, 24, 24))
    with no_grad():
        change = (trunk(images).numpy() - trunk(untouched).numpy())[:, :, 6, 6]
    rows = np.flatnonzero(np.abs(change).max(axis=1) > 1e-9)  # more than rounding
    assert rows[-1] - rows[0] + 1 == size == len(rows)


def test_a_layer_that_occurs_twice_has_its_parameters_counted_once() -> None:
    layer = nn.Conv2d(4, 4, 1, rng=0)
    found = models.summary(nn.Sequential(layer, nn.ReLU(), layer), (4, 5, 5))
    assert [row.params for row in found.rows] == [20, 0]
    assert found.params == 20
    assert [row.macs for row in found.rows] == [400, 400]


def test_fully_connected_and_other_layers_count_too() -> None:
    model = nn.Sequential(
        nn.ReLU(), nn.AvgPool2d(2), nn.Dropout(0.5, rng=0), nn.Flatten(), nn.Linear(32, 5, rng=0)
    )
    found = models.summary(model, (2, 8, 8))
    assert [row.label for row in found.rows] == [
        "relu",
        "avg pool 2x2/2",
        "dropout 0.5",
        "flatten",
        "linear",
    ]
    assert found.macs == 160
    assert [row.field is None for row in found.rows] == [False, False, False, True, True]
    assert found.rows[3].train_bytes == 0


def test_a_single_layer_and_a_module_of_ones_own() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.Conv2d(2, 2, 3, padding=1, rng=0)

        def forward(self, x: Any) -> Any:
            return self.inner(self.inner(x))

        def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
            return self.inner.output_shape(shape)

    assert models.summary(nn.Conv2d(1, 2, 3, rng=0), (1, 5, 5)).params == 20
    found = models.summary(nn.Sequential(Twice()), (2, 5, 5))
    assert (found.rows[0].label, found.params) == ("Twice", 38)


def test_an_empty_network_costs_nothing() -> None:
    found = models.summary(nn.Sequential(), (1, 2, 2))
    assert (found.rows, found.params, found.macs, found.inference_bytes) == ((), 0, 0, 0)
    assert "total" in str(found)
    shown = found._repr_html_()
    assert re.fullmatch(r'<pre style="font-family:[^"]*monospace[^"]*">[^<]*</pre>', shown)
    assert html.unescape(shown.partition(">")[2]).startswith(str(found))


@pytest.mark.parametrize("name", models.names())
def test_the_table_fits_a_terminal(name: str) -> None:
    text = str(models.summary(models.build(name, rng=0)))
    assert max(map(len, text.splitlines())) <= 78
    assert all(line == line.rstrip() for line in text.splitlines())


def test_the_table_in_full() -> None:
    model = nn.Sequential(nn.MlpConv(1, (2, 3), 3, rng=0), nn.GlobalAvgPool2d())
    assert str(models.summary(model, (1, 6, 6))) == (
        "Sequential, an image of 1x6x6, float32, parameters 0.00 MiB\n"
        "layer             output parameters MACs train infer sees\n"
        "---------------------------------------------------------\n"
        "0.0 conv 3x3 relu 2x4x4          20  288   128   272    3\n"
        "0.2 conv 1x1 relu 3x4x4           9   96   192   320    3\n"
        "1 global avg pool 3                         12   204  all\n"
        "---------------------------------------------------------\n"
        "total                            29  384   476   320\n"
        "train: bytes kept for backward; in total with the images\n"
        "infer: bytes in use while the layer runs; in total the most\n"
        "sees: the pixels, each way, that one unit can see"
    )


def test_a_window_that_is_not_square_is_shown_both_ways() -> None:
    found = models.summary(nn.Conv2d(1, 1, (3, 5), stride=(1, 2), rng=0), (1, 9, 9))
    assert "conv 3x5/1x2" in str(found)
    assert "3x5" in str(found).splitlines()[3].split()[-1]


@pytest.mark.parametrize(
    ("shape", "kind", "words"),
    [
        ((1, 32, 32), ShapeError, r"layer 0.0 \(conv 5x5\): Conv2d takes 3 channels, got 1"),
        ((3, 32), ShapeError, "layer 0.0 .* takes images"),
        ((3, 0, 32), ArgumentError, r"input_shape\[1\] must be an int of at least 1; got 0"),
        ((), ArgumentError, r"input_shape must be \(C, H, W\)"),
        (32, ArgumentError, r"input_shape must be \(C, H, W\)"),
        ("3x32x32", ArgumentError, r"input_shape must be \(C, H, W\)"),
    ],
)
def test_a_shape_that_does_not_fit(shape: Any, kind: type[MininError], words: str) -> None:
    model = models.build("nin-cifar10", rng=0)
    with pytest.raises(kind, match=words):
        models.summary(model, shape)


def test_an_image_that_is_too_small_names_the_layer() -> None:
    with pytest.raises(ShapeError, match=r"layer 3 \(max pool 3x3/2\): no window fits"):
        models.summary(models.build("nin-d2l", rng=0), (1, 20, 20))


def test_a_plain_model_needs_a_shape() -> None:
    with pytest.raises(ArgumentError, match="got None"):
        models.summary(nn.Sequential(nn.ReLU()))


def test_bytes_are_short() -> None:
    counts = [0, 1023, 1024, 1024**2 - 1, 1024**2, 5 * 1024**3, 2 * 1024**4]
    assert [short_bytes(count) for count in counts] == [
        "0",
        "1023",
        "1K",
        "1024K",
        "1.0M",
        "5.0G",
        "2.0T",
    ]
