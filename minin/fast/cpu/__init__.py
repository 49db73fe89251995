"""Fast rules for NumPy arrays: channels last, in tiles that fit the cache, on all cores.

Read `layout` first: how images lie in memory, and the column of ones. Then `columns` and
`im2col`, `winograd` with `plan`, which decides between the two, and `chain`, which runs the
layers of an mlpconv over the tiles. `pool`, `dropout` and `relu` stand alone. Under them all are
`workers` (one thread a core), `blas` (one BLAS thread in each), `scratch` and `recycle` (memory
that is used again).
"""

from minin.fast.cpu import chain as chain
from minin.fast.cpu import dropout as dropout
from minin.fast.cpu import pool as pool
from minin.fast.cpu import relu as relu
from minin.fast.cpu.blas import one_blas_thread as one_blas_thread
from minin.fast.cpu.workers import get_num_threads as get_num_threads
from minin.fast.cpu.workers import set_num_threads as set_num_threads
