"""The memory of this process: what it holds, and the most it ever held."""

from __future__ import annotations

import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def held() -> int:
    """Return the bytes in memory now; where the system does not say, the most so far."""
    return _status("VmRSS") or most()


def most() -> int:
    """Return the most bytes that were ever in memory at once.

    NB: Linux lets ``ru_maxrss`` start at the size of the process that started this one, so its
    own high-water mark, which does not, is taken where there is one.
    """
    return _status("VmHWM") or _ru_maxrss()


def _status(key: str) -> int:
    if not STATUS.exists():
        return 0
    for line in STATUS.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    return 0


def _ru_maxrss() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
