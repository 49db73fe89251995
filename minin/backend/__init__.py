"""All that differs between array libraries, and nothing else.

Which library an operation uses is decided by the type of its data, never by a global:
``xp = namespace(x)``. NumPy, CuPy and any strict array-API library serve.
"""

from minin.backend import require as require
from minin.backend.arrays import Array as Array
from minin.backend.arrays import Shape as Shape
from minin.backend.arrays import add_at as add_at
from minin.backend.arrays import adopt as adopt
from minin.backend.arrays import arange as arange
from minin.backend.arrays import as_array as as_array
from minin.backend.arrays import asarray as asarray
from minin.backend.arrays import copy as copy
from minin.backend.arrays import device as device
from minin.backend.arrays import full as full
from minin.backend.arrays import is_array as is_array
from minin.backend.arrays import library as library
from minin.backend.arrays import may_share_memory as may_share_memory
from minin.backend.arrays import namespace as namespace
from minin.backend.arrays import ones as ones
from minin.backend.arrays import to_numpy as to_numpy
from minin.backend.arrays import zeros as zeros
from minin.backend.devices import DeviceReport as DeviceReport
from minin.backend.devices import device_report as device_report
from minin.backend.devices import resolve as resolve
from minin.backend.devices import to_device as to_device
from minin.backend.devices import why_no_cuda as why_no_cuda
