"""Is this a result? The words of JSON Schema that `schema.json` uses, and no others.

A word that is not known here is an error, so that the schema cannot ask for something that
nobody looks at.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
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
REMARKS = {"$schema", "$id", "$defs", "title", "description"}

Schema = dict[str, Any]


@cache
def read_schema(path: Path = Path(__file__).parent / "schema.json") -> Schema:
    """Read a published schema; that of `minin bench` if no other is named."""
    found: Schema = json.loads(path.read_text(encoding="utf-8"))
    return found


def faults(value: Any, schema: Schema) -> list[str]:
    """List what in ``value`` is not as the schema has it, each with its place.

    Raises:
        ValueError: if the schema uses a word that is not known here.

    Example:
        >>> faults({"blocks": [1, "2"]}, {"properties": {"blocks": {"items": {"type": "number"}}}})
        ['$.blocks[1]: must be number, is str']
    """
    return list(_faults(value, schema, "$", schema))


def _faults(value: Any, schema: Schema, place: str, whole: Schema) -> Iterator[str]:
    for word, wanted in schema.items():
        if word in LEAVES:
            yield from (f"{place}: {fault}" for fault in LEAVES[word](value, wanted))
        elif word in INNER:
            yield from INNER[word](value, schema, place, whole)
        elif word not in REMARKS:
            raise ValueError(f"the schema has a word that is not known here: {word!r}")


def _reference(value: Any, schema: Schema, place: str, whole: Schema) -> Iterator[str]:
    yield from _faults(value, whole["$defs"][schema["$ref"].rpartition("/")[2]], place, whole)


def _any_of(value: Any, schema: Schema, place: str, whole: Schema) -> Iterator[str]:
    """Find no fault if one kind fits; else those of the last, which is the one that says most."""
    found = [list(_faults(value, one, place, whole)) for one in schema["anyOf"]]
    if all(found):
        yield from found[-1]


def _items(value: Any, schema: Schema, place: str, whole: Schema) -> Iterator[str]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _faults(item, schema["items"], f"{place}[{number}]", whole)


def _named(value: Any, schema: Schema, place: str, whole: Schema) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in schema["properties"].items():
            if key in value:
                yield from _faults(value[key], one, f"{place}.{key}", whole)


def _others(value: Any, schema: Schema, place: str, whole: Schema) -> Iterator[str]:
    rest = schema["additionalProperties"]
    for key, item in value.items() if isinstance(value, dict) else ():
        if key in schema.get("properties", {}) or rest is True:
            continue
        if rest is False:
            yield f"{place}.{key:.60}: is not known"
        else:
            yield from _faults(item, rest, f"{place}.{key:.60}", whole)


def _type(value: Any, wanted: str | list[str]) -> Iterator[str]:
    names = [wanted] if isinstance(wanted, str) else wanted
    if not any(_is(value, name) for name in names):
        yield f"must be {' or '.join(names)}, is {type(value).__name__}"
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"must be a finite number, is {value}"


def _is(value: Any, name: str) -> bool:
    # True is an int to Python, and no number to JSON.
    numeric = name in ("number", "integer")
    return isinstance(value, TYPES[name]) and not (numeric and isinstance(value, bool))


def _required(value: Any, wanted: list[str]) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{key!r} is missing" for key in wanted if key not in value)


def _enum(value: Any, wanted: list[Any]) -> Iterator[str]:
    if value not in wanted:
        yield f"must be one of {wanted}, is {value!r:.60}"


def _const(value: Any, wanted: Any) -> Iterator[str]:
    if value != wanted or type(value) is not type(wanted):
        yield f"must be {wanted!r}, is {value!r:.60}"


def _pattern(value: Any, wanted: str) -> Iterator[str]:
    if isinstance(value, str) and not re.search(wanted, value):
        yield f"must fit {wanted!r}, is {value!r:.60}"


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _minimum(value: Any, wanted: float) -> Iterator[str]:
    if _number(value) and not value >= wanted:
        yield f"must be at least {wanted}, is {value}"


def _above(value: Any, wanted: float) -> Iterator[str]:
    if _number(value) and not value > wanted:
        yield f"must be above {wanted}, is {value}"


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
    "exclusiveMinimum": _above,
    "minItems": _min_items,
    "maxItems": _max_items,
}
INNER: dict[str, Callable[[Any, Schema, str, Schema], Iterator[str]]] = {
    "$ref": _reference,
    "anyOf": _any_of,
    "items": _items,
    "properties": _named,
    "additionalProperties": _others,
}
