"""Where each sentence of a report comes from: which recogniser, how sure it is, how often seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minin.gradcheck.diagnose.ranks import RANKS, rank
from minin.gradcheck.report.finding import Finding
from minin.sentences import sentence
from minin.text import wrap

MOST, ROOM = 4, 13  # explanations of a finding; columns before a text


def origins(findings: Sequence[Finding], width: int) -> Iterator[str]:
    """Yield lines: for every finding who said what, what is told first, and at which probes."""
    if findings:
        yield from wrap(sentence("gradcheck.origins"), width)
    for finding in findings:
        told = [
            sentence(
                "gradcheck.origin", recogniser=e.recogniser, rank=rank(e.kind) + 1,
                ranks=len(RANKS), what=e.what if e.bug is None else f"{e.what} [{e.bug}]",
            )
            for e in finding.said[:MOST]
        ] or [sentence("gradcheck.no_recogniser")]  # fmt: skip
        for number, text in enumerate((*told, *filter(None, [finding.seen]))):
            head = f"  {finding.argument}" if number == 0 else ""
            yield from wrap(text, width, f"{head:<{ROOM - 1}} ", " " * ROOM)
