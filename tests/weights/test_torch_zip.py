"""PyTorch's files are read without running anything; what is more than a state_dict is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minin.errors import DataError
from minin.files.torch_zip import read_torch
from tests.choice import examples
from tests.weights import torch_files as made


def test_a_state_dict_is_read_in_its_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    arrays = {
        "b.weight": rng.standard_normal((2, 3, 1, 1)).astype("f4"),
        "a.bias": rng.standard_normal(3),
        "c.half": rng.standard_normal(2).astype("f2"),
        "c.count": np.array(7),
        "empty": np.zeros((0, 3), "f4"),
    }
    (tmp_path / "a.pt").write_bytes(made.torch_file(arrays))
    found = read_torch(tmp_path / "a.pt")
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_a_tensor_may_be_a_view_of_its_numbers(tmp_path: Path) -> None:
    stored = made.storage("0", b"FloatStorage", 6)
    items = {
        "a.turned": made.tensor(stored, (3, 2), (1, 3)),
        "a.part": made.tensor(stored, (2,), (2,), offset=1),
    }
    path = tmp_path / "a.pt"
    path.write_bytes(made.with_pickle(made.state(items)))
    found = read_torch(path)
    np.testing.assert_array_equal(found["a.turned"], made.ONE.T)
    np.testing.assert_array_equal(found["a.part"], [1, 3])


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict"])
def test_a_state_dict_beside_other_things_is_found(key: str, tmp_path: Path) -> None:
    inner = made.GOOD["data.pkl"][2:-1]
    program = b"\x80\x02}(" + made.text("epoch") + made.number(3) + made.text(key) + inner + b"u."
    (tmp_path / "a.pt").write_bytes(made.with_pickle(program))
    np.testing.assert_array_equal(read_torch(tmp_path / "a.pt")["a.weight"], made.ONE)


@pytest.mark.parametrize("name", made.MALICIOUS)
def test_it_is_refused_and_nothing_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content, word = made.MALICIOUS[name]
    Path("evil.pt").write_bytes(content)
    loaded = set(sys.modules)
    with pytest.raises(DataError, match=r"evil\.pt is refused") as caught:
        read_torch("evil.pt")
    assert word in str(caught.value)
    assert len(str(caught.value)) < 400
    assert [path.name for path in tmp_path.iterdir()] == ["evil.pt"]
    assert {module.partition(".")[0] for module in set(sys.modules) - loaded} <= {"numpy"}


def test_many_tensors_of_few_numbers_are_a_bomb(tmp_path: Path) -> None:
    wide = np.zeros(50_000, "f4")
    program = made.state({f"{i}.weight": made.array_of("0", wide) for i in range(20)})
    path = tmp_path / "a.pt"
    path.write_bytes(made.archive({"data.pkl": program, "data/0": wide.tobytes()}))
    with pytest.raises(DataError, match="larger than its numbers"):
        read_torch(path)


@settings(max_examples=examples(200), deadline=None)
@given(cut=st.integers(0, 2000), change=st.integers(1, 255), keep=st.booleans())
def test_damage_is_a_data_error_or_does_no_harm(
    cut: int, change: int, keep: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(made.archive(made.GOOD))
    place = cut % len(content)
    if keep:
        content[place] ^= change
    else:
        del content[place:]
    path = tmp_path_factory.mktemp("damaged") / "a.pt"
    path.write_bytes(content)
    try:
        found = read_torch(path)
    except DataError:
        return
    assert all(isinstance(array, np.ndarray) for array in found.values())


@settings(max_examples=examples(200), deadline=None)
@given(place=st.integers(0, 10_000), change=st.integers(1, 255))
def test_a_changed_pickle_is_a_data_error_or_a_state_dict(
    place: int, change: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    program = bytearray(made.GOOD["data.pkl"])
    program[place % len(program)] ^= change
    path = tmp_path_factory.mktemp("changed") / "a.pt"
    path.write_bytes(made.with_pickle(bytes(program)))
    try:
        found = read_torch(path)
    except DataError:
        return
    assert all(isinstance(array, np.ndarray) for array in found.values())


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.pt"):
        with pytest.raises(DataError, match="cannot be read"):
            read_torch(path)
