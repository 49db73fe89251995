"""Weights of other programs find their network; what fits none is refused with its shapes."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import minin
from minin import models, weights
from minin.errors import DataError
from minin.models.builder import shapes
from tests.weights.torch_files import torch_file

pytest.importorskip("safetensors.numpy")


@pytest.mark.parametrize("ending", [".pt", ".safetensors"])
def test_names_do_not_matter_and_order_does(ending: str, tmp_path: Path) -> None:
    model = models.build("nin-digits", 4, 3, rng=0).eval()
    state = model.state_dict()
    arrays = {
        f"part.{i // 2}.{name.rpartition('.')[2]}": array
        for i, (name, array) in enumerate(state.items())
    }
    from safetensors.numpy import save_file

    path = tmp_path / f"a{ending}"
    if ending == ".pt":
        path.write_bytes(torch_file(arrays))
    else:
        save_file(arrays, path)  # sorted by name, "part.10" before "part.2"
    again = weights.read_foreign(path)
    assert (again.name, again.num_classes, again.input_shape) == ("nin-digits", 4, (3, 8, 8))
    x = np.random.default_rng(0).standard_normal((2, 3, 8, 8)).astype("f4")
    np.testing.assert_array_equal(again(x).numpy(), model(x).numpy())


def test_options_that_weights_do_not_tell(tmp_path: Path) -> None:
    model = models.build("nin-digits", rng=0)
    (tmp_path / "a.pt").write_bytes(torch_file(model.state_dict()))
    found = weights.read_foreign(tmp_path / "a.pt", final_relu=True, pool_padding=1)
    assert (found.options.final_relu, found.options.pool_padding) == (True, 1)
    minin.save(found, tmp_path / "b.safetensors")
    again = weights.open(tmp_path / "b.safetensors")
    assert repr(again) == repr(found)


@pytest.mark.parametrize(
    ("arrays", "word"),
    [
        ({"a.weight": np.ones((2, 1, 3, 3)), "a.bias": np.ones(2)}, r"\(2, 1, 3, 3\), \(2,\)"),
        ({"a.weight": np.ones((2, 3)), "a.bias": np.ones(2)}, "no finite numbers of conv"),
        ({"a.weight": np.ones((2, 1, 3, 3))}, "'a.weight'; a layer of ours has"),
        ({"a.running_mean": np.ones(2)}, "'a.running_mean'"),
        ({"weight": np.ones((2, 1, 3, 3)), "bias": np.ones(2)}, "'weight'"),
    ],
)
def test_what_fits_no_network(arrays: dict[str, np.ndarray], word: str, tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(torch_file(arrays))
    with pytest.raises(DataError, match=word):
        weights.read_foreign(tmp_path / "a.pt")


@pytest.mark.parametrize("name", [n for n in models.names() if n != "nin-imagenet"])  # large
def test_the_shapes_are_those_of_the_network(name: str) -> None:
    built = models.build(name, num_classes=7, in_channels=2, rng=0)
    assert shapes(name, 7, 2) == [parameter.shape for parameter in built.parameters()]


def test_many_classes_in_a_small_file_are_no_bomb(tmp_path: Path) -> None:
    """Networks whose last layers have a map a class would need gigabytes for these."""
    state = models.build("nin-digits", rng=0).state_dict()
    state["6.4.weight"] = np.zeros((40_000, 1, 1, 1), "f4")
    state["6.4.bias"] = np.zeros(40_000, "f4")
    (tmp_path / "a.pt").write_bytes(torch_file(state))
    tracemalloc.start()
    with pytest.raises(DataError, match="no network of"):
        weights.read_foreign(tmp_path / "a.pt")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 20e6


def test_numbers_that_are_not_finite(tmp_path: Path) -> None:
    state = models.build("nin-digits", rng=0).state_dict()
    state["0.0.weight"][0] = np.nan
    (tmp_path / "a.pt").write_bytes(torch_file(state))
    with pytest.raises(DataError, match="no finite numbers"):
        weights.read_foreign(tmp_path / "a.pt")
