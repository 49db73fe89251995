"""minin: Network in Network, written out from scratch on arrays.

An autograd engine, convolution by im2col, 1x1 convolution as one matrix product, pooling and
global average pooling, on NumPy arrays and, from the same source, on CuPy arrays.

Example:
    >>> import minin
    >>> network = minin.models.build("nin-digits", rng=0)
    >>> digits = minin.data.load("digits")
    >>> scores = network(digits.train_images[:2].astype("float32"))
    >>> scores.shape
    (2, 10)
"""

import sys

# `python -m minin` looks for modules in the folder it stands in first: a learner's random.py, or
# one that was handed in, would take the place of Python's own.
if (
    sys.argv[:1] == ["-m"]
    and any(word.split(".")[0] == "minin" for word in sys.orig_argv)
    and not getattr(sys.flags, "safe_path", False)
):
    sys.path.append(sys.path.pop(0))
    if not __file__.startswith(sys.path[-1]):  # else it is where minin itself comes from
        sys.path.pop()

from importlib import import_module
from typing import TYPE_CHECKING, Any

from minin import autograd as autograd
from minin import errors as errors
from minin import fast as fast
from minin import ops as ops
from minin.autograd import Tensor as Tensor
from minin.autograd import differentiable as differentiable
from minin.autograd import no_grad as no_grad
from minin.autograd import rules as rules
from minin.autograd import tensor as tensor
from minin.backend import device_report as device_report
from minin.fast import get_num_threads as get_num_threads
from minin.fast import set_num_threads as set_num_threads
from minin.version import __version__ as __version__

if TYPE_CHECKING:
    from minin import algorithms as algorithms
    from minin import data as data
    from minin import doctor as doctor
    from minin import explain as explain
    from minin import gradcheck as gradcheck
    from minin import models as models
    from minin import nn as nn
    from minin import optim as optim
    from minin import train as train
    from minin import weights as weights
    from minin.models import summary as summary
    from minin.weights import load as load
    from minin.weights import save as save

# Loaded at first use, so that `import minin` costs little more than `import numpy`.
_PARTS: tuple[str, ...] = ("algorithms", "data", "doctor", "explain", "gradcheck", "models")
_PARTS += ("nn", "optim", "train", "weights")
_HOMES = {"summary": "models", "load": "weights", "save": "weights"}


def __getattr__(name: str) -> Any:
    if name in _PARTS:
        return import_module(f"minin.{name}")
    if name in _HOMES:
        return getattr(import_module(f"minin.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'minin' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_PARTS, *_HOMES})
