"""The check of an answer: it passes what is right, and says what is wrong with the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin import exercises, ops, tensor
from minin.errors import UnknownNameError
from minin.exercises import Exercise, find, names
from minin.exercises.sizes import DRAWN, GEOMETRIES, geometries
from minin.gradcheck import GradientError
from minin.gradcheck.catalogue import BUGS
from minin.gradcheck.report.report import LEVELS
from tests import oracles
from tests.choice import mostly_thorough
from tests.exercises.answers import solved, verdict

Array = npt.NDArray[Any]
SMALL = ("conv1x1", "global_avg_pool")


def defined(text: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "answer"}
    exec(compile(text, "answer.py", "exec"), namespace)
    return namespace


@pytest.fixture(params=names())
def exercise(request: pytest.FixtureRequest) -> Exercise:
    return find(request.param)


def test_a_solution_passes_and_earns_its_points(exercise: Exercise) -> None:
    outcome = verdict(exercise.name, exercise.solution())
    assert outcome.ok
    assert (outcome.state, outcome.bug) == ("passed", None)
    assert outcome.points() == exercise.points
    assert outcome.marks == exercise.marks
    assert outcome.text.startswith(f"{exercise.name}: PASSED")
    outcome.raise_if_failed()


def test_a_starter_is_unsolved_and_earns_nothing(exercise: Exercise) -> None:
    outcome = verdict(exercise.name, exercise.starter())
    assert (outcome.state, outcome.points()) == ("unsolved", 0.0)
    with pytest.raises(GradientError, match="not solved yet"):
        outcome.raise_if_failed()


@pytest.mark.parametrize("name", mostly_thorough(names(), lambda n: n in SMALL))
def test_every_mutant_dies_of_its_own_bug_at_other_seeds_too(name: str) -> None:
    exercise = find(name)
    for mutant in exercise.mutants:
        outcome = verdict(exercise.name, exercise.wrong(mutant), seed=7)
        bug = None if mutant.bug == "forward" else mutant.bug
        assert (outcome.state, outcome.bug) == ("wrong", bug), outcome.text
        assert outcome.points() < exercise.points
        assert max(map(len, outcome.text.splitlines())) <= 78
        assert outcome.text.isascii()


@pytest.mark.parametrize(
    "name", ["conv_backward", pytest.param("im2col", marks=pytest.mark.thorough)]
)
def test_the_dial_gives_away_more_and_more(name: str) -> None:
    mutant = find(name).mutants[0]
    wrong = find(name).wrong(mutant)
    texts = [verdict(name, wrong, feedback=level) for level in LEVELS]
    lengths = [len(outcome.text) for outcome in texts]
    assert lengths == sorted(lengths)
    assert lengths[0] < lengths[-1]
    sentence = BUGS[mutant.bug].sentence.split()[0]
    assert mutant.bug not in texts[0].text
    assert mutant.bug not in texts[1].text
    assert [outcome.bug for outcome in texts] == [None, None, mutant.bug, mutant.bug]
    assert sentence in texts[3].text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("im2col = None", "must define im2col"),
        ("im2col = lambda *_: None", "must return an array of numbers; got None"),
        ("im2col = lambda *_: [[1.0]]", "got a list"),
        ("im2col = lambda *_: np.array(['a'])", "got an array of <U1"),
        ("im2col = lambda *_: np.array([None])", "got an array of object"),
        ("im2col = lambda *_: np.zeros((1, 2))", "returns the shape (1, 2)"),
        ("im2col = lambda *_: 1 / 0", "ZeroDivisionError: division by zero"),
        ("im2col = lambda: None", "TypeError"),
        ("def im2col(*_): raise SystemExit(0)", "SystemExit: it ends the program"),
        ("def im2col(*_): raise NotImplementedError('not mine')", "not solved yet"),
    ],
)
def test_what_is_no_answer_is_told_in_words(answer: str, words: str) -> None:
    outcome = verdict("im2col", solved("im2col", answer))
    assert not outcome.ok
    assert outcome.points() == 0.0
    assert words in " ".join(outcome.text.split())


def test_nan_is_wrong() -> None:
    bad = "gap_forward = lambda x: (x.mean(axis=(2, 3)) * np.nan, x.shape)"
    assert verdict("global_avg_pool", solved("global_avg_pool", bad)).state == "wrong"


def test_a_forward_without_cache_is_noticed() -> None:
    outcome = verdict("max_pool", solved("max_pool", "max_pool_forward = lambda *_: 1"))
    assert "must return two things" in " ".join(outcome.text.split())


def test_windows_side_by_side_are_not_enough() -> None:
    """An assignment instead of += is right where windows do not overlap; it must not pass."""
    wrong = find("max_pool").mutants[0]
    assert wrong.bug == "C3"
    assert not verdict("max_pool", find("max_pool").wrong(wrong)).ok


TIED = """
def max_pool_backward(grad_y, cache):
    x, _, (kh, kw), (sh, sw) = cache
    grad_x = np.zeros_like(x)
    for p, q in np.ndindex(*grad_y.shape[2:]):
        window = (..., slice(p * sh, p * sh + kh), slice(q * sw, q * sw + kw))
        most = x[window] == x[window].max(axis=(2, 3), keepdims=True)
        part = SHARE(most.sum(axis=(2, 3), keepdims=True))
        grad_x[window] += most * part * grad_y[:, :, p : p + 1, q : q + 1]
    return grad_x
