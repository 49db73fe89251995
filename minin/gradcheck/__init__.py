"""The gradient checker that names the bug.

    report = gradcheck.check_backward(conv_forward, conv_backward, (x, w, b, {"stride": 2}))
    print(report)

Every number of a gradient is held against a measured slope; what is wrong is told as a cause
("the bias gradient is averaged over the batch"), with the place, the smallest case and how far
the measurement can be trusted. Read in this order: `check` (the flow), then the rooms in
which it goes on: `subject` (what is checked), `measure` (slopes), `recognise` (which operation it
is), `diagnose` (one recogniser for each kind of fault; `ranks` says who is told), `report`.
"""

from minin.gradcheck.check import check as check
from minin.gradcheck.check import check_backward as check_backward
from minin.gradcheck.report.finding import Finding as Finding
from minin.gradcheck.report.finding import GradientError as GradientError
from minin.gradcheck.report.report import Report as Report
from minin.gradcheck.torch_functions import check_torch as check_torch
