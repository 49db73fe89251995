"""Tensor: the engine's variable with Python's operators, and the ops behind them."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minin import backend
from minin.autograd import methods, operators
from minin.autograd.engine import Op, Variable, plain
from minin.backend import Array
from minin.errors import DtypeError, GraphError, ShapeError


def _comparison(how: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Make a method that compares number by number; what is no number is never equal to one."""

    def compare(self: Tensor, other: Any) -> Any:
        x, y = self._data, plain(other)
        is_number = isinstance(other, (Variable, int, float)) or backend.is_array(other)
        if how in (operator.eq, operator.ne) and not is_number:
            return NotImplemented
        operators.specs("comparison", x, y)
        return Tensor(backend.asarray(how(x, y), like=x))

    return compare


class Tensor(Variable):
    """An array, and where it came from.

    Made by `minin.tensor`, which copies; ``Tensor(array)`` wraps the array as it is. A tensor
    that nobody computed is a *leaf*; a leaf with ``requires_grad`` collects its gradient in
    ``grad`` whenever ``backward`` is called on something computed from it.

    Example:
        >>> x = minin.tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        array([2., 4., 6.], dtype=float32)
    """

    __slots__ = ()
    __array_ufunc__ = None  # array * tensor is the tensor's business
    __array_priority__ = 1000

    # ---- what it is -------------------------------------------------------------------------

    @property
    def is_leaf(self) -> bool:
        """Whether nobody computed it, or nobody noted how."""
        return self._node is None

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._data.shape)

    @property
    def device(self) -> str:
        """Where its numbers are: "cpu", or "cuda:0" and so on."""
        return backend.device(self._data)

    # ---- what it can do ---------------------------------------------------------------------

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
            raise ShapeError(f"item() needs exactly one number, got shape {self.shape}")
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
        return getitem(self, key=tuple(map(plain, key)) if isinstance(key, tuple) else plain(key))

    __lt__, __le__ = _comparison(operator.lt), _comparison(operator.le)
    __gt__, __ge__ = _comparison(operator.gt), _comparison(operator.ge)
    __eq__, __ne__ = _comparison(operator.eq), _comparison(operator.ne)
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
        raise AttributeError(f"a Tensor has no attribute {name!r}{_spellings().get(name, '')}")


@functools.cache
def _spellings() -> dict[str, str]:
    """Read how minin spells what users of PyTorch reach for, when they first do."""
    from minin.files.toml import of_minin  # not before: `import minin` is quick

    return of_minin("autograd/spellings.toml")


def differentiable(rule: Callable[..., Any]) -> Op[Tensor]:
    """Turn a rule on plain arrays into an op on tensors.

    The rule's array arguments are positional, its parameters keyword-only. It returns its
    output and a function ``backward(grad_y)`` that returns one gradient per array argument: an
    array of the argument's shape, None where there is no gradient, a list for a list, or a
    nested function of no arguments, which runs only if that argument needs its gradient.
    What the rule needs in backward, ``backward`` keeps by mentioning it. A line such as
    "Shapes: x (N, C), w (O, C) -> (N, O)." in its docstring is checked at every call.

    Example:
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
getitem = differentiable(methods.getitem)
sum = differentiable(methods.sum)
mean = differentiable(methods.mean)
reshape = differentiable(methods.reshape)
transpose = differentiable(methods.transpose)


@differentiable
def to_device(x: Array, *, device: str) -> Any:
    """Copy an array to a device; its gradient travels back.  Shapes: x (...) -> (...)."""
    home = backend.device(x)
    return backend.to_device(x, device), lambda grad_y: (backend.to_device(grad_y, home),)
