"""`minin gradcheck --list`: all names that the command takes."""

from __future__ import annotations

from minin import models
from minin.cli.console import say
from minin.cli.gradcheck.samples import SAMPLES
from minin.gradcheck.catalogue import BUGS
from minin.gradcheck.recognise.references.table import REFERENCES


def show_names() -> int:
    """Print ops, networks, what --op takes, and every bug with its name."""
    say("ops", ", ".join(SAMPLES))
    say("networks", ", ".join(models.names()))
    say("--op", ", ".join(REFERENCES))
    for number, bug in enumerate(BUGS.values()):
        say("" if number else "bugs", f"{bug.id:<4}{bug.name}")
    return 0
