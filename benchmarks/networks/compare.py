"""A question that compares libraries at whole networks; the scripts say at what."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness.part import Part
from benchmarks.harness.question import Main, script
from benchmarks.networks import parts


def compare(name: str, about: str | None, mode: str, peers: Sequence[str], **part: Any) -> Main:
    """Make the main function of a script.

    Args:
        name: the question.
        about: the script's docstring.
        mode: "train" or "infer".
        peers: who takes part, minin first.
        part: options of each part.
    """

    def compared(given: Namespace, folder: Path) -> Iterator[Part]:
        names = parts.with_rules(peers, given.rules)
        for network, batch in parts.sizes(given.smoke, given.networks).items():
            yield parts.part(folder, network, batch, mode, names, **part)

    return script(name, about, peers, compared, parts.add_networks, parts.add_rules)
