"""The folder of a run: which files it holds, in which order they come and go.

- recipe.toml: what was asked for; written first, so that even an early kill leaves it;
- last.safetensors: the checkpoint to go on from; best.safetensors: the network as it was
  after the epoch with the highest validation accuracy; metrics.jsonl: a row an epoch;
- model.safetensors: the network at the end, how to build it and how its images are prepared;
- curves.png: the rows as a picture, if matplotlib is there;
- summary.json: how good it is, and all that was decided. If it is there, so is the rest;
- before-restart: the run that was here, until the one that replaces it has a checkpoint.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from minin import weights
from minin.errors import ArgumentError, DataError
from minin.files.atomic import write_atomically
from minin.nn import Module
from minin.train.checkpoint import Checkpoint, read, write
from minin.train.history import Epoch
from minin.train.owned import demand_ours, is_run_file

RECIPE, LAST, BEST, METRICS = "recipe.toml", "last.safetensors", "best.safetensors", "metrics.jsonl"
MODEL, CURVES, SUMMARY = "model.safetensors", "curves.png", "summary.json"
RESULTS = (SUMMARY, MODEL, CURVES, METRICS, BEST, LAST)  # what vouches for the others first
ASIDE = "before-restart"

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
            " Use another folder"
        )
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise DataError(
            f"{str(path)!r} cannot be written to: no permission in {str(nearest)!r}."
            " Use another folder"
        )
    return path


def is_unfinished(folder: PathLike) -> bool:
    """Tell whether a run was begun here and has not come to its summary."""
    path = Path(folder)
    return (path / LAST).is_file() and not (path / SUMMARY).is_file()


def _left(path: Path) -> set[str]:
    """Name what a run has left here beside its recipe; ASIDE if one was moved there.

    BEST and METRICS alone are of a run that was killed between its first epoch and the first
    checkpoint: there is nothing to go on from, and nothing is lost if it begins again.
    """
    found = {name for name in RESULTS if os.path.lexists(path / name)}
    aside = any(os.path.lexists(path / ASIDE / name) for name in RESULTS)
    return found | ({ASIDE} if aside else set())


def demand_own_files(folder: PathLike) -> None:
    """Refuse a folder in which files of a run's names are not minin's.

    Raises:
        DataError: naming the first of them.
    """
    for name in (RECIPE, *RESULTS):
        demand_ours(Path(folder) / name, is_run_file)


class RunFolder:
    """Where `fit` puts what it must not lose.

    Args:
        folder: the folder; it is made when the first file is written.
        restart: whether a run in it may be replaced; it is moved aside, and thrown away when
            the new one has a checkpoint.
        resume: whether to go on with the run in it, if there is one.

    Raises:
        ArgumentError: if the folder holds a run, and nobody said what to do with it, or both
            were said.
        DataError: if the folder is a file, cannot be made or written to, or holds files of a
            run's names that minin did not make.
    """

    def __init__(self, folder: PathLike, resume: bool = False, restart: bool = False) -> None:
        if resume and restart:
            raise ArgumentError("resume and restart cannot be used together; got both")
        self.path = check_folder(folder)
        self.resume = resume
        demand_own_files(self.path)
        demand_own_files(self.path / ASIDE)
        can_go_on = (self.path / LAST).is_file() or not _left(self.path) - {BEST, METRICS}
        if restart or (resume and can_go_on):
            return
        if is_unfinished(self.path):
            raise ArgumentError(
                f"{str(self.path)!r} holds an unfinished run: continue it (--resume), replace it "
                "(--restart), or use another folder (--out)"
            )
        if _left(self.path):
            aside = not any((self.path / name).exists() for name in RESULTS)
            place = self.path / ASIDE if aside else self.path
            raise ArgumentError(
                f"{str(place)!r} holds a run already: use another folder (--out), or replace it"
                " (--restart)"
            )

    def begin(self) -> Checkpoint | None:
        """Return where to go on, or move an earlier run aside and return None.

        Raises:
            DataError: if the checkpoint is damaged, or the folder cannot be written to.
        """
        if self.resume and (self.path / LAST).is_file():
            return read(self.path / LAST)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not self.resume and any((self.path / name).exists() for name in RESULTS):
                self._move_aside()
        except OSError as error:
            raise DataError(f"{str(self.path)!r} cannot be written to: {error}") from error
        return None

    def _move_aside(self) -> None:
        aside = self.path / ASIDE
        if (self.path / LAST).exists():
            self._forget()  # a restart that was stopped just after its first checkpoint
        aside.mkdir(exist_ok=True)
        for name in (LAST, *RESULTS, RECIPE):  # LAST first: a move that was killed is gone on with
            if (self.path / name).exists() and not (aside / name).exists():
                (self.path / name).replace(aside / name)

    def _forget(self) -> None:
        """Delete the run that was moved aside, and nothing else that lies there."""
        aside = self.path / ASIDE
        if aside.is_dir():
            for name in (*RESULTS, RECIPE):
                (aside / name).unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # somebody's file lies there: it stays
                aside.rmdir()

    def put_back(self) -> None:
        """Undo a restart that failed before its first checkpoint."""
        aside = self.path / ASIDE
        if aside.is_dir() and not (self.path / LAST).exists():
            for name in (*RESULTS, RECIPE):
                (self.path / name).unlink(missing_ok=True)
                if (aside / name).exists():
                    (aside / name).replace(self.path / name)
            with contextlib.suppress(OSError):
                aside.rmdir()

    def save_last(self, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint to go on from; from the first one on, this is the run here."""
        write(self.path / LAST, checkpoint)
        self._forget()

    def save_best(self, model: Module) -> None:
        """Replace the network of the best epoch."""
        weights.save(model, self.path / BEST)

    def save_rows(self, rows: Iterable[Epoch]) -> None:
        """Replace the rows."""
        write_atomically(self.path / METRICS, rows_text(rows).encode())


def rows_text(rows: Iterable[Epoch]) -> str:
    """Write rows as JSON, one a line."""
    return "".join(json.dumps(row.to_dict()) + "\n" for row in rows)
