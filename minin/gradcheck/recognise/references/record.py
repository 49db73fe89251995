"""What a reference is: one operation, right or with one known bug switched on.

A `Reference` is one op on plain NumPy arrays: a forward that is obviously right and a backward
in which each known bug can be switched on. A switch is a catalogue id, or an id and a word
where one bug has several forms ("C1" and "C1 windows"): ``reference.bugs[switch].id`` is the
id in each case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from minin.errors import UnknownNameError
from minin.gradcheck.catalogue import BUGS, Bug

Array: TypeAlias = npt.NDArray[Any]
Cache: TypeAlias = Any
Params: TypeAlias = dict[str, Any]
Gradients: TypeAlias = tuple[Array | None, ...]
Forward: TypeAlias = Callable[..., tuple[Array, Cache]]
Backward: TypeAlias = Callable[[Array, Cache], Gradients]
Draw: TypeAlias = Callable[[np.random.Generator], tuple[list[Array], Params]]
Programs: TypeAlias = Callable[[], tuple[Forward, Backward]]


@dataclass(frozen=True)
class Reference:
    """One op, right or with one known bug in its backward.

    Args:
        name: the op, as in "conv2d".
        arguments: the names of the inputs, in order.
        run: forward on plain arrays.
        run_backward: backward with a switch or None.
        sample: inputs and parameters that make bugs visible.
        switches: switch -> the argument whose gradient it spoils, or None for several.
    """

    name: str
    arguments: tuple[str, ...]
    run: Forward
    run_backward: Callable[[Array, Cache, str | None], Gradients]
    sample: Draw
    switches: Mapping[str, str | None]

    @cached_property
    def bugs(self) -> Mapping[str, Bug]:
        """The bugs that can be switched on: switch -> entry of the catalogue."""
        return {switch: BUGS[switch.split()[0]] for switch in self.switches}

    def forward(self, *inputs: Any, **params: Any) -> tuple[Array, Cache]:
        """Compute the output, and what backward needs; arrays are read and never changed."""
        return self.run(*inputs, **params)

    def backward(self, grad_y: Array, cache: Cache, bug: str | None = None) -> Gradients:
        """Compute one gradient per argument; None where there is none (labels, no bias).

        Args:
            grad_y: the incoming gradient, of the output's shape.
            cache: what forward returned beside the output.
            bug: a switch of `bugs`, or None for the truth.

        Raises:
            UnknownNameError: if this op has no such switch.
        """
        if bug is not None and bug not in self.switches:
            raise UnknownNameError.among(f"bug of {self.name}", bug, self.switches)
        return self.run_backward(np.asarray(grad_y), cache, bug)

    def draw(self, rng: np.random.Generator) -> tuple[list[Array], Params]:
        """Draw inputs and parameters with unequal axes and distinct values."""
        return self.sample(rng)

    def programs(self, bug: str | None = None) -> tuple[Forward, Backward]:
        """Make forward and backward as two functions, with one bug or right."""
        return self.forward, partial(_backward, self, bug)


def _backward(reference: Reference, bug: str | None, grad_y: Array, cache: Cache) -> Gradients:
    return reference.backward(grad_y, cache, bug)
