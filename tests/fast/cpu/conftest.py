"""After every test here BLAS and minin have as many threads as before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from minin.fast.cpu import blas
from minin.fast.cpu import workers as workers_module
from tests.fast.cpu.helpers import blas_threads


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    chosen, threads = workers_module._chosen, blas_threads()
    yield
    workers_module._chosen = chosen
    assert blas_threads() == threads, "the number of BLAS threads was not put back"
    assert not blas._blocks
