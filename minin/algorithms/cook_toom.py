"""Cook-Toom matrices: a short correlation with fewer multiplications, and why it works.

Wanted are the m outputs of r taps g sliding over n = m + r - 1 inputs d,

    y[j] = sum over t of g[t] * d[j + t]        j = 0 ... m - 1,

which costs m*r multiplications when done as it is written. `cook_toom` returns three matrices
of constants with which n of them are enough, and fewer never are:

    y = A^T [ (G g) * (B^T d) ]        * multiplies number by number

    A^T (m, n) output      G (n, r) kernel      B^T (n, n) input

The idea is older than correlation: multiply polynomials by their values. Let p(x) have m
coefficients and g(x) have r. Their product s(x) = p(x) g(x) has n, and so n values of it
determine it. Values are cheap to multiply: s(a) = p(a) g(a) at each point a.

1. *Evaluate.* The values of a polynomial with k coefficients at the points a_0, a_1, ... are
   V_k times the coefficients, where row i of the Vandermonde matrix V_k (n, k) is
   1, a_i, a_i^2, ..., a_i^(k-1). One point may lie at infinity: there only the highest power
   counts, and the row is 0, ..., 0, 1.
2. *Multiply.* V_n s = (V_m p) * (V_r g): n multiplications, one a point.
3. *Interpolate.* s = V_n^-1 [ (V_r g) * (V_m p) ].

Step 3 is linear in p: s = T p, where T = V_n^-1 diag(V_r g) V_m. But T can be written down
too: s[k] = sum of g[k - j] p[j], so column j of T (n, m) holds g, moved down by j. Its
transpose has g moved *right* by j in row j, and T^T d is the sum of g[k - j] d[k]: the
correlation that was wanted. Transpose the product, and there it is:

    y = T^T d = V_m^T diag(V_r g) V_n^-T d
    A^T = V_m^T        G = V_r        B^T = V_n^-T

Row i of V_n^-T holds the coefficients of the polynomial that is 1 at point i and 0 at all
others: the product of (x - a_j)/(a_i - a_j) over the other points j. For the point at infinity
it is the product of (x - a_j) over all points.

A row of B^T may be multiplied by any number if the same row of G is divided by it. Here each
row of B^T becomes the smallest whole numbers, by a positive factor, and the denominators go to
G: kernels are transformed once, inputs all the time.

The points are 0, 1, -1, 2, -2, 1/2, -1/2, 3, ... and infinity: small numbers and their
inverses, because powers of large ones lose digits. Even so accuracy is part of the price: in
float32 and along one axis the rounding error of a plain sum doubles with n = 4, grows six
times with n = 8 and thirty times with n = 10.

Sources: A. L. Toom, "The complexity of a scheme of functional elements realizing the
multiplication of integers" (1963); S. A. Cook's thesis (1966); S. Winograd, "Arithmetic
Complexity of Computations" (1980), for the lower bound n and the transposition;
A. Lavin and S. Gray, "Fast algorithms for convolutional neural networks" (2016),
arXiv 1509.09308, for its use in networks.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from minin.shapes import integer

Row: TypeAlias = tuple[Fraction, ...]
Matrix: TypeAlias = tuple[Row, ...]


@dataclass(frozen=True)
class CookToom:
    """The three matrices of y = A^T [ (G g) * (B^T d) ], exactly.

    Attributes:
        output: A^T, m rows of n: from products to outputs.
        kernel: G, n rows of r: from taps to factors.
        input: B^T, n rows of n: from inputs to factors.
    """

    output: Matrix
    kernel: Matrix
    input: Matrix

    def arrays(self, dtype: npt.DTypeLike = np.float64) -> tuple[npt.NDArray[Any], ...]:
        """Return (A^T, G, B^T) as NumPy arrays, each number rounded once.

        Shapes: -> A^T (m, n), G (n, r), B^T (n, n).

        Example:
            >>> [matrix.shape for matrix in cook_toom(4, 3).arrays("float32")]
            [(4, 6), (6, 3), (6, 6)]
        """
        return tuple(
            np.array([[float(number) for number in row] for row in matrix], dtype=dtype)
            for matrix in (self.output, self.kernel, self.input)
        )

    def __str__(self) -> str:
        """Show the matrices, each number as a fraction."""
        named = (("A^T", self.output), ("G", self.kernel), ("B^T", self.input))
        return "\n".join(f"{name}\n{_written(matrix)}" for name, matrix in named)


def cook_toom(m: int, r: int) -> CookToom:
    """Make the matrices that compute m outputs of r taps by m + r - 1 multiplications.

    Args:
        m: outputs, at least 1.
        r: taps, at least 1.

    Returns:
        The matrices, in exact fractions; the same object for the same m and r.

    Raises:
        ArgumentError: if m or r is no int of at least 1.

    Example:
        Two outputs of three taps by four multiplications instead of six:

        >>> print(cook_toom(2, 3))
        A^T
          1  1  1  0
          0  1 -1  1
        G
             1    0    0
           1/2  1/2  1/2
           1/2 -1/2  1/2
             0    0    1
        B^T
          1  0 -1  0
          0  1  1  0
          0 -1  1  0
          0 -1  0  1

        >>> output, kernel, input_ = cook_toom(2, 3).arrays()
        >>> taps, inputs = np.array([1.0, 10.0, 100.0]), np.array([1.0, 2.0, 3.0, 4.0])
        >>> output @ ((kernel @ taps) * (input_ @ inputs))
        array([321., 432.])
    """
    return _exactly(integer("m", m), integer("r", r))


@cache
def _exactly(m: int, r: int) -> CookToom:
    n = m + r - 1
    finite = tuple(itertools.islice(_points(), n - 1))  # the n-th point is infinity
    kernel, input_ = [], []
    for values, coefficients in zip(_vandermonde(finite, r), _interpolation(finite), strict=True):
        factor = _to_whole_numbers(coefficients)
        kernel.append(tuple(number / factor for number in values))  # (r,)
        input_.append(tuple(number * factor for number in coefficients))  # (n,)
    output = tuple(zip(*_vandermonde(finite, m), strict=True))  # V_m^T (m, n)
    return CookToom(output, tuple(kernel), tuple(input_))


def _points() -> Iterator[Fraction]:
    """Yield 0, 1, -1, then k, -k, 1/k, -1/k for k = 2, 3, ..., without end."""
    yield from map(Fraction, (0, 1, -1))
    for k in itertools.count(2):
        yield from (Fraction(k), Fraction(-k), Fraction(1, k), Fraction(-1, k))


def _vandermonde(finite: Row, k: int) -> Matrix:
    """Make V_k (n, k): the powers 0 ... k - 1 of each point, and infinity's row."""
    infinity = (*[Fraction(0)] * (k - 1), Fraction(1))
    return (*(tuple(point**power for power in range(k)) for point in finite), infinity)


