"""Six exercises: write the parts of Network in Network yourself, and be told what is wrong.

Each exercise is one file in `sources`: text, a starter, a solution and known wrong solutions.
`minin learn start` writes the starters, `minin learn check` checks an answer.

Read in this order: `sources/im2col.py`, `source` (what a file holds), `tasks` (what is
asked of an answer), `checking`, `outcome`, `runner` (the child process), `prove` (the
exercises' own check).
"""

from minin.exercises.checking import check as check
from minin.exercises.outcome import Outcome as Outcome
from minin.exercises.source import Exercise as Exercise
from minin.exercises.source import find as find
from minin.exercises.source import names as names
