"""Ways to damage bytes, whatever they are: each takes a generator and gives other bytes."""

from __future__ import annotations

import functools
import gzip
from collections.abc import Callable

import numpy as np

Mutation = Callable[[np.random.Generator, bytes], bytes]

ABSURD = (0, 1, 2**15, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)
BOMB = 2**26  # bytes that a few packed ones unpack to


def truncated(rng: np.random.Generator, content: bytes) -> bytes:
    """Cut the end off."""
    return content[: rng.integers(0, max(1, len(content)))]


def flipped(rng: np.random.Generator, content: bytes) -> bytes:
    """Flip up to eight bits, more often near the beginning."""
    changed = bytearray(content)
    for _ in range(rng.integers(1, 9)):
        if changed:
            changed[_place(rng, len(changed))] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def absurd(rng: np.random.Generator, content: bytes) -> bytes:
    """Write an absurd size somewhere, mostly where headers are."""
    width: int = 2 ** int(rng.integers(4))
    number = int(ABSURD[int(rng.integers(len(ABSURD)))] % 256**width)
    place = _place(rng, len(content) + 1)
    size = number.to_bytes(width, "big" if rng.random() < 0.5 else "little")
    return content[:place] + size + content[place + width :]


def swapped(rng: np.random.Generator, content: bytes) -> bytes:
    """Exchange two stretches of the first bytes."""
    a, b, width = (int(n) for n in rng.integers(1, 40, 3))
    head = bytearray(content[:128])
    head[a : a + width], head[b : b + width] = head[b : b + width], head[a : a + width]
    return bytes(head) + content[128:]


def doubled(rng: np.random.Generator, content: bytes) -> bytes:
    """Repeat a stretch."""
    start, end = sorted(int(n) for n in rng.integers(0, len(content) + 1, 2))
    return content[:end] + content[start:end] + content[end:]


def extended(rng: np.random.Generator, content: bytes) -> bytes:
    """Add bytes at the end."""
    return content + rng.bytes(int(rng.integers(1, 5000)))


def noise(rng: np.random.Generator, content: bytes) -> bytes:
    """Keep a beginning, and continue with noise."""
    kept = int(rng.choice([0, 0, 2, 4, 8, 16, 64]))
    return content[:kept] + rng.bytes(int(rng.integers(0, 3000)))


def empty(_: np.random.Generator, __: bytes) -> bytes:
    """Keep nothing."""
    return b""


def other(rng: np.random.Generator, _: bytes) -> bytes:
    """Give the beginning of another kind of file."""
    heads = (
        b"<!DOCTYPE html><html>not found</html>",
        b"PK\x03\x04" + bytes(30),
        b"\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94.",
        b"\x89HDF\r\n\x1a\n" + bytes(100),
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"II*\x00\x08\x00\x00\x00\xff\xff",
        b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (9,)}",
        b"#!/bin/sh\ntouch escaped\n",
        b"\xff" * 512,
        bytes(512),
        b"\x1f\x8b",
        b"\n" * 3000,
    )
    return heads[int(rng.integers(len(heads)))]


def bomb(_: np.random.Generator, content: bytes) -> bytes:
    """Keep the beginning of a packed file, and let it unpack without much of an end."""
    try:
        head = gzip.decompress(content)[:600]
    except (OSError, EOFError):
        head = content[:16]
    return gzip.compress(head) + _zeros()


@functools.cache
def _zeros() -> bytes:
    return gzip.compress(bytes(BOMB))


def _place(rng: np.random.Generator, length: int) -> int:
    """Draw a place, half of the time among the first 64."""
    return int(rng.integers(0, min(length, 64) if rng.random() < 0.5 else length))


def inside(mutation: Mutation) -> Mutation:
    """Damage what is packed, and pack it again, so that the checksum is right."""

    def damage(rng: np.random.Generator, content: bytes) -> bytes:
        try:
            unpacked = gzip.decompress(content)
        except (OSError, EOFError):
            return mutation(rng, content)
        return gzip.compress(mutation(rng, unpacked), 1)

    return damage


PLAIN: tuple[Mutation, ...] = (
    truncated,
    flipped,
    flipped,
    absurd,
    absurd,
    swapped,
    doubled,
    extended,
    noise,
    empty,
    other,
)
PACKED: tuple[Mutation, ...] = (*PLAIN, bomb, *(inside(mutation) for mutation in PLAIN))
