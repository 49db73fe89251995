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
from minin.bench.rows import Row
from minin.bench.run import Run
from minin.bench.schema import faults, read_schema
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


def _ceiling(row: Row) -> Record:
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


def _row(row: Row, ceilings: Sequence[Record]) -> Record:
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


def _transfer(row: Row) -> Record:
    resolution = 1e-6  # host and device are seldom better synchronised
    return {
        "bytes": row.transferred,
        "to": summarise(row.puts, resolution),
        "back": summarise(row.gets, resolution),
    }


def wrong(record: Any) -> list[str]:
    """List what is wrong with a result: it has to fit the schema and agree with itself."""
    found = faults(record, read_schema())
    return found or list(_contradictions(record))


def _contradictions(record: Record) -> Iterator[str]:
    for number, row in enumerate(record["rows"]):
        place, time = f"$.rows[{number}]", row["time"]
        if time is None:
            if row["status"] == "ok":
                yield f"{place}: is ok and has no time"
            continue
        if row["status"] in ("wrong", "failed"):
            yield f"{place}: is {row['status']} and has a time"
        elif row["error"] is None or row["error"] > row["bound"]:
            yield f"{place}: has a time and an error beyond its bound"
        if time["median"] != median(time["blocks"]):
            yield f"{place}.time: the median is not that of its blocks"
        if time["spread"] != spread_of(time["blocks"], time["resolution"]):
            yield f"{place}.time: the spread is not that of its blocks"


def write_record(path: PathLike, record: Record) -> None:
    """Write a result, whole or not at all.

    Raises:
        DataError: if it cannot be written, or is no result.
    """
    if found := wrong(record):
        raise DataError(
            f"{path} was not written, for it would be no result of minin bench: {found[0]}; "
            "please report this"
        )
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
            f"{path} is no JSON ({error}): it is damaged or of another kind; write it again with "
            "`minin bench --json FILE`"
        ) from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise DataError(
            f"{path} is JSON, but no result of minin bench; write one with "
            "`minin bench --json FILE`"
        )
    if record.get("version") != VERSION:
        raise DataError(
            f"{path} is of schema version {record.get('version')!r:.40}, this minin reads "
            f"{VERSION}; measure again, or read it with the minin that wrote it"
        )
    if found := wrong(record):
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise DataError(f"{path} is a damaged result of minin bench: {found[0]}{more}")
    return record
