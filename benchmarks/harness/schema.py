"""A small reader of JSON Schema: the words that `results/schema.json` uses, and no others.

A word that it does not know is an error, so that the schema cannot ask for something that
nobody looks at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
# These say something about the schema and not about what it describes.
REMARKS = {"$schema", "$defs", "title", "description"}

Schema = dict[str, Any]


def faults(value: Any, schema: Schema) -> list[str]:
    """List what in ``value`` is not as the schema has it, each with its place.

    Raises:
        ValueError: if the schema uses a word that is not known here.

    Example:
        >>> faults({"rounds": [1, "2"]}, {"properties": {"rounds": {"items": {"type": "number"}}}})
        ['$.rounds[1]: must be number, is str']
    """
    return list(_faults(value, schema, "$", schema))


def _faults(value: Any, schema: Schema, place: str, whole: Schema) -> Iterator[str]:
    for word, wanted in schema.items():
        if word in REMARKS:
            continue
        if word == "$ref":
            yield from _faults(value, whole["$defs"][wanted.rpartition("/")[2]], place, whole)
        elif word in LEAVES:
            yield from (f"{place}: {fault}" for fault in LEAVES[word](value, wanted))
        elif word == "items":
            yield from _items(value, wanted, place, whole)
        elif word in ("properties", "additionalProperties"):
            yield from _members(value, schema, word, place, whole)
        else:
            raise ValueError(f"the schema has a word that is not known here: {word!r}")


def _items(value: Any, schema: Schema, place: str, whole: Schema) -> Iterator[str]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _faults(item, schema, f"{place}[{number}]", whole)


def _members(value: Any, schema: Schema, word: str, place: str, whole: Schema) -> Iterator[str]:
    """Look at the members of an object that the schema names, or at all the others."""
    if not isinstance(value, dict):
        return
    named, rest = schema.get("properties", {}), schema.get("additionalProperties", {})
    for key, item in value.items():
        if (key in named) != (word == "properties"):
            continue
        if key not in named and rest is False:
            yield f"{place}.{key}: is not known"
        else:
            yield from _faults(item, named.get(key, rest), f"{place}.{key}", whole)


def _type(value: Any, wanted: str | list[str]) -> Iterator[str]:
    names = [wanted] if isinstance(wanted, str) else wanted
    # True is an int to Python, and no number to JSON.
    fits = [
        isinstance(value, TYPES[name])
        and not (isinstance(value, bool) and name in ("number", "integer"))
        for name in names
    ]
    if not any(fits):
        yield f"must be {' or '.join(names)}, is {type(value).__name__}"


def _required(value: Any, wanted: list[str]) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{key!r} is missing" for key in wanted if key not in value)


def _enum(value: Any, wanted: list[Any]) -> Iterator[str]:
    if value not in wanted:
        yield f"must be one of {wanted}, is {value!r}"


def _const(value: Any, wanted: Any) -> Iterator[str]:
    if value != wanted or type(value) is not type(wanted):
        yield f"must be {wanted!r}, is {value!r}"


def _pattern(value: Any, wanted: str) -> Iterator[str]:
    if isinstance(value, str) and not re.search(wanted, value):
        yield f"must fit {wanted!r}, is {value!r}"


def _minimum(value: Any, wanted: float) -> Iterator[str]:
    if isinstance(value, (int, float)) and not value >= wanted:  # NaN too
        yield f"must be at least {wanted}, is {value}"


def _min_items(value: Any, wanted: int) -> Iterator[str]:
    if isinstance(value, list) and len(value) < wanted:
        yield f"must have at least {wanted} items, has {len(value)}"


def _max_items(value: Any, wanted: int) -> Iterator[str]:
    if isinstance(value, list) and len(value) > wanted:
        yield f"must have at most {wanted} items, has {len(value)}"


LEAVES: dict[str, Callable[[Any, Any], Iterator[str]]] = {
    "type": _type,
    "required": _required,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minimum": _minimum,
    "minItems": _min_items,
    "maxItems": _max_items,
}
