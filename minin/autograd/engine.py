"""The engine: variables that remember how they were computed, and the walk back.

A *rule* is a function on plain arrays that returns its output and a function: given the
gradient of the loss along the output, ``backward`` returns one for each array argument.

    def double(x):
        def backward(grad_y):
            return (2 * grad_y,)

        return 2 * x, backward

An `Op` runs a rule on the arrays inside variables and leaves a `Node`: the rule's backward, and
where each argument came from. So forward leaves a graph. `walk_back` visits the nodes that a
gradient reaches, the youngest first. An op can only use what is older than itself, so when a
node's turn comes, all its users have had theirs: a reverse topological order, without recursion.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from types import FunctionType
from typing import Any, Generic, TypeVar

import numpy as np
from numpy import ndarray

from minin import backend
from minin.autograd import dispatch, guards, nesting
from minin.autograd.changes import CHANGES, clock
from minin.autograd.state import STATE
from minin.backend import Array, Shape

V = TypeVar("V", bound="Variable")


class Variable:
    """An array, and where it came from; `minin.Tensor` adds Python's operators.

    One that nobody computed is a *leaf*; a leaf with ``requires_grad`` collects its gradient in
    ``grad``. ``changes`` counts how often its numbers were changed in place.
    """

    __slots__ = ("__weakref__", "_data", "_node", "_requires_grad", "changed_at", "changes", "grad")

    def __init__(self, data: Array, requires_grad: bool = False) -> None:
        if type(data) is not ndarray:
            backend.require.arrays("Tensor", data=data)
        if requires_grad:
            backend.require.floating("Tensor with requires_grad", data=data)
        self._data = data
        self._requires_grad = requires_grad
        self._node: Node | None = None  # the op that computed it; None on a leaf
        self.changes = self.changed_at = 0
        self.grad: Array = None

    @property
    def data(self) -> Array:
        """The array itself. Assigning to it, also by ``t.data -= ...``, counts as a change.

        Backward also looks for what was written into the array itself, as by ``t.data[0] = 1``
        or NumPy's ``out=``: at all numbers of an array of up to 1,024, at about 64 of a larger
        one. It cannot see a change beside these, a change through a name that the array had
        before the op ran (also by ``Tensor(array)``), and any on a GPU.
        """
        CHANGES.note_read(self, self._data)
        return self._data

    @data.setter
    def data(self, data: Array) -> None:
        data = guards.same_shape(data, self._data.shape)
        CHANGES.declare(self, self._data)
        self.changes += 1
        self._data = data

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient flows through here. On a leaf it can be set, to freeze it."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        guards.demand_may_require(self._node, self._data, value)
        self._requires_grad = bool(value)

    @property
    def shape(self) -> Shape:
        """The length of each axis."""
        return self._data.shape  # type: ignore[no-any-return]  # every library has a tuple

    @property
    def dtype(self) -> Any:
        """The kind of its numbers."""
        return self._data.dtype

    def backward(self, grad: Any = None, retain_graph: bool = False) -> None:
        """Add the gradient of this tensor along every leaf to the leaf's ``grad``.

        Args:
            grad: the gradient of some loss along this tensor, of its shape; a single number can
                do without, for 1.
            retain_graph: keep the graph, so that backward can run through it again.

        Raises:
            GraphError: if nothing here requires a gradient, or ``grad`` is wanted.
            GraphFreedError: if backward ran before without ``retain_graph``.
            ChangedInPlaceError: if numbers that a rule kept were changed since; see ``data``.
            ShapeError: if ``grad`` has another shape.
        """
        grad = guards.first_gradient(self, plain(grad))
        found = walk_back(self._node, grad, retain_graph) if self._node else [(self, grad)]
        for leaf, gradient in found:
            # A rule may hand on its input or a view: a leaf's gradient is its own.
            new = backend.copy(gradient) if leaf.grad is None else leaf.grad + gradient
            leaf.grad = new if type(new) is type(leaf._data) else backend.asarray(new, leaf._data)


def plain(x: Any) -> Any:
    """Take the array out of a variable; anything else is returned as it is."""
    return x._data if isinstance(x, Variable) else x


# ---- forward: an op runs its rule and leaves a node -----------------------------------------


class Op(dispatch.Dispatched, Generic[V]):
    """A rule that works on tensors, and returns a ``variable``; see `minin.differentiable`.

    Below it stand `calling` (``rule``; ``sort`` for arguments by name, which a call of ``enough``
    arrays alone does not need) and `dispatch` (``special``: there is a fast rule or a check).
    """

    def __init__(self, rule: Callable[..., Any], variable: type[V]) -> None:
        super().__init__(rule)
        self.variable = variable

    def __call__(self, *args: Any, **parameters: Any) -> V:
        """Run the rule on the arrays inside the tensors, and note how to come back."""
        if parameters or len(args) != self.enough:
            args, parameters = self.sort(args, parameters)
            parameters = {name: plain(value) for name, value in parameters.items()}
        arrays, sources, wanted, usual = _take_apart(args)
        lengths = None
        if not usual:  # lists of arrays, or another library than NumPy
            row, lengths = nesting.spread(args)
            arrays, sources, wanted, _ = _take_apart(row)
            guards.demand_arrays(self.__name__, nesting.names(self.arrays, lengths), arrays)
            arrays = nesting.gather(arrays, lengths)
        state = STATE.get()
        if self.special or state.tape is not None:
            pair = dispatch.run(self, arrays, parameters)
        else:
            pair = self.rule(*arrays, **parameters)
        output, backward = pair if type(pair) is tuple and len(pair) == 2 else (None, None)
        if type(output) is not ndarray or not callable(backward):
            output, backward = guards.checked_pair(self, pair)
        out = self.variable(output)
        if wanted and state.recording:
            out._node = Node(self, backward, sources, lengths, output)
            out._requires_grad = True
        return out


_PLAIN = frozenset({float, int, type(None)})


def _take_apart(args: Any) -> tuple[list[Any], list[Any], bool, bool]:
    """Return (arrays, sources, whether a gradient is wanted, whether the arrays are as usual).

    An array's source is the node or the leaf that its gradient goes to; None has no gradient.
    """
    arrays, sources = [], []
    wanted, usual = False, True
    for x in args:
        array, source = x, None
        if isinstance(x, Variable):
            array, source = x._data, x._node or x
            if x._requires_grad:
                wanted = True
        elif isinstance(x, np.generic):
            array = np.asarray(x)
        if type(array) is not ndarray and type(array) not in _PLAIN:
            usual = False
        arrays.append(array)
        sources.append(source)
    return arrays, sources, wanted, usual


# ---- backward: once through every node, the youngest first ----------------------------------


class Node:
    """One op that ran: its rule's backward, and what it was computed from.

    Attributes:
        time: when it ran; an op is always younger than what it uses.
        backward: the rule's function; None once it has run and been freed.
        sources: for each array argument the node or leaf it came from, or None.
        lengths: of the lists among its arguments, as `nesting` has them.
        shape, dtype: of the output, and so of the gradient that arrives.
        changed_at: when the output was last changed in place, or 0.
    """

    __slots__ = ("backward", "changed_at", "dtype", "lengths", "op", "shape", "sources", "time")
    _requires_grad = True

    def __init__(self, op: Any, backward: Any, sources: Any, lengths: Any, output: Array) -> None:
        self.time, self.changed_at = next(clock), 0
        self.op, self.backward, self.sources, self.lengths = op, backward, sources, lengths
        self.shape, self.dtype = output.shape, output.dtype

    def run_backward(self, grad_y: Array, gradients: dict[Any, Array], waiting: list[Any]) -> None:
        """Run the rule backward; add to the sources' ``gradients``, and let nodes wait."""
        if self.backward is None or self.time < CHANGES.last:
            guards.demand_usable(self)
        row = self.backward(grad_y)
        if type(row) is not tuple or len(row) != len(self.sources) or self.lengths:
            row = nesting.spread_gradients(self, row)
        for place, source in enumerate(self.sources):
            gradient = row[place]
            if source is None or gradient is None or not source._requires_grad:
                continue
            if type(gradient) is FunctionType:
                gradient = gradient()  # it is wanted: compute it
            usual = type(gradient) is ndarray and gradient.shape == source.shape
            if not usual or gradient.dtype != source.dtype:
                guards.demand_fit(self, place, gradient)
            held = gradients.get(source)
            gradients[source] = gradient if held is None else held + gradient
            if held is None and type(source) is Node:
                heappush(waiting, (-source.time, source))


def walk_back(root: Node, grad: Array, retain_graph: bool) -> list[tuple[Any, Array]]:
    """Take ``grad`` back from ``root``; return each leaf with its gradient.

    Nothing is written to a leaf here: if a rule fails half-way, no gradient is half-made.
    """
    CHANGES.look_again()
    gradients: dict[Any, Array] = {root: grad}  # what has arrived so far, at nodes and leaves
    waiting = [(-root.time, root)]  # a heap: the youngest node comes first
    while waiting:
        node = heappop(waiting)[1]
        node.run_backward(gradients.pop(node), gradients, waiting)
        if not retain_graph:
            node.backward, node.sources = None, []  # let go of what the rule kept: memory falls
    return list(gradients.items())  # every node was popped: only leaves are left
