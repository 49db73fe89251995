"""A whole wrong program."""

from __future__ import annotations

from dataclasses import dataclass

from minin.gradcheck.catalogue import Bug
from minin.gradcheck.recognise.references.record import Draw, Programs


@dataclass(frozen=True)
class Mutant:
    """A complete program, forward(*inputs, **params) and backward(grad_out, cache), with one bug.

    Args:
        bug: the entry of the catalogue.
        op: the name of the `Reference` that it should agree with.
        variant: which form of the bug, "" where there is one.
        make: fresh functions, so that state of one pair never reaches another.
        draw: inputs on which the bug tends to show.
        argument: whose gradient is wrong, None if several.
        convention: the right verdict is "ok", with a note at most.
    """

    bug: Bug
    op: str
    variant: str
    make: Programs
    draw: Draw
    argument: str | None
    convention: bool = False
