"""The small pieces of a report's lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

from minin.gradcheck.report.finding import Finding, Line, Note
from minin.gradcheck.report.html import marks
from minin.sentences import sentence

DRAWN = "\u25a0\u00b7"  # the characters of a map
ANSI, PLAIN = {"red": "\x1b[31m", "green": "\x1b[32m"}, "\x1b[0m"


def can_draw() -> bool:
    """Tell whether stdout can print the characters of a map."""
    try:
        DRAWN.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def colour_verdicts(written: str) -> str:
    """Mark the verdicts with a terminal's colours."""
    for word, colour in marks().items():
        written = written.replace(word, f"{ANSI[colour]}{word}{PLAIN}")
    return written


def tag(finding: Finding) -> str:
    """Say what was seen, and which bug it is or looks like."""
    if not finding.bug:
        return finding.what
    if finding.certain:
        return sentence("gradcheck.tagged", what=finding.what, bug=finding.bug)
    return sentence("gradcheck.tagged_like", what=finding.what, bug=finding.bug)


def note_text(note: Note) -> str:
    """Say whose note it is, and its bug if it has one."""
    if note.bug is None:
        return sentence("gradcheck.note", argument=note.argument, note=note.sentence)
    return sentence(
        "gradcheck.note_tagged", argument=note.argument, note=note.sentence, bug=note.bug
    )


def gradient_name(argument: str) -> str:
    """Name the gradient of an argument: "dx", or "grad of weight"."""
    if len(argument) <= 2:
        return sentence("gradcheck.short_gradient", argument=argument)
    return sentence("gradcheck.gradient", argument=argument)


def gradient_row(line: Line, finding: Finding | None, level: int, dense: bool) -> str:
    """Say of one gradient whether it is right, or how much of it is wrong.

    Args:
        line: what was judged of it.
        finding: the largest of it, if any.
        level: how much may be given away, from 0.
        dense: whether every number of every argument was measured by itself.
    """
    name = gradient_name(line.argument)
    if finding is None:
        return sentence("gradcheck.ok", gradient=name, tail=_judged(line, dense))
    if finding.unmeasured:
        return sentence("gradcheck.unmeasured", gradient=name)
    if level >= 1 and finding.elsewhere:
        words = sorted(finding.elsewhere.split(), key=lambda word: "(" in word)  # settings first
        return sentence("gradcheck.wrong_elsewhere", gradient=name, sizes=" ".join(words))
    if level >= 1 and finding.shapes:
        came, want = finding.shapes
        return sentence("gradcheck.wrong_shape", gradient=name, came=came, want=want)
    if level < 1 or finding.wrong is None or not finding.judged:
        return sentence("gradcheck.wrong", gradient=name)
    count, total = finding.count, finding.judged
    return sentence("gradcheck.wrong_count", gradient=name, count=count, total=total)


def _judged(line: Line, dense: bool) -> str:
    """Say how many numbers of a right gradient were compared, and how."""
    if line.judged or not line.size:
        tail = sentence("gradcheck.judged", count=line.judged, error=f"{line.error:.0e}")
    elif dense:
        tail = sentence("gradcheck.none_judged")
    else:
        tail = sentence("gradcheck.along_directions", count=line.size)
    return sentence("gradcheck.on_kinks", tail=tail, count=line.kinks) if line.kinks else tail


def together(found: Mapping[str, Sequence[Finding]]) -> Iterator[str]:
    """Yield lines about arguments that have none of their own, given what was found of each."""
    unjudged = [name for name, told in found.items() if any(f.unmeasured for f in told)]
    wrong = [name for name, told in found.items() if told and name not in unjudged]
    ok = [name for name, told in found.items() if not told]
    if wrong:
        yield sentence("gradcheck.others_wrong", count=len(wrong), names=", ".join(wrong))
    if unjudged:
        yield sentence("gradcheck.others_unjudged", count=len(unjudged), names=", ".join(unjudged))
    if ok:
        yield sentence("gradcheck.others_ok", count=len(ok), names=", ".join(ok))
