"""What the doctor found, a few lines each."""

from __future__ import annotations

from collections.abc import Iterable

from minin.cli.console import say
from minin.doctor import Diagnosis


def show_ills(ills: Iterable[Diagnosis]) -> None:
    """Print each cause with its evidence and its remedy."""
    for ill in ills:
        say("doctor", f"{ill.name}: {ill.evidence}")
        say("helps", ill.remedy)
