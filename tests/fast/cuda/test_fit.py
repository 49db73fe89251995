"""Training on CuPy's arrays is the same program: the CPU's losses, and nothing waited for."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minin import models, train
from minin.errors import StoppedError
from minin.train.loop import READ_LATE
from tests.choice import mostly_thorough
from tests.fast.cuda.fake import FakeArray, cupy
from tests.fast.cuda.named import name_it_cuda
from tests.train.conftest import few_digits

HOW: dict[str, Any] = {
    "batch_size": 16,
    "validation": 0.25,
    "augment": ["translate:1"],
    "last_layer_lr": 0.1,
}
STEPS = 5  # of an epoch


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the name "cuda" mean CuPy's stand-in."""
    name_it_cuda(monkeypatch)


@pytest.fixture(params=["stand-in", pytest.param("GPU", marks=pytest.mark.gpu)])
def cuda(request: pytest.FixtureRequest) -> str:
    """The name "cuda", of the stand-in and of a GPU."""
    if request.param == "stand-in":
        request.getfixturevalue("stand_in")
    return "cuda"


def run(device: str, dtype: str, **more: Any) -> tuple[models.Network, list[float]]:
    """Train nin-digits on a device; return it, and its losses step by step."""
    model = models.build("nin-digits", rng=0, dtype=dtype)
    model.to(device)
    losses: list[float] = []
    how = HOW | more
    train.fit(model, few_digits(), on_step=lambda step: losses.append(step.loss), **how)
    return model, losses


@pytest.mark.parametrize(
    ("dtype", "steps", "near"),
    mostly_thorough(
        [("float32", 10, 1e-4), ("float64", 10, 1e-8), ("float64", 100, 1e-8)],
        lambda row: row[0] == "float32",
    ),
)
def test_the_losses_are_those_of_the_cpu(cuda: str, dtype: str, steps: int, near: float) -> None:
    epochs = steps // STEPS
    _, there = run(cuda, dtype, epochs=epochs)
    _, here = run("cpu", dtype, epochs=epochs)
    assert len(there) == len(here) == steps
    np.testing.assert_allclose(there, here, rtol=0, atol=near)
    assert here[0] != here[-1], "nothing was learned, so nothing was compared"


@pytest.mark.usefixtures("stand_in")
def test_the_stand_in_did_the_work() -> None:
    with cupy.counted() as counts:
        model, _ = run("cuda", "float32", epochs=1)
    assert all(type(parameter.data) is FakeArray for parameter in model.parameters())
    assert counts.products > STEPS


@pytest.mark.usefixtures("stand_in")
def test_no_step_waits_until_losses_are_read() -> None:
    """Clipping, penalties, schedules and augmentation included."""
    waits: list[int] = []

    def after_step() -> bool:
        waits.append(cupy.counts.waits.total())
        return False

    with cupy.counted():
        run("cuda", "float32", epochs=1, batch_size=3, validation=0.0, stop=after_step)
    changes = [step for step, (a, b) in enumerate(itertools.pairwise(waits), 2) if a != b]
    assert len(waits) > READ_LATE
    assert changes == list(range(READ_LATE, len(waits) + 1, READ_LATE))


def test_a_run_on_it_can_be_stopped_and_resumed(cuda: str, tmp_path: Path) -> None:
    peace, losses = run(cuda, "float64", epochs=2)
    asked = iter(range(1, 100))
    with pytest.raises(StoppedError):
        run(cuda, "float64", epochs=2, folder=tmp_path, stop=lambda: next(asked) == 7)
    model, rest = run(cuda, "float64", epochs=2, folder=tmp_path, resume=True)
    assert rest == losses[7:]
    for name, value in peace.state_dict().items():
        np.testing.assert_array_equal(model.state_dict()[name], value, err_msg=name)
