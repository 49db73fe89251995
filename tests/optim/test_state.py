"""An optimiser's memory: out, through a file's form, and back, bit for bit or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin import Tensor, optim
from minin.errors import ArgumentError, DtypeError, MininError, ShapeError
from tests import libraries

SHAPES = [(3, 2), (4,), ()]
MAKE: dict[str, Callable[[Any], optim.Optimiser]] = {
    "plain": lambda params: optim.SGD(params, 0.1),
    "momentum": lambda params: optim.SGD(params, 0.1, momentum=0.9, weight_decay=0.01),
    "nesterov": lambda params: optim.SGD(params, 0.1, momentum=0.9, nesterov=True),
    "adam": lambda params: optim.Adam(params, 0.1, weight_decay=0.01),
}
SLOTS = {"plain": (), "momentum": ("velocity",), "nesterov": ("velocity",)}


def weights(dtype: str = "float64", library: str = "numpy") -> list[Tensor]:
    rng = np.random.default_rng(0)
    arrays = [np.asarray(rng.standard_normal(shape), dtype=dtype) for shape in SHAPES]
    return [Tensor(libraries.put(array, library), requires_grad=True) for array in arrays]


def walk(optimiser: optim.Optimiser, steps: range, library: str = "numpy") -> None:
    """Take steps along slopes that depend on the step alone; now and then one has none."""
    params = [p for group in optimiser.groups for p in group.params]
    for step in steps:
        rng = np.random.default_rng(step)
        for place, w in enumerate(params):
            slope = np.asarray(rng.standard_normal(w.shape), dtype=str(w.dtype).split(".")[-1])
            idle = place == 1 and step % 3 == 0
            w.grad = None if idle else libraries.put(slope, library)
        optimiser.step()


@pytest.mark.parametrize("library", libraries.libraries())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", MAKE)
def test_a_resumed_optimiser_goes_on_bit_for_bit(name: str, dtype: str, library: str) -> None:
    whole = weights(dtype, library)
    first = MAKE[name](whole)
    walk(first, range(7), library)
    resumed = [Tensor(libraries.put(libraries.get(w.data), library), True) for w in whole]
    second = MAKE[name](resumed)
    second.load_state_dict(first.state_dict())
    walk(first, range(7, 12), library)
    walk(second, range(7, 12), library)
    for one, two in zip(whole, resumed, strict=True):
        np.testing.assert_array_equal(libraries.get(one.data), libraries.get(two.data))
    assert_same(first.state_dict(), second.state_dict())


def assert_same(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert list(one) == list(two)
    for name, array in one.items():
        np.testing.assert_array_equal(array, two[name])
        assert array.dtype == two[name].dtype


@given(steps=st.integers(0, 3))
@pytest.mark.parametrize("name", MAKE)
def test_the_names_are_the_same_at_every_step(name: str, steps: int) -> None:
    optimiser = MAKE[name](weights())
    walk(optimiser, range(steps))
    names = SLOTS.get(name, ("mean", "square", "steps"))
    state = optimiser.state_dict()
    assert set(state) == {f"{n}.{place}" for n in names for place in range(3)}
    assert all(isinstance(array, np.ndarray) for array in state.values())


def test_a_file_keeps_it(tmp_path: Any) -> None:
    numpy_files = pytest.importorskip("safetensors.numpy")
    optimiser = MAKE["adam"](weights())
    walk(optimiser, range(3))
    numpy_files.save_file(optimiser.state_dict(), tmp_path / "state.safetensors")
    other = MAKE["adam"](weights())
    other.load_state_dict(numpy_files.load_file(tmp_path / "state.safetensors"))
    assert_same(other.state_dict(), optimiser.state_dict())


@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_a_state_is_a_copy_on_the_way_out_and_in(name: str) -> None:
    optimiser, other = MAKE[name](weights()), MAKE[name](weights())
    walk(optimiser, range(2))
    state = optimiser.state_dict()
    kept = {key: value.copy() for key, value in state.items()}
    other.load_state_dict(state)
    walk(optimiser, range(2, 4))
    walk(other, range(2, 5))
    assert_same(state, kept)
    for array in state.values():
        array[...] = 7
    assert not any((array == 7).all() for array in other.state_dict().values())


def test_an_int_may_stand_for_a_count() -> None:
    optimiser = MAKE["adam"](weights())
    optimiser.load_state_dict({**optimiser.state_dict(), "steps.0": 4})
    assert optimiser.state_dict()["steps.0"] == 4


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"mean.0": None}, DtypeError, "mean.0 must be an array of float64"),
        ({"mean.0": np.zeros((3, 2), np.float32)}, DtypeError, "got float32"),
        ({"mean.0": [[0.0, 0.0]] * 3}, DtypeError, "got list"),
        ({"mean.1": np.zeros(5)}, ShapeError, r"must have shape \(4,\)"),
        ({"mean.9": np.zeros(5)}, ArgumentError, "unknown mean.9"),
        ({"velocity.0": np.zeros((3, 2))}, ArgumentError, "unknown velocity.0"),
        ({3: np.zeros(5)}, ArgumentError, "unknown 3"),
        ({"steps.0": 1.0}, DtypeError, "steps.0 must be one integer"),
        ({"steps.0": np.zeros(())}, DtypeError, "steps.0 must be one integer"),
        ({"steps.0": np.zeros(2, np.int64)}, DtypeError, "steps.0 must be one integer"),
        ({"steps.0": True}, DtypeError, "steps.0 must be one integer"),
        ({"steps.0": "4"}, DtypeError, "steps.0 must be one integer"),
        ({"steps.2": -1}, ArgumentError, "at least 0; got -1"),
    ],
)
def test_a_wrong_state_changes_nothing(
    change: dict[Any, Any], error: type[MininError], message: str
) -> None:
    optimiser = MAKE["adam"](weights())
    walk(optimiser, range(2))
    before = optimiser.state_dict()
    zeros = {name: np.zeros_like(array) for name, array in before.items()}
    with pytest.raises(error, match=message):
        optimiser.load_state_dict({**zeros, **change})
    assert_same(optimiser.state_dict(), before)


@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_an_empty_state_is_no_state(name: str) -> None:
    with pytest.raises(ArgumentError, match="missing"):
        MAKE[name](weights()).load_state_dict({})


@pytest.mark.parametrize("state", [None, [], 3])
def test_a_state_is_a_dict(state: Any) -> None:
    with pytest.raises(DtypeError, match="a state is a dict"):
        MAKE["plain"](weights()).load_state_dict(state)
