"""Timing that can be trusted: what array libraries cost for the operations of this package.

`subjects` is the table of what is measured and `libraries` of who does it. `run` takes the
samples, in blocks (`visits`) that are spread over the run and over `processes`; `spread` makes a
number of them, `parity` says whether the result was right, `ceilings` what the machine could
do. A result is a record, plain JSON with a published schema; `table`, `plot` and `compare` read
records only.
"""

from minin.bench.compare import compare as compare
from minin.bench.libraries import LIBRARIES as LIBRARIES
from minin.bench.plan import Request as Request
from minin.bench.plan import make_plan as make_plan
from minin.bench.plot import write_plot as write_plot
from minin.bench.processes import Processes as Processes
from minin.bench.record import make_record as make_record
from minin.bench.record import read_record as read_record
from minin.bench.record import write_record as write_record
from minin.bench.run import Run as Run
from minin.bench.subjects import SUBJECTS as SUBJECTS
from minin.bench.table import table as table
