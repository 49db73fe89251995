from __future__ import annotations

from pathlib import Path

import pytest

from minin.data import load, locate, names
from minin.errors import DataError, UnknownNameError
from tests.data.idx_writer import write_set


def test_an_unknown_name_gets_the_nearest_and_all() -> None:
    with pytest.raises(UnknownNameError) as caught:
        load("fashion_mnist")
    assert "did you mean 'fashion-mnist'?" in str(caught.value)
    assert all(name in str(caught.value) for name in names())


def test_digits_need_neither_root_nor_download(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MININ_DATA", "no such folder")
    assert len(load("digits", download=True).train_images) == 1437


def test_download_of_what_is_there_loads_it(tmp_path: Path) -> None:
    write_set(tmp_path / "mnist")
    assert load("mnist", tmp_path, download=True).name == "mnist"


@pytest.mark.parametrize("name", [name for name in names() if name != "digits"])
def test_a_set_that_is_not_there_is_none_and_an_error_says_how_to_get_it(
    tmp_path: Path, name: str
) -> None:
    assert locate(name, tmp_path) is None
    assert locate(name, tmp_path / "nowhere") is None
    with pytest.raises(DataError, match=rf"minin data fetch {name}.*https?://"):
        load(name, tmp_path)


def test_locate_takes_no_name_of_its_own() -> None:
    with pytest.raises(UnknownNameError, match="unknown data set 'digits'"):
        locate("digits")


def test_root_wins_over_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_set(tmp_path / "one" / "mnist", train=6)
    write_set(tmp_path / "two" / "mnist", train=8)
    monkeypatch.setenv("MININ_DATA", str(tmp_path / "one"))
    assert len(load("mnist").train_images) == 6
    assert len(load("mnist", tmp_path / "two").train_images) == 8
    assert locate("mnist", tmp_path / "two") == tmp_path / "two" / "mnist"
    # A root that is wrong is an error, and not a reason to look elsewhere.
    with pytest.raises(DataError, match="root must name a folder"):
        load("mnist", tmp_path / "three")


def test_a_root_with_a_zero_byte_is_refused() -> None:
    with pytest.raises(DataError, match="must name a folder"):
        load("mnist", "a\0b")
