"""The reader of JSON Schema knows the words of the schema, and no word is passed over."""

from __future__ import annotations

from typing import Any

import pytest

from minin.bench.schema import INNER, LEAVES, REMARKS, faults, read_schema


def words(value: Any, names: bool = False) -> set[str]:
    """Collect the words of a schema; the keys of properties and $defs are names, not words."""
    if isinstance(value, list):
        return set().union(*map(words, value))
    if not isinstance(value, dict):
        return set()
    found = set() if names else set(value)
    for key, item in value.items():
        if names or key not in ("enum", "const", "required"):
            found |= words(item, key in ("properties", "$defs") and not names)
    return found


def test_every_word_is_looked_at() -> None:
    assert words(read_schema()) <= set(LEAVES) | set(INNER) | REMARKS


def test_an_unknown_word_is_an_error() -> None:
    with pytest.raises(ValueError, match="a word that is not known here: 'oneOf'"):
        faults(1, {"oneOf": []})


@pytest.mark.parametrize(
    ("value", "one", "fault"),
    [
        (1, {"type": "string"}, "$: must be string, is int"),
        (True, {"type": ["integer", "null"]}, "$: must be integer or null, is bool"),
        ({"a": 1}, {"additionalProperties": {"type": "null"}}, "$.a: must be null, is int"),
        ([1], {"items": {"const": 2}}, "$[0]: must be 2, is 1"),
        (1, {"const": True}, "$: must be True, is 1"),
        (1, {"anyOf": [{"type": "null"}, {"type": "string"}]}, "$: must be string, is int"),
        ({"a": 1}, {"$ref": "#/$defs/x", "$defs": {"x": {"required": ["b"]}}}, "$: 'b' is missing"),
        (0, {"exclusiveMinimum": 0}, "$: must be above 0, is 0"),
        ([], {"minItems": 1}, "$: must have at least 1 items, has 0"),
        ([1], {"maxItems": 0}, "$: must have at most 0 items, has 1"),
        ("b", {"pattern": "^a"}, "$: must fit '^a', is 'b'"),
        ("b", {"enum": ["a"]}, "$: must be one of ['a'], is 'b'"),
    ],
)
def test_each_word_can_reject(value: Any, one: dict[str, Any], fault: str) -> None:
    assert faults(value, one) == [fault]


@pytest.mark.parametrize("value", [None, "x"])
def test_one_kind_of_several_is_enough(value: Any) -> None:
    assert faults(value, {"anyOf": [{"type": "null"}, {"type": "string"}]}) == []


def test_the_schema_forbids_what_it_does_not_name() -> None:
    open_objects = [
        one
        for one in _objects(read_schema())
        if one.get("type") == "object" and "additionalProperties" not in one
    ]
    assert open_objects == []


def _objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [one for item in value for one in _objects(item)]
    if not isinstance(value, dict):
        return []
    return [value, *(one for item in value.values() for one in _objects(item))]