def _interpolation(finite: Row) -> Iterator[Row]:
    """Yield the rows of V_n^-T: for each point the polynomial that is 1 there alone."""
    for i, point in enumerate(finite):
        others = finite[:i] + finite[i + 1 :]
        scale = math.prod((point - other for other in others), start=Fraction(1))
        yield (*(number / scale for number in _with_roots(others)), Fraction(0))
    yield _with_roots(finite)


def _with_roots(roots: Row) -> Row:
    """Multiply out (x - a)(x - b)...: the coefficients, the constant first.

    Example:
        >>> print(*_with_roots((Fraction(1), Fraction(2))))  # (x - 1)(x - 2)
        2 -3 1
    """
    product: Row = (Fraction(1),)
    for root in roots:  # x * product, moved up by one power, minus root * product
        raised, kept = (Fraction(0), *product), (*product, Fraction(0))
        product = tuple(up - root * same for up, same in zip(raised, kept, strict=True))
    return product


def _to_whole_numbers(row: Row) -> Fraction:
    """Find the factor that makes of a row the smallest whole numbers.

    Example:
        >>> print(_to_whole_numbers((Fraction(1, 2), Fraction(0), Fraction(-1, 3))))
        6
    """
    denominator = math.lcm(*(number.denominator for number in row))
    common = math.gcd(*(int(number * denominator) for number in row))
    return Fraction(denominator, common)


def _written(matrix: Matrix) -> str:
    width = max(len(str(number)) for row in matrix for number in row) + 1
    return "\n".join(" " + "".join(str(n).rjust(width) for n in row) for row in matrix)
