"""Fast rules for CuPy arrays: channels last, products by cuBLAS, the rest by our own kernels.

Read `launch` first: where the kernels come from and how one is started. Then `layout`, and
`columns` with `chain`, which runs the layers of an mlpconv. `relu`, `pool`, `average`, `dropout`
and `loss` stand alone; `steps` are the optimisers'. The kernels are in the `.cu` files beside
them, `launches` counts how many of them a training step starts, and `memory` what they hold.

The array library comes from the data, as everywhere: nothing here imports CuPy, and nothing is
compiled before it is used. What runs on a GPU is queued, and no rule here waits for it: no
number is read back, and no size depends on one.
"""

from minin.fast.cuda import average as average
from minin.fast.cuda import chain as chain
from minin.fast.cuda import dropout as dropout
from minin.fast.cuda import loss as loss
from minin.fast.cuda import pool as pool
from minin.fast.cuda import relu as relu
from minin.fast.cuda.launches import launches as launches
from minin.fast.cuda.loss import demand_good_targets as demand_good_targets
from minin.fast.cuda.memory import memory as memory
