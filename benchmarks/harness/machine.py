"""What was measured on: enough to judge a number by, and nothing that names the machine."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

CPUINFO = Path("/proc/cpuinfo")
CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
# What matrix products care about.
FLAGS = re.compile(r"(sse4_2|avx|fma|f16c|amx|asimd|sve|neon)", re.IGNORECASE)


def describe() -> dict[str, Any]:
    """Describe the machine, as every result records it."""
    return {
        "name": name(),
        "processor": processor(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "cores": cores(),
        "caches": caches(),
        "flags": flags(),
        "memory_bytes": memory_bytes(),
        "load": [round(load, 2) for load in loads()],
    }


def processor() -> str:
    """Name the processor, as its maker does.

    Example:
        >>> isinstance(processor(), str)
        True
    """
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def name() -> str:
    """Return a name for files: the processor and its cores."""
    return slug(f"{processor()} {cores()} cores")


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
        level, kind, size = (_read(folder / key) for key in ("level", "type", "size"))
        letter = {"Data": "d", "Instruction": "i"}.get(kind, "")
        if size.endswith("K"):
            found[f"L{level}{letter}"] = int(size[:-1]) * 1024
    return found


def flags() -> list[str]:
    """List what the processor can do that matters to matrix products."""
    said = _cpuinfo("flags") or _cpuinfo("Features")
    return sorted(flag for flag in said.split() if FLAGS.match(flag))


def memory_bytes() -> int | None:
    """Return the memory of the machine."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def loads() -> Iterable[float]:
    """Return the load averages of the last 1, 5 and 15 minutes; none where there are none."""
    return os.getloadavg() if hasattr(os, "getloadavg") else ()


def _cpuinfo(key: str) -> str:
    text = _read(CPUINFO)
    found = re.search(rf"^{re.escape(key)}\s*:\s*(.*)$", text, re.MULTILINE)
    return found[1].strip() if found else ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
