"""Modules find what is inside them, and a state is taken over whole or not at all."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import minin
from minin import Tensor, nn, ops
from minin.errors import ArgumentError, DtypeError, MininError, ShapeError


class Pair(nn.Module):
    """A module of one's own: a tensor, a child, and children in a list."""

    def __init__(self) -> None:
        self.scale = minin.tensor([2.0], requires_grad=True)
        self.head = nn.Linear(4, 3, rng=0)
        self.more = [nn.Linear(3, 3, rng=1), nn.ReLU(), "no module", nn.Linear(3, 2, rng=2)]
        self.note = "no parameter"

    def forward(self, x: Any) -> Tensor:
        y = self.head(x * self.scale)
        for layer in self.more:
            if isinstance(layer, nn.Module):
                y = layer(y)
        return y


def changed(state: dict[str, Any], **entries: Any) -> dict[str, Any]:
    """Return a state with other entries; None takes one away."""
    merged = {**state, **{name.replace("_", "."): value for name, value in entries.items()}}
    return {name: value for name, value in merged.items() if value is not None}


def small() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 3, rng=0), nn.ReLU(), nn.Linear(3, 2, rng=1))


def test_parameters_are_found_by_attribute() -> None:
    names = [name for name, _ in Pair().named_parameters()]
    assert names == [
        "scale",
        "head.weight",
        "head.bias",
        "more.0.weight",
        "more.0.bias",
        "more.3.weight",
        "more.3.bias",
    ]


def test_a_module_of_ones_own_computes_and_learns() -> None:
    model = Pair()
    loss = ops.sum(model(np.ones((2, 4), dtype=np.float32)))
    loss.backward()
    assert all(p.grad is not None and p.grad.shape == p.shape for p in model.parameters())


def test_an_attribute_assigned_later_counts_and_a_replaced_one_does_not() -> None:
    model = Pair()
    setattr(model, "extra", nn.Linear(1, 1, rng=0))  # noqa: B010 - mypy knows no "extra"
    model.head = nn.Linear(4, 3, bias=False, rng=0)
    names = [name for name, _ in model.named_parameters()]
    assert "extra.weight" in names
    assert "head.bias" not in names


def test_a_shared_layer_is_one_parameter_under_two_names() -> None:
    layer = nn.Linear(3, 3, rng=0)
    model = nn.Sequential(layer, nn.ReLU(), layer)
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias"]
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert [name for name, _ in model.named_modules()] == ["", "0", "1"]


def test_a_module_without_forward_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Module has no forward"):
        nn.Module()(1)


def test_train_and_eval_reach_every_module() -> None:
    model = nn.Sequential(nn.Sequential(nn.Dropout(0.5, rng=0)), nn.ReLU())
    assert all(module.training for module in model.modules())
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    assert model.train() is model
    assert all(module.training for module in model.modules())


def test_state_is_a_copy_both_ways() -> None:
    model = small()
    state = model.state_dict()
    state["0.weight"][:] = 7
    assert not (model.state_dict()["0.weight"] == 7).any()
    model.load_state_dict(state)
    state["0.weight"][:] = 8
    assert (model.state_dict()["0.weight"] == 7).all()


def test_state_goes_from_one_model_to_another() -> None:
    one, other = small(), small()
    other.load_state_dict({name: value * 2 for name, value in one.state_dict().items()})
    for name, value in other.state_dict().items():
        np.testing.assert_array_equal(value, one.state_dict()[name] * 2)


def test_a_state_keeps_the_parameters_dtype_and_takes_tensors() -> None:
    model = small()
    state = {name: minin.tensor(v.astype(np.float64)) for name, v in model.state_dict().items()}
    model.load_state_dict(state)
    assert {p.dtype for p in model.parameters()} == {np.dtype("float32")}


def test_loading_counts_as_a_change() -> None:
    model = nn.Linear(2, 2, rng=0)
    loss = ops.sum(model(minin.tensor(np.ones((1, 2), np.float32), requires_grad=True)))
    model.load_state_dict(model.state_dict())
    with pytest.raises(minin.errors.ChangedInPlaceError):
        loss.backward()


