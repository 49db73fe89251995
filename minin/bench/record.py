"""A result as JSON: made from a run, written whole or not at all, and read with suspicion."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from minin.bench.break_even import break_evens
from minin.bench.ceilings import rate, share
from minin.bench.machine import describe
from minin.bench.rows import ResultRow
from minin.bench.run import Run
from minin.bench.spread import spread_of, summarise
from minin.bench.subject import SEED
from minin.errors import DataError
from minin.files import write_atomically
from minin.files.ordinary import open_file

FORMAT, VERSION = "minin-bench", 1

Record = dict[str, Any]
PathLike = str | os.PathLike[str]


def make_record(run: Run) -> Record:
    """Put down a run, or what there is of it."""
    ceilings = [_ceiling(row) for row in run.ceilings]
    rows = [_row(row, ceilings) for row in run.rows]
    now = datetime.datetime.now(datetime.timezone.utc)
    return {
        "format": FORMAT,
        "version": VERSION,
        "complete": run.complete,
        "date": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "protocol": {
            "quick": run.plan.quick,
            "seed": SEED,
            "blocks": run.protocol.blocks if run.protocol else None,
            "visit_seconds": run.protocol.visit_seconds if run.protocol else None,
            "seconds": round(run.seconds, 3),
        },
        "environment": describe(contender.library for contender in run.plan.contenders),
        "skipped": [{"library": name, "reason": reason} for name, reason in run.plan.skipped],
        "ceilings": ceilings,
        "rows": rows,
        "break_even": break_evens(rows),
    }


def _ceiling(row: ResultRow) -> Record:
    found = row.summary()
    return {
        "library": row.contender.library.name,
        "dtype": row.case.dtype,
        "of": row.case.subject.name,
        "shape": list(row.case.shape),
        "status": row.status,
        "reason": row.reason,
        "rate": rate(row.case, min(found["blocks"])) if found else None,
        "time": found,
    }


def _row(row: ResultRow, ceilings: Sequence[Record]) -> Record:
    case, library, found = row.case, row.contender.library, row.summary()
    rates = {
        one["of"]: one["rate"]
        for one in ceilings
        if (one["library"], one["dtype"]) == (library.name, case.dtype)
    }
    return {
        "op": case.subject.name,
        "way": case.way,
        "size": case.size,
        "shape": list(case.shape),
        "axes": case.subject.axes,
        "dtype": case.dtype,
        "library": library.name,
        "rules": row.contender.rules,
        "device": library.device,
        "status": row.status,
        "reason": row.reason,
        "error": row.error,
        "bound": case.bound,
        "flops": case.work.flops,
        "bytes": case.bytes,
        "first_call": row.first_call if row.status in ("ok", "unfinished") else None,
        "time": found,
        "partial": [median(block) for block in row.blocks] if found is None else None,
        "share": found
        and share(
            case.work.flops, case.bytes, found["median"], rates.get("product"), rates.get("copy")
        ),
        "transfer": _transfer(row) if found and not library.on_host else None,
    }


def _transfer(row: ResultRow) -> Record:
    resolution = 1e-6  # host and device are seldom better synchronised
    return {
        "bytes": row.transferred,
        "to": summarise(row.puts, resolution),
        "back": summarise(row.gets, resolution),
    }


# What is read of a result; `schema.json` says all that there is. A list holds its items' form.
READ: Record = {
    "complete": bool,
    "environment": {"versions": dict},
    "rows": [
        {
            **dict.fromkeys(("op", "way", "size", "dtype", "library", "rules"), str),
            "shape": [int],
            "time": object,
        }
    ],
}
TIME = {"median": float, "spread": float, "resolution": float, "blocks": [float]}


def wrong(record: Any) -> Iterator[str]:
    """Find what in a result cannot be read, each with its place."""
    yield from (found := list(_unlike(record, READ, "$")))
    for number, row in enumerate(() if found else record["rows"]):
        place, time = f"$.rows[{number}].time", row["time"]
        if time is None:
            continue
        yield from (found := list(_unlike(time, TIME, place)))
        if found:
            continue
        if not time["blocks"] or time["median"] != median(time["blocks"]):
            yield f"{place}: the median is not that of its blocks"
        elif time["spread"] != spread_of(time["blocks"], time["resolution"]):
            yield f"{place}: the spread is not that of its blocks"


def _unlike(value: Any, form: Any, place: str) -> Iterator[str]:
    """Hold a value against its form: a type, the form of each item, or those of some keys."""
    kind: Any = form if isinstance(form, type) else type(form)
    inner: list[tuple[Any, Any, str]] = []
    if kind is float:
        if type(value) not in (int, float) or not 0 < value < 1e300:
            yield f"{place}: must be a finite number above 0, is {value!r:.40}"
    elif not isinstance(value, kind):
        yield f"{place}: must be {kind.__name__}, is {type(value).__name__}"
    elif isinstance(form, list):
        inner = [(item, form[0], f"{place}[{number}]") for number, item in enumerate(value)]
    elif isinstance(form, dict):
        yield from (f"{place}: {key!r} is missing" for key in form if key not in value)
        inner = [(value[key], form[key], f"{place}.{key}") for key in form if key in value]
    for part in inner:
        yield from _unlike(*part)


def write_record(path: PathLike, record: Record) -> None:
    """Write a result, whole or not at all.

    Raises:
        DataError: if it cannot be written.
    """
    write_atomically(path, (json.dumps(record, indent=1, allow_nan=False) + "\n").encode())


def read_record(path: PathLike) -> Record:
    """Read a result.

    Raises:
        DataError: if the file is missing, damaged, of another schema or of another program.
    """
    try:
        with open_file(path) as file:
            text = file.read()
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror or error}); results are written by "
            "`minin bench --json FILE`"
        ) from error
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{path} is not JSON ({error}): it is damaged or of another kind; write it again with "
            "`minin bench --json FILE`"
        ) from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise DataError(
            f"{path} was not made by `minin bench`; make a result with `minin bench --json FILE`"
        )
    if record.get("version") != VERSION:
        raise DataError(
            f"{path} is of schema version {record.get('version')!r:.40}, this minin reads "
            f"{VERSION}; measure again, or read it with the minin that wrote it"
        )
    if found := list(wrong(record)):
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise DataError(f"{path} is a damaged result of minin bench: {found[0]}{more}")
    return record
