"""What takes turns measures what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.harness.programs import Missing, per_call
from benchmarks.networks import agree, floors, minin_net, rows, torch_net
from benchmarks.programs import ceilings, engines, gradchecks, layer_times, loading
from tests.fast.cuda.fake import cupy
from tests.fast.cuda.named import Device, name_it_cuda


def test_one_call_is_not_counted() -> None:
    calls: list[int] = []
    found = per_call(lambda: calls.append(1), 3)
    assert len(calls) == 4
    assert list(found.numbers) == ["step"]
    assert found.seconds == pytest.approx(3 * found.numbers["step"])


def test_layers_have_a_floor_each(tmp_path: Path) -> None:
    program = layer_times.start(rows.job(tmp_path, "nin-digits", 4, "train"))
    weights = [p.data.copy() for p in program.net.model.parameters()]
    numbers = program.turn(1).numbers
    assert set(numbers) == {one["measure"] for one in floors.work("nin-digits", 4)}
    assert all(seconds > 0 for seconds in numbers.values())
    moved = zip(weights, program.net.model.parameters(), strict=True)
    assert any((before != now.data).any() for before, now in moved)


def test_ceilings_multiply_and_copy() -> None:
    program = ceilings.start({"side": 8, "numbers": 1001})
    assert set(program.turn(2).numbers) == {"matrix product", "copy"}
    np.testing.assert_allclose(program.product, program.x @ program.y, rtol=1e-5, atol=1e-5)
    assert sum(part.size for part in program.there) == 1001
    assert all((part == 1).all() for part in program.there)


@pytest.mark.parametrize(
    "engine",
    [
        "minin",
        "numpy",
        pytest.param("autograd", marks=pytest.mark.peers("autograd")),
        pytest.param("mygrad", marks=pytest.mark.peers("mygrad")),
    ],
)
def test_engines_run_every_chain(engine: str) -> None:
    program = engines.start({"engine": engine, "length": 5})
    assert list(program.turn(1).numbers) == ["add", "multiply", "tanh"]


@pytest.mark.thorough
def test_checks_are_right_about_right_and_wrong() -> None:
    job = {"operations": ["relu"], "network": "nin-digits", "images": [1, 1, 4, 4]}
    program = gradchecks.start(job)
    assert list(program.turn(1).numbers) == ["relu, right", "relu, wrong", "nin-digits"]
    assert list(program.facts()["settings"]["bugs"]) == ["relu"]


def test_waiting_is_a_share_of_all_time() -> None:
    job = {"data": "digits", "network": "nin-digits", "batch": 600, "augment": [], "ahead": 0}
    program = loading.start(job)
    found = program.turn(1).numbers
    assert found["share"] == pytest.approx(found["wait"] / (found["wait"] + found["step"]))
    assert found["longest wait"] >= found["wait"]
    assert program.epoch == 1  # three batches an epoch, five steps


def test_images_that_are_not_there_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MININ_DATA", str(tmp_path))
    job = {"data": "mnist", "network": "nin-mnist", "batch": 4, "augment": [], "ahead": 0}
    with pytest.raises(Missing, match="mnist"):
        loading.start(job)


def test_the_workers_are_those_of_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import minin

    chosen: list[int] = []
    job: Any = rows.job(tmp_path, "nin-digits", 4, "train") | {"workers": 2}
    monkeypatch.setattr(minin, "set_num_threads", chosen.append)
    minin_net.set_workers(job)
    assert chosen == [2]


@pytest.mark.thorough
def test_a_step_on_a_gpu_is_the_same_step_and_ends_synchronised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On CuPy's stand-in."""
    job: Any = rows.job(tmp_path, "nin-digits", 4, "train")
    here = minin_net.start(job).check()
    name_it_cuda(monkeypatch)
    program = minin_net.start(job | {"device": "cuda"})
    agree.check({"cpu": here, "cuda": program.check()}, here["parameters"], trained=True)
    before = Device.waits
    with cupy.counted() as counts:
        program.turn(2)
    assert Device.waits == before + 3  # one call is not counted
    assert counts.products > 0
    assert program.facts()["settings"]["device"] == "cuda:0"


def test_a_gpu_that_is_not_there_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from minin.backend import devices

    monkeypatch.setattr(devices, "why_no_cuda", lambda: "no driver")
    job: Any = rows.job(tmp_path, "nin-digits", 4, "train") | {"device": "cuda"}
    with pytest.raises(Missing, match="no driver"):
        minin_net.start(job)


@pytest.mark.peers
def test_pytorch_without_a_gpu_is_missing(tmp_path: Path) -> None:
    import torch

    job: Any = rows.job(tmp_path, "nin-digits", 4, "train")
    job |= {"device": "cuda", "tf32": False, "layout": "default"}
    if torch.cuda.is_available():
        assert torch_net.start(job).facts()["settings"]["tf32"] is False
    else:
        with pytest.raises(Missing, match="no CUDA device"):
            torch_net.start(job)
