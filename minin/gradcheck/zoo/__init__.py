"""The zoo of wrong backwards: every bug of the catalogue, alive, on plain NumPy arrays.

The references know nothing of minin's own ops, so they can share no bug with them. They serve
twice: to recognise a bug, by computing what a backward with exactly that bug returns; and to
prove that the checker names each one.

Example:
    >>> import numpy as np
    >>> from minin.gradcheck.zoo import REFERENCES
    >>> pool = REFERENCES["max_pool2d"]
    >>> y, cache = pool.forward(np.array([[[[1.0, 5.0, 2.0]]]]), kernel_size=(1, 2), stride=1)
    >>> pool.backward(np.array([[[[10.0, 1.0]]]]), cache)[0].tolist()
    [[[[0.0, 11.0, 0.0]]]]
    >>> pool.backward(np.array([[[[10.0, 1.0]]]]), cache, bug="C3")[0].tolist()
    [[[[0.0, 1.0, 0.0]]]]
    >>> pool.bugs["C3"].name
    'overlapping max pool assigns'
"""

from minin.gradcheck.zoo.bugs import BUGS as BUGS
from minin.gradcheck.zoo.bugs import Bug as Bug
from minin.gradcheck.zoo.collection import MUTANTS as MUTANTS
from minin.gradcheck.zoo.equivalence import equivalent as equivalent
from minin.gradcheck.zoo.reference import Mutant as Mutant
from minin.gradcheck.zoo.reference import Reference as Reference
from minin.gradcheck.zoo.references import REFERENCES as REFERENCES
