"""What is sent through: never ones, never twice the same number."""

from __future__ import annotations

import numpy as np
import pytest

from minin.gradcheck.measure.upstream import draw_upstream
from minin.gradcheck.recognise.match import find
from minin.gradcheck.recognise.other_inputs import others
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.subject.call import call_of
from minin.gradcheck.subject.functions import Code


@pytest.mark.parametrize("shape", [(), (1,), (2,), (3, 4), (2, 3, 4, 5)])
def test_an_upstream_gradient_is_distinct_and_away_from_zero_and_one(
    shape: tuple[int, ...],
) -> None:
    g = draw_upstream(shape, np.random.default_rng(0))
    assert g.shape == shape
    assert len(np.unique(np.abs(g))) == g.size
    assert np.abs(g).min() >= 0.5
    if g.size > 1:
        assert g.min() < 0 < g.max()


def test_a_sample_is_asked_for_other_inputs() -> None:
    subject = Code(lambda x: x * 2, lambda g: 2 * g, [np.ones(3)])
    found = list(
        others(subject, None, None, lambda rng: [rng.normal(size=4)], np.random.default_rng(0))
    )
    assert [s.base[0].shape for s in found] == [(4,)] * 3


@pytest.mark.parametrize("op", ["conv2d", "max_pool2d", "softmax_cross_entropy", "linear"])
def test_other_inputs_of_a_known_op_are_drawn_and_agree(op: str) -> None:
    reference = REFERENCES[op]
    inputs, params = reference.draw(np.random.default_rng(1))
    forward, backward = reference.programs()
    subject = Code(forward, backward, inputs, params)
    call = call_of(subject, subject.look(subject.base)[0])
    binding = find(REFERENCES, call, op)
    assert binding is not None
    found = list(others(subject, binding, call, None, np.random.default_rng(0)))
    assert found
    for moved in found:
        assert binding.agrees(call_of(moved, moved.look(moved.base)[0]))


def test_unknown_code_keeps_its_inputs() -> None:
    subject = Code(lambda x: x * 2, lambda g: 2 * g, [np.ones(3)])
    assert list(others(subject, None, None, None, np.random.default_rng(0))) == []
