"""Everything that a stopped run needs to go on as if it had never stopped.

Weights alone are not enough: the optimiser remembers earlier steps, dropout draws from
generators that have moved on, and an epoch may be half walked. All of it is in one file,
which is replaced as a whole, so that a kill at any moment leaves the previous one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.errors import DataError, MininError
from minin.files.arrays import PathLike, read_arrays, write_arrays
from minin.nn import Module
from minin.optim import Optimiser
from minin.train.history import Epoch

KIND = "minin-checkpoint"
_MODEL, _OPTIMISER = "model.", "optimiser."


@dataclass
class Progress:
    """How far a run has come.

    Attributes:
        epoch: the epoch that is being walked, from 1; one more than there are when all are done.
        step: the steps of it that are done.
        loss_sum: sum of the losses of its images so far.
        right: how many of them were classified right.
        epoch_seconds: what it took so far.
        seconds: what the whole run took so far.
        rows: the epochs that are done.
    """

    epoch: int = 1
    step: int = 0
    loss_sum: float = 0.0
    right: int = 0
    epoch_seconds: float = 0.0
    seconds: float = 0.0
    rows: list[Epoch] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Give the values in a form that JSON keeps exactly."""
        return {**vars(self), "rows": [row.to_dict() for row in self.rows]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Progress:
        """Read back what `to_dict` gave.

        Raises:
            DataError: if a value is missing, unknown or of the wrong kind.
        """
        try:
            rows = [Epoch.from_dict(row) for row in values["rows"]]
            counts: dict[str, Any] = {k: int(values[k]) for k in ("epoch", "step", "right")}
            sums: dict[str, Any] = {
                name: float(values[name]) for name in ("loss_sum", "epoch_seconds", "seconds")
            }
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise DataError(f"its progress cannot be read: {error!r}") from error
        if counts["epoch"] != len(rows) + 1 or min(counts.values()) < 0:
            raise DataError("its progress contradicts itself")
        return cls(**counts, **sums, rows=rows)


@dataclass(frozen=True)
class Checkpoint:
    """What is in a checkpoint file, read and whole, but not yet put anywhere.

    Attributes:
        arrays: parameters and the optimiser's memory, by name.
        generators: the states of the network's random generators, by module name.
        progress: how far the run has come.
        run: what the run was made with; a run that goes on must be made with the same.
    """

    arrays: dict[str, npt.NDArray[Any]]
    generators: dict[str, Any]
    progress: Progress
    run: dict[str, Any]

    @classmethod
    def of(
        cls, model: Module, optimiser: Optimiser, progress: Progress, run: Mapping[str, Any]
    ) -> Checkpoint:
        """Copy all that will change as the run goes on."""
        arrays = {f"{_MODEL}{name}": a for name, a in model.state_dict().items()}
        arrays |= {f"{_OPTIMISER}{name}": a for name, a in optimiser.state_dict().items()}
        states = {name: rng.bit_generator.state for name, rng in _generators(model)}
        copied = Progress.from_dict(progress.to_dict())
        return cls(arrays, json.loads(json.dumps(states)), copied, dict(run))

    def restore(self, model: Module, optimiser: Optimiser) -> Progress:
        """Put everything back where it was taken from, and return how far the run had come.

        Raises:
            DataError: if the checkpoint is of another network or optimiser.
        """
        try:
            model.load_state_dict(self._under(_MODEL))
            optimiser.load_state_dict(self._under(_OPTIMISER))
            places = dict(_generators(model))
            if set(places) != set(self.generators):
                raise DataError(f"it has generators for {sorted(self.generators)}")
            for name, rng in places.items():
                rng.bit_generator.state = self.generators[name]
        except (MininError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise DataError(f"the checkpoint is of another run: {error}") from error
        return Progress.from_dict(self.progress.to_dict())

    def _under(self, prefix: str) -> dict[str, npt.NDArray[Any]]:
        return {
            name.removeprefix(prefix): array
            for name, array in self.arrays.items()
            if name.startswith(prefix)
        }


def write(path: PathLike, checkpoint: Checkpoint) -> None:
    """Write a checkpoint: whole, or not at all.

    Raises:
        DataError: if the file cannot be written; an earlier one is still there.
    """
    words = {
        "generators": checkpoint.generators,
        "progress": checkpoint.progress.to_dict(),
        "run": checkpoint.run,
    }
    write_arrays(path, checkpoint.arrays, KIND, words)


def read(path: PathLike) -> Checkpoint:
    """Read a checkpoint and check that it is whole.

    Raises:
        DataError: if the file is missing, damaged or no checkpoint.
    """
    arrays, words = read_arrays(path, KIND)
    try:
        if words is None:
            raise DataError("it was written by another program")
        generators, run = words["generators"], words["run"]
        if not isinstance(generators, dict) or not isinstance(run, dict):
            raise DataError("its words are of the wrong kind")
        return Checkpoint(arrays, generators, Progress.from_dict(words["progress"]), run)
    except (DataError, KeyError) as error:
        raise DataError(
            f"{path} is not a checkpoint of a run: {error}. Start again with --restart"
        ) from error


def _generators(model: Module) -> Iterator[tuple[str, np.random.Generator]]:
    """Find the random generators that a network keeps, those of its dropout layers."""
    for name, module in model.named_modules():
        for key, value in vars(module).items():
            if isinstance(value, np.random.Generator):
                yield f"{name}.{key}".lstrip("."), value
