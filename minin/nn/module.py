"""`Module`: something with parameters that turns one tensor into another.

There is no registration. A module's parameters are the tensors among its attributes, its
children are the modules among them, and both are looked up when somebody asks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from minin.autograd import Tensor
from minin.backend import Shape, asarray, resolve, to_device
from minin.errors import ArgumentError
from minin.nn.init import Initialiser
from minin.nn.state import checked_state
from minin.rng import Rng
from minin.shapes import Window

M = TypeVar("M", bound="Module")
MOST_WEIGHTS = 2**31  # numbers of one parameter; they are drawn in float64, which is 16 GiB


class Module:
    """The base of every layer and network.

    Write ``forward``; assign tensors and modules to attributes. A tensor that was computed, such
    as an activation kept to look at, is no parameter. A list or tuple of modules
    counts too: ``self.blocks = [...]`` gives the names ``blocks.0``, ``blocks.1``, ...

    Attributes:
        training: True after ``train()``, and at first; False after ``eval()``.
        description: how to build the module again, in words that a file can hold, or None.
        attachments: arrays that belong to the description; `minin.save` keeps them with it.

    Example:
        >>> from minin import nn
        >>> class Head(nn.Module):
        ...     def __init__(self, maps, classes):
        ...         self.classify = nn.Conv2d(maps, classes, 1, rng=0)
        ...         self.pool = nn.GlobalAvgPool2d()
        ...
        ...     def forward(self, x):
        ...         return self.pool(self.classify(x))
        >>> head = Head(8, 3)
        >>> [name for name, _ in head.named_parameters()]
        ['classify.weight', 'classify.bias']
        >>> head(np.zeros((2, 8, 5, 5), dtype=np.float32)).shape
        (2, 3)
    """

    training: bool = True
    description: dict[str, str] | None = None
    attachments: Mapping[str, npt.NDArray[Any]] = MappingProxyType({})

    def forward(self, *args: Any, **kwargs: Any) -> Tensor:
        """Compute the output; a subclass says how.

        Raises:
            NotImplementedError: if the subclass does not.
        """
        raise NotImplementedError(f"{type(self).__name__} has no forward method; write one")

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """Run ``forward``."""
        return self.forward(*args, **kwargs)

    # -- what is inside ---------------------------------------------------------------

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Go through the modules one level down, in the order they were assigned."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value
            elif isinstance(value, (list, tuple)):
                for index, item in enumerate(value):
                    if isinstance(item, Module):
                        yield f"{name}.{index}", item

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Go through this module, named "", and all modules within, each once."""
        seen: set[int] = set()
        for name, module in self._every_module(""):
            if id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def modules(self) -> Iterator[Module]:
        """Go through this module and all modules within, each once."""
        for _, module in self.named_modules():
            yield module

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Go through the parameters by name; one that is used twice comes once."""
        seen: set[int] = set()
        for name, parameter in self._every_parameter():
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield name, parameter

    def parameters(self) -> Iterator[Tensor]:
        """Go through the parameters; an optimiser takes them as they come."""
        for _, parameter in self.named_parameters():
            yield parameter

    def _every_module(self, prefix: str) -> Iterator[tuple[str, Module]]:
        yield prefix, self
        for name, child in self.named_children():
            yield from child._every_module(f"{prefix}.{name}" if prefix else name)

    def _every_parameter(self) -> Iterator[tuple[str, Tensor]]:
        for prefix, module in self._every_module(""):
            for name, value in vars(module).items():
                if isinstance(value, Tensor) and value.is_leaf:
                    yield f"{prefix}.{name}" if prefix else name, value

    # -- state ------------------------------------------------------------------------

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Copy all parameters into NumPy arrays, under the names PyTorch would use.

        Example:
            >>> from minin import nn
            >>> {k: v.shape for k, v in nn.Linear(3, 2, rng=0).state_dict().items()}
            {'weight': (2, 3), 'bias': (2,)}
        """
        return {name: parameter.numpy() for name, parameter in self._every_parameter()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over all parameters from ``state``, rounded to the dtype that is here.

        Everything is checked first: if anything does not fit, no parameter has changed.

        Args:
            state: an array for every name of ``state_dict()``, and nothing else.

        Raises:
            ArgumentError: if names are missing or unknown.
            ShapeError: if an array has another shape than the parameter.
            DtypeError: if a value is not an array of real numbers.
        """
        parameters = dict(self._every_parameter())
        for name, array in checked_state(type(self).__name__, parameters, state).items():
            old = parameters[name].data
            parameters[name].data = asarray(array, like=old, dtype=old.dtype)

    def train(self: M, mode: bool = True) -> M:
        """Switch this module and all within to training: dropout drops."""
        for module in self.modules():
            module.training = bool(mode)
        return self

    def eval(self: M) -> M:
        """Switch this module and all within to use: dropout lets everything pass."""
        return self.train(False)

    def to(self: M, device: str) -> M:
        """Move all parameters to ``device``: "cpu", "cuda", "cuda:0" or "auto".

        Gradients stay behind: they belong to the arrays that were there.

        Raises:
            BackendUnavailableError: if the device cannot be used; nothing has moved then.
        """
        target = resolve(device)
        for parameter in self.parameters():
            if parameter.device != target:
                parameter.data = to_device(parameter.data, target)
                parameter.grad = None
        return self

    # -- integers for the cost summary ------------------------------------------------

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape that an image, or what became of it, has after this module.

        **Shapes:** without the axis N: (C, H, W) -> (O, OH, OW), (C,) or whatever it is.

        Raises:
            ArgumentError: if the module does not say; a module of one's own must.
            ShapeError: if the shape does not fit.
        """
        raise ArgumentError(
            f"the output shape of {type(self).__name__} for an input of {shape} is unknown;"
            " give the class a method output_shape(self, shape)"
        )

    def macs(self, shape: Shape) -> int:  # noqa: ARG002 - most layers multiply nothing
        """Count the multiply-accumulates of the convolutions and products, an image."""
        return 0

    def window(self) -> Window | None:
        """Return the window that this module slides over the image, if it has one."""
        return None

    def label(self) -> str:
        """Name the module in a few lower-case words, for a row of the summary."""
        return type(self).__name__

    # -- print ------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """Return the arguments that the printed form shows."""
        return ""

    def __repr__(self) -> str:
        head = f"{type(self).__name__}({self.extra_repr()}"
        children = [f"({name}): {child!r}" for name, child in self.named_children()]
        if not children:
            return head + ")"
        lines = "\n".join(children).splitlines()
        return "\n".join([head, *(f"  {line}" for line in lines), ")"])


def parameter(shape: Shape, init: Initialiser, rng: Rng, dtype: Any) -> Tensor:
    """Make a parameter: a fresh leaf tensor of ``dtype`` that wants its gradient.

    Raises:
        ArgumentError: if the dtype is not float32 or float64, or the shape has more than 2**31
            numbers.
    """
    real = real_dtype(dtype)
    if math.prod(shape) > MOST_WEIGHTS:
        raise ArgumentError(
            f"a parameter must have at most {MOST_WEIGHTS:,} numbers; got shape {shape}: use"
            " fewer channels, or a smaller kernel_size"
        )
    return Tensor(np.array(init(shape, rng), dtype=real), requires_grad=True)


def real_dtype(dtype: Any) -> np.dtype[Any]:
    """Read ``dtype`` as float32 or float64.

    Raises:
        ArgumentError: if it is anything else.

    Example:
        >>> real_dtype("float64")
        dtype('float64')
    """
    try:
        found: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        found = np.dtype(np.void)
    if dtype is None or found not in (np.float32, np.float64):
        raise ArgumentError(f"dtype must be float32 or float64, got {dtype!r}")
    return found
