"""Diagrams of networks: to scale, with the numbers that minin computes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minin
from minin import explain, models, nn, ops
from minin.errors import ArgumentError, GraphError, ShapeError, UnknownNameError
from minin.explain.blocks import COLOURS, RIVALS, blocks, layers_of
from minin.explain.compare import ALEXNET, total
from minin.explain.fields import influence
from minin.plots import Drawing
from minin.plots.drawing import PALETTES, mixed
from minin.shapes import ReceptiveField
from tests.choice import examples
from tests.oracles import conv2d as slow_conv2d
from tests.plots.test_drawing import SVG, decoded, parsed
from tests.train.conftest import Trained


def texts(drawing: Drawing) -> list[str]:
    return [element.text or "" for element in parsed(drawing).findall(f"{SVG}text")]


def boxes(drawing: Drawing) -> list[ET.Element]:
    return parsed(drawing).findall(f"{SVG}rect")[1:]


# ---- blocks ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", models.names())
def test_every_network_is_drawn_with_its_shapes_and_parameters(name: str) -> None:
    model = models.build(name, rng=0) if name != "nin-example224" else models.build(name)
    drawn, found = blocks(layers_of(model)), models.summary(model)
    assert drawn.title == f"{name}: {found.params:,} parameters"
    written = iter(texts(drawn))
    for row in found.rows:  # the words of each layer, in the order of the layers
        if not row.label.startswith("dropout"):
            count, *size = map(str, row.output_shape)
            assert str(count) in written
            assert "x".join(size) in written
            assert not row.params or f"{row.params:,}" in written


@pytest.mark.parametrize("beside", [(), ("alexnet",), ("vgg",)])
def test_heights_widths_and_bars_are_to_one_scale(beside: tuple[str, ...]) -> None:
    networks = [layers_of(models.build("nin-imagenet", rng=0)), *(RIVALS[b] for b in beside)]
    hinted = [box for box in boxes(blocks(*networks)) if box.find(f"{SVG}title") is not None]
    layers = [layer for network in networks for layer in network.layers]
    assert len(hinted) == len(layers)
    rows, maps = set(), set()
    for box, layer in zip(hinted, layers, strict=True):
        height, width = float(box.attrib["height"]), float(box.attrib["width"])
        if len(layer.shape) == 3 and height > 2:  # what is lower than 2 pixels is drawn with 2
            rows.add(round(height / layer.shape[1], 3))
        if width > 1:
            maps.add(round(width / layer.shape[0], 3))
    assert len(rows) == len(maps) == 1
    assert rows == {round(110 / max(n.shape[-1] for n in layers if len(n.shape) == 3), 3)}
    bars = [b for b in boxes(blocks(*networks)) if b.attrib["width"] == "18"]
    heights = [float(bar.attrib["height"]) for bar in bars]
    params = [layer.params for layer in layers if layer.params]
    for height, count in zip(heights, params, strict=True):
        assert height == pytest.approx(max(60 * count / max(params), 0.5), rel=1e-4)


def test_the_networks_beside_have_their_published_parameters() -> None:
    assert RIVALS["alexnet"].params == total("AlexNet", *ALEXNET).params == 60_965_224
    assert RIVALS["vgg"].params == 132_863_336


def test_each_kind_of_layer_has_its_colour() -> None:
    drawn = blocks(layers_of(models.build("nin-cifar10", rng=0)))
    inks: dict[str | None, str] = {}
    for element in parsed(drawn).findall(f"{SVG}text"):
        inks.setdefault(element.text, element.attrib["fill"])  # the legend comes last
    for label, kind in (("5x5", "conv"), ("1x1", "1x1"), ("mean", "mean")):
        assert inks[label] == PALETTES[0][COLOURS[kind]]
    assert {"mlpconv 1", "mlpconv 2", "mlpconv 3"} <= set(inks)


# ---- im2col ---------------------------------------------------------------------------


@settings(max_examples=examples(60), deadline=None)
@given(
    shape=st.tuples(st.integers(1, 2), st.integers(2, 5), st.integers(2, 5)),
    kernel=st.integers(1, 3),
    stride=st.integers(1, 3),
    padding=st.integers(0, 1),
    filters=st.integers(1, 3),
    seed=st.integers(0, 9),
    place=st.integers(0, 3),
)
def test_the_product_in_the_picture_is_the_convolution(
    shape: tuple[int, int, int],
    kernel: int,
    stride: int,
    padding: int,
    filters: int,
    seed: int,
    place: int,
) -> None:
    try:
        drawn = explain.im2col_picture(
            shape, filters, place, seed, kernel=kernel, stride=stride, padding=padding
        )
    except (ShapeError, ArgumentError):
        return
    c, h, w = shape
    x = np.arange(1.0, c * h * w + 1).reshape(1, c, h, w)
    numbers = [words for words in texts(drawn) if re.fullmatch(r"-?\d+", words)]
    k = c * kernel * kernel
    at = c * (h + 2 * padding) * (w + 2 * padding)  # the image, filters, columns, output
    weight = np.array(numbers[at : at + filters * k], dtype=float)
    weight = weight.reshape(filters, c, kernel, kernel)
    y = slow_conv2d(x, weight, None, (stride, stride), ((padding, padding),) * 2)
    assert numbers[-y.size :] == [f"{v:g}" for v in y.ravel()]
    cols = np.array(numbers[at + filters * k : -y.size], dtype=float).reshape(k, -1)
    np.testing.assert_array_equal(weight.reshape(filters, k) @ cols, y.reshape(filters, -1))
    marked, warm = [], False  # each box is followed by its number
    for element in parsed(drawn):
        if warm and element.tag == f"{SVG}text":
            marked.append(float(element.text or ""))
        warm = element.tag == f"{SVG}rect" and element.attrib["fill"] == PALETTES[0]["warm"]
    padded = np.pad(x[0], ((0, 0), (padding, padding), (padding, padding)))
    i, j = (stride * n for n in divmod(place, y.shape[3]))
    window = padded[:, i : i + kernel, j : j + kernel].ravel().tolist()
    assert marked == [*window, *weight[0].flat, *cols[:, place], y.reshape(filters, -1)[0, place]]


def test_what_cannot_be_read_is_not_drawn() -> None:
    with pytest.raises(ArgumentError, match=r"columns \(9, 100\) must have at most 32 rows"):
        explain.im2col_picture((1, 12, 12))
    with pytest.raises(ArgumentError, match="window must be from 0 to 3; got 4"):
        explain.im2col_picture(place=4)


# ---- the graph ------------------------------------------------------------------------


def test_the_graph_has_an_edge_for_every_argument() -> None:
    a, b = (minin.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    c = a * b
    found = explain.graph(((c + a) * (c - b)).sum(), [("a", a), ("b", b)])
    names = [node.name for node in found]
    assert names == ["a", "b", "multiply", "add", "subtract", "multiply", "sum"]
    edges = {(s, k) for k, node in enumerate(found) for s in node.sources}
    assert edges == {(0, 2), (1, 2), (2, 3), (0, 3), (2, 4), (1, 4), (3, 5), (4, 5), (5, 6)}
    assert found.dot().count(" -> ") == len(edges)
    written = texts(found.picture())
    assert [written.count(name) for name in ("a", "multiply", "one number")] == [1, 2, 1]


def test_boxes_of_a_graph_do_not_overlap() -> None:
    model = models.build("nin-digits", rng=0)
    loss = ops.cross_entropy(model(np.zeros((2, 1, 8, 8), np.float32)), np.zeros(2, int))
    drawn = explain.graph(loss, model.named_parameters()).picture()
    corners = [(float(b.attrib["x"]), float(b.attrib["y"])) for b in boxes(drawn)]
    assert len(set(corners)) == len(corners) == 12  # 9 ops, 3 boxes of parameters
    assert "2x24x8x8" in texts(drawn)
    assert "32x1x3x3, 24x32x1x1, 24x24x1x1" in texts(drawn)


def test_without_a_graph_there_is_nothing_to_draw() -> None:
    with pytest.raises(GraphError, match="outside of no_grad"):
        explain.graph(minin.tensor([1.0]) * 2)


# ---- receptive fields -----------------------------------------------------------------


def test_no_pixel_outside_of_the_field_moves_the_unit() -> None:
    model = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1, rng=0),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(3, 4, 3, padding="same", rng=1),
    )
    field = models.summary(model, (2, 21, 17)).rows[-1].field
    assert field is not None
    heat = influence(model, (2, 21, 17))
    oh, ow = model.output_shape((2, 21, 17))[1:]
    top, left = (field.start[k] + n // 2 * field.step[k] for k, n in enumerate((oh, ow)))
    inside = np.zeros((21, 17), dtype=bool)
    inside[max(top, 0) : top + field.size[0], max(left, 0) : left + field.size[1]] = True
    assert not heat[~inside].any()
    assert heat.any()


def test_without_pooling_every_pixel_of_the_field_moves_the_unit() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3, 2, 1, rng=0), nn.Conv2d(2, 2, (1, 3), rng=1))
    field = models.summary(model, (1, 15, 15)).rows[-1].field
    assert field == ReceptiveField((3, 7), (2, 2), (-1, -1))
    moved = np.argwhere(influence(model, (1, 15, 15)))
    assert (moved.max(axis=0) - moved.min(axis=0) + 1).tolist() == [3, 7]
    assert all(p.grad is None for p in model.parameters())


def test_the_table_of_fields_has_every_size() -> None:
    written = texts(explain.fields_picture(models.build("nin-cifar10", rng=0)))
    assert [s for s in written if " x " in s] == ["5 x 5", "7 x 7", "15 x 15", "19 x 19", "27 x 27"]


def test_other_weights_other_pictures() -> None:
    for draw in (explain.fields_picture, explain.filters_picture):
        one, two = (draw(models.build("nin-digits", rng=k)).svg() for k in (0, 1))
        assert one != two


# ---- filters and maps -----------------------------------------------------------------


@pytest.mark.parametrize(("layer", "tiles"), [("0.0", 32), ("0.2", 1), ("3.0", 64)])
def test_every_filter_has_its_tile(layer: str, tiles: int) -> None:
    drawn = explain.filters_picture(models.build("nin-digits", rng=0), layer)
    assert len(parsed(drawn).findall(f"{SVG}image")) == tiles


def test_filters_of_other_layers_are_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown convolution '0\.1'"):
        explain.filters_picture(models.build("nin-digits", rng=0), "0.1")
    with pytest.raises(ArgumentError, match="must have a convolution"):
        explain.filters_picture(nn.Sequential(nn.Linear(2, 2, rng=0)))


def test_the_maps_show_the_scores_of_all_classes(trained: Trained) -> None:
    images = trained.dataset.test_images[:1]
    source = minin.doctor.inputs.read_source(trained.model)
    assert source is not None
    drawn = explain.maps_picture(trained.model, source, images, "digit")
    maps = explain.class_maps(trained.model, images)
    assert maps is not None
    written = texts(drawn)
    for name, score in zip(source.classes, maps[0].mean(axis=(1, 2)), strict=True):
        assert written[written.index(name) + 1] == f"{score:.1f}"
    tiles = [decoded(tile) for tile in parsed(drawn).findall(f"{SVG}image")[1:]]
    assert len(tiles) == 10
    most = np.abs(maps).max()
    for tile, shares in zip(tiles, maps[0] / most, strict=True):
        step, cell = len(tile) // 8, 8 // shares.shape[0]  # dots a pixel, pixels a cell
        black = np.argwhere(images[0, 0] == 0)[0]  # it becomes paper: the map's colour alone
        spot = tile[black[0] * step, black[1] * step]
        there = shares[black[0] // cell, black[1] // cell].reshape(1, 1)
        assert spot / 255 == pytest.approx(mixed(there, PALETTES[0])[0, 0], abs=0.5 / 255)
    weight = next(iter(trained.model.parameters()))
    before = weight.data.copy()
    try:
        weight.data = before * 1.5
        assert explain.maps_picture(trained.model, source, images, "digit").svg() != drawn.svg()
    finally:
        weight.data = before
