"""`check_torch`: a function of PyTorch's tensors, checked like a pair of functions on arrays."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minin.backend import Array
from minin.errors import BackendUnavailableError, DtypeError
from minin.gradcheck.check import check_backward
from minin.gradcheck.report.report import Report
from minin.gradcheck.subject.arguments import is_float, is_integer
from minin.gradcheck.subject.functions import names_of


def check_torch(
    fn: Any,
    inputs: Any,
    op: str | None = None,
    params: Mapping[str, Any] | None = None,
    names: Sequence[str] | None = None,
    seed: int = 0,
    feedback: str = "fix",
    language: str | None = None,
) -> Report:
    """Check the gradients of a function of PyTorch's tensors, and say which bug it is.

    The report is that of `check_backward`, without a repair; all runs in float64, on the CPU.

    Args:
        fn: a ``torch.autograd.Function`` or its ``apply``, a ``torch.nn.Module`` (its parameters
            are judged too, and stay as they are), or any function that returns one tensor.
        inputs: tensors or arrays. Those of floats are differentiated; if some require a gradient,
            only those.
        op: what it computes, as in "conv2d"; None to find out.
        params: keyword arguments of ``fn``.
        names: of the inputs; None to read them from ``fn``.
        seed: of the upstream gradients.
        feedback: how much ``str(report)`` gives away, as in `check_backward`.
        language: of the report.

    Raises:
        BackendUnavailableError: if PyTorch is not installed.
        DtypeError: if there is nothing to differentiate, or ``fn`` returns no tensor.
    """
    try:
        torch: Any = importlib.import_module("torch")
    except ImportError:
        raise BackendUnavailableError.needs("check_torch", "torch") from None
    given = [inputs] if isinstance(inputs, (torch.Tensor, np.ndarray)) else list(inputs)
    pair = _Pair(torch, fn, len(given))
    some = any(isinstance(x, torch.Tensor) and x.requires_grad for x in given)
    arrays = [_into_array(torch, x, some) for x in given]
    arrays += [_into_array(torch, p, True) for p in pair.parameters.values()]
    named = [*names, *pair.parameters] if names else [*pair.names, *pair.parameters]
    return check_backward(
        pair.forward, pair.backward, arrays, op, params, named, seed,
        feedback=feedback, language=language, repair=False,
    )  # fmt: skip


class _Pair:
    """A function of tensors as forward and backward on arrays."""

    def __init__(self, torch: Any, fn: Any, count: int) -> None:
        self.torch, self.fn = torch, fn
        self.parameters: dict[str, Any] = {}
        signature, title = fn, getattr(fn, "__name__", type(fn).__name__)
        function: Any = fn if isinstance(fn, type) else getattr(fn, "__self__", None)
        context = False  # whether forward's first argument is ctx
        if isinstance(fn, torch.nn.Module):
            self._take_parameters(fn)
            signature = fn.forward
        elif isinstance(fn, type) or isinstance(function, torch.autograd.function.FunctionMeta):
            self.fn, signature, title = function.apply, function.forward, function.__name__
            context = function.setup_context is torch.autograd.Function.setup_context
        self.names = names_of(signature, count + context)[context:]

        def forward(*arrays: Any, **settings: Any) -> tuple[Array, Any]:
            return self._run(arrays, settings)

        forward.__name__ = title
        self.forward = forward

    def _take_parameters(self, module: Any) -> None:
        """Let a module's parameters be arguments, in float64; the module itself keeps its own."""
        everything = dict(module.named_parameters()) | dict(module.named_buffers())
        self.parameters = {n: p for n, p in module.named_parameters() if p.requires_grad}
        kept = {n: x.detach() for n, x in everything.items() if n not in self.parameters}

        def call(*tensors: Any, **settings: Any) -> Any:
            split = len(tensors) - len(self.parameters)
            # Copies: running means move in place.
            state = {n: _in_float64(x).clone() for n, x in kept.items()}
            state |= dict(zip(self.parameters, tensors[split:], strict=True))
            return self.torch.func.functional_call(module, state, tensors[:split], settings)

        self.fn = call

    def _run(self, arrays: Sequence[Any], settings: Mapping[str, Any]) -> tuple[Array, Any]:
        leaves: list[Any] = []
        out = self.fn(*(self._into_tensor(x, leaves) for x in arrays), **settings)
        if not isinstance(out, self.torch.Tensor):
            raise DtypeError(
                f"gradcheck.check_torch: fn must return one tensor, got {type(out).__name__}; "
                "check each of several by itself, as in lambda x: fn(x)[0]"
            )
        return out.detach().numpy(), (out, leaves)

    def _into_tensor(self, x: Any, leaves: list[Any]) -> Any:
        """Make a tensor of an array, over the same memory; float tensors are leaves."""
        if isinstance(x, (list, tuple)):
            return type(x)([self._into_tensor(part, leaves) for part in x])
        if not isinstance(x, np.ndarray):
            return x
        tensor = self.torch.from_numpy(x)
        if not is_integer(x) and x.dtype != bool:
            leaves.append(tensor.requires_grad_())
        return tensor

    def backward(self, grad: Array, cache: Any) -> list[Array]:
        """Run the graph backward; zeros where nothing arrives, as the engine has it."""
        out, leaves = cache
        found: Sequence[Any] = [None] * len(leaves)
        if out.requires_grad:
            upstream = self.torch.from_numpy(grad).to(out.dtype)
            found = self.torch.autograd.grad(
                out, leaves, upstream, retain_graph=True, allow_unused=True
            )
        pairs = zip(found, leaves, strict=True)
        # Copies: the engine may hand the same tensor to two inputs.
        return [np.zeros(x.shape) if g is None else np.array(g.numpy()) for g, x in pairs]


def _into_array(torch: Any, x: Any, some: bool) -> Any:
    """Return arrays of what is differentiated and of integers; other tensors in float64."""
    if isinstance(x, (list, tuple)):
        return type(x)([_into_array(torch, part, some) for part in x])
    if not isinstance(x, torch.Tensor):
        return x.astype(np.float64) if is_float(x) else x
    plain = _in_float64(x.detach().cpu())
    aside = x.is_floating_point() and some and not x.requires_grad
    return plain if aside else plain.numpy().copy()


def _in_float64(x: Any) -> Any:
    return x.double() if x.is_floating_point() else x
