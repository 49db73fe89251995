"""Two results side by side: the ratio of each row, and whether it is more than chance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minin.bench import units
from minin.bench.break_even import name_of
from minin.text import in_columns, wrap

Record = dict[str, Any]
Key = tuple[str, ...]

WIDE = 70
COLUMNS = (-14, 10, 9, 10, 9, 7)
HEADS = ("ran", "first", "spread", "second", "spread", "ratio")


def compare(one: Record, two: Record, width: int = 78) -> list[str]:
    """Lay two results side by side in lines of at most ``width`` columns.

    Args:
        one: a result.
        two: another.
        width: at least 24.
    """
    return [
        *_differences(one, two, width),
        "",
        *_rows(one, two, width),
        "",
        *_summary(one, two, width),
    ]


def verdict(one: Record, two: Record) -> str:
    """Say whether two times differ by more than both their spreads.

    Example:
        >>> verdict({"median": 1.0, "spread": 0.1}, {"median": 1.2, "spread": 0.3})
        'same'
        >>> verdict({"median": 1.0, "spread": 0.1}, {"median": 1.2, "spread": 0.1})
        'slower'
    """
    if abs(two["median"] - one["median"]) <= max(one["spread"], two["spread"]):
        return "same"
    return "slower" if two["median"] > one["median"] else "faster"


def key_of(row: Record) -> Key:
    """Return what two rows have to have in common to be compared."""
    shape = "x".join(map(str, row["shape"]))
    return (row["op"], row["way"], row["size"], shape, row["dtype"], name_of(row))


def pairs(one: Record, two: Record) -> dict[Key, tuple[Record, Record]]:
    """Pair the rows that have a time in both."""
    there = {key_of(row): row for row in two["rows"] if row["time"] is not None}
    return {
        key: (row, there[key])
        for row in one["rows"]
        if row["time"] is not None and (key := key_of(row)) in there
    }


def _differences(one: Record, two: Record, width: int) -> Iterator[str]:
    """Say which machine, versions or settings differ."""
    left, right = one["environment"], two["environment"]
    found = [
        (name, left.get(name), right.get(name))
        for name in left
        if name not in ("versions", "load") and left[name] != right.get(name)
    ]
    versions = left["versions"].keys() | right["versions"].keys()
    found += [
        (name, left["versions"].get(name), right["versions"].get(name))
        for name in sorted(versions)
        if left["versions"].get(name) != right["versions"].get(name)
    ]
    for name in ("quick", "blocks", "seed"):
        if one["protocol"][name] != two["protocol"][name]:
            found.append((name, one["protocol"][name], two["protocol"][name]))
    if not found:
        yield from wrap("machine, versions and settings are the same", width)
    for name, a, b in found:
        text = f"differs: {name}: {_words(a)} / {_words(b)}"
        yield from wrap(text, width, rest="  ")
    for which, record in (("first", one), ("second", two)):
        if not record["complete"]:
            yield from wrap(f"the {which} result is incomplete: it was stopped", width)


def _words(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return "; ".join(map(_words, value)) or "none"
    if isinstance(value, dict):
        return " ".join(f"{key} {_words(item)}" for key, item in value.items()) or "none"
    return str(value)


def _rows(one: Record, two: Record, width: int) -> Iterator[str]:
    title = None
    if width >= WIDE:
        yield f"  {in_columns(HEADS, COLUMNS, '')}"
    for key, (a, b) in pairs(one, two).items():
        op, way, size, shape, dtype, name = key
        now = f"{op} {way}, {size} {shape} {dtype}"
        if now != title:
            yield from wrap(now, width)
            title = now
        yield from _row(name, a["time"], b["time"], width)


def _row(name: str, a: Record, b: Record, width: int) -> list[str]:
    cells = (
        units.seconds(a["median"]),
        units.percent(a["spread"] / a["median"]),
        units.seconds(b["median"]),
        units.percent(b["spread"] / b["median"]),
        f"{b['median'] / a['median']:.2f}",
        verdict(a, b),
    )
    if width < WIDE:
        text = "  {} {} +-{} / {} +-{}: {} {}".format(name, *cells)
        return wrap(text, width, rest="  ")
    return [f"  {in_columns((name, *cells[:5]), COLUMNS, '')}  {cells[5]}"]


def _summary(one: Record, two: Record, width: int) -> list[str]:
    found = pairs(one, two)
    verdicts = [verdict(a["time"], b["time"]) for a, b in found.values()]
    keys = [{key_of(row) for row in record["rows"]} for record in (one, two)]
    text = (
        f"{len(found)} rows are in both: {verdicts.count('same')} the same within their spreads, "
        f"{verdicts.count('faster')} faster and {verdicts.count('slower')} slower in the second. "
        f"Ratio: second / first."
    )
    lone = [len(keys[0] - keys[1]), len(keys[1] - keys[0])]
    if any(lone):
        text += f" Only in the first: {lone[0]}; only in the second: {lone[1]}."
    return wrap(text, width)
