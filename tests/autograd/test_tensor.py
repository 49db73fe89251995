"""Tensor's manners: what it says, what it refuses, and how it is copied."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minin
from minin import Tensor, backend, ops
from minin.errors import ArgumentError, BackendUnavailableError, DtypeError, GraphError, ShapeError
from minin.files.toml import of_minin
from tests.libraries import get, put

# ---- what it says ---------------------------------------------------------------------------


def test_it_says_what_it_holds() -> None:
    t = minin.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    assert (t.shape, t.ndim, str(t.dtype), t.device) == ((1, 3), 2, "float32", "cpu")
    assert t.requires_grad is True
    assert t.grad is None


REPRS: dict[str, Any] = {
    "Tensor([1., 2.], dtype=float32)": lambda: minin.tensor([1.0, 2.0]),
    "Tensor(3., dtype=float32)": lambda: minin.tensor(3.0),
    "Tensor(3, dtype=int64)": lambda: minin.tensor(3),
    "Tensor([ True, False], dtype=bool)": lambda: minin.tensor([True, False]),
    "Tensor([], dtype=float32)": lambda: minin.tensor([]),
    "Tensor([1.], dtype=float32, requires_grad=True)": lambda: minin.tensor([1.0], True),
    "Tensor([2.], dtype=float32, from=multiply)": lambda: minin.tensor([1.0], True) * 2,
    "Tensor(1., dtype=float32, from=sum)": lambda: minin.tensor([1.0], True).sum(),
    "Tensor([[1., 2.],\n        [3., 4.]], dtype=float32)": lambda: minin.tensor(
        [[1.0, 2.0], [3.0, 4.0]]
    ),
}


@pytest.mark.parametrize("text", REPRS)
def test_repr_shows_numbers_dtype_and_where_it_came_from(text: str) -> None:
    assert repr(REPRS[text]()) == text


def test_repr_shows_the_device_where_it_is_not_the_cpu() -> None:
    text = repr(Tensor(put(np.ones(2), "strict")))
    assert text.startswith("Tensor([1., 1.], ")
    assert "device1" in text


def test_a_large_tensor_has_a_short_repr() -> None:
    assert len(repr(minin.tensor(np.zeros((1000, 1000))))) < 1000


# ---- Python's manners -----------------------------------------------------------------------


def test_one_number_becomes_a_python_number() -> None:
    for t in (minin.tensor(2.5), minin.tensor([2.5]), minin.tensor([[2.5]])):
        assert (t.item(), float(t), int(t), bool(t)) == (2.5, 2.5, 2, True)
        assert type(t.item()) is float
    assert type(minin.tensor(3).item()) is int
    assert type(minin.tensor(True).item()) is bool
    assert not minin.tensor(0.0)


@pytest.mark.parametrize("convert", [float, int, bool, lambda t: t.item()])
@pytest.mark.parametrize("numbers", [[1.0, 2.0], []])
def test_more_or_less_than_one_number_does_not(convert: Any, numbers: list[float]) -> None:
    with pytest.raises(ShapeError, match=rf"exactly one number.*\({len(numbers)},\)"):
        convert(minin.tensor(numbers))


def test_length_and_iteration_go_along_the_first_axis() -> None:
    t = minin.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)
    assert len(t) == 3
    _, second, _ = t
    second.sum().backward()
    assert t.grad.tolist() == [[0, 0], [1, 1], [0, 0]]


@pytest.mark.parametrize("ask", [len, iter, list])
def test_without_axes_there_is_no_length(ask: Any) -> None:
    with pytest.raises(DtypeError, match=r"t\.item\(\)"):
        ask(minin.tensor(1.0))


def test_numpy_gives_a_fresh_copy() -> None:
    t = minin.tensor([1.0, 2.0])
    for array in (t.numpy(), np.asarray(t), np.array(t)):
        array[0] = 9.0
        assert type(array) is np.ndarray
    assert t.data.tolist() == [1.0, 2.0]
    assert np.asarray(t, dtype=np.float64).dtype == np.float64


def test_a_numpy_function_does_not_cut_the_graph_in_silence() -> None:
    t = minin.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(TypeError):
        np.exp(t)
    with pytest.raises(TypeError):
        np.add(np.ones(2), t)


# ---- data, requires_grad and device -------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [np.ones(3), np.ones((2, 1)), 1.0, [1.0, 2.0], None], ids=lambda d: type(d).__name__
)
def test_data_keeps_its_shape(data: Any) -> None:
    t = minin.tensor([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"data must be an array of shape \(2,\)"):
        t.data = data
    assert t.data.tolist() == [1.0, 2.0]
    assert t.changes == 0


def test_data_without_axes_stays_an_array() -> None:
    t = minin.tensor(2.0, requires_grad=True)
    (t * t).backward()
    t.data = t.data - 0.5 * t.grad  # NumPy makes a scalar of this
    assert type(t.data) is np.ndarray
    t.data -= 1.0
    assert type(t.data) is np.ndarray
    assert t.item() == -1.0


@pytest.mark.parametrize("numbers", [[1, 2], [True]])
def test_only_floats_can_require_a_gradient(numbers: list[Any]) -> None:
    with pytest.raises(DtypeError, match=r"requires_grad.*float32 or float64.*(int64|bool)"):
        minin.tensor(numbers, requires_grad=True)
    with pytest.raises(DtypeError, match=r"requires_grad"):
        minin.tensor(numbers).requires_grad = True


@pytest.mark.parametrize("value", [True, False])
def test_requires_grad_cannot_be_set_on_what_was_computed(value: bool) -> None:
    y = minin.tensor([1.0], requires_grad=True) * 2
    with pytest.raises(GraphError, match=r"\(a leaf\).*detach"):
        y.requires_grad = value


def test_to_the_same_device_keeps_graph_and_numbers() -> None:
    x = minin.tensor([1.0, 2.0], requires_grad=True)
    (x.to("cpu") * 3).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


@pytest.mark.skipif(backend.why_no_cuda() is None, reason="a GPU is usable here")
@pytest.mark.parametrize("device", ["cuda", "cuda:0", "cuda:7"])
def test_to_cuda_without_one_says_why_and_what_to_do(device: str) -> None:
    x = minin.tensor([1.0])
    moves: list[Callable[[], Tensor]] = [
        lambda: x.to(device),
        lambda: minin.tensor([1.0], device=device),
    ]
    for move in moves:
        with pytest.raises(BackendUnavailableError) as caught:
            move()
        reason = backend.why_no_cuda()
        assert str(caught.value) == f"device {device!r} cannot be used: {reason}"
        assert ":" in str(reason), "a reason, and after a colon its remedy"


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:x", "cuda:-1", "", "CPU", 0, None])
def test_an_unknown_device_is_refused_with_the_known_ones(device: Any) -> None:
    with pytest.raises(ArgumentError, match=r"auto, cpu, cuda or cuda:NUMBER"):
        minin.tensor([1.0]).to(device)


def test_a_strict_library_serves_as_well() -> None:
    x = minin.tensor(put(np.array([1.0, -2.0]), "strict"), requires_grad=True)
    (ops.relu(x) * x).sum().backward()
    assert get(x.grad).tolist() == [2.0, 0.0]
    assert type(x.grad) is type(x.data)


# ---- copies ---------------------------------------------------------------------------------


def test_a_deep_copy_is_a_leaf_of_its_own() -> None:
    x = minin.tensor([1.0, 2.0], requires_grad=True)
    (x * 3).sum().backward()
    twin = copy.deepcopy(x)
    assert twin.requires_grad
    assert twin.grad.tolist() == [3.0, 3.0]
    for mine, its in ((x.data, twin.data), (x.grad, twin.grad)):
        assert not np.shares_memory(mine, its)
    twin.data += 1.0
    twin.grad += 1.0
    assert (x.data.tolist(), x.grad.tolist()) == ([1.0, 2.0], [3.0, 3.0])


def test_a_deep_copy_of_two_names_for_one_tensor_has_one() -> None:
    x = minin.tensor([1.0])
    first, second = copy.deepcopy([x, x])
    assert first is second
    assert first is not x


def test_pickling_keeps_numbers_and_requires_grad() -> None:
    x = minin.tensor([1.0, 2.0], requires_grad=True)
    twin = pickle.loads(pickle.dumps(x))
    np.testing.assert_array_equal(twin.data, x.data, strict=True)
    assert twin.requires_grad
    (twin * 2).sum().backward()
    assert twin.grad.tolist() == [2.0, 2.0]
    assert x.grad is None


@pytest.mark.parametrize("how", [copy.deepcopy, copy.copy, pickle.dumps])
def test_what_was_computed_is_not_copied_with_half_a_graph(how: Any) -> None:
    y = minin.tensor([1.0], requires_grad=True) * 2
    with pytest.raises(GraphError, match=r"t\.detach\(\)"):
        how(y)
    how(y.detach())


# ---- PyTorch's spellings --------------------------------------------------------------------

HINTS = {
    "view": "t.reshape(shape)",
    "permute": "t.transpose(axes)",
    "cpu": "t.to('cpu')",
    "cuda": "t.to('cuda')",
    "argmax": "t.data.argmax(axis)",
    "clone": "minin.tensor(t.data)",
    "size": "t.shape",
    "unsqueeze": "t[:, None]",
    "T": "t.transpose()",
    "requires_grad_": "t.requires_grad = True",
    "add_": "t.data += ...",
    "relu": "minin.ops.relu(t)",
    "softmax": "minin.ops.softmax(t)",
    "exp": "minin.ops.exp(t)",
    "flatten": "minin.ops.flatten(t)",
    "max": "minin.ops.max(t)",
}


@pytest.mark.parametrize("name", HINTS)
def test_an_attribute_of_pytorch_is_answered_with_minins_spelling(name: str) -> None:
    t = minin.tensor([1.0])
    assert not hasattr(t, name)
    with pytest.raises(AttributeError) as caught:
        getattr(t, name)
    assert f"no attribute {name!r}; in minin" in str(caught.value)
    assert HINTS[name] in str(caught.value)


SPELLINGS = of_minin("autograd/spellings.toml")


def test_every_function_that_a_hint_names_exists() -> None:
    named = [name for name, hint in SPELLINGS.items() if "function" in hint]
    assert "relu" in named
    for name in named:
        assert hasattr(ops, name)
        assert SPELLINGS[name] == f"; in minin it is a function: minin.ops.{name}(t)"


def test_no_hint_is_for_something_that_a_tensor_has() -> None:
    assert sorted(SPELLINGS.keys() & set(dir(minin.tensor([1.0])))) == []


def test_the_spellings_that_hints_name_work() -> None:
    """Each hint is code; it runs, up to a comma and for everything that needs no GPU."""
    for name, hint in SPELLINGS.items():
        if "function" in hint:
            continue
        code = hint.removeprefix("; in minin: ")
        code = code.split(",")[0] if name in ("argmax", "zero_grad") else code
        t = minin.tensor([[1.0, 2.0]])
        known = {"t": t, "minin": minin, "shape": (2, 1), "axes": (1, 0), "axis": 1}
        known |= {"exponent": 2.0, "dtype": "float64"}
        if name != "cuda":
            exec(code.replace("= ...", "= 1.0"), known)


def test_an_unknown_attribute_is_just_unknown() -> None:
    with pytest.raises(AttributeError, match=r"^a Tensor has no attribute 'wheels'$"):
        minin.tensor([1.0]).wheels  # noqa: B018  # reading it is the question


def test_a_tensor_has_no_attributes_but_its_own() -> None:
    with pytest.raises(AttributeError):
        minin.tensor([1.0]).gradient = 1.0  # type: ignore[attr-defined]  # a typing mistake


# ---- how ops are called ----------------------------------------------------------------------


def test_an_op_called_wrongly_says_how_it_is_called() -> None:
    t = minin.tensor([[1.0]])
    calls: list[Callable[[], Tensor]] = [
        lambda: ops.relu(),
        lambda: ops.relu(t, t),
        lambda: ops.softmax(t, axes=1),
        lambda: ops.linear(t),
        lambda: ops.linear(t, t, weight=t),
    ]
    for call in calls:
        with pytest.raises(DtypeError, match=r"(relu|softmax|linear): .* called as \1\("):
            call()


def test_methods_are_the_functions() -> None:
    t = minin.tensor(np.arange(6.0).reshape(2, 3))
    assert t.sum(0, True).shape == ops.sum(t, 0, True).shape == (1, 3)
    assert t.mean(axis=1).shape == ops.mean(t, axis=1).shape == (2,)
    assert t.reshape(3, 2).shape == t.reshape((3, 2)).shape == t.reshape([3, -1]).shape == (3, 2)
    assert t.transpose().shape == t.transpose(1, 0).shape == t.transpose((1, 0)).shape == (3, 2)
