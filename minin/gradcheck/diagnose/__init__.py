"""From a wrong gradient to its cause: one small, pure recogniser for each kind of fault.

Read in this order: `evidence`, `scale` (the simplest recogniser), `ranks`, `choose`; the others as
they are needed.
"""

from minin.gradcheck.diagnose.choose import RECOGNISERS as RECOGNISERS
from minin.gradcheck.diagnose.choose import Verdict as Verdict
from minin.gradcheck.diagnose.choose import choose as choose
