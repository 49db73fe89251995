"""`minin summary`: the table, and what it refuses."""

from __future__ import annotations

import pytest

from minin import models
from tests.cli.conftest import assert_error, call


@pytest.mark.parametrize("name", models.names())
def test_every_network(name: str) -> None:
    done = call("summary", name)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{name}, ")
    assert done.out.isascii()


def test_without_a_name_the_smallest_and_the_names() -> None:
    done = call("summary")
    assert done.out.startswith("nin-digits, ")
    assert all(name in done.out for name in models.names())


def test_the_published_figures() -> None:
    out = call("summary", "nin-cifar10").out
    assert "966,986" in out
    assert "222,486,528" in out


def test_another_size_and_more_classes() -> None:
    out = call("summary", "nin-cifar10", "--input", "1x64x64", "--classes", "7").out
    assert "1x64x64" in out
    assert "7x16x16" in out


def test_compare_adds_alexnet() -> None:
    out = call("summary", "nin-imagenet", "--compare").out
    assert "60,965,224" in out
    assert "7,595,176" in out


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["nin-cifar"], "unknown network 'nin-cifar'; did you mean 'nin-cifar10'?"),
        (["nin-d2l", "--input", "1x8x8"], "no window fits"),
        (["nin-d2l", "--input", "8x8"], "CHANNELSxROWSxCOLUMNS, such as 3x32x32; got '8x8'"),
        (["nin-d2l", "--input", "1x0x8"], "CHANNELSxROWSxCOLUMNS"),
        (["nin-d2l", "--classes", "0"], "--classes must be an int of at least 1; got 0"),
    ],
)
def test_wrong_arguments_are_refused(words: list[str], part: str) -> None:
    assert_error(call("summary", *words), part)
