"""Is it a result? The published schema, and what a schema cannot say of its rows."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

SCHEMA: dict[str, Any] = json.loads((files("minin.bench") / "schema.json").read_text("utf-8"))


def faults(record: Any) -> list[str]:
    """List what in a result is not as it should be."""
    Draft202012Validator.check_schema(SCHEMA)
    found = [one.message for one in Draft202012Validator(SCHEMA).iter_errors(record)]
    for row in () if found else record["rows"]:
        if row["time"] is None:
            found += ["is ok and has no time"] * (row["status"] == "ok")
        elif row["status"] in ("wrong", "failed"):
            found.append(f"is {row['status']} and has a time")
        elif row["error"] is None or row["error"] > row["bound"]:
            found.append("has a time and an error beyond its bound")
    return found
