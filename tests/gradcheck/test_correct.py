"""Right code is never accused: references, every op of the book, and every network.

MININ_GRADCHECK_CASES sets how many cases are drawn for each row (10,000 in all come from 200).
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minin import gradcheck, models, ops
from minin.gradcheck.recognise.references.table import REFERENCES
from tests.cases import CASES
from tests.choice import THOROUGH, mostly_thorough

COUNT = int(os.environ.get("MININ_GRADCHECK_CASES", "5" if THOROUGH else "2"))
drawn = settings(max_examples=COUNT, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def spoilt(x: Any, kind: str, rng: np.random.Generator) -> Any:
    """The same array with ties, zeros, or another order of memory."""
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f" or x.ndim == 0:
        return x
    if kind == "ties":
        return np.round(x * 2) / 2 + 0.25
    if kind == "zeros":
        return np.where(rng.random(x.shape) < 0.2, 0.0, x)
    return np.asfortranarray(x) if kind == "fortran" else x


@pytest.mark.parametrize("op", sorted(REFERENCES))
@drawn
@given(
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(["plain", "plain", "ties", "zeros", "fortran"]),
    told=st.booleans(),
)
def test_a_right_reference_passes(op: str, seed: int, kind: str, told: bool) -> None:
    rng = np.random.default_rng(seed)
    inputs, params = REFERENCES[op].draw(rng)
    inputs = [spoilt(x, kind, rng) for x in inputs]
    forward, backward = REFERENCES[op].programs()
    report = gradcheck.check_backward(forward, backward, inputs, op if told else None, params)
    assert report.ok, f"{op} {params}\n{report}"


@pytest.mark.parametrize("op", sorted(CASES))
@drawn
@given(data=st.data())
def test_a_right_op_passes(op: str, data: Any) -> None:
    case = data.draw(CASES[op].draw)
    call = getattr(ops, op) if hasattr(ops, op) else None
    if call is None or not case.flat():
        return
    parameters = dict(case.parameters)

    def fn(*arrays: Any) -> Any:
        fresh = {k: np.random.default_rng(1) if k == "rng" else v for k, v in parameters.items()}
        return call(*arrays, **fresh)

    report = gradcheck.check(fn, case.arrays)
    assert report.ok, f"{op} {parameters}\n{report}"


SIZES = {"nin-mnist": (1, 28), "nin-imagenet": (3, 224), "nin-d2l": (1, 224)}


@pytest.mark.parametrize(
    "name",
    mostly_thorough(
        [n for n in models.names() if n not in ("nin-imagenet", "nin-d2l", "nin-example224")],
        lambda n: n == "nin-mnist",
    ),
)
def test_a_right_network_passes(name: str) -> None:
    network = models.build(name, rng=0).eval()
    channels = next(iter(network.parameters())).shape[1]
    side = 8 if name == "nin-digits" else 16
    x = np.random.default_rng(0).normal(size=(1, channels, side, side))
    report = gradcheck.check(network, x, params=network)
    assert report.ok, str(report)
