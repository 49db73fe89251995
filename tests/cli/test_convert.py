"""`minin convert`: PyTorch's files become minin's, and minin's become PyTorch's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minin import models, weights
from tests.cli.conftest import Trained, assert_error, call
from tests.weights.torch_files import MALICIOUS, torch_file

pytest.importorskip("safetensors.numpy")


def test_there_and_back(trained: Trained) -> None:
    from safetensors.numpy import load_file, save_file

    there = call("convert", str(trained.folder), "there.safetensors")
    assert (there.code, there.err) == (0, "")
    arrays = load_file("there.safetensors")
    model = weights.open(trained.folder / "model.safetensors")
    assert arrays.keys() == model.state_dict().keys()
    save_file(arrays, "theirs.safetensors")  # as PyTorch would: without minin's words
    assert call("convert", "theirs.safetensors", "back.safetensors").code == 0
    again = weights.open("back.safetensors")
    assert repr(again) == repr(model)
    for name, array in arrays.items():
        np.testing.assert_array_equal(model.state_dict()[name], array)
        np.testing.assert_array_equal(again.state_dict()[name], array)


def test_what_weights_do_not_tell_is_told() -> None:
    Path("a.pkl").write_bytes(torch_file(models.build("nin-digits", rng=0).state_dict()))
    words = ("--final-relu", "--pool-padding", "1")
    assert call("convert", "a.pkl", "a.safetensors", *words).code == 0
    options = weights.open("a.safetensors").options
    assert (options.final_relu, options.pool_padding) == (True, 1)


def test_a_network_that_comes_with_minin() -> None:
    assert call("convert", "nin-digits:digits", "a.safetensors").code == 0


def test_errors(trained: Trained) -> None:
    from safetensors.numpy import save_file

    run = str(trained.folder)
    assert_error(call("convert", run, "a.pt"), "ends in .safetensors", "got 'a.pt'")
    Path("there.onnx").write_bytes(b"mine")
    assert_error(call("convert", run, "there.onnx"), "must be a new file")
    assert_error(call("convert", run, "a.onnx", "--pool-padding", "1"), "is minin's")
    Path("evil.pkl").write_bytes(MALICIOUS["reduce"][0])
    assert_error(call("convert", "evil.pkl", "a.safetensors"), "os.mkdir", "runs nothing")
    save_file({"x.weight": np.ones(2)}, "odd.safetensors")
    assert_error(call("convert", "odd.safetensors", "a.safetensors"), "x.weight")
    assert [path.name for path in Path().glob("a.*")] == []


def test_onnx_is_asked_for_where_it_is_missing(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "onnx", None)
    assert_error(call("convert", str(trained.folder), "a.onnx"), "pip install 'onnx>=")
