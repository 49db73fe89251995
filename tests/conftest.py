"""What all tests share: when a marked test may be skipped, and how hypothesis draws."""

from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from minin.autograd import rules
from minin.backend import why_no_cuda

# Times say little on a shared machine, so no drawn example has a deadline. The everyday profile
# draws the same examples every time; HYPOTHESIS_PROFILE=thorough draws new ones, many more.
settings.register_profile("minin", deadline=None, max_examples=15, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=300)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "minin"))

# A shell that runs the tests in the background lets them, and all processes they start, ignore
# Ctrl-C; those that press it would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def plain_rules() -> Iterator[None]:
    """Run a test on the book's rules, where it is about what those keep."""
    with rules("plain"):
        yield


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, with the reason, what this machine cannot run.

    `@pytest.mark.peers` needs torch, `@pytest.mark.peers("mygrad")` what it names.
    """
    for marker in item.iter_markers("peers"):
        wanted = marker.args or ("torch",)
        missing = [name for name in wanted if importlib.util.find_spec(name) is None]
        if missing:
            reason = f"not installed: {', '.join(missing)} (pip install -e '.[peers]')"
            _skip_or_fail(reason, "MININ_REQUIRE_PEERS")
    if any(item.iter_markers("gpu")) and (no_cuda := why_no_cuda()):
        _skip_or_fail(no_cuda, "MININ_REQUIRE_GPU")
    if any(item.iter_markers("data")) and not os.environ.get("MININ_DATA"):
        pytest.skip("MININ_DATA names no folder with real data")


def _skip_or_fail(reason: str, variable: str) -> None:
    """Fail where the environment says that nothing may be skipped."""
    if os.environ.get(variable) == "1":
        pytest.fail(f"{variable}=1, but {reason}", pytrace=False)
    pytest.skip(reason)
