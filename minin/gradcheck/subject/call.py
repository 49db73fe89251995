"""A call of somebody's forward: its arguments by name, and what it gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.subject import Subject
from minin.gradcheck.subject.arguments import plain, spread


@dataclass(frozen=True)
class Call:
    """What a caller's forward was given, and what it gave.

    Attributes:
        names: of the positional arguments.
        inputs: the positional arguments.
        params: keyword arguments.
        output: of forward.
    """

    names: tuple[str, ...]
    inputs: tuple[Any, ...]
    params: Mapping[str, Any]
    output: Array

    @property
    def settings(self) -> dict[str, Any]:
        """Every number, word and dictionary among the arguments, by name in lower case."""
        found: dict[str, Any] = {}
        for name, value in [*zip(self.names, self.inputs, strict=True), *self.params.items()]:
            if isinstance(value, Mapping):
                found |= {str(k).lower(): v for k, v in value.items()}
            elif not isinstance(value, np.ndarray) and value is not None:
                found[str(name).lower()] = value
        return found


def call_of(subject: Subject, output: Array) -> Call:
    """Return the caller's call, for `find`."""
    inputs = tuple(plain(x) for x in subject.inputs)
    return Call(tuple(subject.arguments), inputs, subject.params, output)


def place_of(subject: Subject, leaf: int) -> int:
    """Say which of the caller's arguments a leaf is; -1 for a parameter."""
    count = 0
    for place, argument in enumerate(subject.inputs):
        count += len(spread([argument], ["x"]))
        if leaf < count:
            return place
    return -1


def sizes(names: Sequence[str], inputs: Sequence[Any], params: Mapping[str, Any]) -> str:
    """Name inputs by their shapes and settings.

    Example:
        >>> sizes(["x", "w"], [np.zeros((2, 3)), None], {"stride": 2})
        'x(2,3) stride 2'
    """
    shapes = [
        f"{n}({','.join(map(str, x.shape))})"
        for n, x in zip(names, inputs, strict=True)
        if hasattr(x, "shape")
    ]
    settings = []
    for key, value in [*zip(names, inputs, strict=True), *params.items()]:
        pairs = value.items() if isinstance(value, dict) else [(key, value)]
        settings += [f"{k} {v}" for k, v in pairs if isinstance(v, (int, float, str, tuple))]
    return f"{' '.join(shapes)} {' '.join(settings)}".rstrip()
