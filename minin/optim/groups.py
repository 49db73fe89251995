"""What every optimiser does: sort parameters into groups, zero their gradients, walk them.

The published networks were trained with a rate of their own for the last layer and another
for the biases; a group is a set of parameters that share such numbers. An optimiser itself
is one function, `update`, which says how one parameter's step follows from its gradient.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from minin import backend
from minin.autograd import Tensor
from minin.backend import Array
from minin.errors import ArgumentError
from minin.optim.state import checked_memory

Params: TypeAlias = Iterable[Tensor] | Iterable[Mapping[str, Any]]
PIECE = 1 << 15  # numbers of a parameter that move at once
_KEYS = ("params", "lr", "weight_decay")


@dataclass
class Group:
    """Parameters that share a rate and a decay; both may be set between two steps.

    Attributes:
        params: the tensors that move.
        lr: learning rate, the length of a step along a gradient of 1.
        weight_decay: the L2 penalty's factor; this times the weight is added to the gradient.
    """

    params: list[Tensor]
    lr: float
    weight_decay: float


class Optimiser:
    """Moves parameters against their gradients, each group at its own rate.

    A parameter without a gradient, or one that is frozen (``requires_grad`` is False),
    stays where it is, and so does its memory of earlier steps.

    Args:
        params_or_groups: tensors, or mappings with the key "params" and, where it differs
            from the argument of the same name, "lr" or "weight_decay".
        lr: learning rate, at least 0.
        weight_decay: factor of the L2 penalty, at least 0.

    Attributes:
        groups: the `Group`s, in the order given.
        slots: what `update` remembers for each parameter in an array of its shape.
        counts: names under which it counts the steps of each.

    Raises:
        ArgumentError: if there is no parameter, one comes twice, or a number is no
            finite number of at least 0.
    """

    slots: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()

    def __init__(self, params_or_groups: Params, lr: float, weight_decay: float = 0.0) -> None:
        lr = finite("lr", lr)
        weight_decay = finite("weight_decay", weight_decay)
        entries = _entries(params_or_groups)
        self.groups = [_group(entry, lr, weight_decay) for entry in entries]
        self._memory: dict[int, dict[str, Any]] = {}  # per parameter, by its place
        seen: set[int] = set()
        for parameter in self._parameters():
            if id(parameter) in seen:
                raise ArgumentError(
                    f"parameters: a tensor of shape {parameter.shape} comes twice, so it"
                    " would take two steps at once; put each into one group only"
                )
            seen.add(id(parameter))

    def zero_grad(self) -> None:
        """Forget the gradients; the next backward starts from none."""
        for group in self.groups:
            for parameter in group.params:
                parameter.grad = None

    def step(self) -> None:
        """Move every parameter once, against its gradient."""
        place = 0
        for group in self.groups:
            for parameter in group.params:
                if parameter.requires_grad and parameter.grad is not None:
                    if place not in self._memory:
                        self._memory[place] = self._blank(parameter)
                    self._move(parameter, group, self._memory[place])
                place += 1

    def _move(self, parameter: Tensor, group: Group, memory: dict[str, Any]) -> None:
        """Move one parameter: in one kernel where its library has one, else in pieces."""
        for name in self.counts:
            memory[name] += 1
        numbers = parameter.data
        if not self.fused(numbers, parameter.grad, group, memory):
            self._move_in_pieces(numbers, parameter.grad, group, memory)
        parameter.data = numbers  # the engine counts it as one change in place

    def _move_in_pieces(
        self, numbers: Array, gradient: Array, group: Group, memory: dict[str, Any]
    ) -> None:
        """Call `update` on one piece after the other, so that what it makes stays in the cache."""
        arrays = [numbers, gradient, *(memory[name] for name in self.slots)]
        for weight, grad, *slots in pieces(arrays):
            if group.weight_decay:
                grad = grad + group.weight_decay * weight
            here = memory | dict(zip(self.slots, slots, strict=True))
            self.update(weight, grad, group.lr, here)

    def fused(self, weight: Array, grad: Array, group: Group, memory: Mapping[str, Any]) -> bool:
        """Move a parameter in one kernel, as `update` would, if its library has such a kernel.

        Args:
            weight: what moves, whole.
            grad: its gradient, without weight decay.
            group: with its rate and decay.
            memory: as `update` has it.

        Returns:
            Whether the weights have moved; the base class has no kernel.
        """
        del weight, grad, group, memory
        return False

    def update(self, weight: Array, grad: Array, lr: float, memory: Mapping[str, Any]) -> None:
        """Move some weights, in place; each optimiser says how.

        Each weight's step follows from its own gradient and memory alone: `step` hands over a
        parameter in pieces.

        Args:
            weight: what moves.
            grad: its gradient, weight decay included; not to be changed.
            lr: the group's learning rate.
            memory: what earlier steps left for these weights, by the names in ``slots``, all 0
                before the first, to be changed in place; and in ``counts`` how many steps there
                are with this one.
        """
        raise NotImplementedError

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Copy what earlier steps left, so that a run can go on bit for bit.

        Rates and decays are not in it: they are arguments, and a schedule may set them again
        at every step.

        **Shapes:** "velocity.0" is as large as the first parameter; a count has shape ().

        Example:
            >>> w = minin.tensor([1.0, 2.0], requires_grad=True)
            >>> from minin.optim import SGD
            >>> SGD([w], lr=0.1, momentum=0.9).state_dict()
            {'velocity.0': array([0., 0.], dtype=float32)}
        """
        state: dict[str, npt.NDArray[Any]] = {}
        for place, parameter in enumerate(self._parameters()):
            memory = self._memory.get(place) or self._blank(parameter)
            for name in self.slots:
                state[f"{name}.{place}"] = backend.to_numpy(memory[name])
            for name in self.counts:
                state[f"{name}.{place}"] = np.array(memory[name], dtype=np.int64)
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave: all of it, or nothing.

        Args:
            state: from an optimiser of the same kind on the same parameters, in their order.

        Raises:
            ArgumentError: if names are missing or unknown, or a count is below 0.
            ShapeError: if an array is not of its parameter's shape.
            DtypeError: if an array is not of its parameter's dtype, or a count no integer.
        """
        parameters = self._parameters()
        found = checked_memory(type(self).__name__, parameters, self.slots, self.counts, state)
        for memory, parameter in zip(found, parameters, strict=True):
            for name in self.slots:
                memory[name] = backend.asarray(memory[name], like=parameter.data)
        self._memory = dict(enumerate(found))

    def _parameters(self) -> list[Tensor]:
        return [parameter for group in self.groups for parameter in group.params]

    def _blank(self, parameter: Tensor) -> dict[str, Any]:
        """Make the memory of a parameter that has not moved."""
        zeros = {name: backend.zeros(parameter.shape, like=parameter.data) for name in self.slots}
        return {**zeros, **dict.fromkeys(self.counts, 0)}


def pieces(arrays: list[Array]) -> Iterator[list[Array]]:
    """Cut arrays of one shape into views of the same pieces, small enough for a cache.

    Other libraries' arrays, and NumPy's that do not lie in one stretch, stay whole.

    Example:
        >>> [piece.size for (piece,) in pieces([np.zeros((5, 10_000))])]
        [32768, 17232]
    """
    if all(isinstance(array, np.ndarray) and array.flags.c_contiguous for array in arrays):
        flat = [array.reshape(-1) for array in arrays]
        for start in range(0, len(flat[0]), PIECE):
            yield [array[start : start + PIECE] for array in flat]
    else:
        yield arrays


def finite(name: str, value: Any, above_zero: bool = False) -> float:
    """Read a finite number of at least 0, or above 0.

    Raises:
        ArgumentError: if it is anything else.
    """
    if not is_number(value) or not 0 <= value < math.inf or (above_zero and value == 0):
        wanted = "above 0" if above_zero else "of at least 0"
        raise ArgumentError(f"{name} must be a finite number {wanted}; got {value!r}")
    return float(value)


def below_one(name: str, value: Any) -> float:
    """Read the share of the past that a running mean keeps: at least 0, below 1.

    Raises:
        ArgumentError: if it is anything else.
    """
    if not is_number(value) or not 0 <= value < 1:
        raise ArgumentError(
            f"{name} must be at least 0 and below 1, the share of the past that is kept;"
            f" got {value!r}. The usual one is 0.9"
        )
    return float(value)


def is_number(value: Any) -> bool:
    """Tell a number from what only looks like one, such as True."""
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _entries(params_or_groups: Any) -> list[Mapping[str, Any]]:
    """Read both spellings as a list of groups."""
    if isinstance(params_or_groups, (Tensor, Mapping)) or not isinstance(
        params_or_groups, Iterable
    ):
        kind = type(params_or_groups).__name__
        fix = "model.parameters()" if hasattr(params_or_groups, "parameters") else "a list"
        raise ArgumentError(f"params must be several tensors or groups; got a {kind}. Pass {fix}")
    entries = list(params_or_groups)
    if not entries:
        raise ArgumentError(
            "params must hold at least one parameter; got none. A generator that was walked"
            " before is empty: call model.parameters() again"
        )
    if all(isinstance(entry, Mapping) for entry in entries):
        return entries
    return [{"params": entries}]


def _group(entry: Mapping[str, Any], lr: float, weight_decay: float) -> Group:
    """Read one group; what it leaves out is as the optimiser's arguments say."""
    if "params" not in entry or set(entry) - set(_KEYS):
        raise ArgumentError(
            f"a group must have the key 'params', and may have 'lr' and 'weight_decay';"
            f" got {sorted(map(str, entry))}"
        )
    params = entry["params"]
    params = [params] if isinstance(params, Tensor) else list(params)
    wrong = [type(p).__name__ for p in params if not isinstance(p, Tensor)]
    if wrong or not params:
        raise ArgumentError(
            f"a group's params must be tensors, at least one; got {wrong or 'none'}."
            " named_parameters() gives pairs: pass parameters()"
        )
    return Group(
        params,
        finite("lr", entry.get("lr", lr)),
        finite("weight_decay", entry.get("weight_decay", weight_decay)),
    )
