"""The catalogue: 73 ways to get a gradient wrong, read from catalogue.toml.

The letter groups them: A scale, B order of axes and elements, C accumulation, D geometry of
windows, E kinks and masks, F softmax, G bias and broadcasting, H the harness around the rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from minin.files.toml import read_toml


@dataclass(frozen=True)
class Bug:
    """One entry of the catalogue.

    Args:
        id: a letter and a number that never change.
        name: what happens, in a few words.
        sentence: what is wrong.
        fix: how to mend it.
    """

    id: str
    name: str
    sentence: str
    fix: str

    @property
    def text(self) -> str:
        """What is wrong and how to mend it, as a report says it."""
        return f"{self.sentence}; {self.fix}"


def _read() -> dict[str, Bug]:
    text = files("minin.gradcheck").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return {name: Bug(name, **entry) for name, entry in read_toml(text).items()}


BUGS: dict[str, Bug] = _read()
