"""A sentence speaks of the operation that is checked, and of no other."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minin.gradcheck import check_backward
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.subject.silence import quiet
from minin.zoo.mutant import Mutant
from minin.zoo.mutants import MUTANTS
from tests.choice import mostly_thorough

QUICK = ("A4", "B3", "B9", "C3", "F2", "G5")  # the others are thorough
WINDOWS = ("conv2d", "conv1x1", "max_pool2d", "avg_pool2d", "im2col", "col2im")
LOSSES = ("softmax", "softmax_cross_entropy")
# Words -> the operations that they may be said of, and, where it matters, of which argument.
AT_HOME: dict[str, tuple[tuple[str, ...], str]] = {
    "softmax|logits|label": (LOSSES, ""),
    "max pool|avg pool|average pool|winner|maximum": (("max_pool2d", "avg_pool2d"), ""),
    "global average": (("global_avg_pool2d",), ""),
    "kernel|filters|KH|KW|col2im|im2col": (WINDOWS, ""),
    "padding|stride|dilation": (WINDOWS, ""),
    "keep probability|dropout": (("dropout",), ""),
    "bias": (("conv2d", "conv1x1", "linear"), "b"),
    "RGB": (WINDOWS, ""),
    "W used for its transpose|multiply by W": (("linear", "matmul", "conv1x1", "twice"), ""),
}


def misplaced(op: str, argument: str, text: str) -> list[str]:
    """The words of other operations in a text about one argument's gradient."""
    return [
        found.group()
        for words, (ops, only) in AT_HOME.items()
        for found in re.finditer(rf"(?<![A-Za-z])({words})(?![A-Za-z])", text)
        if op not in ops or only not in ("", argument)
    ]


def programs(mutant: Mutant, known: bool) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The mutant itself, or half as much again of it, which is no operation that is known."""
    forward, backward = mutant.make()
    if known:
        return forward, backward

    def more(*inputs: Any, **params: Any) -> Any:
        y, cache = forward(*inputs, **params)
        return 1.5 * y, cache

    return more, lambda g, cache: backward(1.5 * g, cache)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("mutant", mostly_thorough(MUTANTS, lambda m: m.bug.id in QUICK))
def test_no_word_of_another_operation(mutant: Mutant, known: bool) -> None:
    inputs, params = mutant.draw(np.random.default_rng(1))
    names = [*REFERENCES[mutant.op].arguments][: len(inputs)]
    with quiet():
        report = check_backward(
            *programs(mutant, known), inputs, mutant.op if known else None, params, names,
            repair=False,
        )  # fmt: skip
    for finding in report.findings:
        said = f"{finding.what}: {finding.fix} {finding.where}"
        assert misplaced(mutant.op, finding.argument, said) == [], (finding.argument, said)
