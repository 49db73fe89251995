"""The arguments that several commands share, and how their text becomes values."""

from __future__ import annotations

import argparse
import re
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from minin.errors import ArgumentError
from minin.files.toml import read_toml

KINDS: dict[str, type] = {"int": int, "float": float}


def add_epilog(parser: argparse.ArgumentParser, text: str) -> None:
    """Show examples below the arguments, line by line as they are."""
    parser.epilog = text
    parser.formatter_class = argparse.RawDescriptionHelpFormatter


@cache
def listed() -> dict[str, Any]:
    """Read `commands.toml`: what is said of each command, and what it takes."""
    return read_toml(Path(__file__).with_name("commands.toml").read_text("utf-8"))


def fill(parser: argparse.ArgumentParser, command: str, **places: str) -> None:
    """Give a parser the examples and arguments that are listed for a command.

    Args:
        parser: that of the command.
        command: its name in the list.
        places: what stands in the named places of its help.
    """
    found = listed()[command]
    if "examples" in found:
        add_epilog(parser, found["examples"])
    for name, how in found.get("arguments", {}).items():
        kind: dict[str, Any] = {"type": KINDS[how["type"]]} if "type" in how else {}
        if how.get("action") == "boolean":  # --name and --no-name
            kind = {"action": argparse.BooleanOptionalAction}
        text = Template(how["help"]).substitute(places)
        parser.add_argument(name, **(how | kind | {"help": text}))


def image_shape(text: str) -> tuple[int, int, int]:
    """Read "3x32x32" as (C, H, W).

    Raises:
        ArgumentError: if the text is no three sizes.

    Example:
        >>> image_shape("3x32x32")
        (3, 32, 32)
    """
    if not re.fullmatch(r"[1-9]\d{0,4}(x[1-9]\d{0,4}){2}", text):
        raise ArgumentError(
            f"an image's size must be CHANNELSxROWSxCOLUMNS, such as 3x32x32; got {text!r}"
        )
    c, h, w = (int(part) for part in text.split("x"))
    return c, h, w
