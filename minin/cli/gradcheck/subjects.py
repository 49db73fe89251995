"""What `minin gradcheck` checks: ops at their samples, networks at small images."""

from __future__ import annotations

import importlib
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin import autograd, backend, models, ops
from minin.autograd import Op, Tensor
from minin.cli.gradcheck.samples import samples
from minin.errors import ArgumentError, BackendUnavailableError, MininError
from minin.gradcheck.check import check
from minin.gradcheck.report.report import Report
from minin.nn import Module

OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul,
    "divide": operator.truediv, "power": operator.pow, "negative": operator.neg,
    "getitem": lambda x, key: x[key],
}  # fmt: skip
CLASSES = 10  # more would only widen the last layer
LARGEST = 99


@dataclass(frozen=True)
class SweepSubject:
    """One row of the table, still to be checked.

    Attributes:
        name: of the op or network.
        library: "numpy", "cupy" or "strict".
        rules: "plain" or "fast".
        reports: checks it with a seed, and yields a report for each sample.
    """

    name: str
    library: str
    rules: str
    reports: Callable[[int], Iterator[Report]]


class Libraries:
    """The array libraries by name, and how a NumPy array gets there."""

    def usable(self, wanted: str | None) -> list[str]:
        """List those to check on: the one that is wanted, or NumPy and a usable CuPy.

        Raises:
            BackendUnavailableError: if the one that is wanted cannot be used.
        """
        if wanted is None:
            return ["numpy"] if backend.why_no_cuda() else ["numpy", "cupy"]
        self.put(np.zeros(1), wanted)
        return [wanted]

    def put(self, x: Any, library: str) -> Any:
        """Bring the arrays in ``x`` to a library; lists, None and numbers stay."""
        if isinstance(x, list):
            return [self.put(part, library) for part in x]
        if not isinstance(x, np.ndarray) or library == "numpy":
            return x
        return backend.to_device(x, "cuda") if library == "cupy" else _strict(x)

    def full_name(self, library: str) -> str:
        """Return the name under which fast rules know a library."""
        return "array_api_strict" if library == "strict" else library


LIBRARIES = Libraries()


def _strict(x: Any) -> Any:
    """Bring an array to the strict library's own device, which meets no NumPy by accident."""
    try:
        strict: Any = importlib.import_module("array_api_strict")
    except ImportError:
        raise BackendUnavailableError.needs("--library strict", "array-api-strict") from None
    return strict.asarray(x, device=strict.Device("device1"))


def operations(name: str, library: str) -> Iterator[SweepSubject]:
    """Yield an op under the plain rules and, where there is a fast one, under the fast rules."""
    op: Any = getattr(ops, name, OPERATORS.get(name))
    kinds = ["plain"]
    if isinstance(op, Op) and LIBRARIES.full_name(library) in op.fast:
        kinds.append("fast")
    for rules in kinds:
        yield SweepSubject(name, library, rules, _OpReports(name, op, library, rules))


@dataclass(frozen=True)
class _OpReports:
    name: str
    op: Callable[..., Tensor]
    library: str
    rules: str

    def __call__(self, seed: int) -> Iterator[Report]:
        for arrays, parameters in samples(self.name, np.random.default_rng(seed)):
            fn = _Applied(self.name, self.op, parameters)
            with autograd.rules(self.rules):
                yield check(fn, LIBRARIES.put(arrays, self.library), seed=seed)


class _Applied:
    """An op with its parameters filled in; it keeps the op's name and its arguments' names."""

    def __init__(self, name: str, op: Callable[..., Tensor], parameters: dict[str, Any]) -> None:
        self.op, self.parameters = op, parameters
        self.__name__ = name
        self.rule = getattr(op, "rule", op)

    def __call__(self, *arrays: Any) -> Tensor:
        return self.op(*arrays, **self.parameters)


def networks(name: str, library: str) -> SweepSubject:
    """Return a network as a subject: whole, in float64, at the smallest images that fit."""
    tuned = any(
        isinstance(op, Op) and LIBRARIES.full_name(library) in op.fast for op in vars(ops).values()
    )
    return SweepSubject(name, library, "fast" if tuned else "plain", _NetworkReports(name, library))


@dataclass(frozen=True)
class _NetworkReports:
    name: str
    library: str

    def __call__(self, seed: int) -> Iterator[Report]:
        rng = np.random.default_rng(seed)
        model = models.build(
            self.name, num_classes=CLASSES, rng=rng, dtype="float64", dropout=0.0
        ).eval()
        for parameter in model.parameters():
            parameter.data = LIBRARIES.put(parameter.data, self.library)
        images = rng.uniform(-1.0, 2.0, (2, *smallest_image(model, model.input_shape[0])))
        yield check(
            _Named(self.name, model), LIBRARIES.put([images], self.library), model, seed=seed
        )


class _Named:
    """A network under its name, as a function of images."""

    def __init__(self, name: str, model: Module) -> None:
        self.__name__, self.model = name, model

    def __call__(self, x: Tensor) -> Tensor:
        return self.model(x)


def smallest_image(model: Module, channels: int) -> tuple[int, int, int]:
    """Find the smallest image, one pixel wider than high, that a network takes.

    Example:
        >>> from minin import nn
        >>> smallest_image(nn.Conv2d(3, 4, 5, rng=0), 3)
        (3, 5, 6)
    """
    for size in range(1, LARGEST):
        shape = (channels, size, size + 1)
        try:
            model.output_shape(shape)
        except MininError:  # no window fits: the image is too small
            continue
        return shape
    raise ArgumentError(f"no image of up to {LARGEST} pixels fits this network")
