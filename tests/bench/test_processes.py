"""Blocks in processes of their own: the same rows, and an end whatever happens."""

from __future__ import annotations

import io
import json
import os
import subprocess
from dataclasses import asdict
from typing import Any

import pytest

from minin.bench.child import serve
from minin.bench.plan import Request, make_plan
from minin.bench.processes import Processes
from minin.bench.rows import ResultRow
from minin.bench.run import rows_of
from minin.bench.visits import in_turn
from minin.errors import BackendUnavailableError

OPTIONS = Request(["relu"], ["numpy"], ["float32"], ["tiny"], quick=True)


def rows() -> list[ResultRow]:
    return [row for row in in_turn(rows_of(make_plan(OPTIONS))) if row.case.subject.name == "relu"]


def test_a_new_process_visits_the_same_rows() -> None:
    wanted = rows()
    found = list(Processes(OPTIONS)(wanted, 0.0))
    assert [number for number, _ in found] == list(range(len(wanted)))
    assert all(len(visit.samples) >= 3 and min(visit.samples) > 0 for _, visit in found)


def test_the_other_side_takes_the_calls_it_is_told() -> None:
    wanted = rows()
    request = {
        "options": asdict(OPTIONS),
        "seconds": 0.0,
        "rows": [[row.key, 2] for row in reversed(wanted)],
    }
    answers = io.StringIO()
    serve(request, answers)
    lines = [json.loads(line) for line in answers.getvalue().splitlines()]
    assert [number for number, _ in lines] == [0, 1, 2, 3]
    assert all(values["put"] is None for _, values in lines)


def test_a_process_that_dies_is_an_error() -> None:
    block = Processes(OPTIONS, "import sys; sys.stderr.write('no memory'); sys.exit(3)")
    with pytest.raises(BackendUnavailableError, match=r"0 of 4 rows, with code 3 and 'no memory'"):
        list(block(rows(), 0.0))


def test_nobody_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    visits = Processes(OPTIONS)(rows(), 0.0)
    next(visits)
    visits.close()  # type: ignore[attr-defined]  # as Ctrl-C does
    (process,) = started
    assert process.poll() is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_a_row_has_one_name_in_a_plan() -> None:
    names = [row.key for row in rows_of(make_plan(Request(libraries=["numpy"])))]
    assert len(set(names)) == len(names) > 100
