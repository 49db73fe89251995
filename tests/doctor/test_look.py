"""What the doctor measures is what it says, and the patient is left as it was."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin import models, nn, ops
from minin.autograd import Tensor, no_grad
from minin.data.transforms import Preprocess
from minin.doctor import dead_classes, look
from minin.doctor.pixels import pixel_vitals
from minin.errors import ArgumentError, DtypeError, ShapeError

COUNT = 40


def batch(count: int = COUNT, seed: int = 0) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    images = np.random.default_rng(seed).normal(size=(count, 1, 8, 8)).astype(np.float32)
    return images, np.arange(count) % 10


def network(**options: Any) -> models.Network:
    return models.build("nin-digits", rng=0, **options)


# ---- it leaves no trace ----------------------------------------------------------------------


def test_modes_gradients_and_random_states_stay() -> None:
    images, labels = batch()
    model, twin = network(dropout=0.5).train(), network(dropout=0.5).train()
    for one in (model, twin):
        one[2].eval()
        ops.cross_entropy(one(images), labels).backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    values = [gradient.copy() for gradient in gradients]
    look(model, images, labels)
    dead_classes(model, images)
    assert [m.training for m in model.modules()] == [m.training for m in twin.modules()]
    for parameter, gradient, value in zip(model.parameters(), gradients, values, strict=True):
        assert parameter.grad is gradient
        np.testing.assert_array_equal(gradient, value)
    # The next masks are those of a network that nobody looked at.
    np.testing.assert_array_equal(model(images).numpy(), twin(images).numpy())


def test_a_look_inside_no_grad_still_sees_gradients() -> None:
    model = network()
    with no_grad():
        vitals = look(model, *batch())
    assert all(p.gradient for p in vitals.weights)
    assert all(p.grad is None for p in model.parameters())


def test_a_failed_look_leaves_no_trace_either() -> None:
    model = network().train()
    with pytest.raises(ArgumentError):
        look(model, batch()[0], np.arange(COUNT) + 5)
    assert all(m.training for m in model.modules())


def test_frozen_parameters_have_no_gradient() -> None:
    model = network()
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith("6")
    vitals = look(model, *batch())
    assert [p.path for p in vitals.parameters if p.gradient is not None] == [
        f"6.{layer}.{kind}" for layer in (0, 2, 4) for kind in ("weight", "bias")
    ]
    for parameter in model.parameters():
        parameter.requires_grad = False
    assert not look(model, *batch()).weights


# ---- the numbers are those of the definition -------------------------------------------------


@pytest.mark.parametrize("count", [1, 7, COUNT])
def test_loss_and_gradients_by_definition(count: int) -> None:
    images, labels = batch(count)
    model = network().eval()
    vitals = look(model, images, labels)
    logits = model(images)
    loss = ops.cross_entropy(logits, labels)
    loss.backward()
    assert vitals.loss == pytest.approx(loss.item(), rel=1e-6)
    assert vitals.logit_rms == pytest.approx(np.sqrt(np.mean(logits.numpy() ** 2.0)), rel=1e-5)
    for (name, parameter), found in zip(model.named_parameters(), vitals.parameters, strict=True):
        assert found.path == name
        assert found.gradient == pytest.approx(np.sqrt(np.mean(parameter.grad**2.0)), rel=1e-3)
        assert found.rms == pytest.approx(np.sqrt(np.mean(parameter.data**2.0)), rel=1e-5)


def test_agreement_is_the_cosine_between_the_halves() -> None:
    images, labels = batch()
    model = network().eval()
    halves = []
    for part in (slice(0, None, 2), slice(1, None, 2)):
        for parameter in model.parameters():
            parameter.grad = None
        ops.cross_entropy(model(images[part]), labels[part]).backward()
        halves.append(np.concatenate([p.grad.ravel() for p in model.parameters()]))
    cosine = halves[0] @ halves[1] / np.linalg.norm(halves[0]) / np.linalg.norm(halves[1])
    assert look(model, images, labels).agreement == pytest.approx(cosine, rel=1e-4)
    assert math.isnan(look(model, images[:1], labels[:1]).agreement)


@pytest.mark.parametrize("final_relu", [True, False])
def test_layers_inside_an_mlpconv_by_running_it_apart(final_relu: bool) -> None:
    images, labels = batch()
    model = network(final_relu=final_relu).eval()
    zeros, sizes, paths, x = [], [], [], Tensor(images)
    with no_grad():
        for number, block in enumerate(model):
            layers = list(block) if isinstance(block, nn.MlpConv) else [block]
            for place, layer in enumerate(layers):
                x = layer(x)
                follows = place + 1 < len(layers) and isinstance(layers[place + 1], nn.ReLU)
                is_layer = isinstance(layer, nn.ReLU) or (
                    isinstance(layer, nn.Conv2d) and not follows
                )
                if is_layer:
                    zeros.append(np.mean(x.numpy() == 0))
                    sizes.append(np.sqrt(np.mean(x.numpy() ** 2.0)))
                if isinstance(layer, nn.Conv2d):
                    paths.append(f"{number}.{place}")
    found = look(model, images, labels).layers
    assert [layer.path for layer in found] == paths
    np.testing.assert_allclose([layer.zero for layer in found], zeros, rtol=1e-6)
    np.testing.assert_allclose([layer.rms for layer in found], sizes, rtol=1e-5)
    assert [layer.activation for layer in found] == ["relu"] * 8 + ["relu" if final_relu else ""]


class Plain(nn.Module):
    """A network of single layers, with other activations and without class maps."""

    def __init__(self) -> None:
        self.first = nn.Conv2d(1, 6, 3, rng=0)
        self.last = nn.Linear(6 * 36, 10, rng=1)

    def forward(self, x: Any) -> Tensor:
        return self.last(ops.flatten(ops.sigmoid(self.first(x))))


def test_single_layers_have_their_own_activation_or_none() -> None:
    vitals = look(Plain(), *batch())
    assert [(layer.path, layer.activation) for layer in vitals.layers] == [
        ("first", "sigmoid"),
        ("last", ""),
    ]
    assert all(one.gradient for one in vitals.classes)


def test_bytes_are_prepared() -> None:
    images = np.random.default_rng(0).integers(0, 17, (COUNT, 1, 8, 8)).astype(np.uint8)
    labels = batch()[1]
    preprocess = Preprocess.fit(["standardise"], images)
    model = network()
    assert look(model, images, labels, preprocess) == look(model, preprocess(images), labels)
    with pytest.raises(DtypeError, match="prepared"):
        look(model, images, labels)


# ---- classes ---------------------------------------------------------------------------------


def test_the_classes_that_were_silenced_are_dead() -> None:
    images, labels = batch(60)
    model = network(final_relu=True)
    bias = dict(model.named_parameters())["6.4.bias"]
    bias.data += np.float32(20)  # all alive
    assert dead_classes(model, images) == ()
    bias.data[[3, 7]] -= np.float32(100)
    classes = look(model, images, labels).classes
    assert [k for k, one in enumerate(classes) if one.is_dead] == [3, 7]
    assert [one.alive for one in classes] == [0.0 if k in (3, 7) else 1.0 for k in range(10)]
    assert [one.gradient == 0 for one in classes] == [k in (3, 7) for k in range(10)]
    assert all((one.reach or 0.0) < 0 if one.is_dead else one.reach for one in classes)
    assert dead_classes(model, images) == (3, 7)
    assert dead_classes(model, np.tile(images, (9, 1, 1, 1))) == (3, 7)


def test_behind_a_dead_layer_all_classes_are_dead() -> None:
    model = network(final_relu=True)
    parameters = dict(model.named_parameters())
    parameters["3.2.bias"].data -= np.float32(100)
    parameters["6.4.bias"].data += np.float32(5)  # the logits are alike, and not 0
    assert dead_classes(model, batch(60)[0]) == tuple(range(10))


def test_too_few_images_say_nothing_of_a_class() -> None:
    model = network(final_relu=True)
    dict(model.named_parameters())["6.4.bias"].data[2] -= np.float32(100)
    assert dead_classes(model, batch(60)[0])[:1] == (2,)
    assert dead_classes(model, batch(1)[0]) == ()
    assert dead_classes(model, batch(20)[0]) == ()


def test_a_map_just_below_zero_is_no_alarm() -> None:
    images, _ = batch(60)
    model = network(final_relu=True).eval()
    block = model[6]
    assert isinstance(block, nn.MlpConv)
    bias = dict(model.named_parameters())["6.4.bias"]
    bias.data += np.float32(20)
    top = look(model, images, batch(60)[1]).classes[4].reach
    assert top is not None
    assert top > 0
    with no_grad():
        x = model[:6](images)
        for layer in block.layers[:-1]:
            x = layer(x)
    maps = x.numpy()[:, 4]
    bias.data[4] -= maps.max() + 0.5 * maps.std()
    assert look(model, images, batch(60)[1]).classes[4].reach == pytest.approx(-0.5, abs=0.01)
    assert dead_classes(model, images) == ()
    bias.data[4] -= 2 * maps.std()
    assert dead_classes(model, images) == (4,)


def test_images_that_are_all_alike_are_told() -> None:
    images = np.ones((COUNT, 1, 8, 8), np.float32)
    assert not look(network(), images, batch()[1]).pixels.varies


# ---- pixels ----------------------------------------------------------------------------------


def nearest_mean_by_loops(flat: Any, labels: Any) -> float:
    """Leave each image out, take the means of all others, and see which is nearest."""
    right = asked = 0
    for i in range(len(flat)):
        others = [j for j in range(len(flat)) if j != i]
        if not any(labels[j] == labels[i] for j in others):
            continue
        best, chosen = math.inf, -1
        for k in sorted(set(labels)):
            own = [flat[j] for j in others if labels[j] == k]
            if sum(labels == k) < 2:
                continue
            distance = sum((flat[i] - np.mean(own, axis=0)) ** 2)
            if distance < best:
                best, chosen = distance, k
        right += int(chosen == labels[i])
        asked += 1
    return right / asked


@given(seed=st.integers(0, 10_000), count=st.integers(4, 14), classes=st.integers(2, 4))
def test_the_nearest_class_mean_by_loops(seed: int, count: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    images = rng.normal(size=(count, 1, 2, 2))
    labels = np.concatenate([[0, 0, 1, 1], rng.integers(0, classes, count - 4)])
    found = pixel_vitals(images, labels)
    wanted = nearest_mean_by_loops(images.reshape(count, -1), labels)
    assert found.accuracy == pytest.approx(wanted)


def test_guessing_is_what_shuffled_labels_give() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 25)
    images = labels[:, None, None, None] + rng.normal(size=(250, 1, 4, 4))
    assert pixel_vitals(images, labels).surprise > 10
    surprises = [pixel_vitals(images, rng.permutation(labels)).surprise for _ in range(30)]
    assert abs(np.mean(surprises)) < 1
    assert max(surprises) < 4


# ---- bad input -------------------------------------------------------------------------------


def test_what_is_no_batch_is_refused() -> None:
    images, labels = batch()
    with pytest.raises(ShapeError):
        look(network(), images, labels[:-1])
    with pytest.raises(ShapeError):
        look(network(), images[:0], labels[:0])
    with pytest.raises(ShapeError, match="logits"):
        look(nn.Sequential(nn.Conv2d(1, 10, 3, rng=0)), images, labels)


def test_a_network_of_nan_is_measured_without_a_warning() -> None:
    model = network()
    dict(model.named_parameters())["3.2.weight"].data *= np.float32(np.nan)
    vitals = look(model, *batch())
    assert vitals.not_finite == "3.2.weight"
    assert math.isnan(vitals.loss)
    images = batch()[0]
    images[3] = np.inf
    assert look(network(), images, batch()[1]).not_finite == "the images"
