"""The Shapes line of a rule's docstring: read once, when the op is made, kept at every call.

    Shapes: x (N, C, H, W), weight (O, C/groups, KH, KW), bias (O) -> (N, O, OH, OW).

A letter is one length wherever it stands, "..." any number of axes, and C/groups that length
through a parameter. Other words, other sums and "(M, K) or (K)" are left to the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from minin.backend import require
from minin.errors import ShapeError
from minin.shapes import integer

_LINE = re.compile(r"Shapes:(.*?)->", re.DOTALL)
_ARGUMENT = re.compile(r"([\w\[\]]+) \(([^()]*)\)(?!,? or \()")
_AXIS = re.compile(r"\w+(?:[*/]\w+)*")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class EqualAxes(NamedTuple):
    """Two axes of one length, or an axis of a given length; axes are counted from the end."""

    axis: int
    giver: int  # place of the argument that says how long; -1 if the line does
    length: int  # the giver's axis, or the length
    divisor: str  # the parameter that the giver's length is divided by, or ""


class Argument(NamedTuple):
    """One array argument, and what the line says of it."""

    place: int
    name: str
    axes: list[str]
    is_open: bool  # the axes are the last ones: "..." stands before them
    may_be_none: bool
    comparisons: list[EqualAxes]


class ShapesLine:
    """What a Shapes line demands of the arrays.

    Args:
        op: the operation's name, for messages.
        text: the docstring, or None.
        names: of the array arguments.
        defaults: of all arguments that have one.

    Example:
        >>> import numpy as np
        >>> line = ShapesLine("op", "Shapes: x (N, C), w (O, C) -> (N, O).", ["x", "w"])
        >>> line.check([np.ones((2, 3)), np.ones((5, 4))])
        Traceback (most recent call last):
        minin.errors.ShapeError: op: w must have shape (O, 3) for x of shape (2, 3), got (5, 4)
    """

    def __init__(
        self,
        op: str,
        text: str | None,
        names: Sequence[str],
        defaults: Mapping[str, Any] = _NOTHING,
    ) -> None:
        self.op, self.names, self.defaults = op, names, defaults
        self.arguments = list(self._read(text or ""))
        divisors = {c.divisor for argument in self.arguments for c in argument.comparisons}
        self.parameters = sorted(divisors - {""})

    def _read(self, text: str) -> Iterator[Argument]:
        """Read what the line says of each argument that it says something of."""
        line = _LINE.search(text)
        said = dict(_ARGUMENT.findall(" ".join(line[1].split()))) if line else {}
        first: dict[str, tuple[int, int]] = {}  # letter -> (place, axis) where it stands first
        for place, name in enumerate(self.names):
            axes = [axis.strip() for axis in said.get(name, "...").split(",")]
            is_open = axes[0] == "..."
            axes = axes[is_open:]
            if not axes or not all(_AXIS.fullmatch(axis) for axis in axes):
                continue
            may_be_none = self.defaults.get(name, ...) is None
            comparisons = []
            for axis, text in enumerate(axes, -len(axes)):
                letter, divisor = self._divided(text)
                if letter.isdigit():
                    comparisons.append(EqualAxes(axis, -1, int(letter), divisor))
                elif letter in first:
                    comparisons.append(EqualAxes(axis, *first[letter], divisor))
                elif not divisor and not may_be_none:
                    first[letter] = place, axis
            yield Argument(place, name, axes, is_open, may_be_none, comparisons)

    def _divided(self, text: str) -> tuple[str, str]:
        """Take C/groups apart; anything else is a letter by itself."""
        letter, _, divisor = text.partition("/")
        return (letter, divisor) if divisor in self.defaults else (text, "")

    def check_call(self, arrays: Sequence[Any], parameters: Mapping[str, Any]) -> None:
        """Check the arrays of one call, before any rule runs.

        A parameter other than 1 is not put in: whether it may be is for the rule to say first.
        """
        if not self.parameters:
            return self.check(arrays)
        known = {p: integer(p, parameters.get(p, self.defaults[p])) for p in self.parameters}
        return self.check(arrays, {p: 1 for p, value in known.items() if value == 1})

    def check(self, arrays: Sequence[Any], known: Mapping[str, int] = _NOTHING) -> None:
        """Demand that all arrays have the shapes that the line says.

        Args:
            arrays: in the order of ``names``.
            known: parameters, by name.

        Raises:
            ShapeError: naming the argument, what was wanted and why, and what came.
            DtypeError: if an argument is no array.
        """
        for argument in self.arguments:
            place, _, axes, is_open, may_be_none, comparisons = argument
            x = arrays[place]
            if x is None and may_be_none:
                continue
            shape = getattr(x, "shape", ())
            if len(shape) != len(axes) and not (is_open and len(shape) > len(axes)):
                self._refuse(argument, arrays, known)
            for axis, giver, length, divisor in comparisons:
                wanted = length if giver < 0 else arrays[giver].shape[length]
                times = known.get(divisor) if divisor else 1
                if times and shape[axis] * times != wanted:
                    self._refuse(argument, arrays, known)

    def _refuse(self, wrong: Argument, arrays: Sequence[Any], known: Mapping[str, int]) -> NoReturn:
        """Say what was wanted, and which other arguments want it so."""
        _, name, axes, is_open, _, comparisons = wrong
        x = arrays[wrong.place]
        require.arrays(self.op, **{name: x})
        wanted: dict[int, Any] = dict(enumerate(axes, -len(axes)))
        because = {}
        for axis, giver, length, divisor in comparisons:
            if giver >= 0:
                shape = tuple(arrays[giver].shape)
                because[giver] = f"{self.names[giver]} of shape {shape}"
                length = shape[length]
            if not divisor or divisor in known:
                wanted[axis] = length // known.get(divisor, 1)
        words = [*because.values(), *(f"{p}={n}" for p, n in known.items() if n != 1)]
        dots, came = ["..."] * is_open, tuple(x.shape)
        why = f" for {' and '.join(words)}" if because else ""
        said = ", ".join(map(str, [*dots, *wanted.values()])) + "," * (len(axes) == 1 > is_open)
        if len(came) == len(axes) or (is_open and len(came) > len(axes)):
            raise ShapeError(f"{self.op}: {name} must have shape ({said}){why}, got {came}")
        word = "axis" if len(axes) == 1 else "axes"
        count = f"{'at least ' * is_open}{len(axes)} {word} ({', '.join([*dots, *axes])})"
        also = f", shape ({said}){why}" if because else ""
        fix = f"add a missing axis with {name}[None, ...]"
        if len(came) > len(axes):
            fix = f"drop an axis by indexing, such as {name}[0],"
        raise ShapeError(
            f"{self.op}: {name} must have {count}{also}, got shape {came}; {fix} or reshape"
        )
