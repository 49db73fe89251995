"""The engine: tensors that remember how they were computed, and the walk back.

Read in this order: `operators` (rules, the whole idea), `op` (how a rule becomes an op),
`tensors`, `graph` (backward), then `state` and `tape`.
"""

from minin.autograd.making import tensor as tensor
from minin.autograd.op import Op as Op
from minin.autograd.state import current_mode as current_mode
from minin.autograd.state import no_grad as no_grad
from minin.autograd.state import rules as rules
from minin.autograd.tape import Step as Step
from minin.autograd.tape import Tape as Tape
from minin.autograd.tape import declare_branch as declare_branch
from minin.autograd.tape import record as record
from minin.autograd.tensors import Tensor as Tensor
from minin.autograd.tensors import differentiable as differentiable
