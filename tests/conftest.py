"""What all tests share: which of them run where, on how many cores, and how hypothesis draws."""

from __future__ import annotations

import functools
import gc
import importlib.util
import os
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from minin.autograd import rules
from minin.backend import why_no_cuda
from minin.machine import cores
from tests.choice import THOROUGH

# Times say little on a shared machine, so no drawn example has a deadline. `quick` and `thorough`
# draw the same examples every time; HYPOTHESIS_PROFILE=search draws new ones, many more.
settings.register_profile("quick", deadline=None, max_examples=5, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=15, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=300)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "thorough" if THOROUGH else "quick"))

# A shell that runs the tests in the background lets them, and all processes they start, ignore
# Ctrl-C; those that press it would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A marker, the library that its tests need if they name no other, and the extra that brings it.
LIBRARIES = {
    "peers": ("torch", "peers"),
    "cupy": ("cupy", "cuda13"),
    "plots": ("matplotlib", "plots"),
    "notebooks": ("nbclient", "notebooks"),
}
LEFT_OUT = pytest.StashKey[Counter[str]]()


@pytest.fixture
def plain_rules() -> Iterator[None]:
    """Run a test on the book's rules, where it is about what those keep."""
    with rules("plain"):
        yield


# ------------------------------------------------------------------------ what runs where


def why_not_here(item: pytest.Item) -> tuple[str, str, str]:
    """Say what this machine lacks for a test: the marker, the reason, and who forbids to skip.

    `@pytest.mark.peers` needs torch, `@pytest.mark.peers("mygrad")` what it names.
    """
    for name, (library, extra) in LIBRARIES.items():
        for marker in item.iter_markers(name):
            wanted = marker.args or (library,)
            missing = [one for one in wanted if importlib.util.find_spec(one) is None]
            if missing:
                reason = f"not installed: {', '.join(missing)} (pip install -e '.[{extra}]')"
                return name, reason, f"MININ_REQUIRE_{name.upper()}"
    if any(item.iter_markers("gpu")) and (no_cuda := _why_no_cuda()):
        return "gpu", no_cuda, "MININ_REQUIRE_GPU"
    if any(item.iter_markers("data")) and not os.environ.get("MININ_DATA"):
        return "data", "MININ_DATA names no folder with real data", "MININ_REQUIRE_DATA"
    return "", "", ""


_why_no_cuda = functools.lru_cache(why_no_cuda)


def why_left_out(item: pytest.Item) -> str:
    """Say why a test is not even begun, unless somebody asks for it: "" if it is."""
    asked = item.config.option.markexpr
    for marker, how in (("slow", "pytest -m slow"), ("thorough", "MININ_THOROUGH=1 pytest")):
        wanted = marker in asked or (marker == "thorough" and THOROUGH)
        if any(item.iter_markers(marker)) and not wanted:
            return f"{marker}: `{how}` runs them"
    marker, reason, variable = why_not_here(item)
    if not marker or marker in asked or os.environ.get(variable) == "1":
        return ""
    return f"{marker}: {reason}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run and nobody asked for: one line, no thousand skips."""
    counts = config.stash.setdefault(LEFT_OUT, Counter())
    if any("::" in word for word in config.args):  # a test that is named runs
        return
    reasons = [why_left_out(item) for item in items]
    counts.update(filter(None, reasons))
    left = [item for item, reason in zip(items, reasons, strict=True) if reason]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item, reason in zip(items, reasons, strict=True) if not reason]


def pytest_collection_finish() -> None:
    """Let garbage be sought among what tests make, not among ten thousand collected tests."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, with the reason, what was asked for and cannot run; fail it where that is demanded."""
    marker, reason, variable = why_not_here(item)
    if marker and os.environ.get(variable) == "1":
        pytest.fail(f"{variable}=1, but {reason}", pytrace=False)
    if marker:
        pytest.skip(reason)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was left out, and why."""
    for reason, count in sorted(config.stash.get(LEFT_OUT, Counter()).items()):
        terminalreporter.write_line(f"left out: {count:>5,} tests, {reason}")


# ------------------------------------------------------------------------ several processes


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run folders on all cores, at most eight; files, tests and a GPU's tests in one process."""
    files = any(word.partition("::")[0].endswith(".py") for word in config.args)
    gpu = "gpu" in config.option.markexpr.replace("not gpu", "")
    return 0 if files or gpu else min(cores(), 8)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let the first process know what the others have left out."""
    if hasattr(session.config, "workeroutput"):
        counts = session.config.stash.get(LEFT_OUT, Counter())
        session.config.workeroutput["left_out"] = dict(counts)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what one process left out; all leave out the same."""
    told = getattr(node, "workeroutput", {}).get("left_out", {})
    node.config.stash[LEFT_OUT] = Counter(told)
