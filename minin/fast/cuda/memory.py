"""What CuPy's memory pool holds: a GPU's memory is taken in blocks and kept for the next step.

The pool gives nothing back by itself, so what the driver shows as taken is `held`; what arrays
use now is `used`. A step that always asks for the same sizes makes no new block after the first.
"""

from __future__ import annotations

from dataclasses import dataclass

from minin.backend import Array, namespace


@dataclass(frozen=True)
class Memory:
    """Bytes of the default memory pool of the current device.

    Attributes:
        used: in arrays that are alive.
        held: taken from the driver: used, and free for the next array.
        limit: the most that the pool may hold; 0 for no limit.
    """

    used: int
    held: int
    limit: int

    def __str__(self) -> str:
        """Return one line, in MiB."""
        used, held = (f"{count / 2**20:,.1f} MiB" for count in (self.used, self.held))
        return f"{used} used of {held} held" + (
            f", at most {self.limit / 2**20:,.1f} MiB" if self.limit else ""
        )


def memory(like: Array) -> Memory:
    """Look at the memory pool of an array's library; nothing is waited for.

    Args:
        like: a CuPy array.
    """
    pool = namespace(like).get_default_memory_pool()
    return Memory(int(pool.used_bytes()), int(pool.total_bytes()), int(pool.get_limit()))
