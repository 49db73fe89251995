"""The printer: what it writes fits, stands in columns, and loses no word."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin import text

letters = st.text(alphabet="ab-é猫犬\u0301 ", max_size=12)
sentences = st.text(alphabet="abc -猫\u0301\n", max_size=80)


@given(said=sentences, width=st.integers(8, 40), first=st.sampled_from(["", "- ", "猫 "]))
def test_every_line_fits_and_no_letter_is_lost(said: str, width: int, first: str) -> None:
    lines = text.wrap(said, width, first, "  ")
    assert all(text.columns(line) <= width for line in lines)
    bare = [line[len(first) :] if k == 0 else line[2:] for k, line in enumerate(lines)]
    assert "".join("".join(bare).split()) == "".join(said.split())


@given(
    said=st.lists(st.text(alphabet="ab-", min_size=1, max_size=9), max_size=12).map(" ".join),
    width=st.integers(12, 40),
    cut=st.booleans(),
)
def test_plain_letters_break_where_the_standard_library_breaks_them(
    said: str, width: int, cut: bool
) -> None:
    theirs = textwrap.wrap(
        said,
        width,
        initial_indent="x ",
        subsequent_indent="  ",
        break_on_hyphens=False,
        break_long_words=cut,
    )
    assert text.wrap(said, width, "x ", "  ", cut) == theirs


def test_a_path_is_never_cut() -> None:
    path = "a/path/of/many/letters"
    assert text.label("saved", f"in {path}", 20) == ["saved     in", " " * 10 + path]


@given(name=letters, most=st.integers(2, 12))
def test_a_short_name_fits(name: str, most: int) -> None:
    cut = text.short(name, most)
    assert text.columns(cut) <= most
    whole = " ".join(name.split()) or "?"
    assert cut == whole or (cut.endswith(".") and whole.startswith(cut[:-1]))


@given(st.lists(st.lists(letters, min_size=3, max_size=3), min_size=1, max_size=5))
def test_the_columns_of_a_table_stand_below_each_other(rows: list[list[str]]) -> None:
    marked = [[*cells, "!"] for cells in rows]
    assert len({text.columns(line) for line in text.table(marked, words=2)}) == 1


def test_as_many_cells_as_columns() -> None:
    with pytest.raises(ValueError, match="zip"):
        text.in_columns(["a", "b"], [3])
