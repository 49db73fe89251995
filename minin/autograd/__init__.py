"""The engine: tensors that remember how they were computed, and the walk back.

Read `operators` (rules, the whole idea), then `engine` (the page: how a rule becomes an op, and
how backward walks). Beside the page stand `tensors` (Python's operators), `methods` (the rules of
sum, mean, reshape, transpose and indexing) and `making`; below it
`dispatch` (fast rules, tapes), `guards` (what may be wrong), `changes` (in place), `calling` (by
position or by name), `nesting` (lists of arrays), `state` (no_grad, rules, record) and `tape`.
"""

from minin.autograd.engine import Op as Op
from minin.autograd.making import tensor as tensor
from minin.autograd.state import current_mode as current_mode
from minin.autograd.state import declare_branch as declare_branch
from minin.autograd.state import no_grad as no_grad
from minin.autograd.state import record as record
from minin.autograd.state import rules as rules
from minin.autograd.tape import Step as Step
from minin.autograd.tape import Tape as Tape
from minin.autograd.tensors import Tensor as Tensor
from minin.autograd.tensors import differentiable as differentiable
