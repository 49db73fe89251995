"""The rules of `minin.ops` once more, tuned for one array library each.

A fast rule has the signature and the contract of the plain rule that it stands in for, and
the laws of the tests hold both against the same loops. Which one runs is decided by
`minin.rules` and by the rule's own coverage. What both libraries share is in `coverage` and
`chained`.
"""

from minin.fast import cpu as cpu
from minin.fast import cuda as cuda
from minin.fast.cpu import get_num_threads as get_num_threads
from minin.fast.cpu import one_blas_thread as one_blas_thread
from minin.fast.cpu import set_num_threads as set_num_threads
