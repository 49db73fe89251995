"""The end of a run, and later: the network and its summary are saved, and read again."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from minin import weights
from minin.autograd import current_mode
from minin.doctor.inputs import first_parameter, read_source
from minin.doctor.judge import Evaluation
from minin.errors import DataError
from minin.files.atomic import write_atomically
from minin.machine import cores
from minin.models import Network
from minin.nn import Module
from minin.train.curves import write_curves
from minin.train.folder import (
    CURVES,
    METRICS,
    MODEL,
    SUMMARY,
    PathLike,
    check_folder,
    demand_own_files,
    rows_text,
)
from minin.train.history import Epoch, History
from minin.version import __version__


def save_run(
    folder: PathLike, model: Module, history: History, test: Evaluation, **facts: Any
) -> dict[str, Any]:
    """Write a run's three files, each whole or not at all, and return the summary.

    Args:
        folder: where to; it is made if need be, and an earlier run in it is replaced.
        model: the trained network.
        history: what `fit` returned.
        test: what `evaluate` found on the test images.
        facts: more to keep in the summary, such as ``macs``; values that JSON can hold.

    Raises:
        DataError: if the folder cannot be made or written to, or holds files of these names
            that minin did not make.
    """
    path = check_folder(folder)
    demand_own_files(path)
    summary = summarise(model, history, test, **facts)
    try:
        path.mkdir(parents=True, exist_ok=True)
        (path / SUMMARY).unlink(missing_ok=True)  # of an earlier run: it vouches no more
    except OSError as error:
        raise DataError(f"{str(path)!r} cannot be written to: {error}") from error
    weights.save(model, path / MODEL)
    write_atomically(path / METRICS, rows_text(history).encode())
    write_curves(path / CURVES, history.rows)
    write_atomically(path / SUMMARY, (json.dumps(summary, indent=2) + "\n").encode())
    return summary


def summarise(model: Module, history: History, test: Evaluation, **facts: Any) -> dict[str, Any]:
    """Collect what summary.json says about a run."""
    source, best = read_source(model), history.best
    description = {name: _value(text) for name, text in (model.description or {}).items()}
    description.pop("trained_on", None)
    return {
        "test_accuracy": test.accuracy,
        "test_error": 1 - test.accuracy,
        "test_loss": test.loss,
        "seconds": history.seconds,
        "params": sum(int(np.prod(p.shape)) for p in model.parameters()),
        "seed": history.options.seed,
        "versions": versions(),
        "data": source.to_dict() if source else None,
        "model": description,
        "options": history.options.to_dict(),
        "best": best.to_dict() if best else None,
        "machine": machine(model),
        **facts,
    }


def _value(text: str) -> Any:
    """Read one word of a description: a number or a dict where it is one."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def load_run(path: PathLike) -> Network:
    """Read the network of a run: from its folder, or from the model file itself.

    Raises:
        DataError: if there is none, or it is damaged.
    """
    found = Path(path)
    if found.is_dir():
        found = found / MODEL
        if not found.is_file():
            raise DataError(f"{str(path)!r} holds no run: {MODEL} is missing. Use another folder")
    return weights.open(found).eval()


def read_rows(folder: PathLike) -> list[Epoch]:
    """Return the rows of a run, none if the folder has none.

    Raises:
        DataError: if they are damaged.
    """
    path = Path(folder) / METRICS
    if not path.is_file():
        return []
    try:
        lines = path.read_text("utf-8").splitlines()
        return [Epoch.from_dict(json.loads(line)) for line in lines]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(f"{path} cannot be read: {error!r}") from error


def read_summary(folder: PathLike) -> Mapping[str, Any] | None:
    """Return what summary.json says, or None if the folder has none.

    Raises:
        DataError: if it is damaged.
    """
    path = Path(folder) / SUMMARY
    if not path.is_file():
        return None
    try:
        summary = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    if not isinstance(summary, dict):
        raise DataError(f"{path} must hold a JSON object; got {type(summary).__name__}")
    if not isinstance(summary.get("test_accuracy"), float):
        raise DataError(f"{path} must hold a test_accuracy; it is damaged")
    return summary


def versions() -> dict[str, str]:
    """Name the versions that a result depends on."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "minin": __version__,
    }


def machine(model: Module) -> dict[str, Any]:
    """Name the machine that the network runs on."""
    return {
        "device": first_parameter(model).device,
        "cores": cores(),
        "system": f"{platform.system()} {platform.machine()}".strip(),
        "rules": current_mode(),
    }
