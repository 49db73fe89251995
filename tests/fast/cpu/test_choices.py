"""Which algorithm each layer of the networks takes, and that nothing but its shapes decides."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minin
from minin import ops
from minin.fast.cpu import chain, plan
from minin.fast.cpu.winograd import Winograd
from minin.models.networks import TABLES
from minin.shapes import Window
from tests.fast.cpu.helpers import COUNTS, workers
from tests.fast.cpu.layers import network_layers

BATCHES = (1, 16, 64, 128)

# For the first convolution of each block m of the Winograd tile, 0 for im2col: one image, and
# any of the larger batches.
CHOICES: dict[str, tuple[list[int], list[int]]] = {
    "nin-digits": ([0, 0, 0], [0, 0, 0]),
    "nin-mnist": ([0, 0, 0], [0, 4, 4]),
    "nin-cifar10": ([0, 4, 0], [0, 4, 4]),
    "nin-cifar100": ([0, 4, 0], [0, 4, 4]),
    "nin-svhn": ([0, 4, 0], [0, 4, 4]),
    "nin-imagenet": ([0, 4, 0, 0], [0, 4, 4, 4]),
    "nin-d2l": ([0, 4, 0, 0], [0, 4, 4, 0]),
    # The second layer's transformed image, of 112x112 pixels, would not fit the shared cache.
    "nin-example224": ([0, 0, 4, 0], [0, 0, 4, 4]),
}


def choices(name: str, images: int) -> list[int]:
    return [
        plan.winograd_outputs(images, s.c, s.o, s.window.output_size(s.size), s.window)
        for s in network_layers(name)
    ]


@pytest.mark.parametrize("name", TABLES)
def test_each_layer_takes_what_is_written_here(name: str) -> None:
    one, many = CHOICES[name]
    assert {images: choices(name, images) for images in BATCHES} == {1: one} | dict.fromkeys(
        BATCHES[1:], many
    )


@pytest.mark.parametrize("name", TABLES)
def test_the_number_of_workers_changes_nothing(name: str) -> None:
    seen = []
    for count in COUNTS:
        with workers(count):
            cuts = [
                [
                    list(plan.tiles(images, s.size[0], s.c * s.size[1] * 4)),
                    plan.groups(0, images, s.c * s.size[0] * s.size[1] * 4, plan.CACHED),
                ]
                for s in network_layers(name)
                for images in BATCHES
            ]
            seen.append((cuts, [choices(name, images) for images in BATCHES]))
    assert seen == [seen[0]] * len(COUNTS)


windows = st.builds(
    Window,
    st.tuples(st.integers(1, 8), st.integers(1, 8)),
    st.tuples(st.integers(1, 2), st.integers(1, 2)),
    st.tuples(*[st.tuples(st.integers(0, 4), st.integers(0, 4))] * 2),
    st.tuples(st.integers(1, 2), st.integers(1, 2)),
)


@given(
    window=windows,
    images=st.integers(1, 300),
    channels=st.integers(1, 500),
    maps=st.integers(1, 500),
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
)
def test_winograd_is_taken_only_where_it_is_possible_cheaper_and_fits(
    window: Window, images: int, channels: int, maps: int, size: tuple[int, int]
) -> None:
    m, k = plan.winograd_outputs(images, channels, maps, size, window), window.kernel[0]
    possible = (window.kernel, window.stride, window.dilation) == ((k, k), (1, 1), (1, 1))
    if not possible or k not in plan.OUTPUTS:
        assert m == 0
        return
    im2col = plan.im2col_cost(images, channels, maps, size, k)
    if m:
        assert m in plan.OUTPUTS[k]
        assert plan.winograd_cost(images, channels, maps, size, k, m) < im2col
    else:
        for other in plan.OUTPUTS[k]:
            tiles = -(-size[0] // other) * -(-size[1] // other)
            numbers = (other + k - 1) ** 2 * (channels + maps) * tiles
            cost = plan.winograd_cost(images, channels, maps, size, k, other)
            assert cost >= im2col or 4 * numbers > plan.SHARED


@given(
    k=st.sampled_from([3, 5, 7]),
    channels=st.integers(1, 500),
    maps=st.integers(1, 500),
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
)
def test_costs_grow_with_the_number_of_images_and_never_jump(
    k: int, channels: int, maps: int, size: tuple[int, int]
) -> None:
    """Twice the images cost at most twice as much."""
    layer, counts = (channels, maps, size, k), (1, 2, 4, 8, 16, 64, 128)
    found = [[plan.im2col_cost(n, *layer) for n in counts]]
    found += [[plan.winograd_cost(n, *layer, m) for n in counts] for m in plan.OUTPUTS[k]]
    for costs in found:
        assert all(a < b for a, b in itertools.pairwise(costs))
        assert costs[1] <= 2 * costs[0]


def test_winograd_never_runs_but_where_the_plan_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []

    def watched(*arguments: Any) -> Winograd:
        ran.append(arguments[-1])
        return Winograd(*arguments)

    monkeypatch.setattr(chain, "Winograd", watched)
    x = np.ones((8, 96, 16, 16), "float32")
    weight = np.ones((192, 96, 5, 5), "float32")
    cases: list[tuple[str, dict[str, Any], list[int]]] = [
        ("fast", {"padding": 2}, [4]),
        ("im2col", {"padding": 2}, []),
        ("plain", {"padding": 2}, []),
        ("fast", {"padding": 2, "stride": 2}, []),
        ("fast", {"padding": 2, "stride": (1, 2)}, []),
        ("fast", {"padding": 4, "dilation": 2}, []),
    ]
    for mode, parameters, wanted in cases:
        ran.clear()
        with minin.rules(mode):
            ops.conv2d(x[:, :, :8, :8] if mode == "plain" else x, weight, **parameters)
        assert ran == wanted, (mode, parameters)
    ran.clear()
    ops.conv2d(x, weight[..., :4], padding=2)
    assert ran == []


def test_backward_does_not_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mode that forward ran in decides, and the gradient is that of what it computed."""
    rng = np.random.default_rng(0)
    x = minin.tensor(rng.standard_normal((8, 96, 16, 16)).astype("float32"), requires_grad=True)
    weight = minin.tensor(rng.standard_normal((192, 96, 5, 5)), requires_grad=True, dtype="float32")
    y = ops.conv2d(x, weight, padding=2)
    monkeypatch.setattr(chain, "Winograd", None)
    monkeypatch.setattr(chain, "Im2col", None)
    with minin.rules("plain"):
        y.backward(rng.standard_normal(y.shape))
    assert x.grad.shape == x.shape
    assert weight.grad.shape == weight.shape
