"""`minin gradcheck --function FILE.py:F,B --op NAME`: somebody's own forward and backward."""

from __future__ import annotations

import argparse
import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from minin.cli.gradcheck.file import failing_line, load
from minin.errors import ArgumentError, UnknownNameError
from minin.gradcheck.check import ALIASES, check_backward
from minin.gradcheck.recognise.match import PARTS, SYNONYMS, keywords_of_run
from minin.gradcheck.recognise.references.record import Reference
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.report.report import Report
from minin.gradcheck.subject.printed import catch_prints
from minin.sentences import sentence

DRAWS, TRIES = 300, 40  # of inputs; of them, those that forward is called with
CHECKS = 6
Call = tuple[list[Any], dict[str, Any]]  # inputs, keyword arguments
Drawn = tuple[Call, Any]  # and what the reference makes of them


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
    if args.json:
        more = {"drawings": tried, "printed": "\n".join(printed)}
        print(json.dumps(report.to_dict() | more, indent=1, default=_plain))
    else:
        print(report.text(args.ascii or None, args.feedback, None))
        if report.ok and tried > 1:
            told = sentence("gradcheck.drawings", count=tried)
            print(f"  {sentence('labels.drawings'):<11}{told}")
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


def drawn(
    reference: Reference, forward: Callable[..., Any], given: Mapping[str, Any], seed: int
) -> Iterator[Drawn]:
    """Yield inputs, and settings in the spelling that forward has for them; plain ones first.

    A drawing is used only if forward can be told all that is unusual about it: an op without
    groups is not given grouped weights.
    """
    rng = np.random.default_rng(seed)
    fixed = canonical(reference, forward, given)
    extra = {k: v for k, v in given.items() if k in _names(forward)}
    later: list[Drawn] = []
    for _ in range(DRAWS):
        inputs, params = reference.draw(rng)
        if fixed:
            params = {k: v for k, v in params.items() if k in _demanded(reference)} | fixed
        call = arranged(reference, forward, inputs, params, fixed)
        out = _output(reference, inputs, params)
        if call is None or out is None:
            continue
        ready = ((call[0], call[1] | extra), out)
        if fixed or not any(isinstance(params.get(k), tuple) for k in ("stride", "pad")):
            yield ready
        else:
            later.append(ready)
    yield from later


def accepted(
    reference: Reference,
    forward: Callable[..., Any],
    given: Mapping[str, Any],
    seed: int,
    path: str,
) -> list[Call]:
    """Return the first few drawings that forward takes.

    Where forward gives what the reference gives for some of them, only those are of use: a
    forward may take a setting without a word and not heed it.

    Raises:
        ArgumentError: if it takes none: what it raised first, and where.
    """
    agreed: list[Call] = []
    taken: list[Call] = []
    first: ArgumentError | None = None
    for (inputs, keywords), expected in islice(drawn(reference, forward, given, seed), TRIES):
        try:
            out = forward(
                *(x.copy() if isinstance(x, np.ndarray) else x for x in inputs), **keywords
            )
        except Exception as error:  # whatever somebody's code stops with
            first = first or _raised(error, path, inputs, keywords)
            continue
        (agreed if _same(out, expected) else taken).append((inputs, keywords))
        if len(agreed) == CHECKS:
            break
    if not agreed and not taken:
        raise first or _unfit(reference, forward)
    return agreed or taken[:CHECKS]


def _same(out: Any, expected: Any) -> bool:
    """Tell whether forward's output, without its cache, is the expected one."""
    y = out[0] if isinstance(out, (tuple, list)) and len(out) == 2 else out
    return np.shape(y) == np.shape(expected) and bool(np.allclose(y, expected))


def _raised(
    error: Exception, path: str, inputs: list[Any], keywords: dict[str, Any]
) -> ArgumentError:
    came = ", ".join(str(getattr(x, "shape", x)) for x in inputs)
    given = f" and {keywords}" if keywords else ""
    return ArgumentError(
        f"{failing_line(error, path)}: forward raised {type(error).__name__}: {error}; it was "
        f"given {came}{given}: if it wants other settings, say so with --params"
    )


