"""A result on a terminal: a paragraph for each case, a line for each who did it.

From 78 columns on every row is one line; on a narrower terminal it folds, and no number is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from minin.bench import units
from minin.bench.break_even import name_of
from minin.text import in_columns, wrap

Record = dict[str, Any]

WIDE = 76
# name, time, spread, first call, rate, share of the ceiling, error
COLUMNS = (-16, 8, 8, 8, 13, 14, 6)
HEADS = ("ran", "median", "spread", "first", "rate", "of ceiling", "error")

NOTES = (
    "median: of a call that ended synchronised. spread: the range of the medians of the blocks, "
    "each in a process of its own; the medians of another run should differ by less in nine rows "
    "of ten. first: the very first call. rate and share: by the definition of the op, of computing "
    "(a large product) or moving (a large copy), whichever takes longer at the ceiling; small "
    "arrays in the cache and Winograd's convolution can pass 100 %. error: against NumPy's plain "
    "rules in float64, which are their own reference."
)


def table(record: Record, width: int = 78) -> list[str]:
    """Lay a result out in lines of at most ``width`` columns.

    Args:
        record: a result.
        width: at least 24.
    """
    lines = [*_head(record, width), ""]
    if width >= WIDE:
        lines += [f"  {in_columns(HEADS, COLUMNS, '')}"]
    for title, rows in _groups(record["rows"]):
        lines += wrap(title, width)
        for row in rows:
            lines += _row(row, width)
    lines += ["", *_ceilings(record, width)]
    lines += _transfers(record, width)
    lines += _break_even(record, width)
    lines += _skipped(record, width)
    lines += ["", *wrap(NOTES, width)]
    return lines


def _head(record: Record, width: int) -> Iterator[str]:
    about, threads = record["environment"], record["environment"]["threads"]
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    blas = ", ".join(
        f"{one['name']} {one['version'] or ''} ({one['threads']} threads)" for one in about["blas"]
    )
    gpu = f"; {about['gpu']}" if about["gpu"] else ""
    said = ", ".join(f"{name} {number}" for name, number in threads.items())
    yield from wrap(f"{about['processor']}, {about['cores']} cores{gpu}", width)
    yield from wrap(f"minin {about['minin']}, Python {about['python']}, {versions}", width)
    yield from wrap(f"BLAS: {blas or 'unknown'}; threads: {said}", width)
    how = record["protocol"]
    if record["complete"]:
        text = f"{how['blocks']} blocks in {how['seconds']:.0f} s"
    else:
        text = (
            f"INCOMPLETE: stopped after {how['seconds']:.0f} s, of {how['blocks'] or 'no'} blocks"
        )
    yield from wrap(text, width)


def _groups(rows: Sequence[Record]) -> Iterator[tuple[str, list[Record]]]:
    found: dict[tuple[Any, ...], list[Record]] = {}
    for row in rows:
        key = (row["op"], row["way"], row["size"], row["dtype"])
        found.setdefault(key, []).append(row)
    for (op, way, size, dtype), group in found.items():
        first = group[0]
        shape = "x".join(map(str, first["shape"]))
        yield (
            f"{op} {way}, {size} {shape} {dtype}: {units.count(first['flops'])}FLOP, "
            f"{units.count(first['bytes'])}B",
            group,
        )


def _row(row: Record, width: int) -> list[str]:
    cells = _cells(row)
    if cells is None:
        word = row["status"].upper() if row["status"] == "wrong" else row["status"]
        text = f"  {name_of(row):<16}{word}: {row['reason'] or 'stopped before it had a time'}"
        return wrap(text, width, rest="  ")
    if width >= WIDE:
        return [f"  {in_columns(cells, COLUMNS, '')}"]
    name, time, spread, first, rate, share, error = cells
    text = f"  {name} {time} +-{spread}; error {error}; first {first}; {rate}; {share}"
    return wrap(text, width, rest="  ")


def _cells(row: Record) -> tuple[str, ...] | None:
    time = row["time"]
    if time is None:
        return None
    median, share = time["median"], row["share"]
    if share is not None and share["of"] == "copy":
        rate = units.rate(row["bytes"] / median, "B/s")
    else:
        rate = units.rate(row["flops"] / median, "FLOP/s")
    return (
        name_of(row),
        units.seconds(median),
        units.percent(time["spread"] / median),
        units.seconds(row["first_call"]),
        rate,
        f"{units.percent(share['value'])} {share['of']}" if share else "-",
        units.error(row["error"]),
    )


def _ceilings(record: Record, width: int) -> Iterator[str]:
    for one in record["ceilings"]:
        shape = "x".join(map(str, one["shape"]))
        what = f"ceiling {one['library']} {one['dtype']} {one['of']} of {shape}: "
        if one["rate"] is None:
            yield from wrap(f"{what}{one['status']} {one['reason'] or ''}", width, rest="  ")
            continue
        rate = units.rate(one["rate"], "FLOP/s" if one["of"] == "product" else "B/s")
        spread = units.percent(one["time"]["spread"] / one["time"]["median"])
        yield from wrap(f"{what}{rate} +-{spread}", width, rest="  ")


def _transfers(record: Record, width: int) -> Iterator[str]:
    """Show how long arrays take to the device and back, where there is a way to go."""
    for row in record["rows"]:
        way = row["transfer"]
        if way is not None:
            text = (
                f"transfer {row['op']} {row['way']}, {row['size']} {row['dtype']}, "
                f"{name_of(row)}: to {units.seconds(way['to']['median'])}, back "
                f"{units.seconds(way['back']['median'])}, {units.count(way['bytes'])}B in all"
            )
            yield from wrap(text, width, rest="  ")


def _break_even(record: Record, width: int) -> Iterator[str]:
    for one in record["break_even"]:
        if one["flops"] is None:
            verdict = "is slower at every size up to the largest"
        elif one["flops"] == 0:
            verdict = "is faster at every size"
        else:
            verdict = f"is faster from about {units.count(one['flops'])}FLOP a call on"
        way = "with transfers" if one["transfers"] else "on the device"
        text = (
            f"break-even {one['op']} {one['way']} {one['dtype']}: {one['gpu']} {verdict} "
            f"({way}; against {one['cpu']})"
        )
        yield from wrap(text, width, rest="  ")


def _skipped(record: Record, width: int) -> Iterator[str]:
    for one in record["skipped"]:
        yield from wrap(f"skipped {one['library']}: {one['reason']}", width, rest="  ")
