"""A function of tensors as a subject of the checker: its inputs and its parameters alike.

The same interface as `Code` in `functions`, over the autograd engine. Because the engine declares
every branch it takes, differences here know *exactly* when a kink was crossed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from minin import autograd, backend
from minin.autograd import Tape, Tensor
from minin.backend import Array
from minin.errors import DtypeError
from minin.gradcheck.subject.arguments import float64, is_float, plain, put_floats, spread
from minin.gradcheck.subject.outcome import ForwardRun, steady


class Graph:
    """A function of tensors, its arguments, and the parameters that it reads by itself.

    Args:
        fn: takes tensors, returns one.
        inputs: arrays, tensors, or lists of them; integers and other things are handed on.
        params: tensors by name, or anything with ``named_parameters()``.

    Raises:
        DtypeError: if there is nothing to differentiate.
    """

    graph = True
    integers: frozenset[int] = frozenset()
    surplus = ""
    shape: tuple[int, ...] | None = None

    def __init__(self, fn: Callable[..., Any], inputs: Sequence[Any], params: Any = None) -> None:
        self.fn = fn
        self.inputs = list(inputs)
        self.held = read_params(params)
        self.before = {name: (p.data, p.grad) for name, p in self.held.items()}
        self.frozen = [(p, p.data) for p in _frozen_parameters(params)]
        self.arguments = argument_names(fn, self.inputs)
        found = spread(self.inputs, self.arguments)
        self.own = len(found)
        found += [(name, p.data) for name, p in self.held.items()]
        if not found:
            raise DtypeError(
                "gradcheck needs at least one float array among inputs and params, got "
                f"{', '.join(type(plain(x)).__name__ for x in inputs) or 'nothing'}"
            )
        self.names = tuple(name for name, _ in found)
        self.base = [float64(x) for _, x in found]
        self.params: dict[str, Any] = {}

    def at(self, inputs: Sequence[Any], params: Any = None) -> Graph:
        """Return the same function at other inputs, the parameters as they are."""
        return Graph(self.fn, inputs, self.held if params is None else params)

    def restore(self) -> None:
        """Give the parameters back the numbers and gradients they had."""
        for name, p in self.held.items():
            p.data, p.grad = self.before[name]
        for p, data in self.frozen:
            p.data = data

    def _call(self, leaves: Sequence[Array], wanted: bool) -> tuple[Any, list[Tensor], Tape]:
        """Run the function on fresh tensors; return output, leaves and tape."""
        tensors: list[Tensor] = []

        def fresh(new: Array, old: Any) -> Tensor:
            like = plain(old)
            data = backend.asarray(new.copy(), like=like)
            tensors.append(Tensor(data, requires_grad=wanted))
            return tensors[-1]

        arguments = put_floats(self.inputs, leaves[: self.own], fresh)
        for new, p in zip(leaves[self.own :], self.held.values(), strict=True):
            p.data = backend.asarray(new.copy(), like=p.data)
            p.grad = None
            tensors.append(p)
        for p, data in self.frozen:
            p.data = backend.asarray(float64(data), like=data)
        with autograd.record() as tape:
            out = self.fn(*arguments)
        if not isinstance(out, Tensor):
            raise DtypeError(
                f"gradcheck.check: fn must return a Tensor, got {type(out).__name__}; "
                "for plain arrays there is gradcheck.check_backward"
            )
        return out, tensors, tape

    def run(self, leaves: Sequence[Array], strange: bool = False) -> ForwardRun:
        """Run forward with a graph, ready for `run_backward`."""
        if strange:
            leaves = [np.asfortranarray(leaf) for leaf in leaves]
        out, tensors, tape = self._call(leaves, wanted=True)
        self.shape = tuple(out.shape) if self.shape is None else self.shape
        return ForwardRun(
            backend.to_numpy(out.data).astype(np.float64),
            out.dtype,
            (out, tensors, tape),
            True,
            branches(tape),
            tuple(t.data for t in tensors),
        )

    def look(self, leaves: Sequence[Array]) -> tuple[Array, tuple[bytes, ...] | None]:
        """Run forward for its output and the branches it took."""
        with autograd.no_grad():
            out, _, tape = self._call(leaves, wanted=False)
        y = backend.to_numpy(out.data).astype(np.float64)
        steady(self.shape, y, leaves, self.base)
        return y, branches(tape)

    def run_backward(self, outcome: ForwardRun, grad_y: Array) -> list[Any]:
        """Run backward; return the gradient of each leaf, zeros where none arrived.

        The engine leaves alone what a function does not use, and its slope is 0 indeed.
        """
        out, tensors, _ = outcome.cache
        for t in tensors:
            t.grad = None
        if not out.requires_grad:
            return [np.zeros(tuple(t.shape)) for t in tensors]
        out.backward(backend.asarray(grad_y, like=out.data), retain_graph=True)
        grads = [
            np.zeros(tuple(t.shape)) if t.grad is None else backend.to_numpy(t.grad)
            for t in tensors
        ]
        for t in tensors:
            t.grad = None
        return grads


def branches(tape: Tape) -> tuple[bytes, ...]:
    """Return what every declared branch of a tape decided, ready to be compared."""
    return tuple(
        np.packbits(decided).tobytes() if decided.dtype == bool else decided.tobytes()
        for step in tape.steps
        for _, branch in step.branches
        for decided in [backend.to_numpy(branch)]
    )


def read_params(params: Any) -> dict[str, Tensor]:
    """Read ``params``: None, tensors by name or in a list, or a module; frozen ones are left out.

    Raises:
        DtypeError: if it is something else.
    """
    if params is None:
        return {}
    return {name: p for name, p in _pairs(params) if p.requires_grad and is_float(p)}


def _frozen_parameters(params: Any) -> list[Tensor]:
    """List the parameters that are not trained: they only have to compute in float64."""
    pairs = [] if params is None else _pairs(params)
    return [p for _, p in pairs if not p.requires_grad and is_float(p)]


def _pairs(params: Any) -> list[tuple[str, Tensor]]:
    pairs: Any = None
    if isinstance(params, Mapping):
        pairs = list(params.items())
    elif hasattr(params, "named_parameters"):
        pairs = list(params.named_parameters())
    elif isinstance(params, Iterable) and not isinstance(params, (str, Tensor, np.ndarray)):
        pairs = [(f"params[{place}]", p) for place, p in enumerate(params)]
    if pairs is None or not all(isinstance(p, Tensor) for _, p in pairs):
        raise DtypeError(
            "params must be a module, a list of tensors, or tensors by name, got "
            f"{type(params).__name__}"
        )
    return list(pairs)


def argument_names(fn: Callable[..., Any], inputs: Sequence[Any]) -> list[str]:
    """Name the inputs: as an op or a function names them, else x, or x0, x1 and so on."""
    code = getattr(getattr(fn, "rule", fn), "__code__", None)
    if code is not None and "self" not in code.co_varnames[:1]:
        known = [*code.co_varnames[: code.co_argcount]]
        if len(known) >= len(inputs):
            return known[: len(inputs)]
    return ["x"] if len(inputs) == 1 else [f"x{place}" for place in range(len(inputs))]
