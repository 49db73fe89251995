"""Six exercises: write the parts of Network in Network yourself, and be told what is wrong.

Each exercise is one file in `sources`: text, a starter, a solution, marks and known wrong
solutions. `minin learn start` writes the starters, `minin learn check` checks an answer.

Read in this order: `sources/en/im2col.py`, `source` (what a file holds), `tasks` (what is
asked of an answer), `checking` and `comparing` (the judge), `marks`, `outcome`; then how an
answer is kept apart from its judge: `child`, `remote`, and what runs over there, `stub` behind
the `fence`; `runner` (the whole way), `prove` (the exercises' own check).
"""

from minin.exercises.outcome import Outcome as Outcome
from minin.exercises.runner import check as check
from minin.exercises.source import Exercise as Exercise
from minin.exercises.source import find as find
from minin.exercises.source import names as names
