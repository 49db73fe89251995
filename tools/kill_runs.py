"""Kill training runs at random moments, resume them, and compare with a run left in peace.

    python -m tools.kill_runs --kills 50 --ctrl-c 20 --full-disk 10

Every trial starts `minin train` in a process of its own and stops it after a drawn time: by
SIGKILL, which no program can answer; by SIGINT, which is Ctrl-C; or by a limit on the size of
files, as on a full disk. Then `minin train --resume` goes on to the end. Weights must be the
same bits, and so must all losses and accuracies, as those of a run that nobody stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

EPOCHS, SEED = 4, 0
SMALL = 100_000  # bytes that a file may have on the full disk: no checkpoint fits


def command(folder: Path, resume: bool) -> list[str]:
    """Write the command line of a run, or of its resumption."""
    words = [sys.executable, "-m", "minin", "train", "--quiet", "--out", str(folder)]
    return words + (["--resume"] if resume else ["--epochs", str(EPOCHS), "--seed", str(SEED)])


def start(folder: Path, resume: bool, before: Callable[[], None] | None = None) -> Any:
    """Start a run in a process of its own."""
    return subprocess.Popen(
        command(folder, resume),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=before,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )


def result(folder: Path) -> tuple[bytes, list[tuple[Any, ...]]]:
    """Read what must not depend on the stops: the weights, and the rows without their times."""
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    keys = ("epoch", "loss", "train_accuracy", "validation_accuracy", "lr")
    weights = (folder / "model.safetensors").read_bytes()
    return weights, [tuple(row[key] for key in keys) for row in rows]


def finish(folder: Path) -> None:
    """Go on with a run until it ends by itself."""
    # A run that was stopped before it had written anything has nothing to resume.
    process = start(folder, resume=(folder / "recipe.toml").is_file())
    error = process.communicate()[1].decode()
    assert process.returncode == 0, f"the resumed run ended with {process.returncode}: {error}"


def killed(folder: Path, after: float) -> str:
    """Kill a run after some time; return how it was stopped."""
    process = start(folder, resume=False)
    time.sleep(after)
    process.kill()
    process.communicate()
    return "finished before" if process.returncode == 0 else "killed"


def interrupted(folder: Path, after: float) -> str:
    """Press Ctrl-C after some time; it must answer with 130 and one line."""
    process = start(folder, resume=False)
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=120)[1].decode()
    if process.returncode == 0:
        return "finished before"
    if process.returncode in (-signal.SIGINT, 1) and "minin/cli" not in error:
        return "interrupted while Python was starting"
    assert process.returncode == 130, (process.returncode, error)
    assert error.startswith("minin: stopped by Ctrl-C"), error
    assert error.count("\n") == 1, error
    return "interrupted, saved" if "--resume" in error else "interrupted before it began"


def full_disk(folder: Path, after: float) -> str:
    """Let files have no more than some bytes; the run must say so and leave nothing half done."""
    limit = int(after)

    def before() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    process = start(folder, resume=False, before=before)
    error = process.communicate()[1].decode()
    assert process.returncode == 2, (process.returncode, error)
    assert "could not be written" in error, error
    assert error.count("\n") == 1, error
    left = [p.name for p in folder.iterdir()]
    assert not [name for name in left if name.endswith(".part")], left
    return "refused: disk full"


def trials(args: argparse.Namespace, seconds: float) -> list[tuple[str, float]]:
    """Draw the moments: anywhere from the start of the process to just after its end."""
    rng = np.random.default_rng(args.seed)
    moments = [("kill", float(t)) for t in rng.uniform(0.0, 1.05 * seconds, args.kills)]
    moments += [("ctrl-c", float(t)) for t in rng.uniform(0.0, 1.05 * seconds, args.ctrl_c)]
    return moments + [("disk", float(n)) for n in rng.uniform(0, SMALL, args.full_disk)]


def main() -> None:
    """Run all trials, and print how they ended."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--ctrl-c", type=int, default=20)
    parser.add_argument("--full-disk", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        peace = Path(home) / "peace"
        assert start(peace, resume=False).wait() == 0
        seconds, right = time.perf_counter() - began, result(peace)
        print(f"undisturbed: {seconds:.1f} s, {EPOCHS} epochs")
        how = {"kill": killed, "ctrl-c": interrupted, "disk": full_disk}
        counts: dict[str, int] = {}
        for number, (kind, value) in enumerate(trials(args, seconds)):
            folder = Path(home) / f"run{number}"
            ending = how[kind](folder, value)
            if ending != "finished before":
                finish(folder)
            assert result(folder) == right, f"{kind} at {value}: another result"
            counts[ending] = counts.get(ending, 0) + 1
            print(f"{number + 1:>3} {kind:<7} {value:10.2f}  {ending}; the same bits", flush=True)
    print(f"{sum(counts.values())} trials, all with the same weights and rows: {counts}")


if __name__ == "__main__":
    main()
