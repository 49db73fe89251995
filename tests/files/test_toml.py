from __future__ import annotations

import tracemalloc

import pytest

from minin.errors import DataError
from minin.files.toml import MOST_DOTS, read_toml


def test_a_document_is_read() -> None:
    assert read_toml("a.b = [1, 2.5]\nc = -9223372036854775808") == {
        "a": {"b": [1, 2.5]},
        "c": -(2**63),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "this is no TOML"),
        ("a = " + "[" * 20_000, "this is no TOML"),
        ("a = 9223372036854775808", "more than 64 bits"),
        ("a = [[{b = 0x" + "f" * 4000 + "}]]", "more than 64 bits"),
        ("a = " + "9" * 6000, "this is no TOML"),
        (".".join("a" * 15_000) + " = 1", "a line has more than 1,000 dots"),
    ],
)
def test_each_absurdity_is_refused_in_words_and_in_little_memory(text: str, message: str) -> None:
    tracemalloc.start()
    with pytest.raises(DataError, match=message):
        read_toml(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 2**20


def test_a_key_of_as_many_dots_as_allowed_is_no_burden() -> None:
    tracemalloc.start()
    try:
        read_toml(".".join("a" * (MOST_DOTS + 1)) + " = 1")
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 64 * 2**20
