"""The cause, which readers judge: what they read, what they write, and how far they agree."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.wrong_backwards.programs import truths

LABELS = {
    "right": "who reads the first finding knows the true cause, or sees the change that repairs it",
    "half": "true and useful, but not the cause; or the true cause is offered second",
    "none": "it says that no pattern is known, or only which numbers are wrong",
    "misleading": "it names or suggests a cause that is not true, or a change at a wrong place",
    "passed": "the program was found right",
}


def pairs(name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Write the page that a judge reads: for each wrong program its cause and the report."""
    by_file = {row["file"]: row for row in rows}
    head = ["# What judges read", "", "Judge the first finding of each report. Write one JSON line"]
    head += ['a program, {"file": ..., "label": ...}, with the label that fits best:', ""]
    head += [f"- {label}: {meaning}." for label, meaning in LABELS.items()]
    return "\n".join([*head, *_pairs(name, by_file)]) + "\n"


def _pairs(name: str, by_file: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for truth in truths(name):
        if truth.wrong:
            row = by_file[truth.file]
            yield f"\n## {truth.file}\n\nTrue cause: {truth.cause}"
            yield f"Wrong gradients: {', '.join(truth.argument)}. Line: {list(truth.line)}."
            yield f"It should read: `{truth.entry['right_text']}`\n"
            yield f"Report (ok: {row.get('ok')}):\n"
            yield "\n".join(f"    {line}" for line in _report(row).splitlines())


def _report(row: Mapping[str, Any]) -> str:
    return str(row.get("words") or row.get("error") or "(it says nothing else)")


def read_labels(path: Path, name: str) -> dict[str, str]:
    """Read a judge's labels by file.

    Raises:
        ValueError: if a label is unknown, or a wrong program of the set has none.
    """
    found = {}
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            entry = json.loads(line)
            found[entry["file"]] = entry["label"]
    files = [truth.file for truth in truths(name) if truth.wrong]
    if unknown := sorted(set(found.values()) - set(LABELS)):
        raise ValueError(f"{path.name}: labels must be among {', '.join(LABELS)}; got {unknown}")
    if missing := [file for file in files if file not in found]:
        raise ValueError(f"{path.name}: no label for {', '.join(missing[:3])} ({len(missing)})")
    return {file: found[file] for file in files}


def judged(labels: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Count each judge's labels and, of two judges, how far they agree.

    Returns:
        `counts`, one dictionary a judge; of two judges also `agree` (the share of programs with
        the same label), `kappa` (Cohen's) and `both` (programs that both give a label).
    """
    found: dict[str, Any] = {"counts": [_counts(one.values()) for one in labels]}
    if len(labels) == 2:
        first, second = labels
        same = [first[file] for file in first if first[file] == second[file]]
        found |= {"agree": len(same) / len(first), "kappa": kappa(first, second)}
        found["both"] = _counts(same)
    return found


def _counts(labels: Any) -> dict[str, int]:
    counted = Counter(labels)
    return {label: counted[label] for label in LABELS}


def kappa(first: Mapping[str, str], second: Mapping[str, str]) -> float:
    """Compute Cohen's kappa: the agreement beyond what chance would give.

    Example:
        >>> kappa({"a": "right", "b": "none"}, {"a": "right", "b": "none"})
        1.0
        >>> kappa({"a": "right", "b": "none"}, {"a": "none", "b": "right"})
        -1.0
    """
    total = len(first)
    agree = sum(first[file] == second[file] for file in first) / total
    one, two = Counter(first.values()), Counter(second.values())
    chance = sum(one[label] * two[label] for label in LABELS) / total**2
    return 1.0 if chance == 1 else (agree - chance) / (1 - chance)


def table(found: Mapping[str, Any]) -> list[str]:
    """Say what the judges found in lines."""
    lines = [
        f"judge {number}   " + ", ".join(f"{label} {n}" for label, n in counts.items())
        for number, counts in enumerate(found["counts"], 1)
    ]
    if "kappa" in found:
        lines.append(f"they agree on {100 * found['agree']:.0f} %, kappa {found['kappa']:.2f}")
    return lines
