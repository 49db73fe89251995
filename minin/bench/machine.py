"""What was measured on: the machine, versions, threads and settings."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from typing import Any

from minin import machine
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
    return machine.describe() | {
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
    }


def blas() -> list[dict[str, Any]]:
    """List the libraries of linear algebra that are loaded, as results record them."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return []
    keys = {
        "internal_api": "name",
        "version": "version",
        "num_threads": "threads",
        "architecture": "kernel",
    }
    found = [{keys[key]: pool.get(key) for key in keys} for pool in threadpool_info()]
    return sorted(found, key=lambda pool: (str(pool["name"]), str(pool["version"])))
