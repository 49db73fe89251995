"""The folder of a run: which files it holds, in which order they come and go.

- recipe.toml: what was asked for; written first, so that even an early kill leaves it;
- last.safetensors: the checkpoint to go on from; best.safetensors: the network as it was
  after the epoch with the highest validation accuracy; metrics.jsonl: a row an epoch;
- model.safetensors: the network at the end, how to build it and how its images are prepared;
- curves.png: the rows as a picture, if matplotlib is there;
- summary.json: how good it is, and all that was decided. If it is there, so is the rest.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from minin.errors import ArgumentError, DataError
from minin.files.atomic import write_atomically
from minin.nn import Module, save
from minin.train.checkpoint import Checkpoint, read, write
from minin.train.history import Epoch

RECIPE, LAST, BEST, METRICS = "recipe.toml", "last.safetensors", "best.safetensors", "metrics.jsonl"
MODEL, CURVES, SUMMARY = "model.safetensors", "curves.png", "summary.json"

PathLike = str | os.PathLike[str]


def check_folder(folder: PathLike) -> Path:
    """Make sure, before hours of training, that a run can be saved here; write nothing.

    Raises:
        DataError: if the folder is a file, or cannot be made or written to.
    """
    path = Path(folder)
    nearest = path
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise DataError(
            f"{str(path)!r} must be a folder to save the run in; {str(nearest)!r} is a file."
            " Name another folder"
        )
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise DataError(
            f"{str(path)!r} cannot be written to: no permission in {str(nearest)!r}."
            " Name another folder"
        )
    return path


def is_unfinished(folder: PathLike) -> bool:
    """Tell whether a run was begun here and has not come to its summary."""
    path = Path(folder)
    return (path / LAST).is_file() and not (path / SUMMARY).is_file()


class RunFolder:
    """Where `fit` puts what it must not lose.

    Args:
        folder: the folder; it is made when the first file is written.
        restart: whether an unfinished run in it may be thrown away.
        resume: whether to go on with the run in it, if there is one.

    Raises:
        ArgumentError: if the folder holds an unfinished run, and nobody said what to do
            with it, or both were said.
        DataError: if the folder is a file, or cannot be made or written to.
    """

    def __init__(self, folder: PathLike, resume: bool = False, restart: bool = False) -> None:
        if resume and restart:
            raise ArgumentError("resume and restart exclude each other; got both")
        self.path = check_folder(folder)
        self.resume = resume
        if is_unfinished(self.path) and not resume and not restart:
            raise ArgumentError(
                f"{str(self.path)!r} holds an unfinished run. Go on with it (--resume), throw"
                " it away (--restart), or name another folder (--out)"
            )

    def begin(self) -> Checkpoint | None:
        """Return where to go on, or clear the folder of an earlier run and return None.

        Raises:
            DataError: if the checkpoint is damaged, or the folder cannot be written to.
        """
        if self.resume and (self.path / LAST).is_file():
            return read(self.path / LAST)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for name in (SUMMARY, MODEL, CURVES, METRICS, BEST, LAST):  # what vouches goes first
                (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise DataError(f"{str(self.path)!r} cannot be written to: {error}") from error
        return None

    def save_last(self, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint to go on from."""
        write(self.path / LAST, checkpoint)

    def save_best(self, model: Module) -> None:
        """Replace the network of the best epoch."""
        save(model, self.path / BEST)

    def save_rows(self, rows: Iterable[Epoch]) -> None:
        """Replace the rows."""
        write_atomically(self.path / METRICS, rows_text(rows).encode())


def rows_text(rows: Iterable[Epoch]) -> str:
    """Write rows as JSON, one a line."""
    return "".join(json.dumps(row.to_dict()) + "\n" for row in rows)
