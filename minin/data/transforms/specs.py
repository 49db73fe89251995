"""Reading a transform's name and number out of text such as "resize:224"."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from minin.errors import ArgumentError, DtypeError, UnknownNameError


class Spec(NamedTuple):
    """One transform as it was asked for: its name, and the text behind a colon, if any."""

    name: str
    value: str | None

    def __str__(self) -> str:
        return self.name if self.value is None else f"{self.name}:{self.value}"


def read_specs(specs: Sequence[str], known: Iterable[str]) -> list[Spec]:
    """Split each text at its colon; each name must be known, and come once.

    Raises:
        DtypeError: if specs is no list of texts.
        UnknownNameError: if a name is not known.
        ArgumentError: if a name comes twice.

    Example:
        >>> read_specs(["resize:224", "scale"], known=["resize", "scale"])
        [Spec(name='resize', value='224'), Spec(name='scale', value=None)]
    """
    names = list(known)
    if not isinstance(specs, (list, tuple)) or not all(isinstance(s, str) for s in specs):
        raise DtypeError(
            f"transforms must be a list of texts such as [{names[0]!r}]; got {specs!r:.60}"
        )
    found: list[Spec] = []
    for text in specs:
        name, colon, value = text.partition(":")
        if name not in names:
            raise UnknownNameError.among("transform", name, names)
        if name in {spec.name for spec in found}:
            raise ArgumentError(f"transforms: {name!r} must come once; got {list(specs)!r}")
        found.append(Spec(name, value if colon else None))
    return found


def no_value(spec: Spec) -> None:
    """Demand that nothing stands behind the name.

    Raises:
        ArgumentError: if something does.
    """
    if spec.value is not None:
        raise ArgumentError(f"transform {spec.name!r} takes no number; got '{spec}'")


def pixels(spec: Spec) -> int:
    """Read a number of pixels, at least 1.

    Raises:
        ArgumentError: if there is none.
    """
    text = spec.value or ""
    if not text.isascii() or not text.isdigit() or len(text) > 6 or int(text) < 1:
        raise ArgumentError(
            f"transform {spec.name!r} needs a whole number of pixels of at least 1, as in"
            f" '{spec.name}:4'; got '{spec}'"
        )
    return int(text)


def amount(spec: Spec, default: float) -> float:
    """Read a finite number above 0, or take the usual one.

    Raises:
        ArgumentError: if it is anything else.
    """
    if spec.value is None:
        return default
    try:
        value = float(spec.value)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise ArgumentError(
            f"transform {spec.name!r} takes a finite number above 0, as in"
            f" '{spec.name}:{default:g}'; got '{spec}'"
        )
    return value
