"""What the machine can do: a large matrix product, and a large copy.

Both are measured like everything else, in the same run and with the same library and dtype; what
the machine can do is what it did in the best of the blocks. The share of a row is the time that
these two would need for its work, whichever is longer, over the time that it took: the roofline
of Williams, Waterman and Patterson (CACM 2009).

A share above 100 % is possible and no mistake: small arrays stay in the cache and never see the
memory, and Winograd's convolution multiplies less than is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from minin.backend import Array, Shape, namespace, zeros
from minin.bench.subject import BYTES, BenchSubject, Call, Job, Work, normal
from minin.bench.subjects import SUBJECTS

PRODUCT = {"quick": (768,), "host": (1536,), "device": (4096,)}
COPY = {"quick": (2**23,), "host": (2**24,), "device": (2**27,)}  # larger than any cache
PIECE = 4096  # numbers of which the source of a copy is made, again and again


def ceiling_cases(dtypes: Sequence[str], size: str) -> list[Job]:
    """List what has to be measured to know the ceilings.

    Args:
        dtypes: of the numbers.
        size: "quick", "host" or "device".
    """
    return [
        Job(subject, "forward", size, dtype)
        for dtype in dtypes
        for subject in (product_subject(PRODUCT), copy_subject(COPY[size]))
    ]


def product_subject(sizes: Mapping[str, Shape]) -> BenchSubject:
    """Make the subject of a product of two squares: matmul's, by the library's own call."""

    def start(arrays: list[Array], _: str, __: str) -> Call:
        x, y = arrays
        xp = namespace(x)
        return lambda: [xp.matmul(x, y)]

    product = SUBJECTS["matmul"]
    return replace(
        product, name="product", ways=("forward",), sizes=sizes, start=start, fast=_never
    )


def copy_subject(shape: Shape) -> BenchSubject:
    """Make the subject of a copy into an array that is there; its ends are looked at."""

    def start(arrays: list[Array], _: str, __: str) -> Call:
        (piece,) = arrays
        source = namespace(piece).tile(piece, (shape[0] // PIECE,))
        target = zeros(shape, like=source)

        def copy() -> list[Array]:
            target[...] = source
            return [target[:PIECE], target[-PIECE:]]

        return copy

    return BenchSubject(
        "copy",
        ("forward",),
        dict.fromkeys(COPY, shape),
        "n",
        inputs=lambda _, __, rng: [normal(rng, (PIECE,))],
        work=lambda shape, _: Work(0, 2 * shape[0], 1),
        start=start,
        fast=_never,
        reference=lambda arrays: [arrays[0], arrays[0]],
    )


def _never(_: str) -> bool:
    return False


def rate(case: Job, seconds: float) -> float:
    """Return FLOP/s of a product, or bytes/s of a copy."""
    if case.subject.name == "product":
        return case.work.flops / seconds
    return case.work.numbers * BYTES[case.dtype] / seconds


def share(
    flops: int, moved: int, seconds: float, product: float | None, copy: float | None
) -> dict[str, Any] | None:
    """Return the share of the ceiling that a row reaches, and which ceiling it is.

    Args:
        flops: of a call.
        moved: bytes that it has to move.
        seconds: that it took.
        product: FLOP/s of the large product.
        copy: bytes/s of the large copy.

    Returns:
        None where a ceiling was not measured.

    Example:
        >>> share(10, 10, 4.0, product=10.0, copy=5.0)
        {'of': 'copy', 'value': 0.5}
    """
    if not product or not copy:
        return None
    computing, moving = flops / product, moved / copy
    of = "product" if computing >= moving else "copy"
    return {"of": of, "value": max(computing, moving) / seconds}
