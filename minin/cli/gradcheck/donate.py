"""`minin gradcheck --function ... --donate OUT.json`: an entry for the benchmark, written here."""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from minin.cli.gradcheck.settings import Call
from minin.errors import ArgumentError
from minin.files.atomic import write_atomically


def donate(out: str, op: str, pair: tuple[Any, Any], call: Call, ok: bool, cause: str) -> list[str]:
    """Write what is needed to run and to judge one program; return the names of what it holds.

    Raises:
        ArgumentError: if the file is there already, or the functions have no source.
    """
    if Path(out).exists():  # it may be the program itself
        raise ArgumentError(f"--donate: {out!r} is there already; give the name of a new file")
    inputs, settings = call
    forward, backward = map(_source, pair)
    entry = {
        "verdict": "right" if ok else "wrong", "op": op, "forward": forward, "backward": backward,
        "inputs": [_shape(x) for x in inputs], "params": settings,
    }  # fmt: skip
    entry |= {"cause": cause} if cause else {}
    write_atomically(out, f"{json.dumps(entry, indent=1, default=str)}\n".encode())
    return list(entry)


def _source(function: Callable[..., Any]) -> str:
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        raise ArgumentError(
            f"--donate: the source of {getattr(function, '__name__', function)} cannot be had; "
            "give two functions that are written out in the file"
        ) from None


def _shape(x: Any) -> Any:
    """Return an array's shape and type; anything else as it is: settings, None."""
    return {"shape": x.shape, "dtype": str(x.dtype)} if hasattr(x, "dtype") else x
