"""The repair: a change of the caller's own code that makes a wrong gradient right.

Read in this order: `result`, `search`, `source`, `record`, `edit`, `trials`, `run`, `child`, and
the operators.
"""

from minin.gradcheck.repair.result import Repair
from minin.gradcheck.repair.search import search

__all__ = ["Repair", "search"]