"""


@pytest.mark.parametrize(
    ("bug", "share"), [("E4", "lambda count: 1.0"), ("E5", "lambda count: 1 / count")]
)
@pytest.mark.parametrize("seed", mostly_thorough(range(4), lambda seed: seed == 0))
def test_a_backward_that_is_wrong_at_ties_alone_is_wrong(bug: str, share: str, seed: int) -> None:
    """Slopes cannot see it: at a tie there is none."""
    text = solved("max_pool", TIED.replace("SHARE", f"({share})"))
    outcome = verdict("max_pool", text, seed=seed)
    assert (outcome.state, outcome.bug) == ("wrong", bug)
    assert "the first of them" in outcome.text
    assert outcome.points() == find("max_pool").points - find("max_pool").marks["ties"]


def test_the_last_of_tied_pixels_must_not_win() -> None:
    last = next(m for m in find("max_pool").mutants if "cells[:, :, ::-1]" in m.put)
    outcome = verdict("max_pool", find("max_pool").wrong(last))
    assert outcome.state == "wrong"
    assert "with ties" in outcome.text


def test_an_answer_made_for_the_known_shapes_alone_fails() -> None:
    known = {g.image for g in GEOMETRIES}
    text = (
        f"known, good = {known}, im2col\n"
        "def im2col(x, *rest): return good(x, *rest) * (1.0 if x.shape in known else 2.0)"
    )
    assert not verdict("im2col", solved("im2col", text)).ok


def test_the_smallest_case_is_shown_whole() -> None:
    summed = "gap_forward = lambda x: (x.sum(axis=(2, 3)), x.shape)"
    outcome = verdict("global_avg_pool", solved("global_avg_pool", summed))
    assert "x (1, 1, 3, 3)" in outcome.text
    assert "  yours     45\n  right     5" in outcome.text


def test_another_type_of_float_is_told_as_such() -> None:
    text = "gap_forward = lambda x: (x.mean(axis=(2, 3)).astype(np.float32), x.shape)"
    outcome = verdict("global_avg_pool", solved("global_avg_pool", text))
    # 5 is a float32 too: the first case agrees, a later one must not
    assert "returns float32 where float64 came in" in " ".join(outcome.text.split())


def test_a_cache_that_every_forward_shares_is_wrong() -> None:
    text = (
        "kept = {}\n"
        "inner = gap_forward, gap_backward\n"
        "def gap_forward(x):\n"
        "    y, kept['shape'] = inner[0](x)\n"
        "    kept['x'] = x\n"
        "    return y, x.sum()\n"
        "def gap_backward(grad_y, total):\n"
        "    return inner[1](grad_y * kept['x'].sum() / total, kept['shape'])\n"
    )
    outcome = verdict("global_avg_pool", solved("global_avg_pool", text), seed=3)
    assert outcome.ok  # the numbers are the same ones in other places: so is their sum
    worse = text.replace("kept['x'].sum() / total", "kept['x'][0, 0, 0, 0]").replace(
        "return y, x.sum()", "return y, None"
    )
    outcome = verdict("global_avg_pool", solved("global_avg_pool", worse), seed=3)
    assert (outcome.state, outcome.marks["grad_x"]) == ("wrong", 0.0)


def test_unknown_names_are_told() -> None:
    with pytest.raises(UnknownNameError, match="exercise"):
        exercises.check("pooling", {})
    with pytest.raises(UnknownNameError, match="feedback"):
        exercises.check("im2col", {}, feedback="all")


def test_two_checks_draw_other_numbers_and_a_seed_repeats_them() -> None:
    wrong = find("global_avg_pool").wrong(find("global_avg_pool").mutants[0])
    one, two = (verdict("global_avg_pool", wrong, seed=None) for _ in range(2))  # type: ignore[arg-type]  # as by default
    assert one.seed != two.seed
    assert one.text != two.text
    assert one.seed is not None
    assert verdict("global_avg_pool", wrong, seed=one.seed).text == one.text
    assert f"--seed {one.seed}" in one.text


@given(seed=st.integers(0, 10_000))
def test_drawn_sizes_are_unequal_and_fit(seed: int) -> None:
    drawn = list(geometries(np.random.default_rng(seed)))[-DRAWN:]
    for (_, _, h, w), (kh, kw), (sh, sw), (ph, pw) in drawn:
        assert h != w
        assert kh != kw
        assert sh != sw
        assert kh <= h
        assert kw <= w
        assert (ph < kh, pw < kw) == (True, True)


@given(
    shape=st.tuples(*[st.integers(1, 4)] * 2, *[st.integers(3, 7)] * 2),
    kernel=st.tuples(*[st.integers(1, 3)] * 2),
    stride=st.tuples(*[st.integers(1, 3)] * 2),
    padding=st.tuples(*[st.integers(0, 2)] * 2),
)
def test_solutions_agree_with_the_ops_and_the_loops(
    shape: Any, kernel: Any, stride: Any, padding: Any
) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape)
    columns = defined(solved("im2col"))["im2col"](x, kernel, stride, padding)
    ours = ops.im2col(x, kernel, stride, padding).numpy()
    np.testing.assert_array_equal(columns, ours)
    np.testing.assert_array_equal(columns, oracles.im2col(x, kernel, stride, padding))
    back = defined(solved("col2im"))["col2im"](columns, shape, kernel, stride, padding)
    right = oracles.col2im(columns, shape[2:], kernel, stride, padding)
    np.testing.assert_allclose(back, right)
    weight, bias = rng.standard_normal((2, shape[1], *kernel)), rng.standard_normal(2)
    y = defined(solved("conv_backward"))["conv_forward"](x, weight, bias, stride, padding)[0]
    np.testing.assert_allclose(y, ops.conv2d(x, weight, bias, stride, padding).numpy())
    pooled = defined(solved("max_pool"))["max_pool_forward"](x, kernel, stride)[0]
    np.testing.assert_array_equal(pooled, ops.max_pool2d(x, kernel, stride).numpy())


PAIRS: list[tuple[str, str, Any]] = [
    ("conv_backward", "conv", ops.conv2d),
    ("conv1x1", "conv1x1", ops.conv2d),
    ("max_pool", "max_pool", ops.max_pool2d),
    ("global_avg_pool", "gap", ops.global_avg_pool2d),
]


@pytest.mark.parametrize(("name", "prefix", "op"), PAIRS, ids=[p[0] for p in PAIRS])
@given(
    shape=st.tuples(*[st.integers(1, 4)] * 2, *[st.integers(3, 7)] * 2),
    kernel=st.tuples(*[st.integers(1, 3)] * 2),
    stride=st.tuples(*[st.integers(1, 3)] * 2),
    ties=st.booleans(),
)
def test_solutions_agree_with_the_ops_forward_and_backward(
    name: str, prefix: str, op: Any, shape: Any, kernel: Any, stride: Any, ties: bool
) -> None:
    rng, answer = np.random.default_rng(1), defined(solved(name))
    x = rng.integers(0, 3, shape).astype(float) if ties else rng.standard_normal(shape)
    weight = (rng.standard_normal((5, shape[1], *kernel)), rng.standard_normal(5))
    given, settings = {
        "conv": ((x, *weight), (stride, (1, 0))),
        "conv1x1": ((x, weight[0][:, :, 0, 0], weight[1]), ()),
        "max_pool": ((x,), (kernel, stride)),
        "gap": ((x,), ()),
    }[prefix]
    y, cache = answer[f"{prefix}_forward"](*given, *settings)
    grad_y = rng.standard_normal(y.shape)
    came = answer[f"{prefix}_backward"](grad_y, cache)
    tensors = [tensor(a, requires_grad=True) for a in given]
    seen = [ops.reshape(t, (*t.shape, 1, 1)) if prefix == "conv1x1" and k == 1 else t
            for k, t in enumerate(tensors)]  # fmt: skip
    right = op(*seen, *settings)
    np.testing.assert_allclose(y, right.numpy(), atol=1e-12)
    right.backward(grad_y)
    for mine, t in zip(came if isinstance(came, tuple) else (came,), tensors, strict=True):
        assert mine.shape == t.shape
        np.testing.assert_allclose(mine, t.grad, atol=1e-12)
