"""The small pieces of a report's lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

from minin.gradcheck.report.finding import Finding, Note
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
