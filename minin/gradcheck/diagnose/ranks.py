"""Who is told first: one table, from the simplest that can be seen to what is told for want of it.

A kind is the recogniser's name and, behind a slash, what it saw where one recogniser sees several
things. Recognisers, as `Finding.recogniser` names them:

harness          forward, backward and memory behave otherwise than they may (several calls)
form             nothing came, no numbers, another shape, NaN, or zeros everywhere
upstream         the answer to other upstream gradients: 0, twice as much
reduced          the upstream gradient, summed or averaged over some axes
contributions    what backward does to each output number's contribution to each entry
scaled           the true gradient times one number
known_bug        number for number what the operation gives with a known bug
permuted         the right numbers in wrong places
nearby_function  the true gradient of a nearby function
added            the true gradient and a multiple of something known
place            a rule about where the wrong entries are
composed         a factor on top of another bug
smallest_case    the smallest inputs at which it fails (it says nothing of the cause)
"""

from __future__ import annotations

RANKS = (
    *("harness", "form", "upstream", "reduced", "contributions", "scaled/half", "scaled"),
    *(
        "upstream/factor",
        "known_bug",
        "permuted",
        "nearby_function",
        "added",
    ),
    *("reduced/not at all", "place", "permuted/upstream"),
    *("contributions/moved", "contributions/sums", "scaled/no name", "contributions/factor"),
    *("composed", "upstream/constant", "place/loose", "contributions/table"),
)
NAMES = tuple(dict.fromkeys(kind.split("/")[0] for kind in RANKS))


def rank(kind: str) -> int:
    """Return a kind's place in the table.

    Example:
        >>> rank("scaled") < rank("place")
        True
    """
    return RANKS.index(kind)


def is_weak(kind: str) -> bool:
    """Tell whether a kind is told only for want of something better."""
    return rank(kind) > rank("upstream/constant")
