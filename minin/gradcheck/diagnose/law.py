"""What a law about contributions says; each law is a function of them."""

from __future__ import annotations

from typing import NamedTuple

from minin.sentences import Phrase


class Law(NamedTuple):
    """What holds for all contributions to one argument.

    Attributes:
        kind: as in `minin.gradcheck.diagnose.ranks`.
        what: what was seen.
        bug: the id of the catalogue that it betrays, or None.
        also: other ids that would look the same.
        fix: what to do, if that is not the bug's own.
    """

    kind: str
    what: Phrase
    bug: str | None
    also: tuple[str, ...] = ()
    fix: Phrase | None = None
