"""Run somebody's code without a sound: no warning, nothing on stderr, no flood on stdout.

Graders count anything on stderr as a failure, and tables of hundreds of wrong rules are no place
for what those print. Where somebody's own functions are checked, `printed` tells what they print.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow warnings, floating point complaints and whatever the block prints.

    Python's ``sys.stdout``, ``sys.stderr`` and list of warning filters belong to the whole
    process, so another thread that prints meanwhile is not heard either.

    Example:
        >>> with quiet():
        ...     print("never seen", np.log(0.0))
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(np.errstate(all="ignore"))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        yield
