"""The lengths that a factor can stand for, with the names that people use."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.recognise.grown import lengths
from minin.sentences import sentence

KEEP_NAMES = ("p", "keep_prob", "keep", "drop_prob", "rate", "dropout", "dropout_rate")
STRIDE_NAMES = ("stride", "strides", "s")
PADDING_NAMES = ("pad", "padding", "pads", "p")
KERNEL_NAMES = ("kernel_size", "kernel", "k", "size", "pool_size", "pool", "kernel_shape")
KERNEL_PARTS = (("pool_height", "pool_width"), ("kh", "kw"), ("hh", "ww"), ("ph", "pw"))


class Constant(NamedTuple):
    """A factor, its name, and the bug that it usually betrays."""

    label: str
    value: float
    bug: str


def setting(comparison: Comparison, names: tuple[str, ...]) -> object:
    """Return the first of the params that goes by one of the ``names``, or None."""
    folded = {str(key).lower(): value for key, value in comparison.params.items()}
    return next((folded[name] for name in names if name in folded), None)


def pair_of(value: object) -> tuple[int, int] | None:
    """Read an int or a pair of ints; None for anything else."""
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return int(value), int(value)
    if isinstance(value, (tuple, list)) and len(value) == 2:
        inner = [pair_of(part) for part in value]
        if all(isinstance(part, (int, np.integer)) for part in value):
            return int(value[0]), int(value[1])
        if all(part is not None for part in inner):
            return inner[0][0], inner[1][0]  # type: ignore[index]  # just looked
    return None


def kernel(comparison: Comparison) -> tuple[int, int] | None:
    """Find the window's size: among the params, or the last axes of a four-axis weight."""
    named = pair_of(setting(comparison, KERNEL_NAMES))
    if named:
        return named
    for rows, columns in KERNEL_PARTS:
        found = setting(comparison, (rows,)), setting(comparison, (columns,))
        if all(isinstance(part, (int, np.integer)) for part in found):
            return int(found[0]), int(found[1])  # type: ignore[call-overload]
    weights = [a for a in comparison.arguments[1:] if isinstance(a, np.ndarray) and a.ndim == 4]
    return (weights[0].shape[2], weights[0].shape[3]) if weights else None


def stride(comparison: Comparison) -> tuple[int, int]:
    """Find the stride; the window's size for a pooling that names none."""
    named = pair_of(setting(comparison, STRIDE_NAMES))
    weights = any(isinstance(a, np.ndarray) and a.ndim == 4 for a in comparison.arguments[1:])
    return named or (None if weights else kernel(comparison)) or (1, 1)


def padding(comparison: Comparison) -> tuple[int, int]:
    """Find the padding, 0 if there is none."""
    return pair_of(setting(comparison, PADDING_NAMES)) or (0, 0)


def constants(comparison: Comparison) -> Iterator[Constant]:
    """Yield the factors that a gradient of this argument is likely to be off by."""
    yield Constant("-1", -1.0, "A6")
    yield Constant("2", 2.0, "A5")
    yield Constant("1/2", 0.5, "A5")
    out = comparison.output.shape
    data = next((a for a in comparison.arguments if isinstance(a, np.ndarray)), comparison.x)
    n = float(data.shape[0]) if data.ndim else 1.0
    bias = comparison.x.ndim == 1 and comparison.output.ndim > 1
    if out == data.shape[:1] and len(out) == 1:
        yield from _whole(sentence("diagnose.outputs"), math.prod(out), "H7", "H7")
    if out == data.shape and comparison.place == 0 and comparison.params.get("reduction") == "none":
        yield from _whole(sentence("diagnose.outputs"), math.prod(out), "H7", "H7")
    yield from _whole("N", n, "G5" if bias else "A2", "A1")
    if math.prod(out) > 1:
        yield from _whole(
            sentence("diagnose.outputs"), math.prod(out), "G5" if bias else "H7", "H7"
        )
    if len(out) == 4:
        yield from _whole("OH*OW", out[2] * out[3], "G5" if bias else "A4", "A4")
        yield from _whole("N*OH*OW", out[0] * out[2] * out[3], "G5" if bias else "A2", "A1")
        yield from _whole("O", out[1], "A4", "A4")
    if comparison.x.size and math.prod(out) % comparison.x.size == 0:
        stretched = "G3" if 1 in comparison.x.shape else "G5"
        shared = math.prod(out) // comparison.x.size
        yield from _whole(sentence("diagnose.sharing"), shared, stretched, stretched)
    yield from _of_image(comparison, len(out))
    yield from _of_settings(comparison)
    yield from _less_one(comparison, n)


