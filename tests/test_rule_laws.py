"""The laws that every op obeys, on every array library and with both kinds of rule."""

from __future__ import annotations

import inspect
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minin
from minin import autograd, backend, ops
from minin.autograd import Op, tensors
from tests.cases import CASES, Arguments, is_float
from tests.choice import mostly_thorough
from tests.libraries import NAMES, get, libraries, put
from tests.numeric import check_gradients

Array: TypeAlias = npt.NDArray[Any]
seeds = st.integers(0, 2**32 - 1)


def op_named(name: str) -> Op[Any]:
    return getattr(ops, name, None) or getattr(tensors, name)  # type: ignore[no-any-return]


def rows() -> list[Any]:
    """Every (op, library, kind of rule) that exists."""
    found = []
    for name in CASES:
        for library in libraries():
            plain = library if isinstance(library, str) else library.values[0]
            marks = () if isinstance(library, str) else library.marks
            kinds = ["plain"] + ["fast"] * (NAMES[plain] in op_named(name).fast)
            found += [pytest.param(name, plain, kind, marks=marks) for kind in kinds]
    return found


every_row = pytest.mark.parametrize(("name", "library", "kind"), rows())
every_op = pytest.mark.parametrize("name", CASES)


def covered(step: autograd.Step) -> bool:
    """Ask the fast rule whether its declared coverage has such arguments."""
    covers, _ = step.op.fast[backend.library(step.output)]
    return bool(covers(*step.arguments, **step.parameters))


class Ran:
    """One call of an op on tensors: its output, and its gradients on demand, all in NumPy."""

    def __init__(self, name: str, library: str, kind: str, arguments: Arguments) -> None:
        self.leaves: list[minin.Tensor] = []
        values = [self._tensor(put(a, library)) for a in arguments.arrays]
        with minin.rules(kind), autograd.record() as tape:
            self.y = op_named(name)(*values, **arguments.parameters)
        (step,) = tape.steps
        if kind == "fast" and not covered(step):
            kind = "plain"  # outside the declared coverage, and only there
        assert (step.op.__name__, step.kind) == (name, kind), "another rule ran"
        self.library = library

    def _tensor(self, x: Any) -> Any:
        if isinstance(x, list):
            return [self._tensor(y) for y in x]
        if x is None or not hasattr(x, "dtype") or "float" not in str(x.dtype):
            return x
        self.leaves.append(minin.Tensor(x, requires_grad=True))
        return self.leaves[-1]

    def gradients(self, cotangent: Array) -> list[Array]:
        for leaf in self.leaves:
            leaf.grad = None
        self.y.backward(put(cotangent, self.library), retain_graph=True)
        return [get(leaf.grad) for leaf in self.leaves]


def cotangent_for(ran: Ran, seed: int) -> Array:
    """A random cotangent: never ones, under which many wrong gradients look right."""
    draws = np.random.default_rng(seed).normal(size=ran.y.shape)
    return np.asarray(draws).astype(get(ran.y.data).dtype)


def test_every_public_op_has_a_row() -> None:
    public = {name for name, op in vars(ops).items() if isinstance(op, Op)}
    behind_operators = {name for name, op in vars(tensors).items() if isinstance(op, Op)}
    assert set(CASES) == public | behind_operators - {"to_device"}


@every_row
@given(data=st.data())
def test_forward_equals_the_loops(name: str, library: str, kind: str, data: st.DataObject) -> None:
    arguments = data.draw(CASES[name].draw)
    y = get(Ran(name, library, kind, arguments).y.data)
    wanted = CASES[name].oracle(*arguments.arrays, **arguments.parameters)
    np.testing.assert_allclose(y, wanted, rtol=1e-12, atol=1e-12, strict=True)


@every_row
@given(data=st.data(), seed=seeds)
def test_backward_equals_differences(
    name: str, library: str, kind: str, data: st.DataObject, seed: int
) -> None:
    arguments = data.draw(CASES[name].draw)
    ran = Ran(name, library, kind, arguments)
    cotangent = cotangent_for(ran, seed)

    def forward(*floats: Array) -> Array:
        moved = Arguments(arguments.replaced(list(map(np.asarray, floats))), arguments.parameters)
        return np.asarray(get(Ran(name, library, kind, moved).y.data))

    floats, dense = arguments.flat(), sum(x.size for x in arguments.flat()) <= 12
    rng = np.random.default_rng(seed)
    check_gradients(forward, floats, ran.gradients(cotangent), cotangent, rng, dense=dense)


@every_row
@given(data=st.data(), seed=seeds)
def test_backward_is_linear_in_the_cotangent(
    name: str, library: str, kind: str, data: st.DataObject, seed: int
) -> None:
    ran = Ran(name, library, kind, data.draw(CASES[name].draw))
    first, second = cotangent_for(ran, seed), cotangent_for(ran, seed + 1)
    together = ran.gradients(3 * first - 2 * second)
    apart = zip(ran.gradients(first), ran.gradients(second), strict=True)
    for got, (one, two) in zip(together, apart, strict=True):
        np.testing.assert_allclose(got, 3 * one - 2 * two, rtol=1e-10, atol=1e-10)


@every_row
@pytest.mark.parametrize("dtype", mostly_thorough(["float32", "float64"], lambda d: d == "float32"))
@given(data=st.data(), seed=seeds)
def test_shapes_and_dtypes_are_kept(
    name: str, library: str, kind: str, dtype: str, data: st.DataObject, seed: int
) -> None:
    arguments = data.draw(CASES[name].draw)
    floats = [x.astype(dtype) for x in arguments.flat()]
    converted = Arguments(arguments.replaced(floats), arguments.parameters)
    ran = Ran(name, library, kind, converted)
    assert str(get(ran.y.data).dtype) == dtype
    assert type(ran.y.data) is type(put(floats[0], library)), "the output left its library"
    for leaf, gradient in zip(ran.leaves, ran.gradients(cotangent_for(ran, seed)), strict=True):
        assert type(leaf.grad) is type(leaf.data), "a gradient left its library"
        assert (gradient.shape, str(gradient.dtype)) == (leaf.shape, dtype)
    wanted = CASES[name].oracle(*arguments.arrays, **arguments.parameters)
    accurate = 1e-5 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(get(ran.y.data), wanted, rtol=accurate, atol=10 * accurate)


