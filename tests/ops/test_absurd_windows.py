"""A window that nobody can mean is refused at once, by both kinds of rule with the same words.

The calls run in a process of their own that an alarm ends, for a call that is not refused
lists thousands of millions of tiles, and the suite would stand still with it.
"""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

CALLS = """
ops.conv2d(X, W, padding=10**9)
ops.conv2d(X, W, padding=((10**9, 10**9), (0, 0)))
ops.conv2d(X, W, padding=2**31 - 1, stride=2**31 - 1)
ops.conv2d(X, W, padding=10**9, dilation=10**9)
ops.conv2d(X, W, padding="same", dilation=10**9)
ops.conv2d(X, W, padding=2**63)
ops.conv2d(X, W, dilation=10**9)
ops.conv2d(X, W, dilation=2**63)
ops.conv2d(X, W, stride=2**63)
ops.conv2d(X, W, groups=3, padding=10**9)
ops.conv2d(X[:0], W, padding=10**9)
ops.mlpconv(X, [W], [None], padding=10**9)
ops.mlpconv(X, [W], [None], padding=2**63)
ops.mlpconv(X, [W], [None], stride=2**63)
ops.im2col(X, 3, padding=10**9)
ops.im2col(X, 3, padding=10**9, dilation=10**9)
ops.im2col(X, 10**9, padding=10**9)
ops.im2col(X, (1, 10**9), padding=((0, 0), (0, 10**9)))
ops.im2col(X, 1, stride=2**63)
ops.col2im(np.ones((1, 3, 1)), (10**9, 10**9), 1, stride=10**9)
ops.col2im(np.ones((1, 3, 1)), 1, 3, padding=10**9, stride=2**31 - 1)
ops.max_pool2d(X, 3, padding=10**9)
ops.max_pool2d(X, 10**9, padding=5 * 10**8)
ops.max_pool2d(X, (1, 10**9), padding=(0, 5 * 10**8))
ops.max_pool2d(X, 3, dilation=10**9, padding=10**9)
ops.max_pool2d(X, 2, stride=2**31 - 1, dilation=10**9, ceil_mode=True)
ops.max_pool2d(X, 1, stride=2**63)
ops.max_pool2d(X, 2**63)
ops.avg_pool2d(X, 10**9, padding=5 * 10**8)
ops.avg_pool2d(X, 1, stride=2**63)
nn.Conv2d(3, 4, 3, stride=2**63)
nn.Conv2d(3, 4, 3, dilation=2**63)
nn.Conv2d(3, 4, 3, padding=2**63)
nn.Conv2d(3, 4, 3, padding=10**9)(X)
nn.MaxPool2d(1, stride=2**63)
nn.MaxPool2d(10**9, padding=5 * 10**8)(X)
nn.AvgPool2d(10**9, padding=5 * 10**8)(X)
nn.MlpConv(3, (4, 4), 3, padding=10**9)(X)
""".strip().splitlines()
SECONDS = 5  # for one call, which takes a thousandth of one
PROGRAM = f"""
import signal
import sys
import numpy as np
from minin import nn, ops
from minin.autograd import rules
X, W = np.ones((1, 3, 1, 1), np.float32), np.ones((4, 3, 3, 3), np.float32)
with rules(sys.argv[1]):
    for call in sys.stdin:
        signal.alarm({SECONDS})  # nobody handles it: it ends the process
        try:
            eval(call)
        except Exception as error:
            print(type(error).__name__, error, flush=True)
        else:
            print("no error", flush=True)
"""


def said(mode: str) -> list[str]:
    """Run the calls; return a line for each that came to an end."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, mode],
        input="\n".join(CALLS),
        capture_output=True,
        text=True,
        timeout=SECONDS * len(CALLS),
    )
    return done.stdout.splitlines()


@pytest.mark.skipif(not hasattr(signal, "alarm"), reason="Windows has no alarm")
def test_both_kinds_of_rule_refuse_it_with_the_same_words() -> None:
    plain, fast = said("plain"), said("fast")
    for number, call in enumerate(CALLS):
        assert number < len(plain), f"the plain rule hung or was ended in {call}"
        assert number < len(fast), f"the fast rule hung or was ended in {call}"
        assert plain[number] == fast[number], call
        assert plain[number].startswith(("ArgumentError ", "ShapeError ")), (call, plain[number])