def products(comparison: Comparison) -> Iterator[Constant]:
    """Yield the products, ratios and roots of lengths, as a program writes them."""
    known = lengths(comparison)
    for count in (1, 2, 3):
        for chosen in itertools.combinations(known.items(), count):
            label = "*".join(name for name, _ in chosen)
            value = math.prod(n for _, n in chosen)
            yield Constant(label, value, "")
            over = f"({label})" if count > 1 else label
            yield Constant(f"1/{over}", 1 / value, "")
            for other, n in known.items() if count < 3 else ():
                if all(other != name for name, _ in chosen):
                    yield Constant(f"{label}/{other}", value / n, "")
                    yield Constant(f"{other}/{over}", n / value, "")
            if count == 1:
                yield Constant(f"sqrt({label})", value**0.5, "")
                yield Constant(f"1/sqrt({label})", value**-0.5, "")
                yield Constant(f"({label} - 1)/{label}", (value - 1) / value, "")
                yield Constant(f"{label}/({label} - 1)", value / max(value - 1, 1), "")
    for name, setting_ in comparison.params.items():
        if isinstance(setting_, float) and setting_:
            yield Constant(name, setting_, "")
            yield Constant(f"1/{name}", 1 / setting_, "")


def _of_image(comparison: Comparison, out_axes: int) -> Iterator[Constant]:
    shape = comparison.x.shape
    if len(shape) == 4:
        globally = "A3" if out_axes == 2 else "A4"
        yield from _whole("H*W", shape[2] * shape[3], globally, globally)
        yield from _whole("H", shape[2], globally, globally)
        yield from _whole("W", shape[3], globally, globally)
        yield from _whole("C", shape[1], "A4", "A4")
        yield from _whole("H*H", shape[2] ** 2, globally, globally)
    elif len(shape) == 2:
        yield from _whole(sentence("diagnose.length", axis=1), shape[1], "A2", "A1")


def _of_settings(comparison: Comparison) -> Iterator[Constant]:
    window = kernel(comparison)
    if window:
        kh, kw = window
        yield from _whole("KH*KW", kh * kw, "A4", "A4")
        yield from _whole("KH", kh, "A4", "A4")
        yield from _whole("KW", kw, "A4", "A4")
        sh, sw = stride(comparison)
        yield from _whole("SH*SW", sh * sw, "D1", "D1")
    rate = setting(comparison, KEEP_NAMES)
    if isinstance(rate, float) and 0 < rate < 1:
        yield Constant("1 - p", 1 - rate, "A7")
        yield Constant("1/(1 - p)", 1 / (1 - rate), "A7")
        yield Constant("p", rate, "A7")
        yield Constant("1/p", 1 / rate, "A7")


def _less_one(comparison: Comparison, batch: float) -> Iterator[Constant]:
    counts = {"N": batch, "n": float(comparison.x.size)}
    counts |= {
        sentence("diagnose.length", axis=k): float(m) for k, m in enumerate(comparison.x.shape)
    }
    for label, count in counts.items():
        if count > 2:
            yield Constant(f"{label}/({label} - 1)", count / (count - 1), "A10")
            yield Constant(f"({label} - 1)/{label}", (count - 1) / count, "A10")


def _whole(label: str, count: float, below: str, above: str) -> Iterator[Constant]:
    if count > 1:
        yield Constant(label, float(count), above)
        joined = f"({label})" if "*" in label else label
        yield Constant(f"1/{joined}", 1.0 / count, below)
