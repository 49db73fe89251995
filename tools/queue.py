"""Long runs, one after another: each is trained, judged, written down, and committed.

    MININ_DATA=DIR python -m tools.queue             go on where it stands
    MININ_DATA=DIR python -m tools.queue --commit    and commit the record of each run
    python -m tools.queue --list                     what is done, running, waiting

The runs stand in `tools/queue.toml`. Each is a `minin train` in a process of its own with a
checkpoint after every epoch and every minute: Ctrl-C loses nothing and a killed queue a minute.
Started again it goes on to the same bits. When a run ends, its record is written, which is what
makes it done. The networks stay in the folder of the runs.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from benchmarks.harness import source
from minin import train
from minin.files.atomic import write_atomically
from minin.files.toml import read_toml
from minin.train.folder import RECIPE
from tools.run_record import RECORDS, note_start, record, to_json

TABLE = Path(__file__).with_suffix(".toml")
LOCK = "queue.lock"  # held while a queue, or the run that it started, is alive
INTERRUPTED = 130


@dataclass(frozen=True)
class Run:
    """One run of the queue, and where it lies.

    Attributes:
        words: what `minin train --recipe` takes.
        recipe: what that is, with the run's seed.
        folder: of checkpoint and network.
        record: the file that says the run is done.
    """

    words: str
    recipe: train.Recipe
    folder: Path
    record: Path

    @property
    def name(self) -> str:
        """The recipe and the seed."""
        return f"{self.recipe.name}-seed{self.recipe.options.seed}"


def read_runs(table: Path, folders: Path, records: Path) -> list[Run]:
    """Read the queue."""
    runs = []
    for row in read_toml(table.read_text("utf-8"))["run"]:
        recipe = train.find_recipe(row["recipe"]).changed(seed=row["seed"])
        name = f"{recipe.name}-seed{row['seed']}"
        runs.append(Run(row["recipe"], recipe, folders / name, records / f"{name}.json"))
    return runs


@contextlib.contextmanager
def alone(folders: Path) -> Iterator[TextIO]:
    """Wait until no other queue, and no run that one left behind, is at work in the folder.

    The lock is the open file's: a run inherits it, and holds it should the queue be killed.
    """
    folders.mkdir(parents=True, exist_ok=True)
    with (folders / LOCK).open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("another queue, or a run it left behind, is at work: waiting", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def is_busy(folders: Path) -> bool:
    """Tell whether a queue, or a run that one left behind, is at work."""
    if not (folders / LOCK).is_file():
        return False
    with (folders / LOCK).open(encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def train_one(run: Run, lock: TextIO) -> int:
    """Train to the end in a process of its own, from the checkpoint if there is one."""
    if train.read_summary(run.folder) is not None:
        return 0  # it was stopped between its end and its record
    note_start(run.folder, {**source.describe(), "commit": source.last_change("minin")})
    lock.truncate(0)
    lock.write(run.name)
    lock.flush()
    command = [sys.executable, "-m", "minin", "train", "--quiet", "--resume"]
    command += ["--recipe", run.words, "--seed", str(run.recipe.options.seed)]
    command += ["--device", "cpu", "--out", str(run.folder)]
    with subprocess.Popen(command, pass_fds=[lock.fileno()]) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the run got the Ctrl-C as well: it saves and ends
            return process.wait()


def demand_same(run: Run) -> None:
    """Refuse a folder in which another recipe was begun under this name.

    Raises:
        ValueError: naming the folder.
    """
    path = run.folder / RECIPE
    if path.is_file() and train.read_recipe(path) != run.recipe:
        raise ValueError(f"{run.folder} holds a run of another recipe: move it away")


def write_record(run: Run) -> None:
    """Write down a run that has ended."""
    run.record.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(run.record, to_json(record(run.folder)))


def commit(run: Run) -> None:
    """Commit the record, and nothing else that may have been changed; once is enough."""
    words = ["git", "-C", str(run.record.parent)]
    subprocess.run([*words, "add", "--", run.record.name], check=True)
    changed = subprocess.run([*words, "diff", "--cached", "--quiet", "--", run.record.name])
    if changed.returncode:
        message = f"Result: {run.recipe.name}, seed {run.recipe.options.seed}"
        subprocess.run([*words, "commit", "-q", "-m", message, "--", run.record.name], check=True)


def go_on(runs: Sequence[Run], folders: Path, commits: bool) -> int:
    """Make all runs that are not done; return 0 if every one is, 130 after Ctrl-C."""
    failed = 0
    with alone(folders) as lock:
        for run in runs:
            if not run.record.is_file():
                demand_same(run)
                print(f"{run.name}: begins" if not run.folder.is_dir() else f"{run.name}: goes on")
                ended = train_one(run, lock)
                if ended == INTERRUPTED:
                    return ended
                if ended:
                    print(f"{run.name}: ended with {ended}, and is left out")
                    failed = 1
                    continue
                write_record(run)
                print(f"{run.name}: {state(run, folders)}", flush=True)
            if commits:
                commit(run)
    return failed


def state(run: Run, folders: Path) -> str:
    """Say in a few words how far a run is."""
    if run.record.is_file():
        test = json.loads(run.record.read_text("utf-8"))["test"]
        return f"done, {test['wrong']:,} of {test['images']:,} test images wrong"
    if not run.folder.is_dir():
        return "waiting"
    rows = train.read_rows(run.folder)
    busy = is_busy(folders) and (folders / LOCK).read_text("utf-8") == run.name
    words = f"{'running' if busy else 'begun'}, {len(rows)} of {run.recipe.options.epochs} epochs"
    held = rows[-1].validation_accuracy if rows else None
    return words if held is None else f"{words}, validation {held:.2%}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the queue, and list it or go on with it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--list", action="store_true", help="say what is done, and run nothing")
    parser.add_argument("--commit", action="store_true", help="commit each record as it is written")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the networks go")
    parser.add_argument("--table", type=Path, default=TABLE, help="the queue, a TOML file")
    parser.add_argument("--records", type=Path, default=RECORDS, help="where the records go")
    args = parser.parse_args(arguments)
    runs = read_runs(args.table, args.runs, args.records)
    if not args.list:
        try:
            return go_on(runs, args.runs, args.commit)
        except KeyboardInterrupt:  # between two runs, or before a record was written
            return INTERRUPTED
    for run in runs:
        print(f"{run.name:<30} {state(run, args.runs)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
