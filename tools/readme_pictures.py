"""README's pictures, each by the command that its caption shows; `tools.pictures` calls it.

The class maps need MNIST's files, in the folder that MININ_DATA names. They are of the run
runs/nin-mnist, which is trained first where it is missing; it takes a minute or two.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import tempfile
from pathlib import Path
from typing import Any

from minin.cli import main
from minin.plots import Drawing
from minin.text import percent

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
RESULT = ROOT / "benchmarks" / "results" / "training_step-epyc-2cores.json"
DATA = os.environ.get("MININ_DATA")
LEFT, BAR, MARGIN = 170, 22, 16  # pixels


def draw(name: str) -> None:
    """Draw one of README's pictures; without MNIST's files, the class maps stay as they are."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    target = FOLDER / f"{name}.svg"
    if name == "maps":
        _class_maps(target)
    elif name == "blocks":
        _run("explain", "blocks", "nin-cifar10", "-o", str(target))
    else:
        drawing = report() if name == "report" else speed(json.loads(RESULT.read_text("utf-8")))
        target.write_text(drawing.svg(), "utf-8", newline="\n")


def _class_maps(target: Path) -> None:
    if DATA is None:
        print("maps: not drawn again; MININ_DATA must name the folder with MNIST's files")
        return
    run = ROOT / "runs" / "nin-mnist"
    if not run.exists():
        _run("train", "--data", "mnist", "--data-root", DATA, "--out", str(run))
    _run("explain", "maps", str(run), "--index", "4", "--data-root", DATA, "-o", str(target))


def _run(*words: str) -> None:
    if code := main(words):
        raise SystemExit(code)


def report() -> Drawing:
    """Run README's own example of the checker, and draw what it prints."""
    text = (ROOT / "README.md").read_text("utf-8")
    (block,) = re.findall(r"```python\n((?:(?!```).)*check_backward.*?)```", text, re.DOTALL)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mine.py"  # a repair is searched in a file alone
        file.write_text(block, "utf-8")
        drawing: Drawing = runpy.run_path(str(file))["report"].picture()
    return drawing


def speed(record: dict[str, Any]) -> Drawing:
    """Draw the times of a training step of nin-cifar10: medians, and quartiles as whiskers."""
    part = next(p for p in record["parts"] if p["facts"]["network"] == "nin-cifar10")
    found = {peer["name"]: peer["measures"]["step"]["values"] for peer in part["peers"]}
    most = max(values["quartiles"][1] for values in found.values())
    told = [f"{name} {_time(values['median'])}" for name, values in found.items()]
    title = f"one training step of nin-cifar10, {part['facts']['batch']} images"
    height = 44 + len(found) * BAR + 44
    drawing = Drawing(720, height, title, f"Medians, on two cores: {', '.join(told)}.")
    drawing.words(MARGIN, 26, title, 14, bold=True)
    scale = (720 - LEFT - 90) / most
    for number, (name, values) in enumerate(found.items()):
        y = 44 + number * BAR
        low, high = (LEFT + scale * edge for edge in values["quartiles"])
        drawing.words(LEFT - 8, y + 14, name, 12, at="end")
        colour = "orange" if name.startswith("minin") else "edge"
        drawing.box(LEFT, y + 3, scale * values["median"], BAR - 7, colour)
        drawing.line((low, y + 10), (high, y + 10), colour="ink")
        drawing.words(max(high, LEFT) + 8, y + 14, _time(values["median"]), 12)
    machine = record["machine"]
    rounds, busy = record["protocol"]["rounds"], percent(max(part["others"]))
    foot = f"{machine['processor']}, {machine['cores']} cores, {record['date'][:10]}, float32;"
    foot += f" median and quartiles of {rounds} rounds; other programs: {busy} of a core"
    drawing.words(MARGIN, height - 16, foot, 11, "soft")
    return drawing


def _time(seconds: float) -> str:
    """Write a time with three digits."""
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"
