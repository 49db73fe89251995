"""From which size on is the GPU faster?

Times at two neighbouring sizes, on logarithmic scales, are joined by straight lines; where the
line of the best CPU library crosses that of the GPU is the size asked for. It is given in FLOPs
of a call, the one measure of size that all ops share, once for arrays that are on the device
already and once with their way there and back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

Record = dict[str, Any]


def crossing(sizes: Sequence[float], cpu: Sequence[float], gpu: Sequence[float]) -> float | None:
    """Return the size from which on the GPU is faster.

    Args:
        sizes: ascending, above 0.
        cpu: seconds at each size.
        gpu: likewise.

    Returns:
        0 if it is faster at every size, None if it is slower at the largest.

    Example:
        >>> round(crossing([1, 100], cpu=[1.0, 100.0], gpu=[10.0, 10.0]), 6)
        10.0
        >>> crossing([1, 100], cpu=[1.0, 5.0], gpu=[10.0, 10.0]) is None
        True
    """
    gains = [math.log(c / g) for c, g in zip(cpu, gpu, strict=True)]
    if not gains or gains[-1] <= 0:
        return None
    last = max((k for k, gain in enumerate(gains) if gain <= 0), default=None)
    if last is None:
        return 0.0
    low, high = math.log(sizes[last]), math.log(sizes[last + 1])
    part = -gains[last] / (gains[last + 1] - gains[last])
    return math.exp(low + part * (high - low))


def break_evens(rows: Sequence[Record]) -> list[Record]:
    """Find the sizes for every op, way and dtype, and every GPU library.

    Args:
        rows: as in a result.
    """
    groups: dict[tuple[str, str, str], list[Record]] = {}
    for row in rows:
        if row["time"] is not None:
            groups.setdefault((row["op"], row["way"], row["dtype"]), []).append(row)
    return [found for key, group in groups.items() for found in _of_group(key, group)]


def _of_group(key: tuple[str, str, str], group: Sequence[Record]) -> Iterator[Record]:
    names = list(dict.fromkeys(name_of(row) for row in group if row["device"] != "cpu"))
    best: dict[int, Record] = {}
    for row in group:
        size = row["flops"]
        if row["device"] == "cpu" and (size not in best or _time(row) < _time(best[size])):
            best[size] = row
    for name in names:
        there = {row["flops"]: row for row in group if name_of(row) == name}
        sizes = sorted(set(best) & set(there))
        if not sizes:
            continue
        for transfers in (False, True):
            cpu = [_time(best[size]) for size in sizes]
            gpu = [_time(there[size], transfers) for size in sizes]
            op, way, dtype = key
            yield {
                "op": op,
                "way": way,
                "dtype": dtype,
                "cpu": name_of(best[sizes[-1]]),
                "gpu": name,
                "transfers": transfers,
                "flops": crossing(sizes, cpu, gpu),
            }


def name_of(row: Record) -> str:
    """Name who did a row.

    Example:
        >>> name_of({"library": "numpy", "rules": "fast"})
        'numpy-fast'
    """
    return f"{row['library']}-{row['rules']}"


def _time(row: Record, transfers: bool = False) -> float:
    seconds = float(row["time"]["median"])
    if transfers and row["transfer"] is not None:
        seconds += row["transfer"]["to"]["median"] + row["transfer"]["back"]["median"]
    return seconds