@pytest.mark.parametrize(
    ("name", "kind"), [row.values[::2] for row in rows() if row.values[1] == "numpy"]
)
@given(data=st.data(), seed=seeds)
def test_nothing_is_changed_and_any_memory_layout_will_do(
    name: str, kind: str, data: st.DataObject, seed: int
) -> None:
    """Inputs that are read-only, strided, reversed or in Fortran order give the same numbers."""
    arguments = data.draw(CASES[name].draw)
    ran = Ran(name, "numpy", kind, arguments)
    cotangent = cotangent_for(ran, seed)
    layout = data.draw(st.sampled_from(["same", "strided", "reversed", "fortran"]))
    kept = [locked(x, layout) for x in arguments.flat()]
    again = Ran(name, "numpy", kind, Arguments(arguments.replaced(kept), arguments.parameters))
    np.testing.assert_allclose(get(again.y.data), get(ran.y.data), rtol=1e-13, atol=1e-13)
    got = again.gradients(locked(cotangent, layout))
    for mine, wanted in zip(got, ran.gradients(cotangent), strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-12, atol=1e-12)


def locked(x: Array, layout: str) -> Array:
    """A read-only array of x's numbers in another layout; writing to it raises."""
    if layout == "strided" and x.ndim:
        wide = np.full((*x.shape[:-1], 2 * x.shape[-1]), np.nan)
        wide[..., ::2] = x
        twin = wide[..., ::2]
    elif layout == "reversed" and x.ndim:
        twin = np.ascontiguousarray(x[::-1])[::-1]
    else:
        twin = np.array(x, order="F" if layout == "fortran" else "C")
    twin.flags.writeable = False
    return twin


def linear_places() -> list[Any]:
    return [
        pytest.param(name, library, kind, place, marks=marks)
        for name, library, kind, marks in ((*row.values, row.marks) for row in rows())
        for place in CASES[name].linear_in
    ]


@pytest.mark.parametrize(("name", "library", "kind", "place"), linear_places())
@given(data=st.data(), seed=seeds)
def test_linear_ops_obey_the_adjoint_law(
    name: str, library: str, kind: str, place: int, data: st.DataObject, seed: int
) -> None:
    """<A x, g> = <x, A* g>, to rounding and without a step size; A is the op less its bias."""
    arguments = data.draw(CASES[name].draw)
    ran = Ran(name, library, kind, arguments)
    cotangent = cotangent_for(ran, seed)
    zeroed = list(arguments.arrays)
    zeroed[place] = without_numbers(zeroed[place])
    at_zero = Ran(name, library, kind, Arguments(zeroed, arguments.parameters))
    left = np.sum((get(ran.y.data) - get(at_zero.y.data)) * cotangent)
    before = sum(1 for a in arguments.arrays[:place] for _ in spread(a))
    moved = spread(arguments.arrays[place])
    pulled = ran.gradients(cotangent)[before : before + len(moved)]
    terms = [x * g for x, g in zip(moved, pulled, strict=True)]
    scale = 1 + sum(float(np.sum(np.abs(t))) for t in terms)
    right = sum(float(np.sum(t)) for t in terms)
    np.testing.assert_allclose(left, right, rtol=0, atol=1e-13 * scale)


def spread(a: Any) -> list[Array]:
    return [x for x in (a if isinstance(a, list) else [a]) if is_float(x)]


def without_numbers(a: Any) -> Any:
    return [0 * x for x in a] if isinstance(a, list) else np.zeros(a.shape)


@every_op
@given(data=st.data())
def test_numpy_and_the_strict_device_agree_to_the_bit(name: str, data: st.DataObject) -> None:
    arguments = data.draw(CASES[name].draw)
    here, there = (Ran(name, library, "plain", arguments) for library in ("numpy", "strict"))
    cotangent = cotangent_for(here, 0)
    np.testing.assert_array_equal(get(here.y.data), get(there.y.data), strict=True)
    for one, two in zip(here.gradients(cotangent), there.gradients(cotangent), strict=True):
        np.testing.assert_array_equal(one, two, strict=True)


@every_op
@settings(max_examples=5)
@given(data=st.data())
def test_the_plain_rule_works_on_plain_arrays(name: str, data: st.DataObject) -> None:
    arguments = data.draw(CASES[name].draw)
    y, backward = op_named(name).rule(*arguments.arrays, **arguments.parameters)
    wanted = Ran(name, "numpy", "plain", arguments).y
    np.testing.assert_array_equal(np.asarray(y), wanted.numpy(), strict=True)
    assert len(backward(np.ones(np.shape(y)))) == len(arguments.arrays)


@every_op
@settings(max_examples=5)
@given(data=st.data())
def test_arguments_go_by_position_and_by_name(name: str, data: st.DataObject) -> None:
    arguments, op = data.draw(CASES[name].draw), op_named(name)
    names = list(inspect.signature(op).parameters)
    by_name = dict(zip(op.arrays, arguments.arrays, strict=True)) | arguments.parameters
    defaults = {n: p.default for n, p in inspect.signature(op).parameters.items()}
    by_place = [by_name.get(n, defaults[n]) for n in names]
    np.testing.assert_array_equal(op(**by_name).numpy(), op(*by_place).numpy())
