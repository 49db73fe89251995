"""No test here waits for a machine to become quiet, or for threads to come to rest.

As they do not come to rest, nobody looks whether they did; the tests of that rule do.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from benchmarks.harness import part, peers, rounds
from benchmarks.harness.meter import wait_until_quiet


@pytest.fixture(autouse=True, scope="session")
def no_waiting() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peers, "SETTLE", 0.0)
        patch.setattr(part, "wait_until_quiet", partial(wait_until_quiet, sleep=lambda _: None))
        patch.setattr(rounds, "cpu_seconds", lambda _: 0.0)
        yield