def _unfit(reference: Reference, forward: Callable[..., Any]) -> ArgumentError:
    known = ", ".join(keywords_of_run(reference)) or "none"
    return ArgumentError(
        f"no inputs of {reference.name} fit forward({', '.join(_names(forward))}) with these "
        f"settings; give --params among {known}, or let forward take them as keyword arguments"
    )


def canonical(
    reference: Reference, forward: Callable[..., Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the settings the reference's own names; those of forward alone are left out.

    Raises:
        UnknownNameError: if neither knows a setting.
    """
    found: dict[str, Any] = {}
    known = list(keywords_of_run(reference))
    for keyword in known:
        for names in PARTS.get(keyword, ()):
            if all(name in given for name in names):
                found[keyword] = tuple(given[name] for name in names)
    parts = {name for keyword in found for names in PARTS[keyword] for name in names}
    for name, value in given.items():
        match = next((k for k in known if name in _spellings(k)), None)
        if match is not None:
            found[match] = value
        elif name not in (*parts, *_names(forward)):
            rest = [*known, *_names(forward)[len(reference.arguments) :]]
            raise UnknownNameError.among(f"setting of {reference.name}", name, rest or ["none"])
    return found


def arranged(
    reference: Reference,
    forward: Callable[..., Any],
    inputs: list[Any],
    params: Mapping[str, Any],
    fixed: Mapping[str, Any],
) -> Call | None:
    """Lay a drawing out for forward; None where forward cannot be told a setting.

    Settings are keyword arguments, under whatever usual name forward has for them. Where
    forward wants one more argument after the arrays (``conv_param``), that is a dictionary.
    """
    found = inspect.signature(forward).parameters.values()
    takes = [p for p in found if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    inputs = inputs[: len(takes)] if takes else list(inputs)
    settings = takes[len(inputs) :]
    if any(_is_bag(p, reference) for p in settings):
        return [*inputs, dict(_in_all_forms(reference, params))], {}
    names = {k: p.name for k in params for p in settings if p.name.lower() in _spellings(k)}
    if any(p.kind is p.VAR_KEYWORD for p in found):
        names = {k: k for k in params} | names
    usual = keywords_of_run(reference)
    unusual = {k for k, v in params.items() if v != usual[k]}
    if unusual - set(names) - set(fixed):
        return None
    return inputs, {name: params[k] for k, name in names.items()}


def _is_bag(parameter: inspect.Parameter, reference: Reference) -> bool:
    """Tell whether an argument after the arrays is no setting itself: conv_param, settings."""
    known = [s for k in keywords_of_run(reference) for s in _spellings(k)]
    return parameter.default is parameter.empty and parameter.name.lower() not in known


def _in_all_forms(reference: Reference, params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield settings under the reference's names, and heights and widths apart."""
    usual = keywords_of_run(reference)
    read = {k: usual[k] for k in ("stride", "pad") if k in usual} | dict(params)
    if "kernel_size" in read:
        size = read["kernel_size"]
        pair = size if isinstance(size, tuple) else (size, size)
        yield from zip(PARTS["kernel_size"][0], pair, strict=True)
        if read["stride"] is None:
            read["stride"] = size
    yield from read.items()


def _spellings(keyword: str) -> tuple[str, ...]:
    return (*SYNONYMS.get(keyword, ()), keyword)


def _names(forward: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(forward).parameters)


def _demanded(reference: Reference) -> set[str]:
    """Name the settings that have no default."""
    empty = inspect.Parameter.empty
    return {k for k, default in keywords_of_run(reference).items() if default is empty}


def _output(reference: Reference, inputs: list[Any], params: Mapping[str, Any]) -> Any:
    """Return the reference's output; None where such settings do not fit such inputs."""
    try:
        out, _ = reference.forward(*inputs, **params)
    except Exception:  # whatever NumPy says to shapes that do not fit
        return None
    return out if out.size else None
