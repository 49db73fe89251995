"""`minin gradcheck --function FILE.py:F,B --op NAME`: somebody's own forward and backward."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minin.cli.console import say
from minin.cli.gradcheck.donate import donate
from minin.cli.gradcheck.drawings import accepted
from minin.cli.gradcheck.file import failing_line, load
from minin.cli.gradcheck.settings import Call
from minin.errors import ArgumentError, UnknownNameError
from minin.gradcheck.check import ALIASES, check_backward
from minin.gradcheck.recognise.references.record import Reference
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.report.report import Report
from minin.gradcheck.subject.printed import catch_prints
from minin.sentences import sentence


def check_function(args: argparse.Namespace) -> int:
    """Check the functions that the arguments name, and print the report.

    Raises:
        ArgumentError: if the file, its functions or the settings are of no use.
        UnknownNameError: if the op or a setting is unknown.
    """
    reference = known_op(args.op)
    given = read_params(args.params)
    printed: list[str] = []
    with catch_prints(printed.append if args.json else None):
        path, forward, backward = load(args.function)
        try:
            calls = accepted(reference, forward, given, args.seed, path)
            report, tried = first_wrong(forward, backward, calls, reference.name, args.seed)
        except SystemExit as stop:
            raise ArgumentError(
                f"{failing_line(stop, path)}: the code asked to exit; a function that is checked "
                "returns its result, so take sys.exit out of it"
            ) from None
    parts: list[str] = []
    if args.donate is not None:
        call, pair = calls[0 if report.ok else tried - 1], (forward, backward)
        parts = donate(args.donate, reference.name, pair, call, report.ok, args.cause or "")
    if args.json:
        more = {"drawings": tried, "printed": "\n".join(printed)}
        print(json.dumps(report.to_dict() | more, indent=1, default=_plain))
    else:
        print(report.text(args.ascii or None, args.feedback, None))
        if args.explain:
            print(report.origins())
        if report.ok and tried > 1:
            told = sentence("gradcheck.drawings", count=tried)
            print(f"  {sentence('labels.drawings'):<11}{told}")
        if parts:
            say("", sentence("gradcheck.donated", file=args.donate, parts=", ".join(parts)))
    return 0 if report.ok else 1


def first_wrong(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    calls: Sequence[Call],
    op: str,
    seed: int,
) -> tuple[Report, int]:
    """Check at one drawing after another until one fails.

    One drawing is not enough: pooling by 2x2 windows side by side cannot show that overlapping
    windows are treated wrongly.

    Returns:
        The report of the first that fails, or of the first; how many drawings were tried.
    """
    reports: list[Report] = []
    for inputs, keywords in calls:
        reports.append(check_backward(forward, backward, inputs, op, keywords, seed=seed))
        if not reports[-1].ok:
            return reports[-1], len(reports)
    return reports[0], len(reports)


def _plain(x: Any) -> Any:
    """Turn NumPy's own numbers into Python's; anything else into its name."""
    return x.item() if isinstance(x, np.generic) else str(x)


def known_op(name: str | None) -> Reference:
    """Read --op, under any of an operation's usual spellings.

    Raises:
        ArgumentError: if there is none.
        UnknownNameError: if it is unknown.
    """
    if name is None:
        raise ArgumentError(
            "--function needs --op, what the functions compute, to draw inputs for them; "
            "for example --op conv2d, or see --list"
        )
    op = ALIASES.get(name, name)
    if op not in REFERENCES:
        raise UnknownNameError.among("op", name, [*REFERENCES, *ALIASES])
    return REFERENCES[op]


def read_params(text: str | None) -> dict[str, Any]:
    """Read --params.

    Raises:
        ArgumentError: if it is no JSON object.

    Example:
        >>> read_params('{"stride": [2, 1]}')
        {'stride': (2, 1)}
    """
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise ArgumentError(
            f"--params must be JSON, such as '{{\"stride\": 2}}'; got {text!r}: {error}"
        ) from None
    if not isinstance(found, dict):
        raise ArgumentError(f"--params must be a JSON object in braces; got {text!r}")
    return {name: _tuples(value) for name, value in found.items()}


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
