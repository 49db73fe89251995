"""What the examples in docstrings take as known: the package itself."""

from __future__ import annotations

from typing import Any

import pytest

import minin


@pytest.fixture(autouse=True, scope="session")
def _the_package(doctest_namespace: dict[str, Any]) -> None:
    doctest_namespace["minin"] = minin
