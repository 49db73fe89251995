"""Every error that minin raises on purpose.

Each class is also the built-in exception that a Python programmer would expect, so
``except ValueError`` keeps working. Each message says what was wanted, what came, and
the usual fix.
"""

from __future__ import annotations

from collections.abc import Iterable

# What each package is held to, as in setup.cfg. Messages name the packages themselves: minin is
# in no package index, so its extras can be asked for in a clone only.
BOUNDS = {
    "Pillow": ">=10.0",
    "array-api-compat": ">=1.11",
    "array-api-strict": ">=2.3",
    "cupy-cuda12x": ">=14.0.1,!=14.1.0",
    "cupy-cuda13x": ">=14.0.1,!=14.1.0",
    "matplotlib": ">=3.8",
    "onnx": ">=1.16",
    "pooch": ">=1.8",
    "safetensors": ">=0.4.3",
    "scipy": ">=1.13",
    "tomli-w": ">=1.0",
    "torch": "==2.13.0",
}


def pip_install(package: str) -> str:
    """Write the command that installs a package, in a version that minin can use.

    Example:
        >>> pip_install("cupy-cuda13x[ctk]")
        "pip install 'cupy-cuda13x[ctk]>=14.0.1,!=14.1.0'"
    """
    return f"pip install '{package}{BOUNDS[package.partition('[')[0]]}'"


class MininError(Exception):
    """The root: ``except minin.errors.MininError`` catches all that minin raises."""


class ArgumentError(MininError, ValueError):
    """A parameter has a value that the operation cannot take."""


class ShapeError(MininError, ValueError):
    """The shapes of arrays do not fit together."""


class DtypeError(MininError, TypeError):
    """An array or argument is of the wrong kind."""


class UnknownNameError(MininError, ValueError):
    """A name (of a network, a data set, a mode) that minin does not know."""

    @classmethod
    def among(cls, kind: str, name: object, known: Iterable[str]) -> UnknownNameError:
        """Build the error for ``name``, suggesting the nearest of the ``known`` names.

        Example:
            >>> print(UnknownNameError.among("network", "nin-cifar", ["nin-cifar10", "nin-d2l"]))
            unknown network 'nin-cifar'; did you mean 'nin-cifar10'? Known: nin-cifar10, nin-d2l
        """
        import difflib  # slow to load, and seldom needed

        names = list(known)
        close = difflib.get_close_matches(str(name), names, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        return cls(f"unknown {kind} {name!r}; {hint}Known: {', '.join(names)}")


class MemoryBudgetError(MininError, MemoryError):
    """An operation would take more memory than it may; raised before any is taken."""


class DataError(MininError, ValueError):
    """A file does not hold what its name promises."""


class DeviceError(MininError, ValueError):
    """Arrays of different libraries or devices met in one operation."""


class BackendUnavailableError(MininError, RuntimeError):
    """A device or a package was asked for and cannot be used here."""

    @classmethod
    def needs(cls, work: str, package: str, fix: str = "") -> BackendUnavailableError:
        """Build the error for ``work`` that a missing ``package`` has to do.

        Example:
            >>> print(BackendUnavailableError.needs("drawing pictures", "matplotlib"))
            drawing pictures needs matplotlib: pip install 'matplotlib>=3.8'
        """
        return cls(f"{work} needs {package}: {pip_install(package)}{fix}")


class GraphError(MininError, RuntimeError):
    """The recorded graph cannot give the gradient that was asked for."""


class GraphFreedError(GraphError):
    """Backward ran through this graph before, and it was freed."""


class ChangedInPlaceError(GraphError):
    """A tensor that backward needs has changed since forward saw it.

    `Tensor.data` says which changes can be seen: those by assignment always, those written into
    the array itself where it is small, or changed all over, and was read after forward.
    """


class DivergedError(MininError, RuntimeError):
    """The loss is no number any more: the steps were too long, or an input was NaN."""


class StoppedError(MininError, RuntimeError):
    """A training run was asked to stop before its end, and did, between two steps."""


class OutOfRangeError(MininError, IndexError):
    """An index lies outside its array."""
