"""What was measured on: enough to judge a number by, and nothing that names the machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from minin import machine

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
# What matrix products care about.
FLAGS = re.compile(r"(sse4_2|avx|fma|f16c|amx|asimd|sve|neon)", re.IGNORECASE)


def describe() -> dict[str, Any]:
    """Describe the machine, as every result records it, with a name for files."""
    found = machine.describe()
    name = slug(f"{found['processor']} {found['cores']} cores")
    return {"name": name, **found, "caches": caches(), "flags": flags()}


def slug(text: str) -> str:
    """Keep small letters and digits, joined by dashes.

    Example:
        >>> slug("Intel(R) Xeon(R) CPU @ 2.20GHz 4 cores")
        'intel-xeon-cpu-2-20ghz-4-cores'
    """
    plain = re.sub(r"\((r|tm)\)", "", text.lower())
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def caches() -> dict[str, int]:
    """Return the size in bytes of each cache that the first core sees, as {"L2": 1048576}."""
    found = {}
    for folder in sorted(CACHES.glob("index*")):
        try:
            level, kind, size = (
                (folder / key).read_text(encoding="utf-8").strip()
                for key in ("level", "type", "size")
            )
        except OSError:
            continue
        letter = {"Data": "d", "Instruction": "i"}.get(kind, "")
        if size.endswith("K"):
            found[f"L{level}{letter}"] = int(size[:-1]) * 1024
    return found


def flags() -> list[str]:
    """List what the processor can do that matters to matrix products."""
    said = machine.cpuinfo("flags") or machine.cpuinfo("Features")
    return sorted(flag for flag in said.split() if FLAGS.match(flag))
