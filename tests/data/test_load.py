from __future__ import annotations

from pathlib import Path

import pytest

from minin.data import load, names
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


def test_download_says_that_it_cannot_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"https://.*download=True cannot fetch 'mnist'"):
        load("mnist", tmp_path, download=True)


def test_download_of_what_is_there_loads_it(tmp_path: Path) -> None:
    write_set(tmp_path / "mnist")
    assert load("mnist", tmp_path, download=True).name == "mnist"
