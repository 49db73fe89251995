"""Sections that compare libraries: time or memory of the same network, program by program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.report import words
from benchmarks.report.markdown import claim, table

Record = dict[str, Any]


def times(record: Record, file: str) -> Iterator[str]:
    """Write the tables of training_step, inference and old_frameworks, and what they show."""
    for part in record["parts"]:
        yield from _heading(part)
        rows = [_row(part, peer) for peer in part["peers"]]
        yield from table(
            [
                "program",
                "median",
                "quartiles",
                "least to most",
                "minin's time / its time",
                "cores used",
                "first call",
                "peak memory",
            ],
            rows,
        )
        apart = [peer["difference"] for peer in part["peers"] if peer["difference"] is not None]
        if apart:
            yield f"No logit is further than {max(apart):.1e} from minin's."
            yield ""
    yield from skipped(record)
    yield from _claims(record, file, "step", "time")


def memory(record: Record, file: str) -> Iterator[str]:
    """Write the table of memory, and what it shows."""
    for part in record["parts"]:
        yield from _heading(part)
        rows = []
        for peer in part["peers"]:
            peak, imports = (peer["measures"][k]["values"] for k in ("peak", "after_imports"))
            quartiles = words.between(peak, "bytes")
            ratio = _ratio(part, peer["name"], "peak")
            rows.append(
                [
                    peer["name"],
                    words.size(peak["median"]),
                    quartiles,
                    words.size(imports["median"]),
                    ratio,
                ]
            )
        heads = ["program", "peak", "quartiles", "after its imports", "minin's peak / its peak"]
        yield from table(heads, rows)
    yield from skipped(record)
    yield from _claims(record, file, "peak", "peak memory")


def _heading(part: dict[str, Any]) -> Iterator[str]:
    facts = part["facts"]
    shape = "x".join(map(str, facts["image"]))
    yield (
        f"**{part['name']}**: images of {shape}, {facts['parameters']:,} parameters, "
        f"{facts['macs_an_image']:,} multiply-accumulates an image."
    )
    yield ""


def _row(part: dict[str, Any], peer: dict[str, Any]) -> list[str]:
    values = peer["measures"]["step"]["values"]
    return [
        peer["name"],
        words.seconds(values["median"]),
        words.between(values),
        words.extremes(values),
        _ratio(part, peer["name"], "step"),
        f"{peer['cores_used']:.1f}",
        words.seconds(peer["first_call"]),
        words.size(peer["memory"]["peak"]),
    ]


def _ratio(part: dict[str, Any], name: str, measure: str) -> str:
    """Write the ratio of the first peer to another, with its quartiles."""
    for ratio in part["ratios"]:
        if (ratio["against"], ratio["measure"]) == (name, measure):
            return _with_quartiles(ratio["values"])
    return "1"


def _with_quartiles(values: dict[str, Any]) -> str:
    low, high = values["quartiles"]
    return f"{values['median']:.2f} ({low:.2f} to {high:.2f})"


def skipped(record: Record) -> Iterator[str]:
    """Say who was not there, once for all parts."""
    missing = {(one["name"], one["reason"]) for part in record["parts"] for one in part["skipped"]}
    for name, reason in sorted(missing):
        yield f"Not measured: {name}, {reason}."
        yield ""


def _claims(record: Record, file: str, measure: str, what: str) -> Iterator[str]:
    """Compare the first program with the best of the others, and not with its own variants."""
    for part in record["parts"]:
        rivals = [
            ratio
            for ratio in part["ratios"]
            if ratio["measure"] == measure and not ratio["against"].startswith(f"{ratio['peer']}-")
        ]
        if rivals:
            best = max(rivals, key=lambda ratio: ratio["values"]["median"])
            yield claim(
                f"{part['name']}: the {what} of {best['peer']} is "
                f"{_with_quartiles(best['values'])} times that of {best['against']}, which has "
                "the least of the others.",
                file,
            )
