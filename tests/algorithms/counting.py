"""An array library that counts: operations, and the bytes they read and write.

It wraps NumPy and knows nothing of minin's formulas. Every function reads each of its arrays
once and writes its result once; what is a view of its argument's memory is free. Whatever is
not written here fails, so nothing goes uncounted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass
class Tally:
    """What has been counted since it was made."""

    flops: int = 0
    read: int = 0
    written: int = 0


class Counted:
    """An array whose use is counted."""

    def __init__(self, array: npt.NDArray[Any], tally: Tally) -> None:
        self.array, self.tally = array, tally
        self.shape, self.dtype, self.ndim = array.shape, array.dtype, array.ndim
        self.device = tally  # new arrays come beside old ones, and so find their tally

    def __array_namespace__(self) -> Any:
        return Library()

    def __getitem__(self, key: Any) -> Counted:
        return Counted(np.asarray(self.array[key]), self.tally)

    def __setitem__(self, key: Any, value: Counted | float) -> None:
        target = self.array[key]
        self.tally.written += target.nbytes
        if isinstance(value, Counted):
            if np.shares_memory(value.array, self.array):
                return  # `y[key] += ...` ends by putting the view back: counted there
            self.tally.read += value.array.nbytes
            self.array[key] = value.array
        else:
            self.array[key] = value

    def __iadd__(self, other: Counted) -> Counted:
        self.tally.flops += self.array.size
        self.tally.read += self.array.nbytes + other.array.nbytes
        self.tally.written += self.array.nbytes
        self.array += other.array
        return self

    def __float__(self) -> float:
        self.tally.read += self.array.nbytes
        return float(self.array)


class Library:
    """The functions of the array-API standard that the algorithms use."""

    __name__ = "counting"
    float32, float64 = np.float32, np.float64
    isdtype = staticmethod(np.isdtype)

    @staticmethod
    def _made(array: npt.NDArray[Any], tally: Tally, *read: npt.NDArray[Any]) -> Counted:
        tally.written += array.nbytes
        tally.read += sum(a.nbytes for a in read)
        return Counted(array, tally)

    def zeros(self, shape: Any, *, dtype: Any, device: Tally) -> Counted:
        return self._made(np.zeros(shape, dtype), device)

    def full(self, shape: Any, value: float, *, dtype: Any, device: Tally) -> Counted:
        return self._made(np.full(shape, value, dtype), device)

    def asarray(
        self, x: Any, *, dtype: Any = None, device: Any = None, copy: Any = None
    ) -> Counted:
        if isinstance(x, Counted):
            assert copy
            return self._made(np.array(x.array, dtype, order="C"), x.tally, x.array)
        return self._made(np.array(x, dtype), device)

    def reshape(self, x: Counted, shape: Any) -> Counted:
        y = np.reshape(x.array, shape)
        if np.shares_memory(x.array, y):
            return Counted(y, x.tally)
        return self._made(y, x.tally, x.array)

    def permute_dims(self, x: Counted, axes: Any) -> Counted:
        return Counted(np.permute_dims(x.array, axes), x.tally)

    def matrix_transpose(self, x: Counted) -> Counted:
        return Counted(np.matrix_transpose(x.array), x.tally)

    def stack(self, arrays: Sequence[Counted], *, axis: int) -> Counted:
        parts = [a.array for a in arrays]
        return self._made(np.stack(parts, axis=axis), arrays[0].tally, *parts)

    def matmul(self, x: Counted, y: Counted) -> Counted:
        product = np.matmul(x.array, y.array)
        x.tally.flops += 2 * product.size * x.shape[-1]
        return self._made(product, x.tally, x.array, y.array)


def counted(*arrays: npt.NDArray[Any] | None) -> tuple[Tally, list[Counted | None]]:
    """Wrap arrays so that they share one fresh tally."""
    tally = Tally()
    return tally, [None if a is None else Counted(np.array(a, order="C"), tally) for a in arrays]
