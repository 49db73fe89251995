"""PyTorch's networks give the same logits here, and ours the same there and in ONNX Runtime."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minin import data, models, train, weights
from minin.cli.convert import words_of
from minin.weights.onnx_file import write_onnx
from tests.cli.conftest import call
from tests.torch_networks import torch_twin

pytest.importorskip("safetensors.numpy")


def images_for(model: models.Network, count: int = 2) -> Any:
    return np.random.default_rng(1).standard_normal((count, *model.input_shape)).astype("f4")


def text_sequential() -> Any:
    """Build the network of Dive into Deep Learning, section 8.3, as its Sequential nests it."""
    from torch import nn

    def block(channels: int, maps: int, kernel: int, stride: int, padding: int) -> Any:
        return nn.Sequential(
            nn.Conv2d(channels, maps, kernel, stride, padding),
            nn.ReLU(),
            nn.Conv2d(maps, maps, 1),
            nn.ReLU(),
            nn.Conv2d(maps, maps, 1),
            nn.ReLU(),
        )

    return nn.Sequential(
        block(1, 96, 11, 4, 0),
        nn.MaxPool2d(3, 2),
        block(96, 256, 5, 1, 2),
        nn.MaxPool2d(3, 2),
        block(256, 384, 3, 1, 1),
        nn.MaxPool2d(3, 2),
        nn.Dropout(0.5),
        block(384, 10, 3, 1, 1),
        nn.AdaptiveAvgPool2d((1, 1)),
        nn.Flatten(),
    )


def text_class() -> Any:
    """Build a class as other texts have it: parts with names of their own, pools padded by 1."""
    import torch
    from torch import nn

    def part(sizes: tuple[int, ...], kernel: int, padding: int, *end: Any) -> Any:
        first, second, third, last = sizes
        return nn.Sequential(
            nn.Conv2d(first, second, kernel, padding=padding),
            nn.ReLU(inplace=True),
            nn.Conv2d(second, third, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(third, last, 1),
            nn.ReLU(inplace=True),
            *end,
        )

    class NIN(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            pool = nn.MaxPool2d(3, 2, padding=1), nn.Dropout(0.5)
            self.features1 = part((3, 192, 160, 96), 5, 2, *pool)
            self.features2 = part((96, 192, 192, 192), 5, 2, *pool)
            self.features3 = part((192, 192, 192, 10), 3, 1, nn.AvgPool2d(8))

        def forward(self, x: Any) -> Any:
            return torch.flatten(self.features3(self.features2(self.features1(x))), 1)

    return NIN()


@pytest.mark.peers
@pytest.mark.parametrize(
    ("make", "name", "words"),
    [(text_sequential, "nin-d2l", ()), (text_class, "nin-cifar10", ("--pool-padding", "1"))],
)
@pytest.mark.parametrize("ending", [".pkl", ".safetensors"])
def test_a_texts_network_gives_the_same_logits(
    make: Any, name: str, words: tuple[str, ...], ending: str, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    net = make().eval()
    with torch.no_grad():
        for parameter in net.parameters():  # PyTorch's own start gives logits of almost nothing
            if parameter.ndim == 4:
                torch.nn.init.kaiming_normal_(parameter, nonlinearity="relu")
    source, target = tmp_path / f"params{ending}", tmp_path / "net.safetensors"
    if ending == ".pkl":
        torch.save(net.state_dict(), source)
    else:
        save_file(net.state_dict(), source)
    done = call("convert", str(source), str(target), *words)
    assert (done.code, done.err) == (0, "")
    assert f"{name}: " in done.out
    model = weights.open(target).eval()
    x = images_for(model)
    with torch.no_grad():
        wanted = net(torch.from_numpy(x)).numpy()
    assert np.ptp(wanted) > 0.1
    np.testing.assert_allclose(model(x).numpy(), wanted, atol=1e-4 * np.abs(wanted).max())


@pytest.mark.peers
@pytest.mark.parametrize("whole", ["the module", "its first block"])
def test_a_whole_module_is_refused(whole: str, tmp_path: Path) -> None:
    import torch

    net = text_sequential() if whole == "the module" else text_sequential()[0]
    torch.save(net, tmp_path / "net.pt")
    done = call("convert", str(tmp_path / "net.pt"), str(tmp_path / "a.safetensors"))
    assert done.code == 2
    assert "torch.nn.modules.container.Sequential" in done.err


@pytest.mark.peers
def test_pytorch_loads_what_is_written_for_it(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    target = tmp_path / "torch.safetensors"
    assert call("convert", "nin-digits:digits", str(target)).code == 0
    model = models.build("nin-digits", pretrained="digits")
    twin = torch_twin(models.build("nin-digits", rng=1)).eval()
    twin.load_state_dict(load_file(target))
    x = images_for(model)
    with torch.no_grad():
        np.testing.assert_allclose(twin(torch.from_numpy(x)).numpy(), model(x).numpy(), atol=1e-5)


@pytest.mark.peers("onnx", "onnxruntime")
@pytest.mark.parametrize("border", [None, 1])
@pytest.mark.parametrize("name", ["nin-digits", "nin-mnist", "nin-cifar10", "nin-d2l"])
def test_onnx_runtime_gives_the_same_logits(name: str, border: int | None, tmp_path: Path) -> None:
    import onnxruntime

    model = models.build(name, rng=0, pool_padding=border).eval()
    write_onnx(tmp_path / "a.onnx", model, {"network": name})
    session = onnxruntime.InferenceSession(tmp_path / "a.onnx", providers=["CPUExecutionProvider"])
    for count in (1, 3):  # the number of images is free
        x = images_for(model, count)
        (logits,) = session.run(["logits"], {"image": x})
        wanted = model(x).numpy()
        np.testing.assert_allclose(logits, wanted, atol=1e-5 * max(1.0, np.abs(wanted).max()))


@pytest.mark.peers("onnx", "onnxruntime")
@pytest.mark.parametrize("size", range(9, 16))
def test_pools_that_round_up_are_exact_at_every_size(size: int, tmp_path: Path) -> None:
    import onnxruntime

    model = models.build("nin-mnist", rng=0, dtype="float64").eval()  # is written as float32
    model.input_shape = (1, size, size + 1)
    write_onnx(tmp_path / "a.onnx", model, {})
    session = onnxruntime.InferenceSession(tmp_path / "a.onnx", providers=["CPUExecutionProvider"])
    x = np.random.default_rng(2).standard_normal((2, *model.input_shape)).astype("f4")
    (logits,) = session.run(None, {"image": x})
    np.testing.assert_allclose(logits, model(x.astype("f8")).numpy(), atol=1e-5)


@pytest.mark.peers("onnx", "onnxruntime")
def test_the_digits_in_onnx_runtime_are_judged_as_here(tmp_path: Path) -> None:
    import onnxruntime

    path = tmp_path / "digits.onnx"
    assert call("convert", "nin-digits:digits", str(path)).code == 0
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    words = session.get_modelmeta().custom_metadata_map
    numbers = json.loads(words["preprocess"])["numbers"]["standardise"]
    classes = json.loads(words["classes"])
    digits = data.load("digits")
    prepared = (digits.test_images - numbers["mean"][0]) / numbers["std"][0]
    (logits,) = session.run(None, {"image": prepared.astype("f4")})
    model = models.build("nin-digits", pretrained="digits")
    shares = train.probabilities(model, digits.test_images)
    np.testing.assert_array_equal(logits.argmax(1), shares.argmax(1))
    assert classes == list(digits.classes)
    assert words == words_of(model)
