"""Asks a checker about every program of a set, and counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

from benchmarks.wrong_backwards.answer import Answer
from benchmarks.wrong_backwards.checkers import Check, ask, find
from benchmarks.wrong_backwards.programs import Truth, load, truths

Row = dict[str, Any]


def answers(check: Check, name: str, tell: Callable[[str], None] = print) -> Iterator[Row]:
    """Yield what a checker says about each program of a set, ready for JSON."""
    for truth in truths(name):
        yield _tell(answer(check, name, truth), tell)


def answers_of(
    checker: str, name: str, workers: int, tell: Callable[[str], None] = print
) -> Iterator[Row]:
    """Yield the same of a checker that is known by name, from several processes."""
    with ProcessPoolExecutor(workers) as pool:
        for row in pool.map(partial(_answer_of, checker, name), truths(name)):
            yield _tell(row, tell)


def _answer_of(checker: str, name: str, truth: Truth) -> Row:
    return answer(find(checker), name, truth)


def answer(check: Check, name: str, truth: Truth) -> Row:
    """Ask a checker about one program; one that stops with an error has not judged."""
    try:
        return row_of(truth.file, ask(check, load(name, truth)))
    except Exception as error:  # whatever a checker stops with
        return {"file": truth.file, "error": f"{type(error).__name__}: {error}"}


def _tell(row: Row, tell: Callable[[str], None]) -> Row:
    tell(f"{row['file']:<44} {'stopped' if 'error' in row else 'ok' if row['ok'] else 'WRONG'}")
    return row


def row_of(file: str, found: Answer) -> Row:
    """Write an answer as plain values."""
    return {
        "file": file, "ok": bool(found.ok), "argument": list(found.argument),
        "line": found.line, "words": found.words,
    }  # fmt: skip


def count(name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count how a checker did on a set.

    Returns:
        By name: wrong programs, of them rejected, passed, and those at which it stopped;
        arguments that it named rightly and at all (right: every one that it named has a wrong
        gradient), lines likewise; right programs, of them accused, and stops.
    """
    by_file = {row["file"]: row for row in rows}
    wrong = [(t, by_file[t.file]) for t in truths(name) if t.wrong]
    right = [by_file[t.file] for t in truths(name) if not t.wrong]
    rejected = [(t, row) for t, row in wrong if _verdict(row) is False]
    named = [(t, row) for t, row in rejected if row["argument"]]
    lines = [(t, row) for t, row in rejected if row["line"] is not None]
    return {
        "wrong": len(wrong),
        "rejected": len(rejected),
        "passed": sum(_verdict(row) is True for _, row in wrong),
        "wrong_stopped": sum(_verdict(row) is None for _, row in wrong),
        "argument_named": len(named),
        "argument_right": sum(_arguments_right(t, row) for t, row in named),
        "line_named": len(lines),
        "line_right": sum(row["line"] in t.line for t, row in lines),
        "right": len(right),
        "accused": sum(_verdict(row) is False for row in right),
        "right_stopped": sum(_verdict(row) is None for row in right),
    }


def _verdict(row: Mapping[str, Any]) -> bool | None:
    return None if "error" in row else bool(row["ok"])


def _arguments_right(truth: Truth, row: Mapping[str, Any]) -> bool:
    return set(row["argument"]) <= set(truth.argument)


def table(counts: Mapping[str, int]) -> list[str]:
    """Say the counts in lines."""
    c = counts
    return [
        f"wrong programs rejected   {c['rejected']} of {c['wrong']}"
        f" (passed {c['passed']}, stopped {c['wrong_stopped']})",
        f"right programs accused    {c['accused']} of {c['right']} (stopped {c['right_stopped']})",
        f"argument right            {c['argument_right']} of {c['argument_named']} named",
        f"line right                {c['line_right']} of {c['line_named']} named",
    ]
