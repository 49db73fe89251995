"""Softmax cross entropy, each way in one kernel (loss.cu), without waiting for the GPU.

The plain rule looks at the class numbers before it uses them: are they from 0 to K - 1? On a GPU
that look would stop the host at every step until everything queued before has run. Here the
kernel looks. A class out of range

- makes the loss, and all gradients of its image, NaN: it cannot go unseen, and nothing is read or
  written where it should not be;
- is noted in three numbers in the host's own memory, which the GPU can write to. The host looks
  at them, which costs nothing, at the start of the next cross entropy, and whenever
  `demand_good_targets` is called: ArgumentError, with the number. After a loss has been read
  (`item()` waits for the GPU) such a call misses nothing.

So the error comes late, as a GPU's own errors do, but before a wrong number can be believed. All
other checks need no numbers, and are the plain rule's own: where one fails, this rule does not
cover the call and the plain rule raises.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from minin.autograd.operators import Gradient, OutputAndBackward
from minin.backend import Array, namespace, require
from minin.errors import ArgumentError
from minin.fast.coverage import is_covered
from minin.fast.cuda.launch import launch
from minin.ops.loss import REDUCTIONS, cross_entropy


class Wrong:
    """Memory of the host that kernels write to: (is there one, the class, K).

    Page-locked memory has one address for the host and for every GPU of the process.
    """

    def __init__(self, xp: Any) -> None:
        self._memory = xp.cuda.alloc_pinned_memory(3 * 8)
        self.address = np.int64(self._memory.ptr)
        self.noted: npt.NDArray[np.int64] = np.frombuffer(self._memory, np.int64, 3)
        self.noted[:] = 0

    def demand_none(self) -> None:
        """Raise if a kernel that has run met a class out of range; once."""
        if self.noted[0]:
            _, target, k = map(int, self.noted)
            self.noted[:] = 0
            raise ArgumentError(
                f"cross_entropy: target must hold class numbers from 0 to {k - 1} for logits of "
                f"{k} classes, got {target} in an earlier call, whose loss is NaN; count classes "
                "from 0, or build the network with more classes"
            )


_wrong: dict[Any, Wrong] = {}  # array library -> where its kernels complain


def demand_good_targets() -> None:
    """Raise if a cross entropy that has run on a GPU met a class number out of range.

    Nothing is waited for; what is still queued shows at a later call.

    Raises:
        ArgumentError: naming the class number.

    Example:
        >>> demand_good_targets()
    """
    for wrong in list(_wrong.values()):
        wrong.demand_none()


def covers(
    logits: Array, target: Array, *, reduction: str = "mean", label_smoothing: float = 0.0
) -> bool:
    """Cover what the plain rule takes, in float32 and float64, and at least one number."""
    if not (require.is_kind(logits, "float") and require.is_kind(target, "integral")):
        return False
    smoothed = isinstance(label_smoothing, (int, float)) and 0 <= label_smoothing <= 1
    fits = logits.ndim == 2 and target.ndim == 1 and target.shape[0] == logits.shape[0]
    return smoothed and fits and reduction in REDUCTIONS and is_covered(logits)


@cross_entropy.accelerate("cupy", covers)
def fast_cross_entropy(
    logits: Array, target: Array, *, reduction: str = "mean", label_smoothing: float = 0.0
) -> OutputAndBackward:
    """Measure the surprise; the classes are checked by the kernel."""
    xp = namespace(logits)
    wrong = _wrong.get(xp) or _wrong.setdefault(xp, Wrong(xp))
    wrong.demand_none()
    n, k = logits.shape
    z = xp.ascontiguousarray(logits)  # (N, K)
    classes = xp.ascontiguousarray(target, dtype=xp.int64)  # (N,)
    losses, largest, log_sum = (xp.empty((n,), dtype=z.dtype) for _ in range(3))
    total = xp.empty((), dtype=z.dtype)
    smoothing, share = float(label_smoothing), 1 / n if reduction == "mean" else 1.0
    outputs = (losses, largest, log_sum, total, wrong.address)
    launch("cross_entropy", 1, z, classes, *outputs, n, k, smoothing, share, like=z, blocks=1)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad = xp.ascontiguousarray(grad_y)  # () or (N,)
        out = xp.empty((n, k), dtype=z.dtype)
        kept = (z, classes, largest, log_sum, grad)
        sizes = (out.size, k, smoothing, share, reduction == "none")
        launch("cross_entropy_slope", out.size, *kept, out, *sizes, like=z)
        return out, None

    return (losses if reduction == "none" else total), backward
