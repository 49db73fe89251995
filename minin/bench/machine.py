"""What was measured on: enough to judge a number by, and no name of a machine or folder."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from minin.autograd.state import current_mode
from minin.bench.libraries import Library
from minin.fast import get_num_threads
from minin.version import __version__

VARIABLES = (
    "MININ_RULES",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "CUPY_TF32",
    "CUDA_VISIBLE_DEVICES",
)


def describe(libraries: Iterable[Library]) -> dict[str, Any]:
    """Describe machine, versions, threads and settings, as every result records them."""
    opened = {library.name: library for library in libraries}
    return {
        "processor": processor(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "cores": cores(),
        "memory_bytes": memory_bytes(),
        "gpu": next((o.facts["gpu"] for o in opened.values() if "gpu" in o.facts), None),
        "python": platform.python_version(),
        "minin": __version__,
        "versions": {key: v for o in opened.values() for key, v in o.versions.items()},
        "blas": blas(),
        "threads": {
            "minin": get_num_threads(),
            **{o.name: o.facts["threads"] for o in opened.values() if "threads" in o.facts},
        },
        "rules": current_mode(),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
        "load": [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else [],
    }


def processor() -> str:
    """Name the processor as its maker does.

    Example:
        >>> processor() != ""
        True
    """
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine() or "unknown"


def cores() -> int:
    """Count the cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def memory_bytes() -> int | None:
    """Return the memory of the machine, where the system tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def blas() -> list[dict[str, Any]]:
    """List the libraries of linear algebra that are loaded, without their paths."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return []
    keys = {
        "name": "internal_api",
        "version": "version",
        "threads": "num_threads",
        "kernel": "architecture",
    }
    found = [
        {key: pool.get(key_there) for key, key_there in keys.items()} for pool in threadpool_info()
    ]
    return sorted(found, key=lambda pool: (str(pool["name"]), str(pool["version"])))
