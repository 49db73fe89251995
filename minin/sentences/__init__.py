"""The sentences that a learner reads, each under a key, in the language that was asked for.

A language is a folder here, such as `en`, with one TOML file for each part of minin that speaks
to learners: the sentence `not_yet` of `exercises.toml` has the key "exercises.not_yet". A place
that is filled in has a name in braces, as in "{points} points", and nothing else stands between
the braces; numbers come already written out. A brace itself is written twice. So a sentence can
be translated, and its places can change their order, without a look at the program.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, NamedTuple

from minin.errors import DataError, UnknownNameError
from minin.files.toml import read_toml

VARIABLE = "MININ_LANGUAGE"
DEFAULT = "en"
_chosen: ContextVar[str | None] = ContextVar("language", default=None)


def languages() -> list[str]:
    """List the languages that there are.

    Example:
        >>> languages()
        ['en']
    """
    folders = (entry for entry in files(__name__).iterdir() if entry.is_dir())
    return sorted(e.name for e in folders if any(f.name.endswith(".toml") for f in e.iterdir()))


def language() -> str:
    """Return the language in use: of the block `speaking`, of MININ_LANGUAGE, or English.

    Raises:
        UnknownNameError: if MININ_LANGUAGE names a language that there is not.
    """
    named = os.environ.get(VARIABLE)
    return _chosen.get() or (_known(named) if named else DEFAULT)


@contextlib.contextmanager
def speaking(name: str | None) -> Iterator[None]:
    """Use one language in a block.

    Args:
        name: the language, one of `languages`; None for the one in use.

    Raises:
        UnknownNameError: if there is no such language.

    Example:
        >>> with speaking("en"):
        ...     sentence("exercises.to_do", function="im2col")
        'im2col still raises NotImplementedError'
    """
    token = _chosen.set(language() if name is None else _known(name))
    try:
        yield
    finally:
        _chosen.reset(token)


def sentence(key: str, /, **values: object) -> str:
    """Return a sentence in the language in use.

    Args:
        key: the name of its file and its name there, as in "exercises.not_yet".
        values: what stands in each of its named places.

    Raises:
        UnknownNameError: if there is no sentence of that key.

    Example:
        >>> sentence("exercises.must_define", function="im2col")
        'the file must define im2col'
    """
    part = _part(language(), key.partition(".")[0])
    if key not in part:
        raise UnknownNameError.among("sentence", key, part)
    return part[key].format_map(values)


class Phrase(NamedTuple):
    """A sentence that is not said yet: two are equal if their keys and values are, not their words.

    Attributes:
        key: as `sentence` takes it.
        values: the names of the places, and what stands there; a phrase may stand in another.
    """

    key: str
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        """Say it in the language in use."""
        return sentence(self.key, **dict(self.values))


def phrase(key: str, /, **values: object) -> Phrase:
    """Make a phrase, which programs compare and `str` says.

    Example:
        >>> first = phrase("labels.hint_number", number=1)
        >>> first == phrase("labels.hint_number", number=1), str(first)
        (True, 'hint 1')
    """
    return Phrase(key, tuple(values.items()))


def names(part: str) -> list[str]:
    """List the entries of a part whose sentences stand in groups, as the bugs' do.

    Example:
        >>> names("bugs")[:3]
        ['A1', 'A2', 'A3']
    """
    return list(dict.fromkeys(key.split(".")[1] for key in _part(DEFAULT, part)))


def entry(part: str, name: str, field: str) -> str:
    """Return one sentence of an entry, in the language in use.

    Args:
        part: the name of the file.
        name: the entry, one of `names`.
        field: which of its sentences.

    Example:
        >>> entry("bugs", "A6", "name")
        'wrong sign'
    """
    return _part(language(), part)[f"{part}.{name}.{field}"]


def places(text: str) -> set[str]:
    """Return the names of the places that a sentence leaves open.

    Raises:
        DataError: if a place has no name, or more than a name.

    Example:
        >>> sorted(places("{yours} differs from {right}"))
        ['right', 'yours']
    """
    try:
        found = [(name, spec, how) for _, name, spec, how in Formatter().parse(text)]
    except ValueError as error:
        raise DataError(f"{text!r}: {error}; a brace that is no place is written twice") from error
    named = [(name, spec, how) for name, spec, how in found if name is not None]
    for name, spec, how in named:
        if not name.isidentifier() or spec or how:
            raise DataError(f"{text!r}: a place must be a name in braces alone, as in {{name}}")
    return {name for name, _, _ in named}


@cache
def _part(language: str, part: str) -> dict[str, str]:
    """Read one file of a language; sentences by their keys."""
    file = files(__name__) / language / f"{part}.toml"
    if not file.is_file():
        return {}
    found = {}
    try:
        for name, text in _flat(read_toml(file.read_text("utf-8"))):
            if not isinstance(text, str):
                raise DataError(f"{name} must be a text in quotes; got {text!r}")
            places(text)
            found[f"{part}.{name}"] = text
    except (DataError, UnicodeDecodeError) as error:
        raise DataError(f"sentences/{language}/{part}.toml: {error}") from error
    return found


def _flat(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the texts of a file by their names; in a group, by its name and theirs."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", text) for inner, text in value.items())
        else:
            yield name, value


def _known(name: str) -> str:
    if name not in languages():
        raise UnknownNameError.among("language", name, languages())
    return name
