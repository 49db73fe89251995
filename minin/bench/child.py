"""The other side of `processes`: make the same plan, visit its rows once, and say what came."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import IO, Any

from minin.bench.plan import Request, make_plan
from minin.bench.rows import ResultRow
from minin.bench.run import rows_of
from minin.bench.visits import here


def main() -> None:
    """Serve one request from stdin; answers go to stdout, whatever else is printed to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(json.loads(sys.stdin.readline()), answers)


def serve(request: dict[str, Any], answers: IO[str]) -> None:
    """Visit the rows of a request, and write a line for each.

    Args:
        request: the options of the plan, the seconds of a visit, and the rows with their calls.
        answers: a line each: the row's number, and its visit.
    """
    plan = make_plan(Request(**request["options"]))
    there = {row.key: row for row in rows_of(plan)}
    rows: list[ResultRow] = []
    for key, calls in request["rows"]:
        there[key].calls = calls
        rows.append(there[key])
    for number, visit in here(rows, request["seconds"]):
        answers.write(json.dumps([number, asdict(visit)]) + "\n")
        answers.flush()
