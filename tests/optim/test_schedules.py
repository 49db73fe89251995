"""Schedules: PyTorch's rates to the last digits, the shape of each, and refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin.errors import ArgumentError, MininError, UnknownNameError
from minin.optim.schedules import SCHEDULES, make_schedule, warm_up

STEPS = 20
LR = 0.3
PLAIN = sorted(set(SCHEDULES) - {"one-cycle"})  # those that a line of warm-up comes before


def options_for(name: str) -> dict[str, Any]:
    return {"milestones": [2, 3], "factor": 0.25} if name == "steps" else {}


def rates(name: str, warmup: int = 0, **options: Any) -> list[float]:
    """The rates of 20 steps, in epochs of 4."""
    rate = make_schedule(name, LR, STEPS, 4, warmup, **{**options_for(name), **options})
    return [rate(step) for step in range(STEPS)]


def torch_rates(build: Callable[[Any, Any], Any]) -> list[float]:
    """The same from PyTorch; ``build(optimiser, schedulers)`` makes its scheduler."""
    import torch

    optimiser = torch.optim.SGD([torch.zeros(1, dtype=torch.float64, requires_grad=True)], lr=LR)
    scheduler = build(optimiser, torch.optim.lr_scheduler)
    found = []
    for _ in range(STEPS):
        found.append(scheduler.get_last_lr()[0])
        optimiser.step()
        scheduler.step()
    return found


def torch_plain(name: str, warmup: int, optimiser: Any, schedulers: Any) -> Any:
    left = STEPS - warmup
    if name == "constant":
        return schedulers.ConstantLR(optimiser, factor=1.0)
    if name == "steps":
        return schedulers.MultiStepLR(optimiser, [8 - warmup, 12 - warmup], gamma=0.25)
    if name == "linear":
        return schedulers.LinearLR(optimiser, 1.0, 0.0, left)
    return schedulers.CosineAnnealingLR(optimiser, left)


@pytest.mark.peers
@pytest.mark.parametrize("warmup", [0, 1, 5])
@pytest.mark.parametrize("name", PLAIN)
def test_twenty_rates_are_those_of_torch(name: str, warmup: int) -> None:
    def build(optimiser: Any, schedulers: Any) -> Any:
        plain = torch_plain(name, warmup, optimiser, schedulers)
        if not warmup:
            return plain
        climb = schedulers.LinearLR(optimiser, 1 / (warmup + 1), 1.0, warmup)
        return schedulers.SequentialLR(optimiser, [climb, plain], milestones=[warmup])

    assert rates(name, warmup) == pytest.approx(torch_rates(build), rel=0, abs=1e-10)


@pytest.mark.peers
@pytest.mark.parametrize("warmup", [0, 1, 5, 18])
def test_one_cycle_is_that_of_torch(warmup: int) -> None:
    share = (warmup + 1) / STEPS if warmup else 0.3
    options = {"total_steps": STEPS, "pct_start": share, "cycle_momentum": False}

    def build(optimiser: Any, schedulers: Any) -> Any:
        return schedulers.OneCycleLR(optimiser, LR, **options)

    assert rates("one-cycle", warmup) == pytest.approx(torch_rates(build), rel=0, abs=1e-10)


@given(
    name=st.sampled_from(PLAIN),
    steps=st.integers(1, 200),
    share=st.floats(0, 0.99),
    lr=st.floats(1e-4, 10),
)
def test_a_rate_climbs_to_its_peak_then_never_climbs_again(
    name: str, steps: int, share: float, lr: float
) -> None:
    warmup = int(share * steps)
    options: dict[str, Any] = {"milestones": [steps]} if name == "steps" else {}
    rate = make_schedule(name, lr, steps, 1, warmup, **options)
    found = [rate(step) for step in range(steps)]
    assert found[warmup] == max(found) == pytest.approx(lr)
    assert found[: warmup + 1] == sorted(set(found[: warmup + 1]))
    assert found[warmup:] == sorted(found[warmup:], reverse=True)
    assert min(found) > 0


@given(name=st.sampled_from(sorted(SCHEDULES)), order=st.permutations(range(STEPS)))
def test_a_rate_depends_on_its_step_alone(name: str, order: list[int]) -> None:
    rate = make_schedule(name, LR, STEPS, 4, **options_for(name))
    in_order = rates(name)
    assert [rate(step) for step in order] == [in_order[step] for step in order]


def test_the_steps_fall_where_an_epoch_ends() -> None:
    expected = [1.0] * 8 + [0.25] * 4 + [0.0625] * 8
    assert rates("steps") == pytest.approx([LR * share for share in expected])


def test_a_milestone_beyond_the_end_does_nothing() -> None:
    assert rates("steps", milestones=[80]) == rates("constant")


def test_one_cycle_ends_at_next_to_nothing() -> None:
    found = rates("one-cycle", 5)
    assert found[0] == pytest.approx(LR / 25)
    assert found[5] == pytest.approx(LR)
    assert found[-1] == pytest.approx(LR / 25e4)


def test_a_warm_up_goes_before_anything() -> None:
    shares = warm_up(lambda step: 1 - step / 10, 4)
    assert [shares(step) for step in range(7)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1, 0.9, 0.8])


@pytest.mark.parametrize("step", [-1, STEPS, 1.5, True, "0", None])
@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_a_step_outside_the_run_is_refused(name: str, step: Any) -> None:
    rate = make_schedule(name, LR, STEPS, 4, **options_for(name))
    with pytest.raises(ArgumentError, match="step must be"):
        rate(step)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'cosine'"):
        make_schedule("cosin", LR, STEPS, 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": None}, "unknown schedule None"),
        ({"name": ["cosine"]}, "unknown schedule"),
        ({"lr": 0}, "lr must be a finite number above 0"),
        ({"lr": math.nan}, "lr must be"),
        ({"lr": "0.1"}, "lr must be"),
        ({"total_steps": 0}, "total_steps must be"),
        ({"steps_per_epoch": 0}, "steps_per_epoch must be"),
        ({"warmup_steps": -1}, "warmup_steps must be"),
        ({"warmup_steps": STEPS}, "warmup_steps must be below total_steps, 20"),
        ({"milestones": [3]}, "to the schedule 'steps' and to no other"),
        ({"name": "steps"}, "to the schedule 'steps'"),
        ({"name": "steps", "milestones": 3}, "milestones must be a list"),
        ({"name": "steps", "milestones": "3"}, "milestones must be a list"),
        ({"name": "steps", "milestones": [0]}, r"milestones\[0\] must be"),
        ({"name": "steps", "milestones": [1.5]}, r"milestones\[0\] must be"),
        ({"name": "steps", "milestones": [3, 2]}, "milestones must ascend"),
        ({"name": "steps", "milestones": [2, 2]}, "milestones must ascend"),
        ({"name": "steps", "milestones": [1], "warmup_steps": 4}, "after the warm-up of 4 steps"),
        ({"name": "steps", "milestones": [1], "factor": 0}, "factor must be"),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    arguments = {"name": "cosine", "lr": LR, "total_steps": STEPS, "steps_per_epoch": 4}
    with pytest.raises(MininError, match=message):
        make_schedule(**{**arguments, **options})
