"""The catalogue: 74 ways to get a gradient wrong, written in sentences/en/bugs.toml.

The letter groups them: A scale, B order of axes and elements, C accumulation, D geometry of
windows, E kinks and masks, F softmax, G bias and broadcasting, H the harness around the rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from minin.sentences import entry, names, sentence


@dataclass(frozen=True)
class Bug:
    """One entry of the catalogue.

    Args:
        id: a letter and a number that never change.
    """

    id: str

    @property
    def name(self) -> str:
        """What happens, in a few words."""
        return entry("bugs", self.id, "name")

    @property
    def sentence(self) -> str:
        """What is wrong."""
        return entry("bugs", self.id, "sentence")

    @property
    def fix(self) -> str:
        """How to fix it."""
        return entry("bugs", self.id, "fix")

    @property
    def text(self) -> str:
        """What is wrong and how to fix it, as a report says it."""
        return sentence("gradcheck.what_and_fix", what=self.sentence, fix=self.fix)


BUGS: dict[str, Bug] = {name: Bug(name) for name in names("bugs")}
