"""What may be wrong: with a rule's output, with its gradients, with numbers that changed meanwhile.

The engine asks here only where its own quick test did not pass.
"""

from __future__ import annotations

import inspect
import math
from types import FunctionType
from typing import Any

import numpy as np

from minin import backend
from minin.autograd import nesting
from minin.autograd.changes import CHANGES
from minin.backend import Array, Shape
from minin.errors import ChangedInPlaceError, DtypeError, GraphError, GraphFreedError, ShapeError

# ---- what users give ------------------------------------------------------------------------


def same_shape(data: Any, shape: Shape) -> Array:
    """Return new numbers for a tensor as an array, which must have its shape."""
    if isinstance(data, np.generic):
        data = np.asarray(data)  # NumPy turns arrays without axes into scalars
    if not backend.is_array(data) or data.shape != shape:
        came = f"shape {tuple(data.shape)}" if backend.is_array(data) else f"{data!r:.40}"
        raise ShapeError(f"data must be an array of shape {tuple(shape)}, as before; got {came}")
    return data


def demand_arrays(op: str, names: list[str], arrays: list[Any]) -> None:
    """Check that every argument is an array, all in one place; numbers and None may be among."""
    named = zip(names, arrays, strict=True)
    found = {name: x for name, x in named if not isinstance(x, (bool, int, float, type(None)))}
    backend.require.arrays(op, **found)
    if found:
        backend.require.one_device(op, **found)


def first_gradient(tensor: Any, grad: Any) -> Array:
    """Read backward's argument as an array like the tensor's; None is 1, for a single number."""
    data = tensor._data
    if not tensor.requires_grad:
        raise GraphError(
            "backward needs a tensor computed from one with requires_grad=True; "
            "set it on the parameters, and compute outside no_grad()"
        )
    if grad is None:
        if math.prod(data.shape) != 1:
            raise GraphError(
                f"backward() of shape {tuple(data.shape)} needs grad, an array of that shape; "
                "reduce to a scalar first, for example with .sum() or .mean()"
            )
        return backend.ones(data.shape, like=data)
    if not backend.is_array(grad) or isinstance(grad, np.generic):
        try:
            grad = backend.asarray(grad, like=data, dtype=data.dtype)
        except (TypeError, ValueError) as error:
            raise DtypeError(f"backward: grad must be numbers: {error}") from None
    if not any(backend.require.is_kind(grad, kind) for kind in ("float", "integral", "bool")):
        raise DtypeError(f"backward: grad must be real numbers, got {grad.dtype}")
    backend.require.one_device("backward", **{"the tensor": data, "grad": grad})
    backend.require.shape("backward", "grad", grad, data.shape, "that of the tensor")
    return grad if grad.dtype == data.dtype else backend.namespace(grad).astype(grad, data.dtype)


def demand_may_require(node: Any, data: Array, value: bool) -> None:
    """Check that ``requires_grad`` may be set: on leaves only, and to True on floats only."""
    if node is not None:
        raise GraphError(
            "requires_grad can be set only on a tensor that you made (a leaf); this one is the "
            "result of an op. t.detach() gives the same numbers without a graph"
        )
    if value:
        backend.require.floating("requires_grad", data=data)


# ---- what a rule returns --------------------------------------------------------------------


def checked_pair(op: Any, pair: Any) -> tuple[Array, Any]:
    """Return a rule's output, as an array, and its backward."""
    if type(pair) is not tuple or len(pair) != 2 or not callable(pair[1]):
        raise GraphError(f"{op.__name__}: a rule must return (output, backward), a function")
    y, backward = pair
    if not backend.is_array(y):
        came = type(y).__name__
        raise GraphError(f"{op.__name__}: a rule's output must be an array, not {came}")
    return (np.asarray(y) if isinstance(y, np.generic) else y), backward


def demand_fit(node: Any, place: int, gradient: Any) -> None:
    """Check, at leisure, that a gradient has its argument's shape and dtype."""
    came, source = type(gradient).__name__, node.sources[place]
    if backend.is_array(gradient):
        if gradient.shape == source.shape and gradient.dtype == source.dtype:
            return
        came = f"{tuple(gradient.shape)} {gradient.dtype}"
    name = nesting.names(node.op.arrays, node.lengths)[place]
    raise GraphError(
        f"{node.op.__name__}: the gradient of {name} must have its shape "
        f"and dtype, {tuple(source.shape)} {source.dtype}; the rule returned {came}"
    )


# ---- in-place changes: an error only where a rule had kept what was changed -----------------


def demand_usable(node: Any) -> None:
    """Check that a node has not been freed, and that what its rule kept is as it was."""
    if node.backward is None:
        raise GraphFreedError(
            f"backward has already run through {node.op.__name__}, and what it kept was "
            "freed; compute the loss again, or call backward(retain_graph=True) the first time"
        )
    changed = CHANGES.since(node.time)
    names = nesting.names(node.op.arrays, node.lengths)
    for name, source in zip(names, node.sources, strict=True):
        late = source is not None and source.changed_at > node.time
        if late and (name in _kept_names(node.backward) or _keeps(node.backward, changed)):
            _refuse_change(node, name)
    if _keeps(node.backward, changed):
        _refuse_change(node, "its output" if node.changed_at else "an array that it shares")


def _refuse_change(node: Any, name: str) -> None:
    raise ChangedInPlaceError(
        f"{node.op.__name__}: {name} was changed in place (its numbers were overwritten) after "
        "forward used it, but backward needs the old numbers; call backward before the change, "
        "for example before optimiser.step(), or compute the loss again"
    )


def _kept_names(backward: Any) -> list[str]:
    """Name the arguments that the rule's backward mentions, and so keeps."""
    backward = inspect.unwrap(backward)
    names = getattr(getattr(backward, "__code__", None), "co_freevars", ())
    cells = getattr(backward, "__closure__", None) or ()
    kept = zip(names, cells, strict=True)
    return [name for name, cell in kept if cell.cell_contents is not None]


def _keeps(kept: Any, changed: list[Array]) -> bool:
    """Tell whether memory of a changed array is among what a closure keeps alive."""
    if isinstance(kept, FunctionType):
        cells = [cell.cell_contents for cell in kept.__closure__ or ()]
        return any(_keeps(content, changed) for content in cells if content is not kept)
    if isinstance(kept, (list, tuple)):
        return any(_keeps(content, changed) for content in kept)
    return backend.is_array(kept) and any(backend.may_share_memory(kept, x) for x in changed)
