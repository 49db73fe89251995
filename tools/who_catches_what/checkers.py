"""The checkers that are libraries: the real ones, around the same NumPy programs.

Each returns what it says of a program that it rejects, and nothing of one that passes.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from minin.gradcheck.check import check_backward
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.report.report import Report
from tools.who_catches_what.program import Program
from tools.who_catches_what.styles import Rng

REJECTED = "rejected"  # where a library says no more


def torch_gradcheck(program: Program, _: Rng) -> str:
    """The real torch.autograd.gradcheck, with its defaults, on a torch.autograd.Function.

    The Function hands NumPy arrays to forward and backward and keeps the cache in its context.
    The defaults: the whole Jacobian, h = 1e-6, atol = 1e-5, rtol = 1e-3, backward twice with
    equal results, undefined gradients.
    """
    torch: Any = importlib.import_module("torch")
    told: Any = importlib.import_module("torch.autograd.gradcheck")
    torch.set_num_threads(1)

    class Wrapped(torch.autograd.Function):  # type: ignore[misc]  # torch is Any
        @staticmethod
        def forward(ctx: Any, *floats: Any) -> Any:
            arrays = program.at(*(x.detach().numpy() for x in floats))
            out, ctx.cache = program.forward(*arrays, **program.params)
            return torch.from_numpy(np.asarray(out))

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            grads = program.backward(grad.numpy(), ctx.cache)
            found = [grads[place] for place in program.places]
            return tuple(None if g is None else torch.from_numpy(np.asarray(g)) for g in found)

    floats = [torch.from_numpy(program.inputs[i]).requires_grad_() for i in program.places]
    try:
        torch.autograd.gradcheck(Wrapped.apply, floats)
    except told.GradcheckError as error:
        return str(error)
    return ""


def jax_check_grads(program: Program, _: Rng) -> str:
    """The real jax.test_util.check_grads, order 1, reverse mode, on a jax.custom_vjp.

    Forward and backward are called through jax.pure_callback, in 64 bits; the cache waits on
    the host under a number. The defaults: one random direction, h = 1e-4, atol = rtol = 1e-5.
    """
    jax: Any = importlib.import_module("jax")
    test_util: Any = importlib.import_module("jax.test_util")
    jax.config.update("jax_enable_x64", True)
    caches: list[Any] = []
    floats = [program.inputs[place] for place in program.places]
    like = [jax.ShapeDtypeStruct(x.shape, x.dtype) for x in floats]
    out = program.out(*(x.copy() for x in floats))
    made = (jax.ShapeDtypeStruct(out.shape, out.dtype), jax.ShapeDtypeStruct((), np.int64))

    def host_forward(*xs: Any) -> Any:
        y, cache = program.forward(*program.at(*map(np.array, xs)), **program.params)
        caches.append(cache)
        return np.asarray(y), np.asarray(len(caches) - 1)

    def host_backward(number: Any, grad: Any) -> Any:
        grads = program.backward(np.array(grad), caches[int(number)])
        return [grads[place] for place in program.places]

    @jax.custom_vjp  # type: ignore[untyped-decorator]  # jax is Any
    def fn(*xs: Any) -> Any:
        return jax.pure_callback(host_forward, made, *xs)[0]

    def fn_backward(number: Any, grad: Any) -> Any:
        return tuple(jax.pure_callback(host_backward, like, number, grad))

    fn.defvjp(lambda *xs: jax.pure_callback(host_forward, made, *xs), fn_backward)
    try:
        test_util.check_grads(fn, tuple(floats), order=1, modes=("rev",))
    except AssertionError as error:
        return str(error) or REJECTED
    return ""


def hips_check_grads(program: Program, rng: Rng) -> str:
    """The real autograd.test_util.check_grads, order 1, reverse mode, on a primitive.

    The primitive calls forward, its vector-Jacobian product calls backward with the cache of
    that forward. The defaults: one random direction, h = 1e-6, tolerance 1e-6.
    """
    extend: Any = importlib.import_module("autograd.extend")
    test_util: Any = importlib.import_module("autograd.test_util")
    caches: dict[int, Any] = {}

    @extend.primitive  # type: ignore[untyped-decorator]  # autograd is Any
    def fn(*xs: Any) -> Any:
        y, cache = program.forward(*program.at(*xs), **program.params)
        caches[id(y)] = (y, cache)
        return y

    def gradients_of(argnums: Any, y: Any, _: Any, __: Any) -> Any:
        def back(grad: Any) -> Any:
            grads = program.backward(grad, caches[id(y)][1])
            return [grads[program.places[number]] for number in argnums]

        return back

    extend.defvjp_argnums(fn, gradients_of)
    floats = [program.inputs[place] for place in program.places]
    np.random.seed(int(rng.integers(2**32)))  # noqa: NPY002 - where it takes its direction from
    try:
        everywhere = tuple(range(len(floats)))
        test_util.check_grads(fn, everywhere, modes=["rev"], order=1)(*floats)
    except AssertionError as error:
        return str(error) or REJECTED
    return ""


def minin_report(program: Program, rng: Rng) -> Report:
    """Check with minin.gradcheck.check_backward, told which op it is, defaults otherwise."""
    return check_backward(
        program.forward,
        program.backward,
        program.inputs,
        program.op,
        program.params,
        REFERENCES[program.op].arguments,
        int(rng.integers(2**31)),
    )


def minin_check(program: Program, rng: Rng) -> bool:
    """minin.gradcheck.check_backward, told which op it is, with its defaults.

    Every number of small arguments, h chosen and tested, kinks left out; two upstream
    gradients, more drawings of the same op where its forward agrees; memory, state and
    repeated calls.
    """
    return not minin_report(program, rng).ok