@pytest.mark.parametrize(
    ("entries", "kind", "words"),
    [
        ({"0_bias": None}, ArgumentError, "missing: 0.bias"),
        ({"9_bias": np.zeros(2)}, ArgumentError, "unknown: 9.bias"),
        ({"2_weight": np.zeros((3, 2))}, ShapeError, r"2.weight must be \(2, 3\), got \(3, 2\)"),
        ({"2_bias": np.zeros((2, 1))}, ShapeError, "2.bias must be"),
        ({"0_bias": np.array(["a", "b", "c"])}, DtypeError, "0.bias must be an array of real"),
        ({"0_bias": np.zeros(3, dtype=complex)}, DtypeError, "complex128"),
        ({"0_bias": [[1], [2, 3], 4]}, DtypeError, "got list"),
        ({"0_bias": "weights"}, DtypeError, "got str"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(
    entries: dict[str, Any], kind: type[MininError], words: str
) -> None:
    model = small()
    before = model.state_dict()
    state = {name: value + 1 for name, value in before.items()}
    with pytest.raises(kind, match=words):
        model.load_state_dict(changed(state, **entries))
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_all_that_is_wrong_is_said_at_once() -> None:
    state = changed(small().state_dict(), **{"0_bias": None, "2_bias": np.zeros(9)})
    with pytest.raises(ArgumentError, match=r"missing: 0.bias; shapes: 2.bias must be"):
        small().load_state_dict(state)


def test_a_long_list_of_names_is_cut() -> None:
    with pytest.raises(ArgumentError, match=r"unknown: k0, .* and 4 more"):
        small().load_state_dict({f"k{i}": np.zeros(1) for i in range(10)})


def test_a_state_is_a_mapping() -> None:
    with pytest.raises(DtypeError, match="a dict from names to arrays, got list"):
        small().load_state_dict([1, 2])  # type: ignore[arg-type]  # the wrong thing on purpose


def test_deepcopy_shares_nothing() -> None:
    model = nn.Sequential(nn.Linear(4, 3, rng=0), nn.Dropout(0.5, rng=3))
    twin = copy.deepcopy(model)
    x = np.ones((5, 4), dtype=np.float32)
    np.testing.assert_array_equal(twin(x).numpy(), model(x).numpy())  # the same mask as well
    for parameter in twin.parameters():
        parameter.data = parameter.data + 1
    assert not np.array_equal(twin(x).numpy(), model(x).numpy())


def test_to_the_device_where_it_is_changes_nothing() -> None:
    model = small()
    arrays = [p.data for p in model.parameters()]
    assert model.to("cpu") is model
    assert all(p.data is array for p, array in zip(model.parameters(), arrays, strict=True))


def test_to_an_unknown_device_names_the_known_ones() -> None:
    with pytest.raises(MininError, match="device must be auto, cpu, cuda"):
        small().to("tpu")


@pytest.mark.gpu
def test_to_cuda_and_back() -> None:
    model = small()
    before = model.state_dict()
    model.to("cuda")
    assert {p.device for p in model.parameters()} == {"cuda:0"}
    model.to("cpu")
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_the_printed_form_is_what_one_would_type() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 8, 5, stride=2, padding=2, bias=False, rng=0),
        nn.MlpConv(8, (6, 4), (3, 1), padding=((1, 0), (0, 0)), final_relu=False, rng=0),
        nn.Sequential(nn.MaxPool2d(3, 2, ceil_mode=True), nn.AvgPool2d(2)),
        nn.Flatten(),
    )
    assert repr(model) == (
        "Sequential(\n"
        "  (0): Conv2d(3, 8, 5, stride=2, padding=2, bias=False)\n"
        "  (1): MlpConv(8, (6, 4), (3, 1), padding=((1, 0), (0, 0)), final_relu=False)\n"
        "  (2): Sequential(\n"
        "    (0): MaxPool2d(3, stride=2, ceil_mode=True)\n"
        "    (1): AvgPool2d(2)\n"
        "  )\n"
        "  (3): Flatten()\n"
        ")"
    )


def test_sequential_is_a_sequence() -> None:
    model = small()
    assert len(model) == 3
    assert list(model) == [model[0], model[1], model[2]]
    assert model[-1] is model[2]
    assert type(model[:2]) is nn.Sequential
    assert list(model[1:]) == [model[1], model[2]]
    with pytest.raises(IndexError):
        model[3]


def test_sequential_takes_modules_only() -> None:
    with pytest.raises(ArgumentError, match=r"got list.*Sequential\(\*layers\)"):
        nn.Sequential([nn.ReLU()])  # type: ignore[arg-type]  # the usual slip


def test_a_module_that_does_not_know_its_shape_says_what_to_write() -> None:
    with pytest.raises(ArgumentError, match=r"Pair .* output_shape\(self, shape\)"):
        Pair().output_shape((4,))
