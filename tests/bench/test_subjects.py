"""Every row of the table computes what it says, and its formulas count what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from minin import models
from minin.bench.libraries import open_library
from minin.bench.plan import Contender
from minin.bench.rows import ResultRow
from minin.bench.subject import BenchSubject, Job, cases, chosen_rule
from minin.bench.subjects import SUBJECTS
from tests.bench.fakes import Scripted, Ticks

QUICK = [subject for subject in SUBJECTS.values() if subject.quick]
CASES = list(cases(QUICK, ["tiny"], ["float32", "float64"]))


def checked(case: Job, name: str, rules: str) -> ResultRow:
    row = ResultRow(case, Contender(open_library(name), rules), Scripted([1.0]))
    row.check(case.host(), case.reference(), Ticks())
    return row


@pytest.mark.parametrize(
    ("case", "rules"),
    [
        (case, rules)
        for case in CASES
        for rules in ("plain", "fast")[: 1 + case.subject.fast("numpy")]
    ],
    ids=str,
)
def test_numpy_is_right(case: Job, rules: str) -> None:
    row = checked(case, "numpy", rules)
    assert (row.status, row.reason) == ("unfinished", None)
    assert row.error is not None
    assert row.error <= case.bound


@pytest.mark.peers("torch", "array_api_compat")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_torch_is_right_or_says_what_it_lacks(case: Job) -> None:
    row = checked(case, "torch", "plain")
    if case.subject.name == "dropout":
        assert row.status == "failed"
        assert "UInt32" in (row.reason or "")
    else:
        assert (row.status, row.reason) == ("unfinished", None)


@pytest.mark.parametrize("name", ["conv2d-5x5", "mlpconv", "cross_entropy", "step-nin-digits"])
def test_the_strict_library_is_right(name: str) -> None:
    subject = SUBJECTS[name]
    row = checked(Job(subject, subject.ways[-1], "tiny", "float64"), "strict", "plain")
    assert (row.status, row.reason) == ("unfinished", None)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_slightly_wrong_result_is_beyond_the_bound(case: Job) -> None:
    def off(x: Any) -> Any:
        return np.array(x) * 1.01

    numpy = replace(open_library("numpy"), get=off)
    row = ResultRow(case, Contender(numpy, "plain"), Scripted([1.0]))
    row.check(case.host(), case.reference(), Ticks())
    assert row.status == "wrong"


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.way == "forward" and c.dtype == "float32"], ids=str
)
def test_forward_moves_what_comes_in_and_goes_out(case: Job) -> None:
    floats = [x for x in (*case.host(), *case.reference()) if x.dtype.kind == "f"]
    assert case.work.numbers == sum(x.size for x in floats) + (case.subject.axes == "N K") * (
        case.shape[0] - 1  # class numbers are counted, the loss is not
    )


def test_the_work_of_convolutions_is_that_of_their_products() -> None:
    conv = Job(SUBJECTS["conv2d-5x5"], "forward", "tiny", "float32")
    n, c, h, w = conv.shape
    assert conv.work.flops == 2 * n * h * w * c * 25 * c + n * c * h * w
    product = Job(SUBJECTS["matmul"], "backward", "tiny", "float64")
    assert (product.work.flops, product.bytes) == (4 * 64**3, 5 * 64**2 * 8)


def test_the_work_of_a_step_is_three_times_forward_less_the_image() -> None:
    step = Job(SUBJECTS["step-nin-digits"], "step", "small", "float32")
    found = models.summary(models.build("nin-digits", rng=0), (16, 1, 8, 8))
    assert step.work.flops == 6 * found.macs - 2 * found.rows[0].macs


def test_inputs_are_the_same_every_time_and_differ_between_cases() -> None:
    one = Job(SUBJECTS["relu"], "forward", "tiny", "float32")
    two = Job(SUBJECTS["max_pool2d"], "forward", "tiny", "float32")
    np.testing.assert_array_equal(one.host()[0], one.host()[0])
    assert not np.array_equal(one.host()[0], two.host()[0])


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_mlpconv_keeps_away_from_the_kink(size: str) -> None:
    x, *rest = Job(SUBJECTS["mlpconv"], "forward", size, "float64").host()
    weights, biases = rest[:3], rest[3:6]
    from minin import ops

    y = ops.conv2d.rule(x, weights[0], biases[0], padding=2)[0]
    assert np.abs(y).min() >= 2**-9
    y = ops.conv2d.rule(np.maximum(y, 0), weights[1], biases[1])[0]
    assert np.abs(y).min() >= 2**-16


def test_a_fast_row_never_runs_the_plain_rule() -> None:
    from minin import ops

    four_groups = (np.ones((1, 4, 5, 5)), np.ones((4, 1, 3, 3)), np.ones(4))
    with pytest.raises(LookupError, match="does not cover"):
        chosen_rule(ops.conv2d, "fast", four_groups, {"groups": 4})
    assert chosen_rule(ops.conv2d, "plain", four_groups, {}) is ops.conv2d.rule


def test_sizes_grow() -> None:
    for subject in SUBJECTS.values():
        for way in subject.ways:
            flops = [subject.work(shape, way).flops for shape in subject.sizes.values()]
            assert flops == sorted(set(flops)), subject.name


def test_a_size_that_a_subject_lacks_is_left_out() -> None:
    small: BenchSubject = replace(SUBJECTS["relu"], sizes={"tiny": (1, 1, 1, 1)})
    assert len(list(cases([small], ["tiny", "large"], ["float32"]))) == 2
