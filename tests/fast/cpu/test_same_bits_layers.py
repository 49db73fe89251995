"""Layer by layer: any number of workers, any thread that asks, the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from minin.fast.cpu import plan
from tests.fast.cpu.calls import Call, apply, cotangent, leaves_of
from tests.fast.cpu.helpers import COUNTS, at_once, dirty_scratch, limits, workers


def drawn(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Numbers of very different sizes, whose sums depend on their order."""
    rng = np.random.default_rng(sum(shape))
    return np.asarray(rng.standard_normal(shape) * 10.0 ** rng.uniform(-3, 3, shape))


def call(op: str, x: tuple[int, ...], *weights: tuple[int, ...], **parameters: object) -> Call:
    ws = [drawn(*shape) for shape in weights]
    return Call(op, drawn(*x), list(ws), [drawn(len(w)) for w in ws], dict(parameters))


CALLS: dict[str, Call] = {
    "im2col": call("conv2d", (24, 5, 14, 14), (6, 5, 3, 3), padding=1),
    "im2col with a stride": call("conv2d", (20, 3, 30, 30), (16, 3, 5, 5), stride=2),
    "1x1": call("conv2d", (40, 32, 16, 16), (24, 32, 1, 1)),
    "Winograd 5x5": call("conv2d", (24, 24, 13, 13), (32, 24, 5, 5), padding=2),
    "Winograd 3x3": call("conv2d", (24, 48, 9, 9), (64, 48, 3, 3), padding=1),
    "mlpconv": call("mlpconv", (24, 5, 14, 14), (8, 5, 3, 3), (9, 8, 1, 1), (7, 9, 1, 1)),
    "mlpconv by Winograd": call(
        "mlpconv", (24, 24, 14, 14), (32, 24, 5, 5), (16, 32, 1, 1), (8, 16, 1, 1), padding=2
    ),
    "max_pool2d": call("max_pool2d", (24, 16, 15, 15), kernel_size=3, stride=2, ceil_mode=True),
    "dropout": call("dropout", (24, 16, 15, 15), rng=3),
    "relu": call("relu", (24, 16, 15, 15)),
}
CUTS = {
    "as they are": {},
    "finely": {"CACHED": 1 << 14, "ALONE": 1 << 10},
    "in bands": {"CACHED": 2000, "ALONE": 1 << 10},
    "in chunks": {"SHARED": 1 << 20, "CACHED": 1 << 16, "ALONE": 1 << 10},
}


def bits(made: Call, dtype: str = "float32") -> list[bytes]:
    leaves = leaves_of(made, dtype)
    y = apply(made, leaves)
    y.backward(cotangent(made, y))
    return [np.ascontiguousarray(a).tobytes() for a in (y.data, *(t.grad for t in leaves.all))]


@pytest.fixture(autouse=True)
def _by_winograd(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take Winograd, whatever it costs, where the name says so."""
    if "Winograd" in request.node.name:
        monkeypatch.setattr(plan, "winograd_outputs", lambda *_: 4)


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("name", CALLS)
def test_any_number_of_workers_gives_the_same_bits(name: str, cut: str) -> None:
    found = []
    for count in COUNTS:
        dirty_scratch()
        with workers(count), limits(**CUTS[cut]):
            found.append(bits(CALLS[name]))
    assert found == [found[0]] * len(COUNTS)


@pytest.mark.parametrize("name", CALLS)
def test_any_thread_gets_the_same_bits(name: str) -> None:
    """The first that computed, another, or several at once."""
    with workers(2), limits(CACHED=1 << 16, ALONE=1 << 10):
        here = bits(CALLS[name])
        for threads in (1, 4):
            assert at_once(threads, lambda _: bits(CALLS[name])) == [here] * threads
