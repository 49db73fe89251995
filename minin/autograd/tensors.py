"""Tensor: an array that remembers how it was computed; and the ops that make it remember.

An op is one *rule*, a function on plain arrays that returns its output and a function that
pulls a gradient back. `differentiable` turns a rule into an op on tensors (`minin.autograd.op`)
that notes, where a gradient may be asked for, a node; the walk back over these nodes is in
`minin.autograd.graph`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy import ndarray

from minin import backend
from minin.autograd import operators
from minin.autograd.graph import Node, note_change, run_backward
from minin.autograd.op import Op, Rule
from minin.autograd.spellings import hint
from minin.backend import Array, Shape
from minin.errors import DtypeError, GraphError, ShapeError


class Tensor:
    """An array, and where it came from.

    Made by `minin.tensor`, which copies; ``Tensor(array)`` wraps the array as it is. A tensor
    that nobody computed is a *leaf*; a leaf with ``requires_grad`` collects its gradient in
    ``grad`` whenever ``backward`` is called on something computed from it. ``changes`` counts
    how often its numbers were changed in place.

    Example:
        >>> import minin
        >>> x = minin.tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        array([2., 4., 6.], dtype=float32)
    """

    __slots__ = ("__weakref__", "_data", "_node", "_requires_grad", "changed_at", "changes", "grad")
    __array_ufunc__ = None  # array * tensor is the tensor's business
    __array_priority__ = 1000

    def __init__(self, data: Array, requires_grad: bool = False) -> None:
        if type(data) is not ndarray:
            backend.require.arrays("Tensor", data=data)
        if requires_grad:
            backend.require.floating("Tensor with requires_grad", data=data)
        self._data = data
        self._requires_grad = requires_grad
        self._node: Node | None = None
        self.changes = self.changed_at = 0
        self.grad: Array = None

    # ---- what it is -------------------------------------------------------------------------

    @property
    def data(self) -> Array:
        """The array itself. Assigning to it, also by ``t.data -= ...``, counts as a change.

        What is written into the array behind the tensor's back, as by ``t.data[0] = 1`` or
        NumPy's ``out=``, cannot be counted.
        """
        return self._data

    @data.setter
    def data(self, data: Array) -> None:
        if isinstance(data, np.generic):
            data = np.asarray(data)  # NumPy turns arrays without axes into scalars
        if not backend.is_array(data) or data.shape != self._data.shape:
            came = f"shape {tuple(data.shape)}" if backend.is_array(data) else f"{data!r:.40}"
            raise ShapeError(f"data must be an array of shape {self.shape}, as before; got {came}")
        self.changes += 1
        self.changed_at = note_change(self._data)
        if self._node is not None:
            self._node.changed_at = self.changed_at
        self._data = data

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient flows through here. On a leaf it can be set, to freeze it."""
        return self._requires_grad or self._node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if self._node is not None:
            raise GraphError(
                "requires_grad can be set on leaves only, and this tensor was computed; "
                "use t.detach() for one that no gradient flows through"
            )
        if value:
            backend.require.floating("requires_grad", data=self._data)
        self._requires_grad = bool(value)

    @property
    def is_leaf(self) -> bool:
        """Whether nobody computed it, or nobody noted how."""
        return self._node is None

    @property
    def shape(self) -> Shape:
        """The length of each axis."""
        return self._data.shape  # type: ignore[no-any-return]  # every library has a tuple

    @property
    def dtype(self) -> Any:
        """The kind of its numbers."""
        return self._data.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._data.shape)

    @property
    def device(self) -> str:
        """Where its numbers are: "cpu", or "cuda:0" and so on."""
        return backend.device(self._data)

    # ---- what it can do ---------------------------------------------------------------------

    def backward(self, grad: Any = None, retain_graph: bool = False) -> None:
        """Add the slope of this tensor along every leaf to the leaf's ``grad``.

        Args:
            grad: the slope of some loss along this tensor, of its shape; 1 if none is given,
                which only a single number can do without.
            retain_graph: keep the graph, so that backward can run through it again.

        Raises:
            GraphError: if nothing here requires a gradient, or ``grad`` is wanted.
            GraphFreedError: if backward ran before without ``retain_graph``.
            ChangedInPlaceError: if numbers that a rule kept were changed since.
            ShapeError: if ``grad`` has another shape.
        """
        if not self.requires_grad:
            raise GraphError(
                "backward needs a tensor computed from one with requires_grad=True; "
                "set it on the parameters, and compute outside no_grad()"
            )
        grad = self._seed(grad)
        leaves = (
            [(self, grad)] if self._node is None else run_backward(self._node, grad, retain_graph)
        )
        for leaf, gradient in leaves:
            old = leaf.grad
            # A rule may hand on its input or a view: a leaf's gradient is its own.
            new = backend.copy(gradient) if old is None else old + gradient
            leaf.grad = new if type(new) is type(leaf._data) else backend.asarray(new, leaf._data)

    def _seed(self, grad: Any) -> Array:
        """Read backward's argument as an array like this tensor's."""
        if grad is None:
            if math.prod(self._data.shape) != 1:
                raise GraphError(
                    f"backward() of shape {self.shape} needs grad, one slope a number; "
                    "reduce to a scalar first, for example with .sum() or .mean()"
                )
            return backend.ones(self._data.shape, like=self._data)
        grad = grad.data if isinstance(grad, Tensor) else grad
        if not backend.is_array(grad) or isinstance(grad, np.generic):
            try:
                grad = backend.asarray(grad, like=self._data, dtype=self.dtype)
            except (TypeError, ValueError) as error:
                raise DtypeError(f"backward: grad must be numbers: {error}") from None
        if not any(backend.require.is_kind(grad, kind) for kind in ("float", "integral", "bool")):
            raise DtypeError(f"backward: grad must be real numbers, got {grad.dtype}")
        backend.require.one_device("backward", ["the tensor", "grad"], [self._data, grad])
        backend.require.shape("backward", "grad", grad, self.shape, "that of the tensor")
        return (
            grad if grad.dtype == self.dtype else backend.namespace(grad).astype(grad, self.dtype)
        )

    def detach(self) -> Tensor:
        """Return a tensor of the same numbers (not copied) that no gradient flows through."""
        return Tensor(self._data)

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return the numbers as a fresh NumPy array, brought from its device if need be."""
        return backend.to_numpy(self._data)

    def item(self) -> Any:
        """Return the one number as a Python number.

        Raises:
            ShapeError: if there is more than one.
        """
        if math.prod(self._data.shape) != 1:
            raise ShapeError(f"item() wants exactly one number, got shape {self.shape}")
        return self.numpy().item()

    def to(self, device: str) -> Tensor:
        """Return this tensor on ``device``; the gradient finds its way back.

        Raises:
            BackendUnavailableError: if the device cannot be used.
        """
        return to_device(self, device)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """Add up along ``axis``."""
        return sum(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """Average along ``axis``."""
        return mean(self, axis=axis, keepdims=keepdims)

    def reshape(self, *shape: Any) -> Tensor:
        """Lay the same numbers out in another shape, given as one tuple or as its numbers."""
        return reshape(self, shape=shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Tensor:
        """Permute the axes, given as one tuple or one by one; none given reverses them."""
        return transpose(self, axes=axes[0] if len(axes) == 1 else axes or None)

    # ---- Python's operators -------------------------------------------------------------------

    def __add__(self, other: Any) -> Tensor:
        return add(self, other)

    def __radd__(self, other: Any) -> Tensor:  # other + self
        return add(other, self)

    def __sub__(self, other: Any) -> Tensor:
        return subtract(self, other)

    def __rsub__(self, other: Any) -> Tensor:  # other - self
        return subtract(other, self)

    def __mul__(self, other: Any) -> Tensor:
        return multiply(self, other)

    def __rmul__(self, other: Any) -> Tensor:  # other * self
        return multiply(other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return divide(self, other)

    def __rtruediv__(self, other: Any) -> Tensor:  # other / self
        return divide(other, self)

    def __pow__(self, other: Any) -> Tensor:
        return power(self, other)

    def __rpow__(self, other: Any) -> Tensor:  # other ** self
        return power(other, self)

    def __matmul__(self, other: Any) -> Tensor:
        return matmul(self, other)

    def __rmatmul__(self, other: Any) -> Tensor:  # other @ self
        return matmul(other, self)

    def __neg__(self) -> Tensor:
        return negative(self)

    def __pos__(self) -> Tensor:
        return self

    def __getitem__(self, key: Any) -> Tensor:
        return getitem(self, key=_plain_key(key))

    def __lt__(self, other: Any) -> Tensor:
        return self._compare(operator.lt, other)

    def __le__(self, other: Any) -> Tensor:
        return self._compare(operator.le, other)

    def __gt__(self, other: Any) -> Tensor:
        return self._compare(operator.gt, other)

    def __ge__(self, other: Any) -> Tensor:
        return self._compare(operator.ge, other)

    def __eq__(self, other: object) -> Any:
        return self._compare(operator.eq, other) if _is_numbers(other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return self._compare(operator.ne, other) if _is_numbers(other) else NotImplemented

    def _compare(self, how: Callable[[Any, Any], Any], other: Any) -> Tensor:
        x, y = self._data, _plain(other)
        operators.specs("comparison", x, y)
        return Tensor(backend.asarray(how(x, y), like=x))

    __hash__ = object.__hash__

    def _in_place(self, _: Any) -> Any:
        raise GraphError(
            "a tensor is not changed by += -= *= /=: write t = t - ... for a new tensor, or "
            "t.data -= ... to change the numbers where they are, outside the graph"
        )

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ipow__ = __imatmul__ = _in_place

    def __setitem__(self, key: Any, value: Any) -> None:
        raise GraphError(
            "a tensor's numbers are not assigned to: use minin.ops.where for a new tensor, or "
            "t.data = ... to give it other numbers of the same shape, outside the graph"
        )

    # ---- Python's manners -----------------------------------------------------------------------

    def __len__(self) -> int:
        if not self._data.shape:
            raise DtypeError("a tensor without axes has no length; its number is t.item()")
        return int(self._data.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        return (self[place] for place in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.device != "cpu":
            raise DtypeError(f"a tensor on {self.device} does not move by itself: t.numpy()")
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    def __repr__(self) -> str:
        numbers = np.array2string(self.numpy(), separator=", ", prefix="Tensor(")
        extra = f", dtype={self._data.dtype}"
        if self.device != "cpu":
            extra += f", device={self.device}"
        if self._node is not None:
            extra += f", from={self._node.op.__name__}"
        elif self._requires_grad:
            extra += ", requires_grad=True"
        return f"Tensor({numbers}{extra})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if self._node is not None:
            raise GraphError(
                "a computed tensor cannot be deep-copied, its graph would be cut; "
                "copy t.detach() instead"
            )
        twin = Tensor(backend.copy(self._data), self._requires_grad)
        twin.grad = None if self.grad is None else backend.copy(self.grad)
        memo[id(self)] = twin
        return twin

    def __reduce__(self) -> Any:
        if self._node is not None:
            raise GraphError("a computed tensor cannot be pickled; pickle t.detach() instead")
        return Tensor, (self._data, self._requires_grad)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a Tensor has no attribute {name!r}{hint(name)}")


def _plain(x: Any) -> Any:
    return x._data if isinstance(x, Tensor) else x


def _is_numbers(x: Any) -> bool:
    return isinstance(x, (Tensor, int, float)) or backend.is_array(x)


def _plain_key(key: Any) -> Any:
    return tuple(_plain(part) for part in key) if isinstance(key, tuple) else _plain(key)


def differentiable(rule: Rule) -> Op:
    """Turn a rule on plain arrays into an op on tensors.

    The rule's array arguments are positional, its parameters keyword-only. It returns its
    output and a function ``backward(grad_y)`` that returns one entry per array argument: an
    array of the argument's shape, None where there is no gradient, a list for a list, or a
    nested function of no arguments, which runs only if that argument needs its gradient.
    What the rule needs in backward, ``backward`` keeps by mentioning it.

    Example:
        >>> import minin
        >>> @minin.differentiable
        ... def double(x):
        ...     def backward(grad_y):
        ...         return (2 * grad_y,)
        ...
        ...     return 2 * x, backward
        >>> x = minin.tensor([1.0, 2.0], requires_grad=True)
        >>> double(x).sum().backward()
        >>> x.grad
        array([2., 2.], dtype=float32)
    """
    return Op(rule, Tensor)


add = differentiable(operators.add)
subtract = differentiable(operators.subtract)
multiply = differentiable(operators.multiply)
divide = differentiable(operators.divide)
power = differentiable(operators.power)
negative = differentiable(operators.negative)
matmul = differentiable(operators.matmul)
getitem = differentiable(operators.getitem)
sum = differentiable(operators.sum)
mean = differentiable(operators.mean)
reshape = differentiable(operators.reshape)
transpose = differentiable(operators.transpose)


@differentiable
def to_device(x: Array, *, device: str) -> Any:
    """Copy an array to a device; its gradient travels back.  Shapes: x (...) -> (...)."""
    home = backend.device(x)

    def backward(grad_y: Array) -> tuple[Any, ...]:
        return (backend.to_device(grad_y, home),)

    return backend.to_device(x, device), backward
