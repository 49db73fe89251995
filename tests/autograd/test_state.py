"""`no_grad` and `rules`: for a block, for a function, for one thread, and back again after."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import minin
from minin import Tensor, autograd, no_grad
from minin.errors import UnknownNameError

ROOT = Path(__file__).resolve().parents[2]


def records() -> bool:
    """Tell whether an operation is recorded here and now."""
    return (minin.tensor([1.0], requires_grad=True) * 2).requires_grad


def in_a_thread(ask: Callable[[], Any]) -> Any:
    answers: list[Any] = []
    worker = threading.Thread(target=lambda: answers.append(ask()))
    worker.start()
    worker.join()
    return answers[0]


def test_no_grad_holds_for_a_block() -> None:
    with no_grad():
        assert not records()
    assert records()


def test_no_grad_works_as_a_decorator_again_and_again() -> None:
    @no_grad()
    def ask(times: int) -> bool:
        """Ask; call itself while there are times left."""
        return ask(times - 1) if times else records()

    assert not ask(0)
    assert records()
    assert not ask(3)
    assert records()
    assert (ask.__name__, ask.__doc__) == ("ask", "Ask; call itself while there are times left.")


def test_no_grad_nests() -> None:
    with no_grad():
        with no_grad():
            assert not records()
        assert not records()
    assert records()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, GeneratorExit])
def test_an_exception_ends_no_grad(error: type[BaseException]) -> None:
    with pytest.raises(error), no_grad():
        raise error
    assert records()


def test_an_exception_ends_a_decorated_function_too() -> None:
    @no_grad()
    def failing() -> None:
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        failing()
    assert records()


def test_a_new_thread_records() -> None:
    with no_grad():
        assert in_a_thread(records)
        assert not records()


def test_no_grad_in_one_thread_leaves_another_alone() -> None:
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with no_grad():
            inside.set()
            done.wait(10)

    worker = threading.Thread(target=hold)
    worker.start()
    assert inside.wait(10)
    try:
        assert records()
    finally:
        done.set()
        worker.join()


def test_asyncio_tasks_do_not_disturb_each_other() -> None:
    async def ask(plain: bool) -> list[bool]:
        answers = []
        for _ in range(3):
            if plain:
                answers.append(records())
            else:
                with no_grad():
                    await asyncio.sleep(0)
                    answers.append(records())
            await asyncio.sleep(0)
        return answers

    async def both() -> tuple[list[bool], list[bool]]:
        plain, without = await asyncio.gather(ask(True), ask(False))
        return plain, without

    assert asyncio.run(both()) == ([True] * 3, [False] * 3)


def test_leaves_keep_their_wish_under_no_grad() -> None:
    with no_grad():
        x = minin.tensor([1.0], requires_grad=True)
    (x * 2).backward()
    assert x.grad.tolist() == [2.0]


def test_what_was_recorded_outside_runs_back_inside() -> None:
    x = minin.tensor([1.0], requires_grad=True)
    y = x * 2
    with no_grad():
        y.backward()
    assert x.grad.tolist() == [2.0]


def test_a_part_without_gradient_is_constant() -> None:
    x = minin.tensor([3.0], requires_grad=True)
    with no_grad():
        factor = x * 2
    (x * factor).backward()
    assert x.grad.tolist() == [6.0]


# ---- rules ------------------------------------------------------------------------------------


def test_fast_is_the_mode_unless_said_otherwise() -> None:
    assert autograd.state.RULE_MODES == ("plain", "im2col", "fast")
    assert in_a_thread(autograd.current_mode) == os.environ.get("MININ_RULES", "fast")


@pytest.mark.parametrize("mode", ["plain", "im2col", "fast"])
def test_rules_holds_for_a_block(mode: str) -> None:
    before = autograd.current_mode()
    with minin.rules(mode):
        assert autograd.current_mode() == mode
    assert autograd.current_mode() == before


def test_rules_nests_and_an_exception_ends_it() -> None:
    before = autograd.current_mode()
    with minin.rules("plain"):
        with pytest.raises(ValueError, match="stop"), minin.rules("im2col"):
            raise ValueError("stop")
        assert autograd.current_mode() == "plain"
    assert autograd.current_mode() == before


def test_rules_works_as_a_decorator() -> None:
    assert minin.rules("plain")(autograd.current_mode)() == "plain"


def test_rules_and_no_grad_do_not_disturb_each_other() -> None:
    with minin.rules("plain"), no_grad(), minin.rules("im2col"):
        assert not records()
    with no_grad(), minin.rules("plain"):
        assert autograd.current_mode() == "plain"
        assert not records()
    assert records()


def test_rules_in_one_thread_leaves_another_alone() -> None:
    with minin.rules("plain"):
        assert in_a_thread(autograd.current_mode) != "plain" or "MININ_RULES" in os.environ


@pytest.mark.parametrize("mode", ["slow", "Plain", "", None, 1])
def test_a_wrong_mode_is_refused_with_the_known_ones(mode: Any) -> None:
    before = autograd.current_mode()
    with (
        pytest.raises(UnknownNameError, match=r"unknown rules .*Known: plain, im2col, fast"),
        minin.rules(mode),
    ):
        raise AssertionError("the block must not run")
    assert autograd.current_mode() == before


def mode_of_a_process(variable: str | None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "MININ_RULES"}
    if variable is not None:
        environment["MININ_RULES"] = variable
    script = (
        "import threading, minin\n"
        "ask = lambda: print(minin.autograd.current_mode())\n"
        "ask()\n"
        "worker = threading.Thread(target=ask)\n"
        "worker.start()\n"
        "worker.join()\n"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("mode", [None, "plain", "im2col"])
def test_the_variable_sets_the_mode_of_a_process_and_its_threads(mode: str | None) -> None:
    done = mode_of_a_process(mode)
    assert (done.stdout.split(), done.stderr) == ([mode or "fast"] * 2, "")


def test_a_wrong_variable_is_an_error_with_the_known_modes() -> None:
    done = mode_of_a_process("plian")
    assert done.returncode != 0
    assert "unknown rules 'plian'; did you mean 'plain'? Known: plain, im2col, fast" in done.stderr


def test_a_tensor_made_in_one_mode_is_the_same_in_another() -> None:
    x = minin.tensor([2.0], requires_grad=True)
    with minin.rules("plain"):
        y: Tensor = x * x
    (y * x).backward()
    assert x.grad.tolist() == [12.0]
