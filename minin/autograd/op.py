"""From a rule to an op: take the arrays out of the tensors, run, and note the way back.

`differentiable`, in `minin.autograd.tensors`, makes an `Op` of a rule.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy import ndarray

from minin import backend
from minin.autograd.graph import Node
from minin.autograd.state import STATE, State, current_mode
from minin.autograd.tape import drop_branches
from minin.backend import Array
from minin.errors import DtypeError, GraphError

if TYPE_CHECKING:
    from minin.autograd.tensors import Tensor

Rule: TypeAlias = Callable[..., Any]


class Op:
    """A rule that works on tensors. Made by `differentiable`.

    Attributes:
        rule: the plain rule: arrays in, (output, backward) out.
        tensor: the class of what it takes and returns: `Tensor`.
        arrays: the names of its array arguments, which are positional in the rule.
        parameters: the names of its other arguments, which are keyword-only in the rule.
        fast: for each array library the (covers, rule) that may stand in for the plain one.
    """

    def __init__(self, rule: Rule, tensor: type[Tensor]) -> None:
        functools.update_wrapper(self, rule)
        self.__name__: str = rule.__name__
        self.rule = rule
        self.tensor = tensor
        code, optional = rule.__code__, rule.__defaults__ or ()
        self.arrays = code.co_varnames[: code.co_argcount]
        self.parameters = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
        self._count = len(self.arrays)
        self._defaults = dict(zip(reversed(self.arrays), reversed(optional), strict=False))
        self._defaults |= rule.__kwdefaults__ or {}
        self.fast: dict[str, tuple[Callable[..., bool], Rule]] = {}

    @property
    def __signature__(self) -> inspect.Signature:
        """The rule's, but every argument may be given by position or by name."""
        signature = inspect.signature(self.rule)
        found = signature.parameters.values()
        either = [p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in found]
        return signature.replace(parameters=either, return_annotation="Tensor")

    def __repr__(self) -> str:
        return f"<op {self.__name__}{self.__signature__}>"

    def __call__(self, *args: Any, **parameters: Any) -> Tensor:
        """Run the rule on the arrays inside the tensors, and note how to come back."""
        if parameters or len(args) != self._count:
            args, parameters = self._bind(args, parameters)
        arrays, sources, wanted, simple = _take(self.tensor, args)
        nested = None
        if not simple:
            arrays, sources, wanted, nested = _take_general(self, args)
        state = STATE.get()
        step = None
        if self.fast or state.tape is not None:
            pulled, step = self._run(state, arrays, parameters)
        else:
            pulled = self.rule(*arrays, **parameters)
        if type(pulled) is not tuple or len(pulled) != 2:
            self._refuse_pair()
        y, backward = pulled
        if type(y) is not ndarray or not callable(backward):
            y = self._checked(y, backward)
        if step is not None:
            step.output = y
        out = self.tensor(y)
        if wanted and state.recording:
            out._node = Node(self, backward, sources, nested, y.shape, y.dtype, step)
        return out

    def _run(self, state: State, arrays: list[Any], parameters: dict[str, Any]) -> Any:
        """Run the fast rule where there is one that covers the arguments, else the plain one."""
        if state.tape is None:
            return self._choose_and_run(arrays, parameters)[0], None
        with state.tape.step(self, arrays, parameters) as step:
            pulled, step.kind = self._choose_and_run(arrays, parameters)
        return pulled, step

    def _choose_and_run(self, arrays: list[Any], parameters: dict[str, Any]) -> tuple[Any, str]:
        fast = self.fast.get(_library(arrays)) if current_mode() != "plain" else None
        if fast is not None and fast[0](*arrays, **parameters):
            pulled = fast[1](*arrays, **parameters)
            if pulled is not NotImplemented:
                return pulled, "fast"
            drop_branches()  # of the rule that declined
        return self.rule(*arrays, **parameters), "plain"

    def _refuse_pair(self) -> None:
        raise GraphError(f"{self.__name__}: a rule must return (output, backward), a function")

    def _checked(self, y: Any, backward: Any) -> Array:
        """Return a rule's output as an array; NumPy turns arrays without axes into scalars."""
        if not callable(backward):
            self._refuse_pair()
        if not backend.is_array(y):
            raise GraphError(
                f"{self.__name__}: a rule's output must be an array, not {type(y).__name__}"
            )
        return np.asarray(y) if isinstance(y, np.generic) else y

    def _bind(self, args: Any, given: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Sort arguments, by position or by name, into arrays and parameters."""
        names = self.arrays + self.parameters
        values = self._defaults | dict(zip(names, args, strict=False)) | given
        if len(values) != len(names) or len(args) + len(given) > len(names):
            self._refuse(args, given)
        if given and not given.keys().isdisjoint(names[: len(args)]):
            self._refuse(args, given)
        parameters = {name: self._plain(values[name]) for name in self.parameters}
        return tuple([values[name] for name in self.arrays]), parameters

    def _plain(self, x: Any) -> Any:
        return x.data if type(x) is self.tensor else x

    def _refuse(self, args: Any, given: dict[str, Any]) -> None:
        try:
            self.__signature__.bind(*args, **given)
        except TypeError as error:
            raise DtypeError(
                f"{self.__name__}: {error}; it is called as {self.__name__}{self.__signature__}"
            ) from None

    def accelerate(
        self, library: str, covers: Callable[..., bool] | None = None
    ) -> Callable[[Rule], Rule]:
        """Register a fast rule, of the same signature and contract, for one array library.

        Args:
            library: "numpy", "cupy", or another library's name.
            covers: called like the rule, tells whether the fast rule takes such arguments;
                outside this coverage, or where the rule returns NotImplemented, the plain
                rule runs.
        """

        def register(rule: Rule) -> Rule:
            self.fast[library] = (covers or (lambda *_, **__: True), rule)
            return rule

        return register


def _take(tensor: type[Tensor], args: Any) -> tuple[list[Any], list[Any], bool, bool]:
    """Take tensors apart: (arrays, sources, gradient wanted?, simple?).

    A call is simple if there are only NumPy arrays, Python numbers and None in it.
    """
    arrays, sources = [], []
    wanted, simple = False, True
    for arg in args:
        if type(arg) is tensor:
            data = arg._data
            source: Any = arg._node
            if source is not None:
                wanted = True
            else:
                source = arg
                if arg._requires_grad:
                    wanted = True
        else:
            data = np.asarray(arg) if isinstance(arg, np.generic) else arg
            source = None
        if type(data) is not ndarray and type(data) not in _SIMPLE:
            simple = False
        arrays.append(data)
        sources.append(source)
    return arrays, sources, wanted, simple


def _take_general(op: Op, args: tuple[Any, ...]) -> Any:
    """Take apart a call with lists of tensors, or with arrays of another library than NumPy.

    Lists are spread in ``sources``; ``nested`` has their lengths, -1 for what is no list.
    """
    nested = [len(arg) if isinstance(arg, (list, tuple)) else -1 for arg in args]
    flat = [x for arg, n in zip(args, nested, strict=True) for x in ([arg] if n < 0 else arg)]
    arrays, sources, wanted, _ = _take(op.tensor, flat)
    names = [n for name, arg in zip(op.arrays, args, strict=True) for n in _names(name, arg)]
    _demand_one_device(op, names, arrays)
    if all(length < 0 for length in nested):
        return arrays, sources, wanted, None
    rest = iter(arrays)
    shaped = [next(rest) if n < 0 else [next(rest) for _ in range(n)] for n in nested]
    return shaped, sources, wanted, nested


def _library(arrays: list[Any]) -> str:
    """Name the library of the first array, also of one in a list."""
    flat = (x for a in arrays for x in (a if isinstance(a, list) else [a]))
    return next((backend.library(x) for x in flat if backend.is_array(x)), "")


_SIMPLE = frozenset({float, int, type(None)})


def _names(name: str, value: Any) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [f"{name}[{place}]" for place in range(len(value))]
    return [name]


def _demand_one_device(op: Op, names: list[str], arrays: list[Any]) -> None:
    """Check that every argument is an array, all in one place; numbers and None may be among."""
    found = []
    for name, x in zip(names, arrays, strict=True):
        if x is None or isinstance(x, (bool, int, float)):
            continue
        if not backend.is_array(x):
            raise DtypeError(
                f"{op.__name__}: {name} must be a Tensor or an array, got "
                f"{type(x).__name__}; make one with minin.tensor(...)"
            )
        found.append((name, x))
    if found:
        backend.require.one_device(op.__name__, *map(list, zip(*found, strict=True)))
