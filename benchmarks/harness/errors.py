"""What can go wrong, each with a sentence that somebody can act on."""

from __future__ import annotations


class BenchmarkError(Exception):
    """Something that ends a run."""


class RefusedError(BenchmarkError):
    """A number that could not be trusted is not given."""


class PeerError(BenchmarkError):
    """A peer died, or stopped with an error."""


class MissingError(BenchmarkError):
    """A peer is not installed where it was looked for; it is skipped, with this reason."""


class MismatchError(BenchmarkError):
    """A peer computes another network."""
