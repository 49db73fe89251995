"""How work is cut, and which algorithm is chosen: by shapes alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minin
from minin.fast.cpu import chain, plan, relu, workers
from minin.fast.cpu.im2col import Im2col
from minin.fast.cpu.winograd import Winograd
from minin.shapes import Window
from tests.fast.cpu.made import mlpconv_arguments

counts = st.integers(1, 300)


@given(number=counts, each=st.integers(1, 10**7), limit=st.integers(1, 10**8))
def test_groups_cover_a_range_once_and_evenly(number: int, each: int, limit: int) -> None:
    groups = plan.groups(3, 3 + number, each, limit)
    assert [i for first, last in groups for i in range(first, last)] == list(range(3, 3 + number))
    sizes = [last - first for first, last in groups]
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) * each <= max(limit, each)


@pytest.mark.parametrize(("number", "count"), [(2, 2), (5, 4), (8, 6), (12, 8), (50, 8)])
def test_two_workers_get_equal_shares(number: int, count: int) -> None:
    """Of things of a million bytes: 3 groups become 4, 5 become 6, and 7 become 8."""
    assert len(plan.groups(0, number, 10**6, 10**9)) == count


@pytest.mark.parametrize(("work", "least"), [(plan.WORTH - 1, 1), (plan.WORTH, 2)])
def test_small_work_is_not_shared(work: int, least: int) -> None:
    assert plan.least_tasks(work) == least
    assert len(plan.groups(0, 8, 1, 1000, plan.least_tasks(work))) == least


@pytest.mark.parametrize(("images", "shared"), [(1, False), (256, True)])
def test_a_convolution_wakes_a_second_worker_only_for_much_work(images: int, shared: bool) -> None:
    x, window, size = np.zeros((images, 8, 8, 16)), Window.of(3, padding=1), (8, 8)
    weight = np.zeros((32, 16, 3, 3))
    winograd = Winograd(x, weight, None, window, size, 4)
    tasks: list[Any] = [Im2col(x, weight, None, window, size).tasks, winograd.frequencies]
    assert [len(each) > 1 for each in tasks] == [shared, shared]


def test_a_few_numbers_are_rectified_by_the_caller_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []

    def counted(task: Any, count: int) -> None:
        counts.append(count)
        workers.run(task, count)

    monkeypatch.setattr(relu, "run", counted)
    for numbers in (100, plan.CACHED):
        minin.ops.relu(np.zeros(numbers))
    assert counts[0] == 1
    assert counts[1] > 1


@given(images=counts, rows=st.integers(1, 60), each=st.integers(1, 10**6))
def test_tiles_cover_every_row_of_every_image_once(images: int, rows: int, each: int) -> None:
    seen: set[tuple[int, int]] = set()
    for task in plan.tiles(images, rows, each):
        assert len({tile.first for tile in task}) == 1, "a task has the bands of one image"
        for tile in task:
            bottom = rows if tile.bottom is None else tile.bottom
            cells = {(i, r) for i in range(tile.first, tile.last) for r in range(tile.top, bottom)}
            assert not seen & cells
            assert len(cells) * each <= max(plan.CACHED, each)
            seen |= cells
    assert len(seen) == images * rows


CHOICES = [
    # images, channels, maps, output, kernel, padding, m
    (64, 96, 192, 16, 5, 2, 4),  # nin-cifar10, second convolution
    (64, 192, 192, 8, 3, 1, 4),  # and third
    (64, 3, 192, 32, 5, 2, 0),  # and first: three channels are not worth it
    (16, 96, 256, 26, 5, 2, 4),  # nin-d2l
    (16, 256, 384, 12, 3, 1, 4),
    (16, 384, 10, 5, 3, 1, 0),
    (128, 48, 128, 14, 5, 2, 4),  # nin-mnist
    (128, 48, 128, 7, 5, 2, 4),
    (128, 1, 96, 28, 5, 2, 0),
    (1, 192, 192, 8, 3, 1, 0),  # one image: transforming the weights costs more
    (16, 96, 128, 28, 7, 3, 2),
]


@pytest.mark.parametrize(("n", "c", "o", "size", "k", "padding", "m"), CHOICES)
def test_the_cost_model_chooses_what_was_measured_to_be_best(
    n: int, c: int, o: int, size: int, k: int, padding: int, m: int
) -> None:
    window = Window.of(k, padding=padding)
    assert plan.winograd_outputs(n, c, o, (size, size), window) == m


@pytest.mark.parametrize("window", [Window.of(5, 2), Window.of(3, 1, 1, 2), Window.of((3, 5))])
def test_winograd_is_for_square_windows_of_stride_and_dilation_1(window: Window) -> None:
    assert plan.winograd_outputs(64, 96, 192, (16, 16), window) == 0


def both_costs(n: int, c: int, o: int, size: tuple[int, int]) -> list[float]:
    return [plan.im2col_cost(n, c, o, size, 3), plan.winograd_cost(n, c, o, size, 3, 4)]


@given(n=counts, c=st.integers(1, 400), o=st.integers(1, 400), side=st.integers(1, 60))
def test_costs_grow_with_the_work(n: int, c: int, o: int, side: int) -> None:
    size, larger = (side, side), (side + 4, side)
    here = both_costs(n, c, o, size)
    more = [(n + 1, c, o, size), (n, c + 1, o, size), (n, c, o + 1, size), (n, c, o, larger)]
    for work in more:
        assert all(a < b for a, b in zip(here, both_costs(*work), strict=True))


def test_im2col_rules_never_take_winograd(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("Winograd")

    monkeypatch.setattr(chain, "Winograd", refuse)
    x, weights, biases = mlpconv_arguments(64, 96, 16, (192, 8), 5)
    with minin.rules("im2col"):
        minin.ops.mlpconv(x, weights, biases, padding=2)
    with minin.rules("fast"), pytest.raises(AssertionError, match="Winograd"):
        minin.ops.mlpconv(x, weights, biases, padding=2)
