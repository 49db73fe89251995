"""A question that compares libraries at whole networks; the scripts say at what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness import options
from benchmarks.harness.part import Part
from benchmarks.harness.question import Question, put
from benchmarks.networks import parts


def compare(
    about: str | None,
    name: str,
    mode: str,
    peers: Sequence[str],
    argv: Sequence[str] | None,
    **part: Any,
) -> int:
    """Read the command line, and put the question.

    Args:
        about: the script's docstring.
        name: the question.
        mode: "train" or "infer".
        peers: who takes part, minin first.
        argv: the command line; None for that of the process.
        part: options of each part.
    """
    parser = options.parser(about or "", name, peers)
    parts.add_networks(parser)
    parts.add_rules(parser)
    given = options.read(parser, argv)
    names = parts.with_rules(peers, given.rules)

    def compared(folder: Path) -> Iterator[Part]:
        for network, batch in parts.sizes(given.smoke, given.networks).items():
            yield parts.part(folder, network, batch, mode, names, **part)

    return put(Question(name, compared), given.options)
