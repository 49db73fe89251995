"""A recipe: a network, a data set and every number of a run, as one value and as TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from minin import data, models
from minin.errors import (
    ArgumentError,
    BackendUnavailableError,
    DataError,
    MininError,
    UnknownNameError,
)
from minin.files.arrays import PathLike
from minin.files.ordinary import open_file
from minin.files.toml import read_toml
from minin.train.options import Options

LONGEST = 64 * 1024  # bytes of a recipe's file; the longest of ours has two thousand


@dataclass(frozen=True)
class Recipe:
    """How to train one network on one data set, and why so.

    Attributes:
        name: what the recipe is called.
        model: a name of `minin.models.names`.
        data: a name of `minin.data.names`; None where the images are the user's own.
        reason: why the numbers are as they are, for a reader.
        source: who published them, and where.
        build: options of `minin.models.build`.
        options: how to train.

    Raises:
        UnknownNameError: if the network, the data set or an option of the network is unknown.
        ArgumentError: if a value is of the wrong kind.

    Example:
        >>> recipe = Recipe("mine", "nin-digits", data="digits", build={"dropout": 0.1})
        >>> recipe.changed(epochs=3).options.epochs
        3
    """

    name: str
    model: str
    data: str | None = None
    reason: str = ""
    source: str = ""
    build: Mapping[str, Any] = field(default_factory=dict)
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        for key in ("name", "model", "reason", "source"):
            if not isinstance(getattr(self, key), str):
                raise ArgumentError(f"{key} must be a string; got {getattr(self, key)!r:.60}")
        if not isinstance(self.options, Options):
            raise ArgumentError(f"options must be train.Options; got {self.options!r:.60}")
        if not isinstance(self.build, Mapping):
            raise ArgumentError(f"build must be a table of options; got {self.build!r:.60}")
        models.check_options(self.model, self.build)
        if self.data is not None and self.data not in data.names():
            raise UnknownNameError.among("data set", self.data, data.names())

    def changed(self, **options: Any) -> Recipe:
        """Return this recipe with some of its training options changed.

        Raises:
            UnknownNameError: if a name is no option.
            ArgumentError: if a value makes no sense.
        """
        return replace(self, options=self.options.changed(**options))

    def to_dict(self) -> dict[str, Any]:
        """Give the values by name, in a form that TOML and JSON keep."""
        values: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        if self.data is None:
            del values["data"]  # TOML has no null
        return {**values, "build": dict(self.build), "options": self.options.to_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        """Read back what `to_dict` gave; what is left out is as in `Options`.

        Raises:
            UnknownNameError: if a key or a name is unknown.
            ArgumentError: if a value makes no sense, or name or model is missing.
        """
        known = [f.name for f in fields(cls)]
        for key in values:
            if key not in known:
                raise UnknownNameError.among("key of a recipe", key, known)
        for key in ("name", "model"):
            if key not in values:
                raise ArgumentError(f"a recipe must have the key {key!r}; got {sorted(values)}")
        options = values.get("options", {})
        if not isinstance(options, Mapping):
            raise ArgumentError(f"options must be a table of options; got {options!r:.60}")
        return cls(**{**values, "options": Options().changed(**options)})

    def to_toml(self) -> str:
        """Write the recipe as a TOML file holds it.

        Raises:
            BackendUnavailableError: if tomli-w is not installed.

        Example:
            >>> print(Recipe("mine", "nin-digits").to_toml().splitlines()[0])
            name = "mine"
        """
        try:
            import tomli_w
        except ImportError as error:
            raise BackendUnavailableError.needs("writing a recipe", "tomli-w") from error
        return str(tomli_w.dumps(self.to_dict()))


def read_recipe(path: PathLike) -> Recipe:
    """Read a recipe from a TOML file.

    Args:
        path: a file such as ``minin train --recipe NAME --show`` prints.

    Raises:
        DataError: if the file is missing, too long, no TOML, or no recipe; it is named.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "mine.toml")
        ...     _ = path.write_text(Recipe("mine", "nin-digits").to_toml(), encoding="utf-8")
        ...     read_recipe(path) == Recipe("mine", "nin-digits")
        True
    """
    try:
        with open_file(path) as file:
            content = file.read(LONGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        raise DataError(f"{path} cannot be read: {error}. Name a recipe or a .toml file") from error
    if len(content) > LONGEST:
        raise DataError(f"{path} is longer than {LONGEST:,} bytes; a recipe is shorter")
    try:
        return Recipe.from_dict(read_toml(content.decode("utf-8")))
    except (MininError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not a recipe that minin can read: {error}") from error
